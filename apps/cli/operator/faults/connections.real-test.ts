// The way to the API server fails: cut, half-open, refused; the server restarts, and versions expire.

import assert from "node:assert/strict";
import { after, test, type TestContext } from "node:test";
import { digString, type Manifest } from "@plumbline/core/model";
import { startControlPlane, withNamespace } from "@plumbline/testkit/control-plane";
import { type BadNetwork, badNetwork } from "@plumbline/testkit/faults";
import { connect, loadKubeconfig } from "@plumbline/edges/kube";
import { systemClock } from "@plumbline/edges/telemetry";
import { findConfigMap } from "../testing/config-map.ts";
import { eventually } from "../testing/eventually.ts";
import { configMap } from "../testing/manifests.ts";
import { openSite, type Site } from "../testing/site.ts";
import { withRequests } from "./testing/requests.ts";

/** Of the client that the operator uses: PINGs and pauses pass this much faster. */
const QUICKER = 20;

interface Connected {
  site: Site;
  network: BadNetwork;
  /** Called before each request of the operator. */
  hooks: { before: (label: string) => Promise<void> };
  plane: Awaited<ReturnType<typeof startControlPlane>>;
}

/** One control plane for the file: its API server is restarted. */
let plane: ReturnType<typeof startControlPlane> | undefined;

async function open(t: TestContext): Promise<Connected> {
  plane ??= startControlPlane({ audit: true });
  const cluster = await plane;
  const network = await badNetwork(t, Number(new URL(cluster.url).port));
  const hooks: Connected["hooks"] = { before: async () => undefined };
  const clock = systemClock({ keepsAlive: true });
  const quick = { ...clock, after: (ms: number, callback: () => void) => clock.after(ms / QUICKER, callback) };
  const config = loadKubeconfig({ path: cluster.kubeconfigPath, env: {} });
  const namespace = await withNamespace(cluster, t, "net");
  const site = await openSite(t, {
    cluster,
    namespace,
    wrap: () => {
      const server = `https://127.0.0.1:${network.port}`;
      const shaky = connect({ ...config, server }, { clock: quick, userAgent: "plumbline-shaky/0" });
      t.after(async () => await shaky.close());
      return withRequests(shaky, async (label, when) => {
        if (when === "before") await hooks.before(label);
      });
    },
  });
  return { site, network, hooks, plane: cluster };
}

function value(object: Manifest | undefined): string | undefined {
  return digString(object ?? {}, "data", "value");
}

const names = ["a", "b", "c", "d", "e", "f", "g", "h"];

function files(site: Site, version: string): Record<string, string> {
  return Object.fromEntries(names.map((name) => [`app/${name}.yaml`, configMap(name, site.namespace, version)]));
}

/** Breaks the way at the third apply of a run, then looks whether all of it arrives. */
async function breakInMidApply(at: Connected, version: string, fault: () => Promise<void> | void): Promise<void> {
  const { site, hooks } = at;
  let applies = 0;
  let broken: Promise<void> | undefined;
  hooks.before = async (label) => {
    if (label.startsWith("apply ConfigMap") && ++applies === 3) await (broken = Promise.resolve(fault()));
  };
  const commit = await site.repository.commit(files(site, version), { message: version });
  await eventually("the fault", () => broken !== undefined);
  await site.applied("app", commit);
  hooks.before = async () => undefined;
  for (const name of names) assert.equal(value(await findConfigMap(site, name)), version, name);
}

async function start(at: Connected): Promise<void> {
  const { site } = at;
  const commit = await site.repository.commit(files(site, "0"), { message: "0" });
  await site.source("fleet");
  await site.kustomization("app", { path: "./app", interval: "1h", retryInterval: "1h" });
  await site.applied("app", commit);
}

/** Watches work again: an edit is put right though no interval comes. */
async function healsDrift(site: Site): Promise<void> {
  const target = { group: "", version: "v1", kind: "ConfigMap", namespace: site.namespace, name: "a" };
  const wanted = value(await findConfigMap(site, "a"));
  await site.client.patch(target, { type: "merge", body: { data: { value: "by hand" } } }, { fieldManager: "hand" });
  await eventually("the edit is put right", async () => value(await findConfigMap(site, "a")) === wanted);
}

test("connections that are cut, go silent half-open, or are refused for a while: in mid-apply and at rest", async (t) => {
  const at = await open(t);
  const { site, network } = at;
  await start(at);
  await breakInMidApply(at, "cut", () => network.cut());
  await healsDrift(site);
  await breakInMidApply(at, "frozen", () => network.freeze());
  await healsDrift(site);
  await breakInMidApply(at, "refused", () => {
    network.refuse(true);
    network.cut();
    setTimeout(() => network.refuse(false), 1500);
  });
  network.freeze();
  await healsDrift(site);
  network.cut();
  await healsDrift(site);
});

test("an API server that restarts in mid-apply, and at rest while objects change: versions expire, nothing is missed", async (t) => {
  const at = await open(t);
  const { site, plane: cluster, network } = at;
  await start(at);
  await breakInMidApply(at, "restarted", () => cluster.restartApiServer("SIGKILL"));
  await healsDrift(site);
  await cluster.audit?.skip();
  // What happens while the operator is away is older than what the new server remembers.
  network.refuse(true);
  network.cut();
  const target = { group: "", version: "v1", kind: "ConfigMap", namespace: site.namespace };
  await site.client.delete({ ...target, name: "b" });
  const edit = { type: "merge" as const, body: { data: { value: "by hand" } } };
  await site.client.patch({ ...target, name: "c" }, edit, { fieldManager: "hand" });
  await cluster.restartApiServer("SIGKILL");
  network.refuse(false);
  await eventually("the deleted one is back", async () => value(await findConfigMap(site, "b")) === "restarted");
  await eventually("the edit is put right", async () => value(await findConfigMap(site, "c")) === "restarted");
  const watches = (await cluster.audit?.read({ userAgent: "plumbline-shaky" }))?.filter(({ verb }) => verb === "watch");
  // A watch that was live starts anew only when its version has expired (410).
  const asked = (watches ?? []).map(({ requestURI }) => requestURI).filter((uri) => uri.includes("/configmaps"));
  assert.ok(
    asked.some((uri) => uri.includes("sendInitialEvents=true")),
    asked.join("\n"),
  );
  await healsDrift(site);
});

after(async () => {
  await (await plane)?.stop();
});
