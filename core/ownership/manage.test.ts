// Server-side apply, as small plays: who applies what, what stands there afterwards and who owns it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { dig, type JsonObject, type JsonValue } from "@plumbline/core/model";
import { builtinType, crdType } from "@plumbline/core/schema";
import { conflictMessage } from "./conflict-message.ts";
import { applyObject, type ApplyResult, trackUpdate, type Writer } from "./manage.ts";
import { findEntry } from "./managed-fields.ts";

const deployment = builtinType({ group: "apps", version: "v1", kind: "Deployment" });
assert.ok(deployment);
const node = deployment;
const empty: JsonObject = { apiVersion: "apps/v1", kind: "Deployment" };

function writer(manager: string): Writer {
  return { manager, apiVersion: "apps/v1", subresource: "", time: "2026-01-01T00:00:00Z" };
}

function manifest(spec: JsonObject): JsonObject {
  return { ...empty, metadata: { name: "x", namespace: "n" }, spec };
}

function apply(live: JsonObject, manager: string, spec: JsonObject, force = false): ApplyResult {
  return applyObject(node, live, { applied: manifest(spec), writer: writer(manager), force });
}

function applied(...args: Parameters<typeof apply>): JsonObject {
  const result = apply(...args);
  assert.equal(result.kind, "applied");
  return result.kind === "applied" ? { ...result.object } : {};
}

function fieldsOf(object: JsonObject, manager: string, operation: "Apply" | "Update" = "Apply"): JsonValue | undefined {
  return findEntry(object, manager, operation)?.fieldsV1;
}

const containers = (...names: string[]): JsonObject => ({
  template: { spec: { containers: names.map((name) => ({ name, image: `${name}:1` })) } },
});
const names = (object: JsonObject): JsonValue[] => {
  const list = dig(object, "spec", "template", "spec", "containers");
  return Array.isArray(list) ? list.map((item) => dig(item, "name") ?? null) : [];
};

test("applyObject() records exactly the applied fields", () => {
  const object = applied(empty, "flux", { replicas: 2 });
  assert.deepEqual(fieldsOf(object, "flux"), { "f:spec": { "f:replicas": {} } });
});

test("applyObject() removes what its manager no longer applies, and only that", () => {
  const first = applied(empty, "flux", { replicas: 2, paused: true });
  const shared = applied(first, "other", { paused: true });
  const second = applied(shared, "flux", { replicas: 2 });
  assert.deepEqual(second.spec, { replicas: 2, paused: true });
  const third = applied(second, "other", { minReadySeconds: 1 });
  assert.deepEqual(third.spec, { replicas: 2, minReadySeconds: 1 });
});

test("applyObject() refuses a value that another manager owns, naming manager and field", () => {
  const first = applied(empty, "flux", { replicas: 2 });
  const result = apply(first, "other", { replicas: 3 });
  assert.equal(result.kind, "conflict");
  assert.equal(
    result.kind === "conflict" ? conflictMessage(result.conflicts) : "",
    'Apply failed with 1 conflict: conflict with "flux": .spec.replicas',
  );
});

test("applyObject() by force takes the field away from its owner", () => {
  const first = applied(empty, "flux", { replicas: 2, paused: true });
  const second = applied(first, "other", { replicas: 3 }, true);
  assert.deepEqual(fieldsOf(second, "flux"), { "f:spec": { "f:paused": {} } });
  assert.deepEqual(fieldsOf(second, "other"), { "f:spec": { "f:replicas": {} } });
});

test("applyObject() shares a field whose value is the same", () => {
  const first = applied(empty, "flux", { replicas: 2 });
  const second = applied(first, "other", { replicas: 2 });
  assert.deepEqual(fieldsOf(second, "flux"), fieldsOf(second, "other"));
});

test("applyObject() takes the applied order of list items and keeps foreign items between them", () => {
  const first = applied(empty, "flux", containers("a", "b", "c"));
  const second = applied(first, "other", containers("x"));
  assert.deepEqual(names(second), ["a", "b", "c", "x"]);
  assert.deepEqual(names(applied(second, "flux", containers("c", "a"))), ["c", "x", "a"]);
});

