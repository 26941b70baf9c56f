// Input that means harm: prototype keys, bombs, broken bytes.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { JsonObject, JsonValue } from "@plumbline/core/model";
import { canonicalQuantity, crdType, namedType } from "@plumbline/core/schema";
import { toStored } from "./convert.ts";
import { defaultCustom, pruneCustom } from "./custom.ts";
import { jsonPatch, maxOperations, mergePatch, PatchError } from "./merge-patch.ts";
import { readProtobuf } from "./protobuf.ts";
import { readJsonPath } from "./json-path.ts";
import { checkRules } from "./rules.ts";
import { validateSchema } from "./validate-custom.ts";

const evil = JSON.parse('{"__proto__":{"polluted":"1"},"constructor":"2"}') as JsonObject;

test("keys of the prototype are data like all others", () => {
  const configMap = namedType("core.v1.ConfigMap");
  assert.ok(configMap);
  const data = JSON.parse('{"__proto__":"1","constructor":"2"}') as JsonObject;
  const stored = toStored(configMap, { kind: "ConfigMap", apiVersion: "v1", metadata: {}, data });
  assert.equal(JSON.stringify(stored.value.data), '{"__proto__":"1","constructor":"2"}');
  const free = crdType(
    { group: "g", version: "v1", kind: "K" },
    { type: "object", "x-kubernetes-preserve-unknown-fields": true },
  );
  const pruned = pruneCustom(free, { apiVersion: "g/v1", kind: "K", metadata: { name: "x" }, spec: evil });
  assert.equal(JSON.stringify((defaultCustom(free, pruned.value) as JsonObject)["spec"]), JSON.stringify(evil));
  const merged = mergePatch({}, evil) as JsonObject;
  assert.equal(JSON.stringify(merged), JSON.stringify(evil));
  assert.equal(({} as Record<string, unknown>)["polluted"], undefined);
});

test("jsonPatch() refuses too many operations and paths that lead nowhere", () => {
  const many = Array.from({ length: maxOperations + 1 }, () => ({ op: "test", path: "", value: {} }));
  assert.throws(() => jsonPatch({}, many), PatchError);
  const bad: JsonValue[] = [
    {},
    [{ op: "add", path: "a", value: 1 }],
    [{ op: "add", path: "/a/b", value: 1 }],
    [{ op: "remove", path: "/a" }],
    [{ op: "replace", path: "/a", value: 1 }],
    [{ op: "move", from: "/a", path: "/b" }],
    [{ op: "odd", path: "/a" }],
    [1],
  ];
  for (const patch of bad) assert.throws(() => jsonPatch({}, patch), PatchError, JSON.stringify(patch));
});

test("readProtobuf() answers any bytes with an object or a SyntaxError", () => {
  const magic = [0x6b, 0x38, 0x73, 0x00];
  const podEnvelope = [0x0a, 0x09, 0x0a, 0x02, 0x76, 0x31, 0x12, 0x03, 0x50, 0x6f, 0x64]; // v1, Pod
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, isPod) => {
      const body = isPod
        ? [...podEnvelope, 0x12, bytes.length & 0x7f, ...bytes.subarray(0, bytes.length & 0x7f)]
        : [...bytes];
      try {
        readProtobuf(new Uint8Array([...magic, ...body]), () => namedType("core.v1.Pod"));
      } catch (thrown) {
        assert.ok(thrown instanceof SyntaxError, String(thrown));
      }
    }),
  );
});

test("canonicalQuantity() refuses what is no quantity, however long", () => {
  for (const text of ["", "abc", "1Q", "1e99999", "1".repeat(1000), "1.2.3", "--1", "Ki", "."]) {
    assert.throws(() => canonicalQuantity(text), SyntaxError, text.slice(0, 20));
  }
});

test("canonicalQuantity() is canonical: writing it again changes nothing", () => {
  const suffix = fc.constantFrom("", "m", "k", "M", "Ki", "Mi", "Gi", "e3", "n", "u");
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 10_000_000 }),
      fc.integer({ min: 0, max: 999 }),
      suffix,
      (whole, part, unit) => {
        const once = canonicalQuantity(`${whole}.${part}${unit}`);
        assert.equal(canonicalQuantity(once), once);
      },
    ),
  );
});

test("patterns of schemas run in linear time", () => {
  const schema = { type: "string", pattern: "^(a+)+$" };
  const started = performance.now();
  assert.equal(validateSchema(schema, `${"a".repeat(5000)}b`, "spec").length, 1);
  assert.ok(performance.now() - started < 2000);
});

test("a rule that cannot be read is a complaint with its place", () => {
  const schema = { properties: { spec: { "x-kubernetes-validations": [{ rule: "self.(" }] } } };
  const [cause] = checkRules(schema, "schema");
  assert.equal(cause?.field, "schema.properties[spec].x-kubernetes-validations[0].rule");
});

test("readJsonPath() reads the paths of printer columns and nothing of the prototype", () => {
  const object = {
    status: { conditions: [{ type: "Ready", status: "True" }], list: [1, 2] },
    metadata: { labels: { "a.b": "c" } },
  };
  const rows: [string, JsonValue | undefined][] = [
    ['.status.conditions[?(@.type=="Ready")].status', "True"],
    [".status.list[1]", 2],
    [".status.list[*]", 1],
    [".metadata.labels['a.b']", "c"],
    [".metadata.labels.a\\.b", "c"],
    [".constructor", undefined],
    [".status..x", undefined],
  ];
  for (const [path, expected] of rows) assert.deepEqual(readJsonPath(object, path), expected, path);
});
