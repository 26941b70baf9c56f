// Tenants attack one another: one test per path from a Kustomization or source of one namespace into another one.

import assert from "node:assert/strict";
import { test } from "node:test";
import { digString, type JsonObject, type Manifest, type ObjectRef } from "@plumbline/core/model";
import { eventually } from "./testing/eventually.ts";
import { configMap, customKind } from "./testing/manifests.ts";
import { type Condition, conditionOf, openSite, type Site, siteLabel } from "./testing/site.ts";
import { openTenant, type Tenant, verdict } from "./testing/tenant.ts";

const RBAC = "rbac.authorization.k8s.io";

interface Attack {
  site: Site;
  mallory: Tenant;
  victim: Tenant;
}

/** Two tenants; the files of the repository know both namespaces. */
async function openAttack(
  t: Parameters<typeof openSite>[0],
  files: (mallory: string, victim: string) => Record<string, string>,
  engine: NonNullable<Parameters<typeof openSite>[1]>["engine"] = {},
): Promise<Attack> {
  const site = await openSite(t, { allNamespaces: true, engine });
  const [mallory, victim] = [await openTenant(t, site), await openTenant(t, site, "own namespace")];
  await site.repository.commit(files(mallory.namespace, victim.namespace));
  await site.source("fleet");
  await site.ready("fleet", ({ status }) => status === "True", "GitRepository");
  return { site, mallory, victim };
}

test("applying into another namespace is refused with the account and the right that is missing", async (t) => {
  const { site, mallory, victim } = await openAttack(t, (own, other) => ({
    "app/mine.yaml": configMap("mine", own),
    "app/theirs.yaml": configMap("planted", other),
  }));
  await mallory.kustomization("app", { path: "./app" });
  const { status, message } = await verdict(site, mallory, "app");
  assert.equal(status, "False");
  assert.match(message, new RegExp(`system:serviceaccount:${mallory.namespace}:${mallory.account}`));
  assert.match(message, new RegExp(`ConfigMap/${victim.namespace}/planted`));
  assert.equal(await victim.configMap("planted"), undefined);
  assert.equal(await mallory.configMap("mine"), undefined, "half a release is worse than none");
});

test("spec.targetNamespace moves objects only where the account may write", async (t) => {
  const { site, mallory, victim } = await openAttack(t, () => ({
    "app/cm.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: planted\n",
  }));
  await mallory.kustomization("app", { path: "./app", targetNamespace: victim.namespace });
  assert.equal((await verdict(site, mallory, "app")).status, "False");
  assert.equal(await victim.configMap("planted"), undefined);
});

test("without a service account the default one is used, never the operator's own rights", async (t) => {
  const engine = { defaultServiceAccount: "default" };
  const { site, mallory, victim } = await openAttack(
    t,
    (own, other) => ({ "own/cm.yaml": configMap("mine", own), "other/cm.yaml": configMap("planted", other) }),
    engine,
  );
  for (const path of ["own", "other"]) {
    const object = { name: path, namespace: mallory.namespace, labels: { [siteLabel]: site.namespace } };
    const sourceRef = { kind: "GitRepository", name: "fleet" };
    await site.apply({
      apiVersion: "kustomize.toolkit.fluxcd.io/v1",
      kind: "Kustomization",
      metadata: object,
      spec: { interval: "10m", prune: true, path: `./${path}`, sourceRef },
    });
    const { status, message } = await verdict(site, mallory, path);
    assert.equal(status, "False", path);
    assert.match(message, new RegExp(`system:serviceaccount:${mallory.namespace}:default`), path);
  }
  assert.equal(await victim.configMap("planted"), undefined);
});

test("a health check on another namespace tells nothing of what is there", async (t) => {
  const { site, mallory, victim } = await openAttack(t, (own) => ({ "app/mine.yaml": configMap("mine", own) }));
  await victim.apply({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "exists", namespace: victim.namespace },
    data: { value: "private" },
  });
  const check = (name: string): JsonObject => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    name,
    namespace: victim.namespace,
  });
  const told: string[] = [];
  for (const name of ["exists", "missing"]) {
    await mallory.kustomization(name, { path: "./app", healthChecks: [check(name)] });
    const { status, message } = await verdict(site, mallory, name);
    assert.equal(status, "False", name);
    told.push(message.replaceAll(name, "NAME").replace(/after [\d.]+m?s/, "after TIME"));
  }
  assert.equal(told[0], told[1], "the same words whether the object exists or not");
  assert.match(told[0] ?? "", /forbidden/);
});

