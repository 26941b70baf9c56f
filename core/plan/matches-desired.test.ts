// Rows: desired, live, our fieldsV1, and whether nothing needs to be sent.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { JsonObject } from "@plumbline/core/model";
import { fieldDifferences, matchesDesired } from "./matches-desired.ts";

const container = { name: "c", image: "i", ports: [{ containerPort: 80, protocol: "TCP" }], resources: {} };
const spec = (more: JsonObject = {}): JsonObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "d", labels: { a: "1" } },
  spec: { containers: [{ ...container, ...more }] },
});
const liveOf = (desired: JsonObject): JsonObject => ({
  ...desired,
  metadata: { name: "d", uid: "u", labels: { a: "1", foreign: "x" } },
  status: {},
});
const fields: JsonObject = {
  "f:metadata": { "f:labels": { "f:a": {} } },
  "f:spec": {
    "f:containers": {
      'k:{"name":"c"}': {
        ".": {},
        "f:name": {},
        "f:image": {},
        "f:ports": { 'k:{"containerPort":80,"protocol":"TCP"}': { ".": {}, "f:containerPort": {}, "f:protocol": {} } },
        "f:resources": {},
      },
    },
  },
};

test("matchesDesired() says yes when fields and values agree, whatever others added", () => {
  assert.equal(
    matchesDesired(spec(), liveOf(spec({ imagePullPolicy: "Always", resources: { limits: { cpu: "1" } } })), fields),
    true,
  );
});

test("matchesDesired() says no for a changed value, a new field, a field Git dropped and a lost entry", () => {
  assert.equal(matchesDesired(spec({ image: "j" }), liveOf(spec()), fields), false);
  assert.equal(matchesDesired(spec({ args: ["x"] }), liveOf(spec()), fields), false);
  const { resources: _, ...fewer } = container;
  const dropped = spec();
  dropped.spec = { containers: [fewer] };
  assert.equal(matchesDesired(dropped, liveOf(spec()), fields), false);
  assert.equal(matchesDesired(spec(), liveOf(spec()), { "f:metadata": { "f:labels": { "f:a": {} } } }), false);
});

test("matchesDesired() looks through sets and ignores nulls that were never stored", () => {
  const desired = {
    apiVersion: "v1",
    kind: "X",
    metadata: { name: "x", finalizers: ["b", "a"], creationTimestamp: null },
  };
  const live = { apiVersion: "v1", kind: "X", metadata: { name: "x", finalizers: ["a", "b", "c"] } };
  assert.equal(matchesDesired(desired, live, { "f:metadata": { "f:finalizers": { 'v:"a"': {}, 'v:"b"': {} } } }), true);
  assert.equal(matchesDesired(desired, live, { "f:metadata": { "f:finalizers": { 'v:"a"': {} } } }), false);
});

const env = (fieldRef: JsonObject): JsonObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "p" },
  spec: { containers: [{ name: "c", env: [{ name: "POD", valueFrom: { fieldRef } }] }] },
});
const envFields: JsonObject = {
  "f:spec": {
    "f:containers": {
      'k:{"name":"c"}': {
        "f:name": {},
        "f:env": { 'k:{"name":"POD"}': { "f:name": {}, "f:valueFrom": { "f:fieldRef": {} } } },
      },
    },
  },
};

test("matchesDesired() knows what an API server adds inside values that are owned as a whole", () => {
  const live = env({ apiVersion: "v1", fieldPath: "metadata.name" });
  assert.equal(matchesDesired(env({ fieldPath: "metadata.name" }), live, envFields), true);
  assert.equal(matchesDesired(env({ fieldPath: "metadata.uid" }), live, envFields), false);
  const other = env({ apiVersion: "v2", fieldPath: "metadata.name" });
  assert.equal(matchesDesired(env({ fieldPath: "metadata.name" }), other, envFields), false);
});

test("matchesDesired() knows that a Service's targetPort without a value is its port", () => {
  const service = (targetPort: number): JsonObject => ({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "s" },
    spec: { ports: [{ port: 80, protocol: "TCP", targetPort }] },
  });
  const port = { "f:port": {}, "f:protocol": {}, "f:targetPort": {} };
  const owned = { "f:spec": { "f:ports": { 'k:{"port":80,"protocol":"TCP"}': port } } };
  assert.equal(matchesDesired(service(0), service(80), owned), true);
  assert.equal(matchesDesired(service(0), service(8080), owned), false);
});

test("fieldDifferences() names each field that somebody changed, that is not ours yet, or that Git dropped", () => {
  const { resources: _, ...fewer } = container;
  const desired = spec();
  desired.spec = { containers: [{ ...fewer, image: "j", args: ["x"] }, { name: "new" }], replicas: 2 };
  const found = fieldDifferences(desired, liveOf(spec()), fields).map(({ elements, kind }) => [
    kind,
    elements.slice(1).join(" "),
  ]);
  assert.deepEqual(found, [
    ["unowned", "f:replicas"],
    ["unowned", 'f:containers k:{"name":"c"} f:args'],
    ["value", 'f:containers k:{"name":"c"} f:image'],
    ["dropped", 'f:containers k:{"name":"c"} f:resources'],
    ["unowned", "f:containers i:1"],
  ]);
});

test("fieldDifferences() counts a value that stands twice in a set, and items that are gone from the cluster", () => {
  const object = (finalizers: string[]): JsonObject => ({
    apiVersion: "v1",
    kind: "X",
    metadata: { name: "x", finalizers },
  });
  const owned = { "f:metadata": { "f:finalizers": { 'v:"a"': {}, 'v:"b"': {} } } };
  const kinds = (wanted: string[], live: string[]): string[] =>
    fieldDifferences(object(wanted), object(live), owned).map(({ kind }) => kind);
  assert.deepEqual(kinds(["a", "a", "b"], ["a", "b"]), ["unowned"]);
  assert.deepEqual(kinds(["a", "b"], ["a"]), ["value"]);
});
