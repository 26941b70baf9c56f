// Ten minutes (or PLUMBLINE_SOAK_SECONDS) over a bad network: right in the end, and no memory kept.

import assert from "node:assert/strict";
import { test } from "node:test";
import { soak } from "./testing/soak.ts";

test("a watch over a bad network stays right and keeps no memory", async (t) => {
  const seconds = Number(process.env["PLUMBLINE_SOAK_SECONDS"] ?? 600);
  const result = await soak(t, { seconds, seed: 7 });
  t.diagnostic(JSON.stringify(result));
  const [before, after] = result.heapMb;
  assert.ok(after - before < 3, `the heap grew from ${before} to ${after} MB`);
});
