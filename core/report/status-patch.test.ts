// The patch between two states.

import assert from "node:assert/strict";
import { test } from "node:test";
import { statusPatch } from "./status-patch.ts";

test("only what differs is sent: gone fields as null, lists whole, nothing when nothing differs", () => {
  const recorded = { observedGeneration: 1, gone: "x", same: { a: 1 }, list: [1, 2], deep: { a: 1, b: 2 } };
  const wanted = { observedGeneration: 2, same: { a: 1 }, list: [1, 3], deep: { a: 1, c: 3 } };
  assert.deepEqual(statusPatch(recorded, wanted), {
    status: { observedGeneration: 2, gone: null, list: [1, 3], deep: { b: null, c: 3 } },
  });
  assert.equal(statusPatch(recorded, structuredClone(recorded)), undefined);
  assert.deepEqual(statusPatch(undefined, { a: 1 }), { status: { a: 1 } });
});