test("a forged inventory and forged owner labels delete nothing of others", async (t) => {
  const { site, mallory, victim } = await openAttack(t, (own, other) => ({
    "app/mine.yaml": configMap("mine", own),
    "victim/theirs.yaml": configMap("theirs", other),
  }));
  await victim.kustomization("app", { path: "./victim" });
  assert.equal((await verdict(site, victim, "app")).status, "True");
  await mallory.kustomization("app", { path: "./app" });
  assert.equal((await verdict(site, mallory, "app")).status, "True");
  const ref = {
    group: "kustomize.toolkit.fluxcd.io",
    version: "v1",
    kind: "Kustomization",
    namespace: mallory.namespace,
    name: "app",
  };
  // One that a Kustomization looks after, and one that nobody does.
  await victim.apply({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "plain", namespace: victim.namespace } });
  const entries = ["plain", "theirs"].map((name) => ({ id: `${victim.namespace}_${name}__ConfigMap`, v: "v1" }));
  await site.client.patch(
    ref,
    { type: "merge", body: { status: { inventory: { entries } } } },
    { fieldManager: "mallory", subresource: "status" },
  );
  const before = digString(await victim.configMap("theirs"), "metadata", "uid");
  await site.repository.commit({ "app/more.yaml": configMap("more", mallory.namespace) });
  await eventually("the next run went over it", async () => (await mallory.configMap("more")) !== undefined);
  await site.client.delete(ref);
  await eventually("its deletion says why it hangs", async () =>
    /delete failed.*forbidden/s.test(conditionOf(await site.client.get(ref), "Ready")?.message ?? ""),
  );
  assert.equal(digString(await victim.configMap("theirs"), "metadata", "uid"), before);
  assert.ok(await victim.configMap("plain"));
});

test("labels that claim another Kustomization as owner bring neither repair nor deletion by it", async (t) => {
  const { site, mallory, victim } = await openAttack(t, (_own, other) => ({
    "victim/theirs.yaml": configMap("theirs", other),
  }));
  await victim.kustomization("app", { path: "./victim" });
  assert.equal((await verdict(site, victim, "app")).status, "True");
  const labels = {
    "kustomize.toolkit.fluxcd.io/name": "app",
    "kustomize.toolkit.fluxcd.io/namespace": victim.namespace,
  };
  await mallory.apply({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "theirs", namespace: mallory.namespace, labels },
    data: { value: "forged" },
  });
  await site.repository.commit({ "victim/more.yaml": configMap("more", victim.namespace) });
  await eventually("the victim's next run", async () => (await victim.configMap("more")) !== undefined);
  assert.equal(digString(await mallory.configMap("theirs"), "data", "value"), "forged");
  assert.equal(digString(await victim.configMap("theirs"), "data", "value"), "1");
});

test("repairs and deletions go on with the tenant's rights when they were taken away meanwhile", async (t) => {
  const { site, mallory } = await openAttack(t, (own) => ({ "app/mine.yaml": configMap("mine", own) }));
  await mallory.kustomization("app", { path: "./app" });
  assert.equal((await verdict(site, mallory, "app")).status, "True");
  const binding = { group: "rbac.authorization.k8s.io", version: "v1", kind: "RoleBinding" };
  await site.client.delete({ ...binding, namespace: mallory.namespace, name: mallory.account });
  const ref = { group: "", version: "v1", kind: "ConfigMap", namespace: mallory.namespace, name: "mine" };
  const refused = async (): Promise<boolean> => {
    await site.client.patch(ref, { type: "merge", body: { data: { value: `${Math.random()}` } } }, {});
    return site.events.some((event) => event.type === "repair-failed" && /forbidden/.test(event.failure.message));
  };
  await eventually("the repair is refused", refused);
  assert.notEqual(digString(await mallory.configMap("mine"), "data", "value"), "1");
});

