// A short soak over a bad network; the long one is soak.long-test.ts.

import assert from "node:assert/strict";
import { test } from "node:test";
import { soak } from "./testing/soak.ts";

test("a watch over a bad network knows in the end what is there", async (t) => {
  const result = await soak(t, { seconds: 6, seed: 20261121 });
  t.diagnostic(JSON.stringify(result));
  assert.ok(result.rounds > 3 && result.outages > 0);
});
