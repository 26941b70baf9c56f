// Which rights a repository needs.

import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryTree } from "@plumbline/core/model";
import { readRepository } from "./read-repository.ts";
import { repositoryRights } from "./repository-rights.ts";

const manifest = (apiVersion: string, kind: string, name: string, more = {}): object => ({
  apiVersion,
  kind,
  metadata: { name, namespace: "shop" },
  ...more,
});
const RBAC = "rbac.authorization.k8s.io/v1";

const rightsOf = (...objects: object[]): ReturnType<typeof repositoryRights> => {
  const text = objects.map((object) => `${JSON.stringify(object)}\n`).join("---\n");
  return repositoryRights(readRepository(memoryTree({ "site/all.yaml": text }), "site").kustomizations);
};

test("each kind once, with the objects that ask for it", () => {
  const { needed, rules } = rightsOf(
    manifest("v1", "ConfigMap", "a"),
    manifest("v1", "ConfigMap", "b"),
    manifest("apps/v1", "Deployment", "web"),
  );
  assert.deepEqual(
    needed.map(({ resource, because }) => [resource, because]),
    [
      ["configmaps", "ConfigMap/shop/a and 1 more"],
      ["deployments.apps", "Deployment/shop/web"],
    ],
  );
  assert.deepEqual(rules[1], {
    apiGroups: ["apps"],
    resources: ["deployments"],
    verbs: ["get", "list", "watch", "create", "patch", "delete"],
  });
});

test("roles are held, bindings are bound by name, and what is as good as every right is said", () => {
  const rule = { apiGroups: ["batch"], resources: ["jobs"], verbs: ["get"] };
  const { rules, warnings } = rightsOf(
    manifest(RBAC, "Role", "r", { rules: [rule] }),
    manifest(RBAC, "ClusterRoleBinding", "admins", { roleRef: { kind: "ClusterRole", name: "cluster-admin" } }),
    manifest(RBAC, "ClusterRole", "sum", { aggregationRule: { clusterRoleSelectors: [] } }),
  );
  assert.ok(rules.some((one) => JSON.stringify(one) === JSON.stringify(rule)));
  const bind = rules.find(({ verbs }) => JSON.stringify(verbs) === '["bind"]');
  assert.deepEqual([bind?.resources, bind?.resourceNames], [["clusterroles"], ["cluster-admin"]]);
  assert.deepEqual(
    warnings.map((text) => text.split(":")[0]),
    ["ClusterRole/shop/sum aggregates rules", "ClusterRoleBinding/shop/admins binds cluster-admin"],
  );
});

test("a kind of an unknown definition is guessed and said; one with a CRD in the repository is known", () => {
  const own = { group: "example.org", names: { kind: "Press", plural: "pressen" } };
  const { needed, warnings } = rightsOf(
    manifest("apiextensions.k8s.io/v1", "CustomResourceDefinition", "pressen.example.org", { spec: own }),
    manifest("example.org/v1", "Press", "one"),
    manifest("other.example.org/v1", "Policy", "p"),
  );
  const resources = needed.map(({ resource }) => resource);
  assert.ok(resources.includes("pressen.example.org"));
  assert.ok(resources.includes("policies.other.example.org"));
  assert.equal(warnings.length, 1);
});

test("Kustomizations are followed, those of other sources and broken ones are noted", () => {
  const ks = (name: string, path: string, source: string): string =>
    JSON.stringify({
      apiVersion: "kustomize.toolkit.fluxcd.io/v1",
      kind: "Kustomization",
      metadata: { name, namespace: "flux-system" },
      spec: { path, interval: "1m", prune: true, sourceRef: { kind: "GitRepository", name: source } },
    });
  const reading = readRepository(
    memoryTree({
      "site/a.yaml": ks("a", "./apps", "fleet"),
      "site/b.yaml": ks("b", "./apps", "elsewhere"),
      "site/c.yaml": ks("c", "./missing", "fleet"),
      "apps/cm.yaml": JSON.stringify(manifest("v1", "ConfigMap", "a")),
    }),
    "site",
  );
  assert.deepEqual(
    reading.kustomizations.map(({ name }) => name),
    ["the folder site", "flux-system/a"],
  );
  assert.equal(reading.notes.length, 2);
  assert.match(reading.notes.join("\n"), /flux-system\/b reads GitRepository flux-system\/elsewhere/);
  assert.match(reading.notes.join("\n"), /flux-system\/c: .*missing/);
});
