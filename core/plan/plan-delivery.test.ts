// Tests of planning as tables of small situations.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Manifest, type ObjectControls, type Plan, refKey, refOf } from "@plumbline/core/model";
import { type Live, planDelivery } from "./plan-delivery.ts";

const plain: ObjectControls = { ssa: "Override", force: false, keep: false, disabled: false };

function object(kind: string, name: string, namespace = "shop"): Manifest {
  const groups: Record<string, string> = { Deployment: "apps/v1", ClusterRole: "rbac.authorization.k8s.io/v1" };
  const crd = "CustomResourceDefinition";
  const apiVersion = kind === crd ? "apiextensions.k8s.io/v1" : (groups[kind] ?? "v1");
  return { apiVersion, kind, metadata: { name, namespace } };
}

function plan(
  desired: Manifest[],
  inventory: Manifest[],
  live: Record<string, Live>,
  controls: Partial<ObjectControls> = {},
): Plan {
  return planDelivery({
    desired: desired.map((manifest) => ({
      ref: refOf(manifest),
      manifest,
      hash: "h1",
      controls: { ...plain, ...controls },
    })),
    inventory: inventory.map(refOf),
    live: (key) => live[key],
    prune: true,
  });
}

const lines = (made: Plan): string[] => [
  ...made.stages.flatMap((stage) => stage.changes.map((c) => `${stage.name} ${c.action} ${c.ref.kind}/${c.ref.name}`)),
  ...made.prune.map((c) => `prune ${c.action} ${c.ref.kind}/${c.ref.name}`),
];

test("planDelivery() writes definitions first and webhooks last", () => {
  const kinds = [
    "ValidatingWebhookConfiguration",
    "Deployment",
    "ConfigMap",
    "StorageClass",
    "Namespace",
    "CustomResourceDefinition",
  ];
  assert.deepEqual(
    lines(
      plan(
        kinds.map((kind) => object(kind, "a")),
        [],
        {},
      ),
    ),
    [
      "definitions update CustomResourceDefinition/a",
      "definitions update Namespace/a",
      "classes update StorageClass/a",
      "objects update ConfigMap/a",
      "objects update Deployment/a",
      "objects update ValidatingWebhookConfiguration/a",
    ],
  );
});

test("planDelivery() tells new, changed and unchanged objects apart", () => {
  const [a, b, c] = [object("ConfigMap", "a"), object("ConfigMap", "b"), object("ConfigMap", "c")];
  const live: Record<string, Live> = {
    [refKey(refOf(a))]: { exists: false },
    [refKey(refOf(b))]: { exists: true, cleanFor: (hash) => hash === "h0", controls: plain },
    [refKey(refOf(c))]: { exists: true, cleanFor: (hash) => hash === "h1", controls: plain },
  };
  assert.deepEqual(lines(plan([a, b, c], [], live)), [
    "objects create ConfigMap/a",
    "objects update ConfigMap/b",
    "objects keep ConfigMap/c",
  ]);
});

test("planDelivery() leaves objects alone that ask for it, in Git or in the cluster", () => {
  const a = object("ConfigMap", "a");
  const key = refKey(refOf(a));
  const present: Live = { exists: true, cleanFor: () => false, controls: plain };
  assert.deepEqual(lines(plan([a], [], {}, { disabled: true })), ["objects skip ConfigMap/a"]);
  assert.deepEqual(lines(plan([a], [], { [key]: present }, { ssa: "IfNotPresent" })), ["objects skip ConfigMap/a"]);
  assert.deepEqual(lines(plan([a], [], { [key]: { exists: false } }, { ssa: "IfNotPresent" })), [
    "objects create ConfigMap/a",
  ]);
  assert.deepEqual(lines(plan([a], [], { [key]: { ...present, controls: { ...plain, disabled: true } } })), [
    "objects skip ConfigMap/a",
  ]);
});

test("planDelivery() prunes in reverse order, whatever the version, and keeps what asks to be kept", () => {
  const gone = [
    object("Namespace", "n", ""),
    object("ConfigMap", "a"),
    object("Deployment", "d"),
    object("Secret", "s"),
  ];
  const kept: Live = { exists: true, cleanFor: () => false, controls: { ...plain, keep: true } };
  assert.deepEqual(lines(plan([], gone, { [refKey(refOf(gone[3] as Manifest))]: kept })), [
    "prune delete Deployment/d",
    "prune skip Secret/s",
    "prune delete ConfigMap/a",
    "prune delete Namespace/n",
  ]);
  const beta = { ...object("Deployment", "d"), apiVersion: "apps/v1beta1" };
  assert.deepEqual(lines(plan([object("Deployment", "d")], [beta], {})), ["objects update Deployment/d"]);
});
