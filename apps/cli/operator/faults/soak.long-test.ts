// A thousand rounds of random faults.

import { test } from "node:test";
import { soakTest } from "./testing/soak-test.ts";

test("twenty kills and a thousand rounds of random faults: the site is where Git is in the end, and the memory is flat", async (t) => {
  await soakTest(t, { deaths: 20, seconds: 1800, rounds: 1000, minRounds: 1000 });
});