test("with --no-cross-namespace-refs a source of another namespace is refused, and names are never paths", async (t) => {
  const engine = { noCrossNamespaceRefs: true };
  const { site, mallory, victim } = await openAttack(t, (own) => ({ "app/mine.yaml": configMap("mine", own) }), engine);
  await victim.kustomization("app", { path: "./app" }); // the source is mallory's namespace
  const { message, status } = await verdict(site, victim, "app");
  assert.equal(status, "False");
  assert.match(message, /cross-namespace references have been blocked/);
  await mallory.kustomization("tricky", {
    path: "./app",
    postBuild: { substituteFrom: [{ kind: "Secret", name: `../../${victim.namespace}/secrets/token` }] },
  });
  assert.equal((await verdict(site, mallory, "tricky")).status, "False");
  const asked = site.requests.filter(
    ({ resource, namespace }) => resource === "secrets" && namespace === victim.namespace,
  );
  assert.deepEqual(asked, []);
});

test("a private repository is not served out of the cache to whoever knows its address", async (t) => {
  const { site, mallory, victim } = await openAttack(t, () => ({ "README.md": "public" }));
  site.git.credentials = { username: "reader", password: "right" };
  const repository = await site.git.create("private", { "app/mine.yaml": configMap("loot", mallory.namespace) });
  const secret = { name: "git", namespace: victim.namespace };
  await victim.apply({
    apiVersion: "v1",
    kind: "Secret",
    metadata: secret,
    stringData: { username: "reader", password: "right" },
  });
  const source = (namespace: string, name: string, spec: JsonObject): Manifest => ({
    apiVersion: "source.toolkit.fluxcd.io/v1",
    kind: "GitRepository",
    metadata: { name, namespace, labels: { [siteLabel]: site.namespace } },
    spec: { url: repository.url, interval: "1s", ref: { branch: "main" }, ...spec },
  });
  const ready = async (namespace: string, name: string): Promise<Condition | undefined> =>
    conditionOf(
      await site.client.get({
        group: "source.toolkit.fluxcd.io",
        version: "v1",
        kind: "GitRepository",
        namespace,
        name,
      }),
      "Ready",
    );
  await site.apply(source(victim.namespace, "private", { secretRef: { name: "git" } }));
  await eventually("the victim's source", async () => (await ready(victim.namespace, "private"))?.status === "True");
  await site.apply(source(mallory.namespace, "thief", {}));
  await eventually("the thief is refused", async () => (await ready(mallory.namespace, "thief"))?.status === "False");
  assert.equal((await ready(mallory.namespace, "thief"))?.reason, "AuthenticationFailed");
  await mallory.kustomization("loot", { path: "./app", sourceRef: { kind: "GitRepository", name: "thief" } });
  assert.equal((await verdict(site, mallory, "loot")).status, "False");
  assert.equal(await mallory.configMap("loot"), undefined);
});

test("what belongs to no namespace, and rights that the account lacks, are refused to it", async (t) => {
  const { site, mallory } = await openAttack(t, (own) => {
    const roleRef = { apiGroup: RBAC, kind: "ClusterRole", name: "cluster-admin" };
    const subjects = [{ kind: "ServiceAccount", name: "deployer", namespace: own }];
    const rbac = (kind: string, metadata: JsonObject): string =>
      JSON.stringify({ apiVersion: `${RBAC}/v1`, kind, metadata, roleRef, subjects });
    return {
      "namespace/mine.yaml": configMap("mine", own),
      "namespace/ns.yaml": `apiVersion: v1\nkind: Namespace\nmetadata:\n  name: ${own}-planted\n`,
      "binding/crb.yaml": rbac("ClusterRoleBinding", { name: `${own}-planted` }),
      "definition/crd.yaml": customKind(`${own}.example.org`),
      "escalation/rb.yaml": rbac("RoleBinding", { name: "planted", namespace: own }),
    };
  });
  const { namespace, account } = mallory;
  const planted: Record<string, ObjectRef> = {
    namespace: { group: "", version: "v1", kind: "Namespace", namespace: "", name: `${namespace}-planted` },
    binding: { group: RBAC, version: "v1", kind: "ClusterRoleBinding", namespace: "", name: `${namespace}-planted` },
    definition: {
      group: "apiextensions.k8s.io",
      version: "v1",
      kind: "CustomResourceDefinition",
      namespace: "",
      name: `things.${namespace}.example.org`,
    },
    escalation: { group: RBAC, version: "v1", kind: "RoleBinding", namespace, name: "planted" },
  };
  for (const [path, ref] of Object.entries(planted)) {
    await mallory.kustomization(path, { path: `./${path}` });
    const { status, message } = await verdict(site, mallory, path);
    assert.equal(status, "False", path);
    assert.match(message, new RegExp(`system:serviceaccount:${namespace}:${account}`), path);
    assert.match(message, new RegExp(`${ref.kind}/.*${ref.name}`), path);
    assert.match(message, /forbidden/, path);
    assert.equal(await site.client.find(ref), undefined, path);
  }
  assert.equal(await mallory.configMap("mine"), undefined, "half a release is worse than none");
});

