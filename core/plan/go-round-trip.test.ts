// What Go's types make of an object: fields dropped, structs added, misfits left alone.

import assert from "node:assert/strict";
import { test } from "node:test";
import { dig, type JsonObject, type Manifest } from "@plumbline/core/model";
import { throughGoTypes } from "./go-round-trip.ts";

function deployment(spec: JsonObject, container: JsonObject = {}): Manifest {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web" },
    spec: { selector: {}, template: { spec: { containers: [{ name: "c", ...container }] } }, ...spec },
  };
}

test("a field that the type does not have is dropped and named", () => {
  const { manifest, dropped } = throughGoTypes(deployment({ replcas: 3 }, { imagePullPolcy: "Always" }));
  assert.deepEqual(dropped, ["spec.replcas", "spec.template.spec.containers[0].imagePullPolcy"]);
  assert.equal(dig(manifest, "spec", "replcas"), undefined);
});

test("structs that Go always writes are added; empty values that it leaves out go", () => {
  const { manifest } = throughGoTypes({ apiVersion: "v1", kind: "Namespace", metadata: { name: "a", labels: {} } });
  assert.deepEqual(manifest, { apiVersion: "v1", kind: "Namespace", metadata: { name: "a" }, spec: {}, status: {} });
  const converted = throughGoTypes(
    deployment({ replicas: 0, minReadySeconds: 0, paused: false }, { image: "" }),
  ).manifest;
  assert.deepEqual(converted.spec, {
    replicas: 0,
    selector: {},
    strategy: {},
    template: { metadata: {}, spec: { containers: [{ name: "c", resources: {} }] } },
  });
});

test("a Service's port without a target has the target 0, which the server takes for the port itself", () => {
  const service = { apiVersion: "v1", kind: "Service", metadata: { name: "a" }, spec: { ports: [{ port: 80 }] } };
  assert.deepEqual(dig(throughGoTypes(service).manifest, "spec", "ports"), [{ port: 80, targetPort: 0 }]);
});

test("quantities get their canonical spelling; ports by name and nulls come through", () => {
  const container = {
    resources: { limits: { cpu: 1, memory: "1024Mi" } },
    livenessProbe: { httpGet: { port: "http" } },
    args: null,
  };
  const { manifest } = throughGoTypes(deployment({}, container));
  const [first] = dig(manifest, "spec", "template", "spec", "containers") as JsonObject[];
  assert.deepEqual(first, {
    name: "c",
    resources: { limits: { cpu: "1", memory: "1Gi" } },
    livenessProbe: { httpGet: { port: "http" } },
  });
});

test("an object that Go's types cannot hold stays as it is, for the API server to judge", () => {
  for (const object of [
    deployment({ replicas: "3" }),
    deployment({ template: [] }),
    { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" }, data: { a: 1, unknown: {} } },
  ] satisfies Manifest[]) {
    assert.equal(throughGoTypes(object).manifest, object);
  }
});

test("custom resources, their definitions and roles stay as they are", () => {
  for (const [apiVersion, kind] of [
    ["example.com/v1", "Widget"],
    ["apiextensions.k8s.io/v1", "CustomResourceDefinition"],
    ["rbac.authorization.k8s.io/v1", "Role"],
    ["rbac.authorization.k8s.io/v1", "ClusterRole"],
  ] as const) {
    const object = { apiVersion, kind, metadata: { name: "a" }, unknown: "" };
    assert.equal(throughGoTypes(object).manifest, object);
  }
});

test("keys of the prototype are keys like others, and the object itself is not touched", () => {
  const labels = JSON.parse('{"__proto__": "x", "constructor": "y"}') as JsonObject;
  const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", labels }, constructor: "x" } as Manifest;
  const before = JSON.stringify(object);
  const { manifest, dropped } = throughGoTypes(object);
  assert.deepEqual(Object.keys(dig(manifest, "metadata", "labels") as JsonObject), ["__proto__", "constructor"]);
  assert.deepEqual(dropped, ["constructor"]);
  assert.equal(JSON.stringify(object), before);
});
