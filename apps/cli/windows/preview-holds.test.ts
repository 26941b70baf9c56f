// What of a preview would wait, on a cluster in memory with windows in it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Action, formatRef, type JsonObject, type Manifest, refOf } from "@plumbline/core/model";
import { connect, type KubeClient, parseKubeconfig } from "@plumbline/edges/kube";
import { systemClock } from "@plumbline/edges/telemetry";
import { startSandbox } from "@plumbline/sandbox/server";
import type { TestHooks } from "@plumbline/testkit/control-plane";
import { crdManifests } from "../install/install-manifests.ts";
import { holdsOf, type PreviewedChange, readGate } from "./preview-holds.ts";

const now = Date.parse("2026-11-21T12:00:00Z");

async function emptyCluster(t: TestHooks): Promise<KubeClient> {
  const clock = systemClock({ keepsAlive: true });
  const sandbox = await startSandbox({ clock });
  const kubeconfig = parseKubeconfig(sandbox.kubeconfig, { origin: "sandbox", env: {} });
  const client = connect(kubeconfig, { clock, userAgent: "plumbline-test/0" });
  t.after(async () => {
    await client.close();
    await sandbox.stop();
  });
  return client;
}

async function cluster(t: TestHooks, windows: readonly Manifest[]): Promise<KubeClient> {
  const client = await emptyCluster(t);
  for (const manifest of crdManifests()) await client.create(manifest);
  await client.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "plant" } });
  await client.discovery.refresh();
  for (const manifest of windows) await client.create(manifest);
  return client;
}

const window = (name: string, selects: JsonObject, namespace = "plant"): Manifest => ({
  apiVersion: "plumbline.io/v1alpha1",
  kind: "MaintenanceWindow",
  metadata: { name, namespace },
  spec: { timeZone: "Europe/Stockholm", schedules: [{ open: "0 8 * * MON", duration: "8h" }], selects },
});

const line = (override?: string): Manifest => ({
  apiVersion: "kustomize.toolkit.fluxcd.io/v1",
  kind: "Kustomization",
  metadata: {
    name: "line",
    namespace: "plant",
    labels: { tier: "machine" },
    ...(override !== undefined && { annotations: { "plumbline.io/override": override } }),
  },
});

function change(action: Action, kind: string, name: string, labels: JsonObject = {}): PreviewedChange {
  const apiVersion = kind === "Deployment" ? "apps/v1" : "v1";
  const place = kind === "Namespace" ? {} : { namespace: "new" };
  const manifest = { apiVersion, kind, metadata: { name, ...place, labels } };
  return { ref: refOf(manifest), action, manifest };
}

async function held(client: KubeClient, object: Manifest, changes: PreviewedChange[]): Promise<string[]> {
  const gate = await readGate(client, object, now);
  return [...holdsOf(changes, gate).values()].map(({ reason, until }) => `${until}: ${reason}`);
}

const reason = "2026-11-23T07:00:00Z: outside of the maintenance window MaintenanceWindow/plant/machines";

test("changes that a closed window selects are held, by the labels of the delivery and of the object", async (t) => {
  const selects = { deliveries: [{ labels: { tier: "machine" } }], resources: [{ labels: { part: "hmi" } }] };
  const client = await cluster(t, [
    window("machines", selects),
    window("others", {}),
    window("far", selects, "default"),
  ]);
  const hmi = { part: "hmi" };
  const changes = [
    change("update", "Deployment", "a", hmi),
    change("update", "Deployment", "b"),
    change("keep", "Deployment", "c", hmi),
    change("delete", "ConfigMap", "d", hmi),
  ];
  const gate = await readGate(client, line(), now);
  assert.deepEqual(gate.warnings, []);
  assert.deepEqual([...gate.zones.values()], ["Europe/Stockholm", "Europe/Stockholm"]);
  const holds = holdsOf(changes, gate);
  assert.deepEqual(
    [...holds.values()].map((hold) => `${hold.class} ${hold.until}: ${hold.reason}`),
    [`Revision ${reason}`, `Prune ${reason}`],
  );
  assert.equal(formatRef(refOf(line())), "Kustomization/plant/line");
  const other = { ...line(), metadata: { name: "line", namespace: "plant" } };
  assert.deepEqual(await held(client, other, changes), []);
});

test("what a new namespace brings waits with it", async (t) => {
  const client = await cluster(t, [window("machines", { resources: [{ kind: "Namespace" }] })]);
  const changes = [change("create", "Namespace", "new"), change("create", "ConfigMap", "a")];
  const waits = await held(client, line(), changes);
  assert.deepEqual(waits, [reason, reason.replace("Z: ", "Z: needs Namespace/new, which is held: ")]);
  const known = [change("update", "Namespace", "new"), change("create", "ConfigMap", "a")];
  assert.deepEqual(await held(client, line(), known), [reason]);
});

test("an override in force frees all; one that is over or cannot be read does not", async (t) => {
  const client = await cluster(t, [window("machines", { resources: [{ kind: "ConfigMap" }] })]);
  const changes = [change("create", "ConfigMap", "a")];
  const until = (time: string) => line(`who=anna; reason=line 3 is down; until=${time}`);
  assert.deepEqual(await held(client, until("2026-11-21T12:00:01Z"), changes), []);
  assert.deepEqual(await held(client, until("2026-11-21T12:00:00Z"), changes), [reason]);
  const gate = await readGate(client, line("because"), now);
  assert.equal(holdsOf(changes, gate).size, 1);
  assert.match(gate.warnings[0] ?? "", /the override .*it overrides nothing/);
});

test("a cluster that knows no windows holds nothing", async (t) => {
  const client = await emptyCluster(t);
  assert.deepEqual(await held(client, line(), [change("create", "ConfigMap", "a")]), []);
});
