// Traps of a re-implementation of Flux (2, 3, 5, 9, 10): who owns what, and what is never deleted.

import assert from "node:assert/strict";
import { test } from "node:test";
import { dig, digString, isObject, type JsonObject, type Manifest, metadataMap } from "@plumbline/core/model";
import { eventually } from "../testing/eventually.ts";
import { configMap } from "../testing/manifests.ts";
import { conditionOf, openSite, type Site } from "../testing/site.ts";

const OWNER = "kustomize.toolkit.fluxcd.io";

function find(site: Site, name: string, kind = "ConfigMap"): Promise<Manifest | undefined> {
  const group = kind === "Role" ? "rbac.authorization.k8s.io" : "";
  return site.client.find({ group, version: "v1", kind, namespace: site.namespace, name });
}

function inventoryIds(object: Manifest): string[] {
  const entries = dig(object, "status", "inventory", "entries");
  return (Array.isArray(entries) ? entries : []).map((entry) => digString(entry, "id") ?? "");
}

/** A site with `files` applied by the Kustomization `app` from ./app. */
async function applied(site: Site, files: Record<string, string>, spec: JsonObject = {}): Promise<string> {
  const head = await site.repository.commit(files);
  await site.source("fleet");
  await site.kustomization("app", { path: "./app", ...spec });
  await site.applied("app", head);
  return head;
}

async function writeInventory(site: Site, entries: JsonObject[]): Promise<void> {
  const group = OWNER;
  const ref = { group, version: "v1", kind: "Kustomization", namespace: site.namespace, name: "app" };
  const status = { inventory: { entries } };
  const options = { fieldManager: "gotk-kustomize-controller", subresource: "status" as const };
  await site.client.patch(ref, { type: "merge", body: { status } }, options);
}

test("trap 2: adopt, do not rebuild, inventory: ids with __ and empty groups are read as they are and pruned by", async (t) => {
  const site = await openSite(t);
  const { namespace } = site;
  const role = `apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata:\n  name: "a:b"\n  namespace: ${namespace}\nrules: []\n`;
  await applied(site, { "app/a.yaml": configMap("a", namespace), "app/role.yaml": role });
  const ids = inventoryIds(await site.get("Kustomization", "app"));
  assert.deepEqual(ids, [`${namespace}_a__b_rbac.authorization.k8s.io_Role`, `${namespace}_a__ConfigMap`]);
  const head = await site.repository.commit({ "app/role.yaml": null });
  await site.applied("app", head);
  assert.equal(await find(site, "a:b", "Role"), undefined);
  assert.ok(await find(site, "a"));
});

test("trap 2: an inventory that cannot be parsed prunes nothing", async (t) => {
  const site = await openSite(t);
  const { namespace } = site;
  await applied(site, { "app/a.yaml": configMap("a", namespace), "app/b.yaml": configMap("b", namespace) });
  await site.operator.stop();
  const known = { id: `${namespace}_a__ConfigMap`, v: "v1" };
  await writeInventory(site, [known, { id: "what_is_this", v: "v1" }]);
  await site.repository.commit({ "app/b.yaml": null });
  await site.restart();
  const failed = await site.ready("app", ({ status }) => status === "False");
  assert.equal(conditionOf(failed, "Ready")?.reason, "PruneFailed");
  assert.ok((await find(site, "a")) && (await find(site, "b")));
});

test("trap 3: same field managers and owner labels: removed fields go away, labels stay", async (t) => {
  const site = await openSite(t);
  const { namespace } = site;
  const two = configMap("a", namespace).replace("data:\n", 'data:\n  more: "2"\n');
  await applied(site, { "app/a.yaml": two });
  const head = await site.repository.commit({ "app/a.yaml": configMap("a", namespace) });
  await site.applied("app", head);
  const object = await find(site, "a");
  assert.deepEqual(object?.data, { value: "1" });
  assert.deepEqual(metadataMap(object ?? {}, "labels"), {
    [`${OWNER}/name`]: "app",
    [`${OWNER}/namespace`]: namespace,
  });
  const managers = dig(object, "metadata", "managedFields");
  assert.deepEqual(
    (Array.isArray(managers) ? managers : []).map((entry) => [dig(entry, "manager"), dig(entry, "operation")]),
    [["kustomize-controller", "Apply"]],
  );
});

