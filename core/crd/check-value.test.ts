// Values beside a schema: defaults, what is left out, and how each problem is named.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { JsonValue } from "@plumbline/core/model";
import { checkValue } from "./check-value.ts";
import type { Schema } from "./schema.ts";

const schema: Schema = {
  type: "object",
  properties: {
    name: { type: "string", minLength: 1, maxLength: 3 },
    mode: { type: "string", enum: ["A", "B"], default: "A" },
    every: { type: "string", pattern: "^[0-9]+s$" },
    size: { type: "integer", minimum: 0 },
    labels: { type: "object", additionalProperties: { type: "string" } },
    items: { type: "array", items: { type: "object", properties: { on: { type: "boolean", default: true } } } },
  },
  required: ["name"],
};

function problemsOf(value: JsonValue): string[] {
  return checkValue(schema, value, "spec").problems.map((problem) => `${problem.field} ${problem.message}`);
}

test("defaults are filled in, unknown fields and nulls are left out, the value itself is not touched", () => {
  const value = { name: "x", mode: null, other: 1, labels: { a: "1", b: null }, items: [{}, { on: false, off: 1 }] };
  const before = JSON.stringify(value);
  assert.deepEqual(checkValue(schema, value, "spec"), {
    value: { name: "x", mode: "A", labels: { a: "1" }, items: [{ on: true }, { on: false }] },
    problems: [],
  });
  assert.equal(JSON.stringify(value), before);
});

test("every problem is named with its field", () => {
  assert.deepEqual(problemsOf({ mode: "C", every: "5m", size: -1, labels: { a: 1 }, items: [null, { on: "yes" }] }), [
    "spec.name is required",
    'spec.mode must be one of A, B, is "C"',
    'spec.every must match ^[0-9]+s$, is "5m"',
    "spec.size must be at least 0, is -1",
    "spec.labels.a must be a text, is the number 1",
    "spec.items[0] must be a mapping, is null",
    'spec.items[1].on must be true or false, is the text "yes"',
  ]);
  assert.deepEqual(problemsOf([]), ["spec must be a mapping, is a list"]);
  assert.deepEqual(problemsOf({ name: "", size: 1.5 }), [
    "spec.name must not be empty",
    "spec.size must be a whole number, is the number 1.5",
  ]);
});

test("lengths count characters, not halves of them, and long texts are not repeated", () => {
  assert.deepEqual(problemsOf({ name: "🙂🙂🙂" }), []);
  assert.deepEqual(problemsOf({ name: "🙂🙂🙂🙂" }), ["spec.name must have at most 3 characters, has 4"]);
  const [message] = problemsOf({ name: "a", mode: "x".repeat(10_000) });
  assert.ok((message ?? "").length < 200);
});

test("a password in an address is never repeated", () => {
  for (const every of ["git@me:s3cret/x", "https://me:s3cret@host/x"]) {
    assert.deepEqual(problemsOf({ name: "a", every }), ["spec.every must match ^[0-9]+s$, is another text"]);
  }
});

test("keys of the prototype are keys like others", () => {
  const labels = JSON.parse('{"__proto__": "x", "toString": 1}') as JsonValue;
  const { value, problems } = checkValue(schema, { name: "a", labels }, "spec");
  assert.deepEqual(
    problems.map((problem) => problem.field),
    ["spec.labels.toString"],
  );
  assert.equal(Object.getPrototypeOf((value as { labels: object }).labels), Object.prototype);
});
