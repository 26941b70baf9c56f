// The annotation that overrides windows: read exactly, or refused.

import assert from "node:assert/strict";
import { test } from "node:test";
import { readOverride } from "./override.ts";

const withText = (text: string) => ({
  kind: "Kustomization",
  metadata: { namespace: "plant", name: "apps", annotations: { "plumbline.io/override": text } },
});
const read = (text: string) => readOverride(withText(text));

test("an object without the annotation overrides nothing", () => {
  assert.equal(readOverride({ kind: "Kustomization", metadata: { name: "apps" } }), undefined);
});

test("who, reason and until are read in any order", () => {
  const expected = { who: "anna", reason: "line 3 = down", until: Date.UTC(2026, 11, 24, 17) };
  assert.deepEqual(read("who=anna; reason=line 3 = down; until=2026-12-24T18:00:00+01:00"), expected);
  assert.deepEqual(read(" until = 2026-12-24T17:00:00Z;reason=line 3 = down;who=anna; "), expected);
});

test("what turns a terminal around does not get out of it", () => {
  const read1 = read("who=an\u001b[31mna; reason=a\u202eb; until=2026-12-24T17:00:00Z");
  assert.deepEqual([read1?.who, read1?.reason], ["an [31mna", "a b"]);
});

const rows: [string, RegExp][] = [
  ["", /does not say who/],
  ["yes", /none of who, reason, until/],
  ["who=anna; until=2026-12-24T17:00:00Z", /does not say reason/],
  ["who=anna; reason=; until=2026-12-24T17:00:00Z", /does not say reason/],
  ["who=anna; reason=x", /does not say until/],
  ["who=anna; who=bert; reason=x; until=2026-12-24T17:00:00Z", /says who twice/],
  ["who=anna; reason=x; until=tomorrow", /no RFC 3339 time/],
  ["who=anna; reason=x; until=2026-12-24T17:00:00", /no RFC 3339 time/],
  ["who=anna; reason=x; until=2026-13-24T17:00:00Z", /no RFC 3339 time/],
  ["who=anna; reason=x; until=2026-12-24", /no RFC 3339 time/],
  ["__proto__=1; who=anna; reason=x; until=2026-12-24T17:00:00Z", /none of who/],
  [`who=anna; reason=${"x".repeat(1000)}; until=2026-12-24T17:00:00Z`, /longer than 1000/],
];

for (const [text, message] of rows) {
  test(`an override ${JSON.stringify(text.slice(0, 70))} is refused with its form`, () => {
    assert.throws(() => read(text), { reason: "InvalidSpec", message, hint: /who=<name>; reason=<why>; until=/ });
  });
}
