// An older backup of etcd is put in place under a running operator: versions go back, and what was is there again.

import assert from "node:assert/strict";
import { after, test, type TestContext } from "node:test";
import { dig, digString } from "@plumbline/core/model";
import { startControlPlane, withNamespace } from "@plumbline/testkit/control-plane";
import { findConfigMap } from "../testing/config-map.ts";
import { eventually } from "../testing/eventually.ts";
import { configMap } from "../testing/manifests.ts";
import { openSite, type Site } from "../testing/site.ts";

const plane = await startControlPlane();
after(() => plane.stop());

async function value(site: Site, name: string): Promise<string | undefined> {
  return digString((await findConfigMap(site, name)) ?? {}, "data", "value");
}

async function inventory(site: Site): Promise<string[]> {
  const entries = dig(await site.get("Kustomization", "app"), "status", "inventory", "entries");
  assert.ok(Array.isArray(entries));
  return entries.map((entry) => digString(entry, "id") ?? "").sort();
}

async function open(t: TestContext): Promise<Site> {
  const namespace = await withNamespace(plane, t, "restored");
  const site = await openSite(t, { cluster: plane, namespace });
  const files = ["kept", "changed", "removed"].map((name) => [`app/${name}.yaml`, configMap(name, namespace)]);
  const commit = await site.repository.commit(Object.fromEntries(files), { message: "first" });
  await site.source("fleet");
  await site.kustomization("app", { path: "./app", interval: "1h", retryInterval: "1h" });
  await site.applied("app", commit);
  await site.ready("fleet", ({ status }) => status === "True", "GitRepository");
  return site;
}

test("after a restore the cluster is where Git is: changed, removed and added objects, status, and later drift", async (t) => {
  const site = await open(t);
  const { namespace } = site;
  await plane.backUp();
  const change = {
    "app/changed.yaml": configMap("changed", namespace, "2"),
    "app/removed.yaml": null,
    "app/added.yaml": configMap("added", namespace),
  };
  const commit = await site.repository.commit(change, { message: "second" });
  await site.applied("app", commit);
  await eventually("the source tells", async () =>
    (digString(await site.get("GitRepository", "fleet"), "status", "artifact", "revision") ?? "").endsWith(commit),
  );
  const uid = digString((await findConfigMap(site, "kept")) ?? {}, "metadata", "uid");
  // Versions go on meanwhile, as they do in a cluster.
  for (let i = 0; i < 200; i++) await site.apply({ ...beside(namespace), data: { i: String(i) } });

  await plane.restoreBackUp();
  assert.equal(await findConfigMap(site, "beside"), undefined, "the backup is older");
  await eventually("the changed one is as in Git", async () => (await value(site, "changed")) === "2");
  await eventually("the added one is back", async () => (await value(site, "added")) === "1");
  await eventually("the removed one is gone again", async () => (await findConfigMap(site, "removed")) === undefined);
  await site.applied("app", commit);
  const ids = ["added", "changed", "kept"].map((name) => `${namespace}_${name}__ConfigMap`);
  await eventually("the inventory", async () => (await inventory(site)).join() === ids.join());
  await eventually("the source tells again", async () =>
    (digString(await site.get("GitRepository", "fleet"), "status", "artifact", "revision") ?? "").endsWith(commit),
  );
  assert.equal(digString((await findConfigMap(site, "kept")) ?? {}, "metadata", "uid"), uid, "nothing is made anew");

  const ref = { group: "", version: "v1", kind: "ConfigMap", namespace, name: "kept" };
  await site.client.patch(ref, { type: "merge", body: { data: { value: "by hand" } } }, { fieldManager: "hand" });
  await eventually(
    "drift is healed, with versions below the old ones",
    async () => (await value(site, "kept")) === "1",
  );
  await site.kustomization("app", { path: "./app", interval: "1h", retryInterval: "1h", suspend: true });
  await site.kustomization("app", { path: "./app", interval: "1h", retryInterval: "1h", targetNamespace: namespace });
  await site.ready("app", ({ status }, object) => {
    const generation = dig(object, "metadata", "generation");
    return status === "True" && dig(object, "status", "observedGeneration") === generation;
  });
});

function beside(namespace: string): {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace: string };
} {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "beside", namespace } };
}
