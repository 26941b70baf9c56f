// Scalars as Go reads and writes them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { namedType, type TypeNode } from "@plumbline/core/schema";
import { goScalar } from "./go-scalar.ts";

function fieldOf(type: string, field: string): TypeNode {
  const found = namedType(type)?.fields?.get(field)?.type;
  assert.ok(found, `${type}.${field}`);
  return found;
}

test("quantities get the spelling that an API server gives back", () => {
  const quantity = fieldOf("core.v1.ResourceFieldSelector", "divisor");
  const spellings = { "1024Mi": "1Gi", "0.5": "500m", "1000m": "1", "1e3": "1e3", "100.5k": "100500" };
  for (const [given, canonical] of Object.entries(spellings)) assert.equal(goScalar(quantity, given), canonical);
  assert.equal(goScalar(quantity, 2), "2");
  for (const wrong of ["lots", "", true, {}]) assert.equal(goScalar(quantity, wrong), undefined);
});

test("base64 loses its line breaks; what is none does not fit", () => {
  const bytes = namedType("core.v1.Secret")?.fields?.get("data")?.type.extra;
  assert.ok(bytes);
  assert.equal(goScalar(bytes, "YWJj\r\nZGVm\n"), "YWJjZGVm");
  assert.equal(goScalar(bytes, "YR=="), "YQ==");
  assert.equal(goScalar(bytes, []), "");
  for (const wrong of ["YQ", "Y=Q=", "ä", 1]) assert.equal(goScalar(bytes, wrong), undefined, String(wrong));
});

test("times are written in UTC; micro times need their six digits", () => {
  const time = fieldOf("core.v1.Event", "firstTimestamp");
  assert.equal(goScalar(time, "2026-01-02T03:04:05.5+02:00"), "2026-01-02T01:04:05Z");
  assert.equal(goScalar(time, "2026-01-02"), undefined);
  const micro = fieldOf("core.v1.Event", "eventTime");
  assert.equal(goScalar(micro, "2026-01-02T03:04:05.678901+02:00"), "2026-01-02T01:04:05.678901Z");
  assert.equal(goScalar(micro, "2026-01-02T03:04:05Z"), undefined);
});
