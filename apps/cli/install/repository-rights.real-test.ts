// Computed rights on a real API server: an operator that has just them does its work, and nothing beyond it.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import {
  dig,
  type FileTree,
  isObject,
  type JsonObject,
  type JsonValue,
  type Manifest,
  memoryTree,
  type ObjectRef,
  refOf,
} from "@plumbline/core/model";
import { apiRequest, serviceAccountToken, sharedCluster } from "@plumbline/testkit/control-plane";
import { eventually } from "../operator/testing/eventually.ts";
import { configMap, deployment } from "../operator/testing/manifests.ts";
import { conditionOf, openSite, type Site } from "../operator/testing/site.ts";
import { installManifests } from "./install-manifests.ts";
import { readRepository } from "./read-repository.ts";
import { repositoryRights } from "./repository-rights.ts";

const RBAC = "rbac.authorization.k8s.io";

/** The rules of the ClusterRoles that `plumb install` binds to the operator, for an account of this test. */
async function grant(site: Site, tree: FileTree): Promise<string> {
  const { namespace } = site;
  const rights = repositoryRights(readRepository(tree, "clusters/a").kustomizations);
  const own = new Set(["plumbline-operator", "plumbline-repository-reconciler"]);
  const roles = installManifests({ rights, namespace }).filter(
    (manifest) => manifest.kind === "ClusterRole" && own.has(refOf(manifest).name),
  );
  assert.equal(roles.length, 2);
  const rules = roles.flatMap((role) => (Array.isArray(role.rules) ? role.rules.filter(isObject) : []));
  await site.apply({ apiVersion: `${RBAC}/v1`, kind: "ClusterRole", metadata: { name: namespace }, rules });
  await site.apply({
    apiVersion: `${RBAC}/v1`,
    kind: "ClusterRoleBinding",
    metadata: { name: namespace },
    roleRef: { apiGroup: RBAC, kind: "ClusterRole", name: namespace },
    subjects: [{ kind: "ServiceAccount", name: "plumbline", namespace }],
  });
  return serviceAccountToken(await sharedCluster(), namespace, "plumbline");
}

const kustomization = (name: string, namespace: string, spec: JsonObject): string =>
  JSON.stringify({
    apiVersion: "kustomize.toolkit.fluxcd.io/v1",
    kind: "Kustomization",
    metadata: { name, namespace, labels: { "plumbline.test/site": namespace } },
    spec: {
      interval: "10m",
      retryInterval: "1s",
      prune: true,
      wait: true,
      sourceRef: { kind: "GitRepository", name: "fleet" },
      ...spec,
    },
  });

const rbac = (kind: string, name: string, namespace: string | undefined, more: JsonObject): string =>
  JSON.stringify({
    apiVersion: `${RBAC}/v1`,
    kind,
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
    ...more,
  });

function crd(group: string): string {
  const schema = { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } };
  return JSON.stringify({
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `presses.${group}` },
    spec: {
      group,
      scope: "Namespaced",
      names: { kind: "Press", plural: "presses", singular: "press", listKind: "PressList" },
      versions: [{ name: "v1", served: true, storage: true, schema }],
    },
  });
}

/** Objects of each sort are changed by hand, then deleted by hand: each comes back as Git has it, without a commit. */
async function healed(site: Site, group: string): Promise<void> {
  const { client, namespace } = site;
  const ours = (kind: string, name: string): ObjectRef => {
    const groups: Record<string, string> = { ConfigMap: "", Deployment: "apps", Role: RBAC, Press: group };
    return { group: groups[kind] ?? "", version: "v1", kind, namespace, name };
  };
  const fields: [ObjectRef, string[], JsonValue][] = [
    [ours("ConfigMap", "a"), ["data", "value"], "by hand"],
    [ours("Deployment", "app"), ["spec", "replicas"], 2],
    [ours("Role", "reader"), ["rules"], []],
    [ours("Press", "one"), ["spec", "speed"], 9],
  ];
  await client.discovery.refresh(); // Press is new
  for (const [ref, path, byHand] of fields) {
    const of = (object: Manifest | undefined): string => JSON.stringify(dig(object, ...path));
    const before = await client.get(ref);
    const body = path.reduceRight<JsonValue>((value, key) => ({ [key]: value }), byHand) as JsonObject; // path is not empty
    const edited = await client.patch(ref, { type: "merge", body }, { fieldManager: "kubectl-edit" });
    assert.notEqual(of(edited), of(before), ref.kind);
    await eventually(`the edited ${ref.kind} is repaired`, async () => of(await client.get(ref)) === of(before));
    await client.delete(ref);
    await eventually(`the deleted ${ref.kind} is made again`, async () => {
      const made = await client.find(ref);
      return (
        made !== undefined && dig(made, "metadata", "uid") !== dig(before, "metadata", "uid") && of(made) === of(before)
      );
    });
  }
}

