// Tests of taking over fields from kubectl and of normalising what is sent.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { JsonObject, Manifest } from "@plumbline/core/model";
import { normalizeManifest } from "./normalize.ts";
import { takeoverPatch } from "./takeover.ts";

const rules = { manager: "kustomize-controller", override: [] };
const entry = (manager: string, operation: string, fieldsV1: JsonObject, more: JsonObject = {}): JsonObject => ({
  manager,
  operation,
  fieldsV1,
  ...more,
});
const live = (managedFields: JsonObject[], annotations: JsonObject = {}): Manifest => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "a", resourceVersion: "7", annotations, managedFields },
});

test("takeoverPatch() is empty where only foreign managers wrote", () => {
  const foreign = [
    entry("flux-client-side-apply", "Update", { "f:data": {} }),
    entry("kubectl", "Update", { "f:status": {} }, { subresource: "status" }),
    entry("kustomize-controller", "Apply", { "f:data": {} }),
  ];
  assert.deepEqual(takeoverPatch(live(foreign), rules), []);
});

test("takeoverPatch() merges kubectl's fields into our entry and drops its annotation", () => {
  const patch = takeoverPatch(
    live(
      [
        entry("kubectl-edit", "Update", { "f:data": { "f:b": {} } }),
        entry("kustomize-controller", "Apply", { "f:data": { "f:a": {} } }),
        entry("other", "Update", { "f:x": {} }),
      ],
      { "kubectl.kubernetes.io/last-applied-configuration": "{}" },
    ),
    rules,
  );
  assert.deepEqual(patch, [
    { op: "remove", path: "/metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration" },
    {
      op: "replace",
      path: "/metadata/managedFields",
      value: [
        entry("other", "Update", { "f:x": {} }),
        entry("kustomize-controller", "Apply", { "f:data": { "f:a": {}, "f:b": {} } }),
      ],
    },
    { op: "replace", path: "/metadata/resourceVersion", value: "7" },
  ]);
});

test("normalizeManifest() loses nothing of a Secret that no API server would take", () => {
  const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "s" }, stringData: { a: 1, b: "x" } };
  assert.deepEqual(normalizeManifest(secret), secret);
});

test("normalizeManifest() turns stringData into data, drops status and gives ports their protocol", () => {
  const secret = normalizeManifest({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "s" },
    data: { a: "MQ==" },
    stringData: { b: "ü" },
    status: {},
  });
  assert.deepEqual(secret, {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "s" },
    data: { a: "MQ==", b: "w7w=" },
  });
  const deployment = normalizeManifest({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "d", creationTimestamp: null },
    spec: { template: { spec: { containers: [{ name: "c", ports: [{ containerPort: 80 }] }] } } },
  });
  assert.deepEqual(deployment, {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "d" },
    spec: {
      selector: null,
      strategy: {},
      template: {
        metadata: {},
        spec: { containers: [{ name: "c", resources: {}, ports: [{ containerPort: 80, protocol: "TCP" }] }] },
      },
    },
  });
});
