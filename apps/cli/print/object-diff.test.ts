// What a diff of two states of an object says, and what it must not say.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { JsonObject, Manifest } from "@plumbline/core/model";
import { diffLines } from "./object-diff.ts";

const object = (kind: string, more: JsonObject): Manifest => ({
  apiVersion: "v1",
  kind,
  metadata: { name: "a", resourceVersion: "1" },
  ...more,
});

test("new, gone and changed fields each have a line; what only the server writes has none", () => {
  const before = { ...object("ConfigMap", { data: { a: "1", b: "2" } }), status: { x: 1 } };
  const after = object("ConfigMap", { data: { a: "2", c: "3" } });
  assert.deepEqual(diffLines(before, after), ['± data.a: "1" → "2"', '- data.b: "2"', '+ data.c: "3"']);
});

test("values of a Secret are masked, wherever they stand", () => {
  const last = { annotations: { "kubectl.kubernetes.io/last-applied-configuration": '{"data":{"a":"hidden"}}' } };
  const before = { ...object("Secret", { data: { a: "hidden" } }), metadata: { name: "a", ...last } };
  const after = object("Secret", { data: { a: "secret", b: "secret" }, stringData: { c: "secret" }, type: "Opaque" });
  const text = diffLines(before, after).join("\n");
  assert.doesNotMatch(text, /hidden|secret/);
  assert.match(text, /± data\.a: \*\*\* → \*\*\* \(changed\)/);
  assert.match(text, /\+ type: "Opaque"/);
});

test("field names and values cannot drive the terminal", () => {
  const after = object("ConfigMap", { data: { "k\u001b[2J": "v\u009b1m\u202e" } });
  const text = diffLines(object("ConfigMap", { data: {} }), after).join("\n");
  assert.equal(text, String.raw`+ data.k [2J: "v\u009b1m\u202e"`);
});
