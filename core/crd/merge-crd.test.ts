// Installing over a definition that is there already.

import assert from "node:assert/strict";
import { test } from "node:test";
import { cloneJson, dig, Failure, type JsonObject, type JsonValue, type Manifest } from "@plumbline/core/model";
import { type CrdDefinition, crdOf } from "./crd.ts";
import { mergeCrd } from "./merge-crd.ts";

const definition: CrdDefinition = {
  group: "example.com",
  version: "v1",
  kind: "Thing",
  plural: "things",
  shortNames: [],
  categories: [],
  description: "A thing.",
  columns: [],
  spec: { type: "object" },
  status: { type: "object" },
};
const ours = crdOf(definition);
const schema = { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } };

function live(versions: JsonObject[], storedVersions: JsonValue): Manifest {
  const crd = cloneJson(ours);
  (crd.spec as JsonObject).versions = versions;
  return { ...crd, status: { storedVersions } };
}

function names(crd: Manifest): unknown[] {
  return (dig(crd, "spec", "versions") as JsonObject[]).map((version) => [
    version.name,
    version.served,
    version.storage,
  ]);
}

test("with nothing in the cluster ours is sent as it is", () => {
  assert.deepEqual(mergeCrd(undefined, ours), { manifest: ours, keptVersions: [] });
});

test("old versions are kept exactly as they are when something may be stored in them", () => {
  const versions = [
    { name: "v1", served: true, storage: true, schema },
    { name: "v1beta1", served: false, storage: false, schema },
    { name: "v1beta2", served: true, storage: false, deprecated: true, schema },
    { name: "v1beta3", served: true, storage: false, schema },
  ];
  const merged = mergeCrd(live(versions, ["v1beta2", "v1beta1", "v1"]), ours);
  assert.deepEqual(merged.keptVersions, ["v1beta1", "v1beta2"]);
  assert.deepEqual(names(merged.manifest), [
    ["v1", true, true],
    ["v1beta1", false, false],
    ["v1beta2", true, false],
  ]);
  const [v1, , v1beta2] = dig(merged.manifest, "spec", "versions") as JsonObject[];
  assert.deepEqual(v1, (dig(ours, "spec", "versions") as JsonObject[])[0]);
  assert.deepEqual(v1beta2, versions[2]);
});

test("a stored version that was the storage version stops being it: one only may be", () => {
  const merged = mergeCrd(live([{ name: "v1beta2", served: true, storage: true, schema }], ["v1beta2"]), ours);
  assert.deepEqual(names(merged.manifest), [
    ["v1", true, true],
    ["v1beta2", true, false],
  ]);
});

test("neither argument is changed", () => {
  const there = live([{ name: "v1beta2", served: true, storage: true, schema }], ["v1beta2"]);
  const before = JSON.stringify([there, ours]);
  mergeCrd(there, ours);
  assert.equal(JSON.stringify([there, ours]), before);
});

test("versions nothing is stored in are dropped, and odd status is no reason to fail", () => {
  const versions = [{ name: "v1beta2", served: true, storage: false, schema }];
  for (const stored of [["v1"], [], null, "v1beta2", [1, null]]) {
    assert.deepEqual(mergeCrd(live(versions, stored), ours).keptVersions, []);
  }
});

test("a definition of another kind is never written over", () => {
  const other = live([], []);
  ((other.spec as JsonObject).names as JsonObject).kind = "Other";
  assert.throws(
    () => mergeCrd(other, ours),
    (thrown) => thrown instanceof Failure && thrown.reason === "Conflict",
  );
});