test("with the rights that were computed from the repository everything of it is applied, healed and pruned", async (t) => {
  const site = await openSite(t);
  const { namespace } = site;
  const group = `${namespace}.example.org`;
  const subjects = [{ kind: "ServiceAccount", name: "default", namespace }];
  const files: Record<string, string> = {
    "clusters/a/apps.yaml": kustomization("apps", namespace, { path: "./apps" }),
    "apps/app.yaml": deployment("app", namespace),
    "apps/cm.yaml": configMap("a", namespace),
    "apps/crd.yaml": crd(group),
    "apps/press.yaml": `apiVersion: ${group}/v1\nkind: Press\nmetadata:\n  name: one\n  namespace: ${namespace}\nspec:\n  speed: 1\n`,
    "apps/role.yaml": rbac("Role", "reader", namespace, {
      rules: [{ apiGroups: ["batch"], resources: ["jobs"], verbs: ["get"] }],
    }),
    "apps/bind-role.yaml": rbac("RoleBinding", "reader", namespace, {
      roleRef: { apiGroup: RBAC, kind: "Role", name: "reader" },
      subjects,
    }),
    "apps/bind-view.yaml": rbac("RoleBinding", "view", namespace, {
      roleRef: { apiGroup: RBAC, kind: "ClusterRole", name: "view" },
      subjects,
    }),
  };
  const head = await site.repository.commit(files);
  await site.restart({ token: await grant(site, memoryTree(files)) });
  await site.source("fleet");
  await site.kustomization("site", { path: "./clusters/a" });
  await site.applied("site", head);
  await site.applied("apps", head);
  await healed(site, group);
  const bindings = `/apis/${RBAC}/v1/namespaces/${namespace}/rolebindings`;
  const pruned = [`/apis/${group}/v1/namespaces/${namespace}/presses/one`, `${bindings}/view`];
  const statuses = async (paths: readonly string[]): Promise<number[]> =>
    Promise.all(paths.map(async (path) => (await apiRequest(await sharedCluster(), { path })).status));
  assert.deepEqual(await statuses(pruned), [200, 200]);
  const next = await site.repository.commit({ "apps/press.yaml": null, "apps/bind-view.yaml": null });
  await site.applied("apps", next);
  assert.deepEqual(await statuses(pruned), [404, 404]);
  assert.deepEqual(await statuses([`${bindings}/reader`]), [200], "what Git still has stays");
  const tooMuch = await site.repository.commit({
    "apps/secret.yaml": `apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\n  namespace: ${namespace}\n`,
  });
  const refused = await site.ready(
    "apps",
    ({ status }, object) => status === "False" && JSON.stringify(object.status).includes(tooMuch),
  );
  const message = conditionOf(refused, "Ready")?.message ?? "";
  assert.match(message, /cannot patch resource "secrets"/);
  assert.match(message, /Grant "patch" on secrets/);
});

test("a Kustomization with a service account needs only the right to act as it, and drift is still seen", async (t) => {
  const site = await openSite(t);
  const { namespace } = site;
  const account = `tenant-${randomBytes(3).toString("hex")}`;
  const files = {
    "clusters/a/apps.yaml": kustomization("apps", namespace, { path: "./apps", serviceAccountName: account }),
    "apps/app.yaml": deployment("app", namespace),
  };
  const head = await site.repository.commit(files);
  const tree = memoryTree(files);
  const { accounts, needed } = repositoryRights(readRepository(tree, "clusters/a").kustomizations);
  assert.deepEqual(accounts, [account]);
  assert.ok(needed.every(({ resource }) => resource !== "deployments.apps"));
  const subjects = [{ kind: "ServiceAccount", name: account, namespace }];
  await site.apply({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: account, namespace } });
  const binding: Manifest = {
    apiVersion: `${RBAC}/v1`,
    kind: "RoleBinding",
    metadata: { name: account, namespace },
    roleRef: { apiGroup: RBAC, kind: "ClusterRole", name: "admin" },
    subjects,
  };
  await site.apply(binding);
  await site.restart({ token: await grant(site, tree) });
  await site.source("fleet");
  await site.kustomization("site", { path: "./clusters/a" });
  await site.applied("site", head);
  await site.applied("apps", head);
  const ref = { group: "apps", version: "v1", kind: "Deployment", namespace, name: "app" };
  await site.client.patch(ref, { type: "merge", body: { spec: { revisionHistoryLimit: 3, replicas: 2 } } }, {});
  await eventually("drift is seen: the tenant's own rights let us watch its namespace", () =>
    site.events.some(({ type }) => type === "repaired"),
  );
});
