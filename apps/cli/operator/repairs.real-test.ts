// What a repair must not do: put back an old revision, touch what is only made when missing, or hang where it cannot watch.

import assert from "node:assert/strict";
import { test } from "node:test";
import { digString, type Manifest } from "@plumbline/core/model";
import { withRequests } from "./faults/testing/requests.ts";
import { configMapRef } from "./testing/config-map.ts";
import { eventually } from "./testing/eventually.ts";
import { configMap, deployment } from "./testing/manifests.ts";
import { conditionOf, FLUX_KINDS, openSite, type Site } from "./testing/site.ts";

const valueOf = async (site: Site, name: string): Promise<string | undefined> => {
  const found = await site.client.find(configMapRef(site, name));
  return found && digString(found, "data", "value");
};

async function edit(site: Site, name: string, value: string): Promise<void> {
  const body = { data: { value } };
  await site.client.patch(configMapRef(site, name), { type: "merge", body }, { fieldManager: "kubectl-edit" });
}

test("an edit while the new revision still waits for health is put right to the new revision", async (t) => {
  const site = await openSite(t);
  const files = (value: string): Record<string, string> => ({ "app/cm.yaml": configMap("a", site.namespace, value) });
  const first = await site.repository.commit(files("1"));
  await site.source("fleet");
  await site.kustomization("app", { path: "./app", wait: true, timeout: "5m" });
  await site.applied("app", first);
  // One replica never becomes ready without nodes.
  const stuck = { "app/d.yaml": deployment("d", site.namespace, "example/app:1", 1) };
  await site.repository.commit({ ...files("2"), ...stuck });
  await eventually("the new revision is written", async () => (await valueOf(site, "a")) === "2");
  await eventually("it waits for health", async () => {
    const object = await site.get("Kustomization", "app");
    return /health checks/.test(conditionOf(object, "Reconciling")?.message ?? "");
  });
  await edit(site, "a", "by hand");
  await eventually("it is reported", () => site.events.some((event) => event.type === "repaired"));
  assert.equal(await valueOf(site, "a"), "2");
});

test("an object that is only made when missing keeps what others changed in it", async (t) => {
  const site = await openSite(t);
  const once = "kustomize.toolkit.fluxcd.io/ssa: IfNotPresent";
  const manifest = configMap("once", site.namespace).replace("metadata:\n", `metadata:\n  annotations: {${once}}\n`);
  const head = await site.repository.commit({
    "app/once.yaml": manifest,
    "app/a.yaml": configMap("a", site.namespace),
  });
  await site.source("fleet");
  await site.kustomization("app", { path: "./app" });
  await site.applied("app", head);
  await edit(site, "once", "by hand");
  await edit(site, "a", "by hand");
  await eventually("the other one is repaired", async () => (await valueOf(site, "a")) === "1");
  assert.equal(await valueOf(site, "once"), "by hand");
  await site.client.delete(configMapRef(site, "once"));
  await eventually("a deleted one is made again", async () => (await valueOf(site, "once")) === "1");
});

test("a kind that cannot be watched fails its own Kustomization and holds up no other", async (t) => {
  const site = await openSite(t, { engine: { concurrency: 1 } });
  const review = `apiVersion: authentication.k8s.io/v1\nkind: TokenReview\nmetadata:\n  name: never\nspec:\n  token: none\n`;
  const head = await site.repository.commit({
    "bad/review.yaml": review,
    "good/cm.yaml": configMap("a", site.namespace),
  });
  await site.source("fleet");
  await site.kustomization("bad", { path: "./bad" });
  const failed = await site.ready("bad", ({ status }) => status === "False");
  assert.match(conditionOf(failed, "Ready")?.message ?? "", /TokenReview\/never/);
  await site.kustomization("good", { path: "./good" });
  await site.applied("good", head);
});

test("two namespaces of one label keep their objects apart", async (t) => {
  const site = await openSite(t, { allNamespaces: true });
  const head = await site.repository.commit({ "app/cm.yaml": configMap("a", site.namespace) });
  await site.source("fleet");
  await site.kustomization("app", { path: "./app" });
  const object: Manifest = await site.applied("app", head);
  assert.equal(digString(object, "metadata", "namespace"), site.namespace);
});

test("after a restart whose newest revision does not build, the last good one is still put right", async (t) => {
  const site = await openSite(t);
  const good = await site.repository.commit({
    "app/a.yaml": configMap("a", site.namespace),
    "app/b.yaml": configMap("b", site.namespace),
  });
  await site.source("fleet");
  await site.kustomization("app", { path: "./app" });
  await site.applied("app", good);
  await site.repository.commit({ "app/a.yaml": configMap("a", site.namespace, "2"), "app/bad.yaml": "a: [" });
  await site.ready("app", ({ status }) => status === "False");
  await site.restart();
  site.events.length = 0;
  await eventually("it fails again", () =>
    site.events.some((event) => event.type === "delivery-ended" && event.outcome.kind === "failed"),
  );
  await edit(site, "a", "by hand");
  await eventually("the old value is back", async () => (await valueOf(site, "a")) === "1");
  const after = await site.get("Kustomization", "app");
  assert.match(digString(after, "status", "lastAppliedRevision") ?? "", new RegExp(good));
});

interface Late {
  site: Site;
  /** Resolves when the repair of `a`, deleted by hand, is about to be sent, where it stays. */
  repairing: Promise<void>;
  letGo: () => void;
}

/** `a` and `b` are applied; the second apply of `a` is on its way for as long as the test wants. */
async function lateRepair(t: Parameters<typeof openSite>[0]): Promise<Late> {
  const repairing = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const site = await openSite(t, {
    wrap: (client) =>
      withRequests(client, async (label, when) => {
        if (when === "after" || !/^apply ConfigMap\/\S+\/a \(2\)$/.test(label)) return;
        repairing.resolve();
        await gate.promise;
      }),
  });
  const files = Object.fromEntries(["a", "b"].map((name) => [`app/${name}.yaml`, configMap(name, site.namespace)]));
  const head = await site.repository.commit(files);
  await site.source("fleet");
  await site.kustomization("app", { path: "./app" });
  await site.applied("app", head);
  await site.client.delete(configMapRef(site, "a"));
  return { site, repairing: repairing.promise, letGo: () => gate.resolve() };
}

/** Long enough for a run that waits for nobody to have pruned. */
const LATE_MS = 1500;
const late = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, LATE_MS));

test("a repair on its way when a commit removes its object makes nothing that stays", async (t) => {
  const { site, repairing, letGo } = await lateRepair(t);
  await repairing;
  const head = await site.repository.commit({ "app/a.yaml": null });
  await eventually("the commit is there", () =>
    site.events.some(({ type, ...event }) => type === "source" && JSON.stringify(event).includes(head)),
  );
  await late();
  letGo();
  await site.applied("app", head);
  await late(); // what is written late is seen
  assert.equal(await valueOf(site, "a"), undefined);
  assert.equal(await valueOf(site, "b"), "1");
});

test("a repair on its way when its Kustomization is deleted makes nothing that stays", async (t) => {
  const { site, repairing, letGo } = await lateRepair(t);
  await repairing;
  const ref = { ...FLUX_KINDS.Kustomization, namespace: site.namespace, name: "app" };
  await site.client.delete(ref);
  await late();
  letGo();
  await eventually("it is gone", async () => (await site.client.find(ref)) === undefined);
  await late(); // what is written late is seen
  for (const name of ["a", "b"]) assert.equal(await valueOf(site, name), undefined, name);
});
