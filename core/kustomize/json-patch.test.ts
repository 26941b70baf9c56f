// JSON patches, as evanphx/json-patch v4 applies them.

import { deepStrictEqual, throws } from "node:assert/strict";
import { describe, it } from "node:test";
import type { JsonObject, JsonValue } from "@plumbline/core/model";
import { applyJsonPatch, parseJsonPatch } from "./json-patch.ts";

describe("applyJsonPatch()", () => {
  const document: JsonObject = { a: { b: [1, 2] }, "x/y": { "~": 0 }, n: null };
  const rows: [name: string, patch: JsonValue, result: JsonValue][] = [
    ["adds to mappings", [{ op: "add", path: "/c", value: 1 }], { ...document, c: 1 }],
    ["appends with -", [{ op: "add", path: "/a/b/-", value: 3 }], { ...document, a: { b: [1, 2, 3] } }],
    ["inserts at an index", [{ op: "add", path: "/a/b/1", value: 9 }], { ...document, a: { b: [1, 9, 2] } }],
    ["counts from the end", [{ op: "replace", path: "/a/b/-1", value: 9 }], { ...document, a: { b: [1, 9] } }],
    ["replaces what is absent", [{ op: "replace", path: "/c", value: 1 }], { ...document, c: 1 }],
    ["removes", [{ op: "remove", path: "/a/b/0" }], { ...document, a: { b: [2] } }],
    ["reads escapes", [{ op: "replace", path: "/x~1y/~0", value: 1 }], { ...document, "x/y": { "~": 1 } }],
    ["moves", [{ op: "move", from: "/a/b", path: "/b" }], { a: {}, "x/y": { "~": 0 }, n: null, b: [1, 2] }],
    ["copies", [{ op: "copy", from: "/a/b", path: "/b" }], { ...document, b: [1, 2] }],
    ["tests", [{ op: "test", path: "/a", value: { b: [1, 2] } }], document],
    ["tests for null", [{ op: "test", path: "/n", value: null }], document],
    ["adds null without a value", [{ op: "add", path: "/c" }], { ...document, c: null }],
    ["replaces all", [{ op: "replace", path: "", value: { z: 1 } }], { z: 1 }],
  ];
  for (const [name, patch, result] of rows) {
    it(name, () => deepStrictEqual(applyJsonPatch(document, parseJsonPatch(JSON.stringify(patch))), result));
  }

  const refused: [name: string, patch: JsonValue, message: RegExp][] = [
    ["a missing parent", [{ op: "add", path: "/q/r", value: 1 }], /missing path: \/q\/r/],
    ["removing what is absent", [{ op: "remove", path: "/q" }], /nonexistent key: q/],
    ["an index beyond the end", [{ op: "add", path: "/a/b/5", value: 1 }], /invalid index: 5/],
    ["a failed test", [{ op: "test", path: "/a", value: 1 }], /testing value \/a failed/],
    ["an unknown operation", [{ op: "merge", path: "/a" }], /unexpected operation "merge"/],
    ["a path without slash", [{ op: "add", path: "a", value: 1 }], /missing path: a/],
  ];
  for (const [name, patch, message] of refused) {
    it(`refuses ${name}`, () => throws(() => applyJsonPatch(document, parseJsonPatch(JSON.stringify(patch))), message));
  }

  it("leaves the document as it was", () => {
    const before = structuredClone(document);
    applyJsonPatch(document, parseJsonPatch('[{"op": "remove", "path": "/a"}]'));
    deepStrictEqual(document, before);
  });
});

describe("parseJsonPatch()", () => {
  it("reads YAML and JSON", () => {
    deepStrictEqual(parseJsonPatch("- {op: remove, path: /a}\n"), parseJsonPatch('[{"op": "remove", "path": "/a"}]'));
  });

  it("refuses what is no list of operations", () => {
    throws(() => parseJsonPatch("a: b\n"), /must be a list/);
    throws(() => parseJsonPatch("[1]"), /must be a mapping/);
    throws(() => parseJsonPatch("[{"), /no JSON/);
    throws(() => parseJsonPatch(""), /empty/);
  });
});
