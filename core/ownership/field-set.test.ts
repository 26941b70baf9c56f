// fieldsV1 text and the algebra of field sets.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  decodeFieldsV1,
  difference,
  encodeFieldsV1,
  equalSets,
  type FieldNode,
  type FieldSet,
  hasPath,
  insertPath,
  intersection,
  isEmpty,
  paths,
  recursiveDifference,
  union,
} from "./field-set.ts";
import { formatPath } from "./path-element.ts";

const text =
  '{"f:metadata":{"f:labels":{".":{},"f:app":{}}},"f:spec":{"f:ports":{".":{},"k:{\\"port\\":80,\\"protocol\\":\\"TCP\\"}":{".":{},"f:port":{}},"k:{\\"port\\":443,\\"protocol\\":\\"TCP\\"}":{".":{},"f:port":{}}},"f:set":{"v:9":{},"v:10":{},"v:\\"a\\"":{}}}}';

test("encodeFieldsV1() writes exactly what decodeFieldsV1() read", () => {
  assert.equal(JSON.stringify(encodeFieldsV1(decodeFieldsV1(JSON.parse(text)))), text);
});

test("encodeFieldsV1() orders fields, keys by their values, and numbers by size", () => {
  const set = decodeFieldsV1(
    JSON.parse('{"v:10":{},"v:\\"a\\"":{},"v:9":{},"k:{\\"p\\":443}":{},"k:{\\"p\\":80}":{},"f:z":{},"f:a":{}}'),
  );
  assert.deepEqual(Object.keys(encodeFieldsV1(set)), [
    "f:a",
    "f:z",
    'k:{"p":80}',
    'k:{"p":443}',
    "v:9",
    "v:10",
    'v:"a"',
  ]);
});

test("decodeFieldsV1() spells keys in one way and leaves out unknown elements", () => {
  const set = decodeFieldsV1({ 'k:{"b": 1, "a": 2}': {}, "x:later": {} });
  assert.equal(JSON.stringify(encodeFieldsV1(set)), '{"k:{\\"a\\":2,\\"b\\":1}":{}}');
});

test("decodeFieldsV1() throws on keys that are no path elements", () => {
  for (const key of ["", "f", "spec", "k:{", "v:", "i:x", "k:[]"]) {
    assert.throws(() => decodeFieldsV1({ [key]: {} }), SyntaxError, key);
  }
});

test("formatPath() prints paths as Kubernetes does in conflicts", () => {
  const path = ["f:spec", "f:containers", 'k:{"name":"web"}', "f:args", 'v:"x"'];
  assert.equal(formatPath(path), '.spec.containers[name="web"].args[="x"]');
});

function setOf(list: string[][]): FieldSet {
  const set = new Map<string, FieldNode>();
  for (const path of list) insertPath(set, path);
  return set;
}
const anyPath = fc.array(fc.constantFrom("f:a", "f:b", 'k:{"n":1}'), { minLength: 1, maxLength: 4 });
const anyPaths = fc.array(anyPath, { maxLength: 12 });
const keysOf = (set: FieldSet): string[] =>
  paths(set)
    .map((path) => path.join("/"))
    .sort();
const isBelow = (path: string[], tops: string[][]): boolean =>
  tops.some((top) => top.every((element, i) => path[i] === element));

test("set operations equal those on plain sets of paths", () => {
  fc.assert(
    fc.property(anyPaths, anyPaths, (listA, listB) => {
      const [a, b] = [setOf(listA), setOf(listB)];
      const [plainA, plainB] = [new Set(keysOf(a)), new Set(keysOf(b))];
      assert.deepEqual(new Set(keysOf(union(a, b))), plainA.union(plainB));
      assert.deepEqual(new Set(keysOf(intersection(a, b))), plainA.intersection(plainB));
      assert.deepEqual(new Set(keysOf(difference(a, b))), plainA.difference(plainB));
      const kept = paths(a).filter((path) => !isBelow(path, paths(b)));
      assert.deepEqual(keysOf(recursiveDifference(a, b)), kept.map((path) => path.join("/")).sort());
      assert.equal(isEmpty(difference(a, a)), true);
      assert.equal(equalSets(union(a, b), union(b, a)), true);
      for (const path of listA) assert.equal(hasPath(a, path), true);
    }),
  );
});

test("reading and writing a set keeps it", () => {
  fc.assert(
    fc.property(anyPaths, (list) => {
      const set = setOf(list);
      assert.equal(equalSets(decodeFieldsV1(encodeFieldsV1(set)), set), true);
    }),
  );
});
