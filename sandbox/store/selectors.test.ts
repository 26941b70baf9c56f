// Selectors as they stand in queries; what a real server says to them is in conformance/sandbox.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fieldSelector, labelSelector } from "./selectors.ts";

const object = (labels: Record<string, string>): { metadata: { labels: Record<string, string>; name: string } } => ({
  metadata: { labels, name: "x" },
});

const rows: [selector: string, labels: Record<string, string>, matches: boolean][] = [
  ["a=b", { a: "b" }, true],
  ["a==b", { a: "c" }, false],
  ["a=", { a: "" }, true],
  ["a!=b", {}, true],
  ["a", {}, false],
  ["!a", {}, true],
  ["a in (b, c),d", { a: "c", d: "" }, true],
  ["a notin (b)", {}, true],
  ["a notin (b)", { a: "b" }, false],
  ["n>1", { n: "2" }, true],
  ["n<1", {}, false],
  ["kustomize.toolkit.fluxcd.io/name=apps", { "kustomize.toolkit.fluxcd.io/name": "apps" }, true],
  ["constructor", {}, false],
  ["a=b,", { a: "b" }, false],
];
for (const [selector, labels, matches] of rows) {
  test(`labelSelector() ${matches ? "takes" : "leaves"} ${JSON.stringify(labels)} with ${selector}`, () => {
    if (selector.endsWith(",")) assert.throws(() => labelSelector(selector), SyntaxError);
    else assert.equal(labelSelector(selector)?.(object(labels)), matches);
  });
}

test("labelSelector() and fieldSelector() without text select everything", () => {
  assert.equal(labelSelector(""), undefined);
  assert.equal(fieldSelector("", []), undefined);
});

test("fieldSelector() compares fields, and refuses fields that the kind does not offer", () => {
  assert.equal(fieldSelector("metadata.name=x", ["metadata.name"])?.(object({})), true);
  assert.equal(fieldSelector("metadata.name!=x", ["metadata.name"])?.(object({})), false);
  assert.throws(() => fieldSelector("data.a=1", ["metadata.name"]), /"data.a" is not a known field selector/);
});
