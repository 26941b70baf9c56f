// Traps of a re-implementation of Flux (2, 3, 5, 9, 10): who owns what, and what is never deleted.

import assert from "node:assert/strict";
import { test } from "node:test";
import { dig, digString, isObject, type JsonObject, type Manifest, metadataMap } from "@plumbline/core/model";
import { eventually } from "../testing/eventually.ts";
import { configMap, customKind, deployment } from "../testing/manifests.ts";
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

/** Waits until the run of this commit has failed, and the one that retries it as well. */
async function failedTwice(site: Site, commit: string, reason: string): Promise<Manifest> {
  const endsAt = site.events.length;
  const object = await site.ready("app", (ready, { status }) => {
    const attempted = digString(isObject(status) ? status : {}, "lastAttemptedRevision") ?? "";
    return ready.reason === reason && attempted.endsWith(commit);
  });
  const ends = (): number => site.events.slice(endsAt).filter(({ type }) => type === "delivery-ended").length;
  await eventually("it was tried again", () => ends() >= 2);
  return object;
}

test("trap 9: nothing is pruned after a refused apply; what left Git goes with the next good commit", async (t) => {
  const site = await openSite(t);
  const { namespace } = site;
  const good = await applied(site, {
    "app/a.yaml": configMap("a", namespace),
    "app/b.yaml": configMap("b", namespace),
  });
  const before = await find(site, "b");
  const refused = configMap("a", namespace, "2").replace("  value:", "  no good key:");
  const bad = await site.repository.commit({ "app/a.yaml": refused, "app/b.yaml": null });
  const failed = await failedTwice(site, bad, "ReconciliationFailed");
  assert.match(conditionOf(failed, "Ready")?.message ?? "", /ConfigMap\/\S+\/a.*no good key/s);
  assert.equal(digString(failed, "status", "lastAppliedRevision"), `main@sha1:${good}`);
  assert.deepEqual(await find(site, "b"), before, "b stays as it is");
  assert.ok(inventoryIds(failed).includes(`${namespace}_b__ConfigMap`));
  const next = await site.repository.commit({ "app/a.yaml": configMap("a", namespace, "2") });
  const mended = await site.applied("app", next);
  assert.equal(await find(site, "b"), undefined);
  assert.deepEqual(inventoryIds(mended), [`${namespace}_a__ConfigMap`]);
});

test("trap 9: nothing is pruned when a later stage is refused, though the first one was written", async (t) => {
  const site = await openSite(t);
  const { namespace } = site;
  const group = `${namespace}.example.org`;
  const size = "properties: { spec: { type: object, properties: { size: { type: integer } } } }";
  const thing = (value: string): string =>
    `apiVersion: ${group}/v1\nkind: Thing\nmetadata:\n  name: one\n  namespace: ${namespace}\nspec: { size: ${value} }\n`;
  await applied(site, { "app/a.yaml": configMap("a", namespace), "app/b.yaml": configMap("b", namespace) });
  const bad = await site.repository.commit({
    "app/b.yaml": null,
    "app/crd.yaml": customKind(group).replace("x-kubernetes-preserve-unknown-fields: true", size),
    "app/thing.yaml": thing("large"),
  });
  const failed = await failedTwice(site, bad, "ReconciliationFailed");
  assert.match(conditionOf(failed, "Ready")?.message ?? "", /Thing\/\S+\/one.*spec\.size/s);
  const crd = { group: "apiextensions.k8s.io", version: "v1", kind: "CustomResourceDefinition", namespace: "" };
  const definition = { ...crd, name: `things.${group}` };
  assert.ok(await site.client.find(definition), "the stage before was written");
  assert.ok(await find(site, "b"), "b stays");
  const ids = inventoryIds(await site.get("Kustomization", "app"));
  assert.ok(ids.includes(`${namespace}_b__ConfigMap`));
  assert.ok(ids.includes(`_things.${group}_apiextensions.k8s.io_CustomResourceDefinition`));
  const next = await site.repository.commit({ "app/thing.yaml": thing("3") });
  await site.applied("app", next);
  assert.equal(await find(site, "b"), undefined);
  await site.operator.stop();
  await site.client.delete(definition);
});

test("trap 9: nothing is pruned when the API server takes a part of a stage, and that part is not lost", async (t) => {
  const site = await openSite(t);
  const { namespace } = site;
  const secret = (name: string): string =>
    configMap(name, namespace).replace("ConfigMap", "Secret").replace("\ndata:", "\nstringData:");
  await applied(site, { "app/b.yaml": secret("b") });
  // A dry-run takes nothing of a quota: each of the two would fit, both together do not.
  const hard = { "count/secrets": "2" };
  const quota = { apiVersion: "v1", kind: "ResourceQuota", metadata: { name: "few", namespace }, spec: { hard } };
  await site.apply(quota);
  const used = async (): Promise<unknown> =>
    dig(await find(site, "few", "ResourceQuota"), "status", "used", "count/secrets");
  await eventually("b is counted", async () => (await used()) === "1");
  const bad = await site.repository.commit({
    "app/b.yaml": null,
    "app/c.yaml": secret("c"),
    "app/d.yaml": secret("d"),
  });
  const failed = await failedTwice(site, bad, "ReconciliationFailed");
  assert.match(conditionOf(failed, "Ready")?.message ?? "", /Secret\/\S+\/[cd]: .*exceeded quota/);
  const there = async (): Promise<string[]> => {
    const found = await Promise.all(
      ["b", "c", "d"].map(async (name) => ((await find(site, name, "Secret")) ? [name] : [])),
    );
    return found.flat();
  };
  const [kept, ...written] = await there();
  assert.equal(kept, "b", "b stays");
  assert.equal(written.length, 1, "one of the two was written");
  const next = await site.repository.commit({
    "app/c.yaml": null,
    "app/d.yaml": null,
    "app/a.yaml": configMap("a", namespace),
  });
  await site.applied("app", next);
  assert.deepEqual(await there(), [], "b, and what the refused run wrote, go together");
});

// Flux 2.9 prunes what it has applied in full before it looks at health, so a revision that is not healthy has pruned.
test("trap 9: a health failure is no failed apply: as with Flux, what left Git goes before health is looked at", async (t) => {
  const site = await openSite(t);
  const { namespace } = site;
  const files = { "app/b.yaml": configMap("b", namespace), "app/d.yaml": deployment("web", namespace) };
  const good = await applied(site, files, { wait: true });
  const bad = await site.repository.commit({
    "app/b.yaml": null,
    // Nothing here runs Pods, and after a second it has failed for good.
    "app/d.yaml": deployment("web", namespace, "example/app:2", 1).replace(
      "spec:",
      "spec:\n  progressDeadlineSeconds: 1",
    ),
  });
  const failed = await failedTwice(site, bad, "HealthCheckFailed");
  assert.equal(await find(site, "b"), undefined);
  assert.deepEqual(inventoryIds(failed), [`${namespace}_web_apps_Deployment`]);
  assert.equal(digString(failed, "status", "lastAppliedRevision"), `main@sha1:${good}`);
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
