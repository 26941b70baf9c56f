// Tests of writing JSON as Go does.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { compareUtf8, toGoJson } from "./go-json.ts";

describe("writing JSON", () => {
  it("sorts keys by their UTF-8 bytes", () => {
    assert.equal(
      toGoJson({ b: 1, a: 2, "\u{1f600}": 3, "\uffff": 4, B: 5 }),
      '{"B":5,"a":2,"b":1,"\uffff":4,"\u{1f600}":3}',
    );
    assert.ok(compareUtf8("\uffff", "\u{10000}") < 0);
  });

  it("escapes what HTML and JavaScript would trip over", () => {
    assert.equal(
      toGoJson('<a>&\u2028\u2029\u0001\b\f\n\r\t"\\\u007f'),
      '"\\u003ca\\u003e\\u0026\\u2028\\u2029\\u0001\\b\\f\\n\\r\\t\\"\\\\\u007f"',
    );
    assert.equal(toGoJson("<a>&\u2028", { escapeHtml: false }), '"<a>&\\u2028"');
  });

  it("replaces what is no valid Unicode", () => assert.equal(toGoJson("a\ud800b"), '"a\\ufffdb"'));

  it("writes numbers in Go's words", () => {
    const numbers = [0, -0, 1.5, 1e20, 1e21, 1e-6, 1e-7, 123456789.125, 2 ** 63, 9007199254740993n];
    assert.equal(
      toGoJson(numbers),
      "[0,-0,1.5,100000000000000000000,1e+21,0.000001,1e-7,123456789.125,9223372036854776000,9007199254740993]",
    );
  });

  it("indents, and keeps empty collections on one line", () => {
    assert.equal(
      toGoJson({ a: [1, {}], b: { c: [] } }, { indent: "  " }),
      '{\n  "a": [\n    1,\n    {}\n  ],\n  "b": {\n    "c": []\n  }\n}',
    );
  });
});
