// Flux's inventory ids, read and written.

import assert from "node:assert/strict";
import { test } from "node:test";
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

test("an inventory is read and written in its order", () => {
  const entries = [
    { id: "_apps__Namespace", v: "v1" },
    { id: "apps_web_apps_Deployment", v: "v1" },
  ];
  const decoded = decodeInventory(owner, entries);
  assert.ok(Array.isArray(decoded));
  assert.deepEqual(encodeInventory(decoded), entries);
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
