// What becomes of the objects of a deleted Kustomization, on a real API server.

import assert from "node:assert/strict";
import { test } from "node:test";
import { dig, digString, type Manifest, metadataMap } from "@plumbline/core/model";
import { hurriedClock } from "@plumbline/testkit/clock";
import { configMapRef, findConfigMap } from "./testing/config-map.ts";
import { eventually } from "./testing/eventually.ts";
import { configMap } from "./testing/manifests.ts";
import { openSite, type Site } from "./testing/site.ts";

const KUSTOMIZE = { group: "kustomize.toolkit.fluxcd.io", version: "v1", kind: "Kustomization" };
const kustomization = (site: Site, name: string): Promise<Manifest | undefined> =>
  site.client.find({ ...KUSTOMIZE, namespace: site.namespace, name });

/** Kustomizations `<name>` with one ConfigMap of that name each, all applied. */
async function openAll(site: Site, specs: Record<string, Record<string, string | boolean>>): Promise<void> {
  const files = Object.keys(specs).map((name) => [`${name}/cm.yaml`, configMap(name, site.namespace)]);
  const head = await site.repository.commit(Object.fromEntries(files) as Record<string, string>);
  await site.source("fleet");
  for (const [name, spec] of Object.entries(specs)) await site.kustomization(name, { path: `./${name}`, ...spec });
  for (const name of Object.keys(specs)) await site.applied(name, head);
}

async function deleteAndWait(site: Site, name: string): Promise<void> {
  await site.client.delete({ ...KUSTOMIZE, namespace: site.namespace, name });
  await eventually(`${name} is gone`, async () => (await kustomization(site, name)) === undefined);
}

test("Orphan and MirrorPrune without pruning leave the objects; Delete and MirrorPrune with pruning take them along", async (t) => {
  const site = await openSite(t);
  await openAll(site, {
    orphan: { prune: true, deletionPolicy: "Orphan" },
    delete: { prune: false, deletionPolicy: "Delete" },
    mirror: { prune: false, deletionPolicy: "MirrorPrune" },
    plain: { prune: true },
  });
  for (const name of ["orphan", "delete", "mirror", "plain"]) await deleteAndWait(site, name);
  const left = await findConfigMap(site, "orphan");
  assert.equal(left && metadataMap(left, "labels")["kustomize.toolkit.fluxcd.io/name"], "orphan", "left as it was");
  assert.ok(await findConfigMap(site, "mirror"));
  for (const name of ["delete", "plain"]) {
    await eventually(`the object of ${name} is gone`, async () => (await findConfigMap(site, name)) === undefined);
  }
});

test("a suspended Kustomization leaves its objects, whatever the policy", async (t) => {
  const site = await openSite(t);
  await openAll(site, { app: { deletionPolicy: "Delete" } });
  await site.kustomization("app", { path: "./app", deletionPolicy: "Delete", suspend: true });
  await eventually("it is suspended", () => {
    return site.operator.engine.deliveries.get(`${site.namespace}/app`)?.delivery?.suspended === true;
  });
  await deleteAndWait(site, "app");
  assert.ok(await findConfigMap(site, "app"));
});

test("WaitForTermination goes when the last object is gone, and others at once", async (t) => {
  const site = await openSite(t);
  await openAll(site, { waits: { deletionPolicy: "WaitForTermination" }, goes: { deletionPolicy: "Delete" } });
  const finalizers = (list: string[]): { type: "merge"; body: { metadata: { finalizers: string[] } } } => ({
    type: "merge",
    body: { metadata: { finalizers: list } },
  });
  for (const name of ["waits", "goes"]) {
    await site.client.patch(configMapRef(site, name), finalizers(["example.com/hold"]), { fieldManager: "holder" });
  }
  await deleteAndWait(site, "goes");
  await site.client.delete({ ...KUSTOMIZE, namespace: site.namespace, name: "waits" });
  await eventually("its object is on its way out", async () => {
    return digString(await findConfigMap(site, "waits"), "metadata", "deletionTimestamp") !== undefined;
  });
  await new Promise((resolve) => setTimeout(resolve, 1500));
  assert.ok(await kustomization(site, "waits"), "it waits");
  for (const name of ["waits", "goes"]) {
    await site.client.patch(configMapRef(site, name), finalizers([]), { fieldManager: "holder" });
  }
  await eventually("it goes", async () => (await kustomization(site, "waits")) === undefined);
});

test("WaitForTermination does not hang: the timeout lets the Kustomization go", async (t) => {
  const site = await openSite(t, { clock: hurriedClock(20) });
  await openAll(site, { app: { deletionPolicy: "WaitForTermination", timeout: "30s" } });
  const body = { metadata: { finalizers: ["example.com/hold"] } };
  await site.client.patch(configMapRef(site, "app"), { type: "merge", body }, { fieldManager: "holder" });
  await deleteAndWait(site, "app");
  const left = await findConfigMap(site, "app");
  assert.ok(left && digString(left, "metadata", "deletionTimestamp"), "the object is still on its way out");
  assert.deepEqual(dig(left, "metadata", "finalizers"), ["example.com/hold"]);
  await site.client.patch(
    configMapRef(site, "app"),
    { type: "merge", body: { metadata: { finalizers: [] } } },
    { fieldManager: "h" },
  );
});
