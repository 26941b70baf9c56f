// A watch that carries nothing any more while a run waits for health, and nobody has noticed yet.

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { Clock } from "@plumbline/core/model";
import { dig, digString } from "@plumbline/core/model";
import { connect, type KubeClient, loadKubeconfig } from "@plumbline/edges/kube";
import { systemClock } from "@plumbline/edges/telemetry";
import type { Kube } from "@plumbline/engine/ports";
import { hurriedClock } from "@plumbline/testkit/clock";
import { sharedCluster } from "@plumbline/testkit/control-plane";
import { type BadNetwork, badNetwork } from "@plumbline/testkit/faults";
import { eventually } from "../testing/eventually.ts";
import { deployment } from "../testing/manifests.ts";
import { conditionOf, openSite, type Site } from "../testing/site.ts";

/** Of the client that the operator uses: PINGs and pauses pass this much faster. */
const QUICKER = 20;

const realClock = systemClock({ keepsAlive: true });

async function shakyClient(t: TestContext, clock: Clock): Promise<{ network: BadNetwork; shaky: KubeClient }> {
  const cluster = await sharedCluster();
  const network = await badNetwork(t, Number(new URL(cluster.url).port));
  const config = loadKubeconfig({ path: cluster.kubeconfigPath, env: {} });
  const server = `https://127.0.0.1:${network.port}`;
  const shaky = connect({ ...config, server }, { clock, userAgent: "plumbline-shaky/0" });
  t.after(() => shaky.close());
  return { network, shaky };
}

/** Resolves when the delivery has applied a Deployment of one replica and waits for it to be ready; tells the commit. */
async function waitingForHealth(site: Site, timeout: string): Promise<string> {
  const files = { "app/d.yaml": deployment("web", site.namespace, "example/app:1", 1) };
  const head = await site.repository.commit(files);
  await site.source("fleet", { interval: "10m" });
  await site.kustomization("app", { path: "./app", wait: true, timeout, retryInterval: "1h", interval: "1h" });
  await eventually("it waits for health", async () => {
    const message = conditionOf(await site.get("Kustomization", "app"), "Reconciling")?.message ?? "";
    return message.includes("health checks");
  });
  return head;
}

/** As a kubelet would: its pod runs and is ready. The Deployment's status follows by its controller. */
async function makeReady({ client, namespace }: Site): Promise<void> {
  const kind = { group: "", version: "v1", kind: "Pod" };
  const podNames = async (): Promise<string[]> =>
    (await client.listAll(kind, { namespace, labelSelector: "app=web" })).items.map(
      (item) => digString(item, "metadata", "name") ?? "",
    );
  await eventually("the pod is there", async () => (await podNames()).length === 1);
  const [name = ""] = await podNames();
  const body = { status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }] } };
  await client.patch({ ...kind, namespace, name }, { type: "merge", body }, { subresource: "status" });
  const web = { group: "apps", version: "v1", kind: "Deployment", namespace, name: "web" };
  await eventually("it is ready", async () => dig(await client.get(web), "status", "readyReplicas") === 1);
}

function outcomes(site: Site): string[] {
  return site.events.flatMap((event) => (event.type === "delivery-ended" ? [event.outcome.kind] : []));
}

test("all connections go silent while it waits for health: the watches are found dead, and it is ready long before its time-out", async (t) => {
  const quick = { ...realClock, after: (ms: number, callback: () => void) => realClock.after(ms / QUICKER, callback) };
  const { network, shaky } = await shakyClient(t, quick);
  const site = await openSite(t, { wrap: () => shaky });
  const head = await waitingForHealth(site, "10m");
  network.freeze();
  await makeReady(site);
  await site.applied("app", head);
  assert.deepEqual(outcomes(site), ["applied"]);
});

test("only the watches go silent and nobody notices: the last look before the time-out finds it ready", async (t) => {
  // At its real pace: the silence is noticed after 45 s at the earliest. The operator's 30 s, the shortest time-out, are 10.
  const { network, shaky } = await shakyClient(t, realClock);
  const wrap = (own: KubeClient): Kube => ({
    discovery: own.discovery,
    find: (ref, options) => own.find(ref, options),
    create: (manifest, options) => own.create(manifest, options),
    apply: (manifest, options) => own.apply(manifest, options),
    patch: (ref, patch, options) => own.patch(ref, patch, options),
    delete: (ref, options) => own.delete(ref, options),
    watch: (options) => shaky.watch(options),
  });
  const site = await openSite(t, { wrap, clock: hurriedClock(3) });
  const head = await waitingForHealth(site, "30s");
  network.freeze();
  await makeReady(site);
  assert.deepEqual(outcomes(site), [], "nobody has told it");
  await site.applied("app", head);
  assert.deepEqual(outcomes(site), ["applied"]);
});
