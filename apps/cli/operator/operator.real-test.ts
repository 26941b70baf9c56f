// The main job on a real API server: from a Git commit to a converged namespace, and everything that can come between.

import assert from "node:assert/strict";
import { test } from "node:test";
import { dig, digString, isObject, type Manifest, metadataMap, type ObjectRef } from "@plumbline/core/model";
import { eventually } from "./testing/eventually.ts";
import { configMap, customKind, deployment } from "./testing/manifests.ts";
import { conditionOf, openSite, type Site } from "./testing/site.ts";

const ref = (site: Site, kind: string, name: string, apiVersion = "v1"): ObjectRef => {
  const [group = "", version = ""] = apiVersion.includes("/") ? apiVersion.split("/") : ["", apiVersion];
  return { group, version, kind, namespace: site.namespace, name };
};
const value = (object: Manifest | undefined): string | undefined => object && digString(object, "data", "value");

async function openWith(
  test: Parameters<typeof openSite>[0],
  files: (namespace: string) => Record<string, string>,
): Promise<{ site: Site; commit: string }> {
  const site = await openSite(test);
  const commit = await site.repository.commit(files(site.namespace), { message: "the manifests" });
  await site.source("fleet");
  return { site, commit };
}

test("a commit is applied with Flux's manager, labels, inventory and status", async (t) => {
  const { site, commit } = await openWith(t, (ns) => ({
    "app/cm.yaml": configMap("a", ns),
    "app/d.yaml": deployment("d", ns),
  }));
  await site.kustomization("app", { path: "./app", wait: true });
  const object = await site.applied("app", commit);
  assert.equal(digString(object, "status", "lastAppliedRevision"), `main@sha1:${commit}`);
  assert.equal(digString(object, "status", "lastAttemptedRevision"), `main@sha1:${commit}`);
  assert.equal(dig(object, "status", "observedGeneration"), dig(object, "metadata", "generation"));
  assert.deepEqual(dig(object, "status", "inventory", "entries"), [
    { id: `${site.namespace}_a__ConfigMap`, v: "v1" },
    { id: `${site.namespace}_d_apps_Deployment`, v: "v1" },
  ]);
  assert.equal(conditionOf(object, "Ready")?.message, `Applied revision: main@sha1:${commit}`);
  assert.equal(conditionOf(object, "Healthy")?.status, "True");
  assert.deepEqual(dig(object, "metadata", "finalizers"), ["finalizers.fluxcd.io"]);
  const applied = await site.client.get(ref(site, "ConfigMap", "a"));
  assert.deepEqual(metadataMap(applied, "labels"), {
    "kustomize.toolkit.fluxcd.io/name": "app",
    "kustomize.toolkit.fluxcd.io/namespace": site.namespace,
  });
  const managed = dig(applied, "metadata", "managedFields");
  assert.deepEqual(
    Array.isArray(managed) && managed.filter(isObject).map((entry) => [entry.manager, entry.operation]),
    [["kustomize-controller", "Apply"]],
  );
  const source = await site.ready("fleet", ({ status }) => status === "True", "GitRepository");
  assert.equal(digString(source, "status", "artifact", "revision"), `main@sha1:${commit}`);
  const artifact = await fetch(digString(source, "status", "artifact", "url") ?? "");
  assert.equal(artifact.status, 200);
});

test("a second commit writes only what changed and prunes what is gone", async (t) => {
  const { site, commit } = await openWith(t, (ns) => ({
    "app/a.yaml": configMap("a", ns),
    "app/b.yaml": configMap("b", ns),
    "app/c.yaml": configMap("c", ns),
  }));
  await site.kustomization("app", { path: "./app" });
  await site.applied("app", commit);
  const before = await site.client.get(ref(site, "ConfigMap", "a"));
  site.requests.length = 0;
  const next = await site.repository.commit(
    { "app/b.yaml": configMap("b", site.namespace, "2"), "app/c.yaml": null },
    { message: "b changes, c goes" },
  );
  await site.applied("app", next);
  assert.equal(value(await site.client.get(ref(site, "ConfigMap", "b"))), "2");
  assert.equal(await site.client.find(ref(site, "ConfigMap", "c")), undefined);
  assert.equal(
    digString(await site.client.get(ref(site, "ConfigMap", "a")), "metadata", "resourceVersion"),
    digString(before, "metadata", "resourceVersion"),
  );
  const writes = site.requests.filter(
    (request) => request.resource === "configmaps" && request.verb !== "watch" && request.verb !== "get",
  );
  assert.deepEqual(writes.map((request) => `${request.verb}${request.dryRun ? " dry" : ""}`).sort(), [
    "apply",
    "apply dry",
    "delete",
  ]);
});

