// A minute of random faults; a thousand rounds of them are in the long test.

import { test } from "node:test";
import { soakTest } from "./testing/soak-test.ts";

test("two kills and a minute of random faults: the site is where Git is in the end, and the memory is flat", async (t) => {
  await soakTest(t, { deaths: 2, seconds: 60, rounds: 1000, minRounds: 30 });
});