test("applyObject() tells ports apart by number and protocol, TCP being the default", () => {
  const spec = {
    template: {
      spec: { containers: [{ name: "a", ports: [{ containerPort: 53 }, { containerPort: 53, protocol: "UDP" }] }] },
    },
  };
  const text = JSON.stringify(fieldsOf(applied(empty, "flux", spec), "flux"));
  assert.match(text, /k:\{\\"containerPort\\":53,\\"protocol\\":\\"TCP\\"\}/);
  assert.match(text, /k:\{\\"containerPort\\":53,\\"protocol\\":\\"UDP\\"\}/);
});

test("applyObject() refuses unknown fields and items that stand twice", () => {
  const unknown = apply(empty, "flux", { replica: 1 });
  assert.deepEqual(unknown.kind === "invalid" ? unknown.errors : [], [".spec.replica: field not declared in schema"]);
  const twice = apply(empty, "flux", containers("a", "a"));
  assert.deepEqual(twice.kind === "invalid" ? twice.errors : [], [
    '.spec.template.spec.containers: duplicate entries for key [name="a"]',
  ]);
});

test("trackUpdate() gives changed fields to the updater and takes them from appliers", () => {
  const live = applied(empty, "flux", { replicas: 2, paused: true });
  const stored = { ...live, metadata: { ...(live.metadata as JsonObject), uid: "1" } };
  const next = { ...stored, spec: { replicas: 5, paused: true } };
  const tracked = trackUpdate(node, stored, { next, writer: writer("kubectl-scale") });
  assert.deepEqual(fieldsOf(tracked, "flux"), { "f:spec": { "f:paused": {} } });
  assert.deepEqual(fieldsOf(tracked, "kubectl-scale", "Update"), { "f:spec": { "f:replicas": {} } });
});

test("applyObject() calls what stood there untracked before-first-apply", () => {
  const live = { ...manifest({ replicas: 1 }), metadata: { name: "x", namespace: "n", uid: "1" } };
  const object = applied(live, "flux", { paused: true });
  assert.deepEqual(fieldsOf(object, "before-first-apply", "Update"), { "f:spec": { ".": {}, "f:replicas": {} } });
});

test("trackUpdate() puts the oldest updaters together when there are more than ten", () => {
  let live: JsonObject | undefined;
  for (let i = 0; i < 12; i++) {
    const labels = { ...(dig(live, "metadata", "labels") as JsonObject | undefined), [`l${i}`]: "1" };
    const metadata: JsonObject = { ...(live?.metadata as JsonObject | undefined), name: "x", uid: "1", labels };
    live = trackUpdate(node, live, { next: { ...empty, metadata }, writer: writer(`m${i}`) });
    live = { ...live, metadata: { ...(live.metadata as JsonObject), uid: "1" } };
  }
  assert.ok(live);
  const managers = dig(live, "metadata", "managedFields");
  assert.equal(Array.isArray(managers) && managers.length, 10);
  assert.ok(findEntry(live, "ancient-changes", "Update"));
});

test("applyObject() follows the list type, map type and unknown fields of a CRD", () => {
  const schema = {
    type: "object",
    properties: {
      spec: {
        type: "object",
        properties: {
          set: { type: "array", "x-kubernetes-list-type": "set", items: { type: "string" } },
          whole: { type: "object", "x-kubernetes-map-type": "atomic", additionalProperties: { type: "string" } },
          free: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
        },
      },
    },
  };
  const type = crdType({ group: "e.x", version: "v1", kind: "Thing" }, schema);
  const object = { apiVersion: "e.x/v1", kind: "Thing", metadata: { name: "x" } };
  const spec = { set: ["b", "a"], whole: { k: "v" }, free: { deep: { er: [1] } } };
  const result = applyObject(type, object, {
    applied: { ...object, spec },
    writer: { ...writer("flux"), apiVersion: "e.x/v1" },
    force: false,
  });
  assert.equal(result.kind, "applied");
  assert.deepEqual(result.kind === "applied" && fieldsOf(result.object, "flux"), {
    "f:spec": {
      "f:free": { "f:deep": { ".": {}, "f:er": {} } },
      "f:set": { 'v:"a"': {}, 'v:"b"': {} },
      "f:whole": {},
    },
  });
});
