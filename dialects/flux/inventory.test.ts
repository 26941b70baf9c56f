// Flux's inventory ids, read and written.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { Failure } from "@plumbline/core/model";
import { decodeInventory, encodeInventory, inventoryId, parseInventoryId } from "./inventory.ts";

const owner = {
  apiVersion: "kustomize.toolkit.fluxcd.io/v1",
  kind: "Kustomization",
  metadata: { name: "apps", namespace: "flux-system" },
};

test("ids are Flux's, for namespaced, cluster-scoped and RBAC objects", () => {
  const rows: [string, { namespace: string; name: string; group: string; kind: string }][] = [
    ["bench_app-0__ServiceAccount", { namespace: "bench", name: "app-0", group: "", kind: "ServiceAccount" }],
    ["bench_app-0_apps_Deployment", { namespace: "bench", name: "app-0", group: "apps", kind: "Deployment" }],
    ["_apps__Namespace", { namespace: "", name: "apps", group: "", kind: "Namespace" }],
    [
      "_system__aggregate__view_rbac.authorization.k8s.io_ClusterRole",
      { namespace: "", name: "system:aggregate:view", group: "rbac.authorization.k8s.io", kind: "ClusterRole" },
    ],
    [
      "_a.b.example.com_apiextensions.k8s.io_CustomResourceDefinition",
      { namespace: "", name: "a.b.example.com", group: "apiextensions.k8s.io", kind: "CustomResourceDefinition" },
    ],
  ];
  for (const [id, ref] of rows) {
    assert.equal(inventoryId(ref), id);
    assert.deepEqual(parseInventoryId(id), ref);
  }
});

test("what names no object is refused", () => {
  for (const id of ["", "_", "___", "apps", "a_b_c", "a_b_c_", "a_b_c_d_e", "a__b_"]) {
    assert.equal(parseInventoryId(id), undefined, id);
  }
});

test("an inventory is read as it stands, and written in the order of the apply", () => {
  const entries = [
    { id: "_apps__Namespace", v: "v1" },
    { id: "apps_web_apps_Deployment", v: "v1" },
  ];
  const decoded = decodeInventory(owner, entries);
  assert.ok(Array.isArray(decoded));
  assert.deepEqual(encodeInventory(decoded), entries);
  assert.deepEqual(encodeInventory(decoded.toReversed()), entries);
  assert.deepEqual(decodeInventory(owner, undefined), []);
});

test("one entry that cannot be read makes the whole list unusable", () => {
  for (const bad of [
    { id: "nonsense", v: "v1" },
    { id: "_apps__Namespace" },
    { v: "v1" },
    "text",
    null,
    { id: 3, v: "v1" },
  ]) {
    const decoded = decodeInventory(owner, [{ id: "_apps__Namespace", v: "v1" }, bad]);
    assert.ok(decoded instanceof Failure, JSON.stringify(bad));
    assert.equal(decoded.reason, "PruneFailed");
    assert.match(decoded.message, /entries\[1\].*nothing is deleted/u);
    assert.equal(decoded.where?.object, "Kustomization/flux-system/apps");
  }
  assert.ok(decodeInventory(owner, "x") instanceof Failure);
});

test("whatever Kubernetes allows as a name comes back as it was", () => {
  const label = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,8}[a-z0-9])?$/u);
  const dns = fc.array(label, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("."));
  const rbacName = fc.array(dns, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(":"));
  const kind = fc.constantFrom("ConfigMap", "Deployment", "Widget2");
  const plain = fc.record({
    namespace: fc.oneof(label, fc.constant("")),
    name: dns,
    group: fc.oneof(dns, fc.constant("")),
    kind,
  });
  const rbac = fc.record({
    namespace: fc.oneof(label, fc.constant("")),
    name: rbacName,
    group: fc.constant("rbac.authorization.k8s.io"),
    kind: fc.constantFrom("Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"),
  });
  fc.assert(
    fc.property(fc.oneof(plain, rbac), (ref) => assert.deepEqual(parseInventoryId(inventoryId(ref)), { ...ref })),
  );
});

test("no text at all makes the reader throw or hang", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("_", "a", ":", "\n", "é") }), (id) => void parseInventoryId(id)),
  );
  const started = performance.now();
  parseInventoryId("_".repeat(200_000));
  parseInventoryId(`${"a_".repeat(100_000)}\n`);
  assert.ok(performance.now() - started < 2000);
});