test("what somebody changes or deletes is put right at once, without a run", async (t) => {
  const { site, commit } = await openWith(t, (ns) => ({
    "app/cm.yaml": configMap("a", ns),
    "app/d.yaml": deployment("d", ns),
  }));
  await site.kustomization("app", { path: "./app" });
  await site.applied("app", commit);
  const target = ref(site, "ConfigMap", "a");
  await site.client.patch(
    target,
    { type: "merge", body: { data: { value: "hand" } } },
    { fieldManager: "kubectl-edit" },
  );
  await eventually("the edit is undone", async () => value(await site.client.get(target)) === "1");
  await eventually("it is reported", () => site.events.some((event) => event.type === "repaired"));
  const repaired = site.events.find((event) => event.type === "repaired");
  assert.deepEqual(repaired?.repair.managers, ["kubectl-edit"]);
  assert.deepEqual(repaired?.repair.fields, ["data.value"]);
  await site.client.delete(target);
  await eventually("it is recreated", async () => value(await site.client.find(target)) === "1");
  await site.client.patch(
    ref(site, "Deployment", "d", "apps/v1"),
    { type: "merge", body: { metadata: { labels: { foreign: "1" } } } },
    { fieldManager: "someone" },
  );
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal(metadataMap(await site.client.get(ref(site, "Deployment", "d", "apps/v1")), "labels")["foreign"], "1");
});

test("dependsOn holds a delivery back and wakes it the moment its dependency is ready; a cycle is named", async (t) => {
  const { site, commit } = await openWith(t, (ns) => ({
    "infra/cm.yaml": configMap("infra", ns),
    "app/cm.yaml": configMap("app", ns),
  }));
  await site.kustomization("app", { path: "./app", dependsOn: [{ name: "infra" }] });
  await site.ready("app", ({ reason }) => reason === "DependencyNotReady");
  await site.kustomization("infra", { path: "./infra" });
  await site.applied("app", commit);
  await site.kustomization("one", { path: "./app", dependsOn: [{ name: "two" }] });
  await site.kustomization("two", { path: "./app", dependsOn: [{ name: "one" }] });
  const cyclic = await site.ready("one", ({ message }) => message.includes("cycle"));
  assert.match(conditionOf(cyclic, "Ready")?.message ?? "", /'.*\/one' -> '.*\/two' -> '.*\/one'/);
});

test("broken YAML, a missing path and a refused object keep the last good state", async (t) => {
  const { site, commit } = await openWith(t, (ns) => ({ "app/cm.yaml": configMap("a", ns) }));
  await site.kustomization("app", { path: "./app" });
  await site.applied("app", commit);
  await site.repository.commit(
    { "app/cm.yaml": "apiVersion: v1\nkind: ConfigMap\n  bad: indent\n" },
    { message: "broken" },
  );
  const broken = await site.ready("app", ({ reason }) => reason === "BuildFailed");
  assert.match(conditionOf(broken, "Ready")?.message ?? "", /app\/cm\.yaml/);
  assert.equal(digString(broken, "status", "lastAppliedRevision"), `main@sha1:${commit}`);
  assert.equal(value(await site.client.get(ref(site, "ConfigMap", "a"))), "1");
  await site.kustomization("nowhere", { path: "./nowhere" });
  const missing = await site.ready("nowhere", ({ status }) => status === "False");
  assert.equal(conditionOf(missing, "Ready")?.reason, "ArtifactFailed");
  assert.match(conditionOf(missing, "Ready")?.message ?? "", /nowhere/);
  const bad = deployment("d", site.namespace).replace("replicas: 0", 'replicas: "many"');
  await site.repository.commit(
    { "app/cm.yaml": configMap("a", site.namespace, "2"), "app/d.yaml": bad },
    { message: "refused" },
  );
  const refused = await site.ready("app", ({ reason }) => reason === "ReconciliationFailed");
  assert.match(conditionOf(refused, "Ready")?.message ?? "", /Deployment\/.*\/d/);
  assert.equal(value(await site.client.get(ref(site, "ConfigMap", "a"))), "1", "nothing of a refused stage is written");
});

