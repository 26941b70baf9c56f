// Schema errors in the words of Helm's validator; conformance/helm/schema.real-test.ts compares them with the real one.

import assert from "node:assert/strict";
import { test } from "node:test";
import { explainSchema } from "./explain-schema.ts";

test("problems are told with their path, what was got and what is wanted", () => {
  const schema = {
    required: ["x", "y"],
    additionalProperties: false,
    properties: { a: { type: ["string", "null"] }, b: { minimum: 70_000 }, c: { enum: ["v", 1, null] } },
  };
  assert.equal(
    explainSchema(schema, 2020, { a: 1, b: 1.5, c: "it's", d: 1, e: 2 }),
    "- at '': missing properties 'x', 'y'\n" +
      "- at '/a': got number, want null or string\n" +
      "- at '/b': minimum: got 1.5, want 70,000\n" +
      "- at '/c': value must be one of 'v', 1, <nil>\n" +
      "- at '': additional properties 'd', 'e' not allowed\n",
  );
});

test("problems of alternatives stand below them, those of a reference in its place", () => {
  const schema = {
    $defs: { p: { type: "integer" } },
    anyOf: [{ required: ["a"] }, { properties: { "b/c": { $ref: "#/$defs/p" } } }],
  };
  assert.equal(
    explainSchema(schema, 2020, { "b/c": 12_345_678.5 }),
    "- at '': 'anyOf' failed\n  - at '': missing property 'a'\n  - at '/b~1c': got number, want integer\n",
  );
});

test("large numbers have a power of ten, as Helm shows them", () => {
  assert.equal(explainSchema({ maximum: 1 }, 7, 12_345_678), "- at '': maximum: got 1.2345678×10⁰⁷, want 1\n");
});

test("what fits, and what is not known here, is not explained", () => {
  assert.equal(explainSchema({ type: "object" }, 2020, {}), undefined);
  assert.equal(explainSchema({ unevaluatedProperties: false }, 2020, { a: 1 }), undefined);
});