test("trap 5: opt-out metadata in any case, as label or annotation, in Git or on the object; it stays in the inventory", async (t) => {
  const site = await openSite(t);
  const { namespace } = site;
  const marked = (name: string, where: string): string =>
    configMap(name, namespace).replace("metadata:", `metadata:\n  ${where}: { ${OWNER}/reconcile: Disabled }`);
  await applied(site, {
    "app/free.yaml": configMap("free", namespace),
    "app/label.yaml": marked("label", "labels"),
    "app/annotation.yaml": marked("annotation", "annotations"),
  });
  assert.equal(await find(site, "label"), undefined);
  assert.equal(await find(site, "annotation"), undefined);
  await site.apply({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "free", namespace, annotations: { [`${OWNER}/reconcile`]: "DISABLED" } },
    data: { value: "mine" },
  });
  const head = await site.repository.commit({ "app/free.yaml": configMap("free", namespace, "2") });
  const object = await site.applied("app", head);
  assert.equal(dig(await find(site, "free"), "data", "value"), "mine");
  assert.ok(inventoryIds(object).includes(`${namespace}_free__ConfigMap`));
  assert.ok(inventoryIds(object).includes(`${namespace}_label__ConfigMap`));
});

test("trap 9: prune only with matching live owner labels, never after a failed build; an empty build with prune is legal", async (t) => {
  const site = await openSite(t);
  const { namespace } = site;
  await applied(site, { "app/a.yaml": configMap("a", namespace), "app/b.yaml": configMap("b", namespace) });
  await site.repository.commit({ "app/b.yaml": null, "app/a.yaml": "kind: [" });
  await site.ready("app", ({ reason }) => reason === "BuildFailed");
  assert.ok(await find(site, "b"), "nothing is pruned after a failed build");
  // Handed to another Kustomization by its labels.
  await site.operator.stop();
  const labels = { [`${OWNER}/name`]: "other", [`${OWNER}/namespace`]: namespace };
  await site.apply({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "b", namespace, labels } });
  await site.restart();
  const head = await site.repository.commit({ "app/a.yaml": null, "app/kustomization.yaml": "resources: []\n" });
  await site.applied("app", head);
  await eventually("what carries our labels is pruned", async () => !(await find(site, "a")));
  assert.ok(await find(site, "b"), "what carries the labels of another is not");
});

test("trap 10: delete semantics: suspended and prune false leave objects, a missing account lets go, waiting ends", async (t) => {
  const site = await openSite(t);
  const { namespace } = site;
  const names = ["suspended", "unpruned", "accountless", "awaited"];
  const files = Object.fromEntries(names.map((name) => [`${name}/a.yaml`, configMap(name, namespace)]));
  const head = await site.repository.commit(files);
  await site.source("fleet");
  await site.apply({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "tenant", namespace } });
  await site.apply({
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    metadata: { name: "tenant", namespace },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "admin" },
    subjects: [{ kind: "ServiceAccount", name: "tenant", namespace }],
  });
  const specs: Record<string, JsonObject> = {
    suspended: {},
    unpruned: { prune: false },
    accountless: { serviceAccountName: "tenant" },
    awaited: { deletionPolicy: "WaitForTermination" },
  };
  for (const name of names) await site.kustomization(name, { path: `./${name}`, ...specs[name] });
  for (const name of names) await site.applied(name, head);
  await site.kustomization("suspended", { path: "./suspended", suspend: true });
  await site.client.delete({ group: "", version: "v1", kind: "ServiceAccount", namespace, name: "tenant" });
  const ref = (name: string): Parameters<typeof site.client.delete>[0] => ({
    group: OWNER,
    version: "v1",
    kind: "Kustomization",
    namespace,
    name,
  });
  for (const name of names) await site.client.delete(ref(name));
  await eventually("no Kustomization is left", async () => {
    const left = await Promise.all(names.map((name) => site.client.find(ref(name))));
    return left.every((object) => object === undefined);
  });
  const kept = await Promise.all(names.map(async (name) => (isObject(await find(site, name)) ? name : "")));
  assert.deepEqual(
    kept.filter((name) => name !== ""),
    ["suspended", "unpruned", "accountless"],
  );
});