test("a Kustomization out of Git that names no account gets the default one: not its maker's, not the operator's", async (t) => {
  const nested = (name: string, namespace: string): string =>
    JSON.stringify({
      apiVersion: "kustomize.toolkit.fluxcd.io/v1",
      kind: "Kustomization",
      // The maker's namespace is the site's.
      metadata: { name, namespace, labels: { [siteLabel]: namespace } },
      spec: {
        interval: "10m",
        retryInterval: "1s",
        prune: true,
        path: `./${name}`,
        sourceRef: { kind: "GitRepository", name: "fleet" },
      },
    });
  const names = ["own", "beyond", "makers"];
  const { site, mallory, victim } = await openAttack(
    t,
    (own, other) => ({
      ...Object.fromEntries(names.map((name) => [`outer/${name}.yaml`, nested(name, own)])),
      "own/cm.yaml": configMap("mine", own),
      "beyond/cm.yaml": configMap("planted", other),
      "makers/s.yaml": `apiVersion: v1\nkind: Secret\nmetadata:\n  name: of-the-maker\n  namespace: ${own}\n`,
    }),
    { defaultServiceAccount: "default" },
  );
  const { namespace, account } = mallory;
  const verbs = ["get", "list", "watch", "create", "patch", "delete"];
  await grant(site, account, { apiGroups: ["kustomize.toolkit.fluxcd.io"], resources: ["kustomizations"], verbs });
  await grant(site, "default", { apiGroups: [""], resources: ["configmaps"], verbs });
  await mallory.kustomization("outer", { path: "./outer" });
  const outer = await verdict(site, mallory, "outer");
  assert.equal(outer.status, "True", outer.message);

  assert.equal((await verdict(site, mallory, "own")).status, "True");
  assert.ok(await mallory.configMap("mine"));
  for (const [name, refused] of [
    ["beyond", `ConfigMap/${victim.namespace}/planted`],
    ["makers", `Secret/${namespace}/of-the-maker`],
  ] as const) {
    const { status, message } = await verdict(site, mallory, name);
    assert.equal(status, "False", name);
    assert.match(message, new RegExp(`system:serviceaccount:${namespace}:default`), name);
    assert.match(message, new RegExp(refused), name);
  }
  assert.equal(await victim.configMap("planted"), undefined);
  const secret = { group: "", version: "v1", kind: "Secret", namespace, name: "of-the-maker" };
  assert.equal(await site.client.find(secret), undefined);
});

/** Lets an account of the site's namespace do this there. */
async function grant(site: Site, account: string, rule: JsonObject): Promise<void> {
  const { namespace } = site;
  const metadata = { name: `granted-to-${account}`, namespace };
  await site.apply({ apiVersion: `${RBAC}/v1`, kind: "Role", metadata, rules: [rule] });
  await site.apply({
    apiVersion: `${RBAC}/v1`,
    kind: "RoleBinding",
    metadata,
    roleRef: { apiGroup: RBAC, kind: "Role", name: metadata.name },
    subjects: [{ kind: "ServiceAccount", name: account, namespace }],
  });
}