test("a service account's rights are used and nothing else", async (t) => {
  const { site, commit } = await openWith(t, (ns) => ({ "app/cm.yaml": configMap("a", ns) }));
  const { namespace } = site;
  await site.apply({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "tenant", namespace } });
  await site.kustomization("app", { path: "./app", serviceAccountName: "tenant" });
  const denied = await site.ready("app", ({ status, message }) => status === "False" && message.includes("ConfigMap"));
  assert.match(conditionOf(denied, "Ready")?.message ?? "", /system:serviceaccount:.*:tenant.*cannot patch/s);
  assert.equal(await site.client.find(ref(site, "ConfigMap", "a")), undefined);
  const metadata = { name: "tenant", namespace };
  await site.apply({
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "Role",
    metadata,
    rules: [{ apiGroups: [""], resources: ["configmaps"], verbs: ["get", "create", "patch", "delete"] }],
  });
  await site.apply({
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    metadata,
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "tenant" },
    subjects: [{ kind: "ServiceAccount", name: "tenant", namespace }],
  });
  await site.applied("app", commit);
});

test("variables come from ConfigMaps and Secrets, and a change of theirs takes effect at once", async (t) => {
  const text = (ns: string): string => configMap("a", ns, "${size}-${colour:-red}").replace('"', "").replace('"', "");
  const { site, commit } = await openWith(t, (ns) => ({ "app/cm.yaml": text(ns) }));
  const { namespace } = site;
  await site.apply({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "vars", namespace },
    stringData: { size: "big" },
  });
  await site.kustomization("app", { path: "./app", postBuild: { substituteFrom: [{ kind: "Secret", name: "vars" }] } });
  await site.applied("app", commit);
  assert.equal(value(await site.client.get(ref(site, "ConfigMap", "a"))), "big-red");
  await site.apply({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "vars", namespace },
    stringData: { size: "small", colour: "blue" },
  });
  await eventually(
    "the new values",
    async () => value(await site.client.get(ref(site, "ConfigMap", "a"))) === "small-blue",
  );
});

test("suspend stops, resume goes on, deletion prunes and lets go", async (t) => {
  const { site, commit } = await openWith(t, (ns) => ({ "app/cm.yaml": configMap("a", ns) }));
  await site.kustomization("app", { path: "./app" });
  await site.applied("app", commit);
  await site.kustomization("app", { path: "./app", suspend: true });
  await site.repository.commit({ "app/cm.yaml": configMap("a", site.namespace, "2") }, { message: "while suspended" });
  const source = await site.repository.head();
  await site.ready(
    "fleet",
    (_ready, object) => (digString(object, "status", "artifact", "revision") ?? "").endsWith(source),
    "GitRepository",
  );
  assert.equal(value(await site.client.get(ref(site, "ConfigMap", "a"))), "1");
  await site.kustomization("app", { path: "./app", suspend: false });
  await site.applied("app", source);
  assert.equal(value(await site.client.get(ref(site, "ConfigMap", "a"))), "2");
  await site.client.delete({
    group: "kustomize.toolkit.fluxcd.io",
    version: "v1",
    kind: "Kustomization",
    namespace: site.namespace,
    name: "app",
  });
  await eventually(
    "the pruned object",
    async () => (await site.client.find(ref(site, "ConfigMap", "a"))) === undefined,
  );
  await eventually(
    "the Kustomization itself",
    async () =>
      (await site.client.find({
        group: "kustomize.toolkit.fluxcd.io",
        version: "v1",
        kind: "Kustomization",
        namespace: site.namespace,
        name: "app",
      })) === undefined,
  );
});

test("objects opt out: ssa IfNotPresent, reconcile disabled, prune disabled", async (t) => {
  const annotated = (ns: string, name: string, annotation: string): string =>
    configMap(name, ns).replace(
      "metadata:\n",
      `metadata:\n  annotations:\n    kustomize.toolkit.fluxcd.io/${annotation}\n`,
    );
  const { site, commit } = await openWith(t, (ns) => ({
    "app/once.yaml": annotated(ns, "once", "ssa: IfNotPresent"),
    "app/kept.yaml": annotated(ns, "kept", "prune: Disabled"),
    "app/free.yaml": configMap("free", ns),
  }));
  await site.kustomization("app", { path: "./app" });
  await site.applied("app", commit);
  await site.client.patch(
    ref(site, "ConfigMap", "free"),
    {
      type: "merge",
      body: {
        metadata: { annotations: { "kustomize.toolkit.fluxcd.io/reconcile": "disabled" } },
        data: { value: "mine" },
      },
    },
    { fieldManager: "me" },
  );
  const next = await site.repository.commit(
    {
      "app/once.yaml": annotated(site.namespace, "once", "ssa: IfNotPresent").replace('"1"', '"2"'),
      "app/kept.yaml": null,
      "app/free.yaml": configMap("free", site.namespace, "2"),
    },
    { message: "opted out" },
  );
  await site.applied("app", next);
  assert.equal(value(await site.client.get(ref(site, "ConfigMap", "once"))), "1");
  assert.equal(value(await site.client.get(ref(site, "ConfigMap", "free"))), "mine");
  assert.equal(value(await site.client.get(ref(site, "ConfigMap", "kept"))), "1");
});

test("a CRD and an object of its kind go in one run; what kubectl applied before is taken over", async (t) => {
  const { site, commit } = await openWith(t, (ns) => {
    const group = `${ns}.example.com`;
    return {
      "app/crd.yaml": customKind(group),
      "app/thing.yaml": `apiVersion: ${group}/v1\nkind: Thing\nmetadata: { name: t, namespace: ${ns} }\nspec: { size: 1 }\n`,
      "app/cm.yaml": configMap("a", ns),
    };
  });
  const mine = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "a", namespace: site.namespace },
    data: { value: "0", old: "x" },
  };
  await site.client.create(mine, { fieldManager: "kubectl-client-side-apply" });
  await site.kustomization("app", { path: "./app" });
  await site.applied("app", commit);
  await site.client.discovery.refresh();
  assert.equal(
    dig(await site.client.get(ref(site, "Thing", "t", `${site.namespace}.example.com/v1`)), "spec", "size"),
    1,
  );
  const taken = await site.client.get(ref(site, "ConfigMap", "a"));
  assert.deepEqual(taken.data, { value: "1" });
});

test("a restart writes nothing where nothing changed, and works without Git", async (t) => {
  const { site, commit } = await openWith(t, (ns) => ({
    "app/cm.yaml": configMap("a", ns),
    "app/d.yaml": deployment("d", ns),
  }));
  await site.kustomization("app", { path: "./app", wait: true });
  await site.applied("app", commit);
  await site.ready("fleet", ({ status }) => status === "True", "GitRepository");
  await site.operator.stop();
  site.requests.length = 0;
  site.events.length = 0;
  site.git.fault = { kind: "reset" };
  await site.restart();
  await eventually("the run after the restart", () =>
    site.events.some((event) => event.type === "delivery-ended" && event.outcome.kind === "applied"),
  );
  const writes = site.requests.filter(
    ({ verb, resource }) =>
      ["apply", "patch", "create", "update", "delete"].includes(verb) &&
      resource !== "events" &&
      !resource.endsWith("/status"),
  );
  assert.deepEqual(writes, []);
  await site.client.patch(
    ref(site, "ConfigMap", "a"),
    { type: "merge", body: { data: { value: "hand" } } },
    { fieldManager: "kubectl-edit" },
  );
  await eventually(
    "drift healed offline",
    async () => value(await site.client.get(ref(site, "ConfigMap", "a"))) === "1",
  );
});
