// How long a repair waits: not at all at first, ever longer in a fight, never longer than the interval.

import assert from "node:assert/strict";
import { test } from "node:test";
import { rememberRepair, repairDelayMs } from "./repair.ts";

const INTERVAL = 10 * 60_000;

test("repairDelayMs() is zero for the first three repairs in a minute and doubles then", () => {
  let times: number[] = [];
  const delays: number[] = [];
  let now = 0;
  for (let i = 0; i < 6; i++) {
    const delay = repairDelayMs(times, now, INTERVAL);
    delays.push(delay);
    now += delay;
    times = rememberRepair(times, now);
  }
  assert.deepEqual(delays, [0, 0, 0, 10_000, 20_000, 40_000]);
});

test("repairDelayMs() never exceeds the interval and forgets after ten minutes", () => {
  const fight = Array.from({ length: 20 }, (_, i) => i * 1000);
  assert.equal(repairDelayMs(fight, 20_000, INTERVAL), INTERVAL - 1000);
  assert.equal(repairDelayMs(fight, 20_000 + 11 * 60_000, INTERVAL), 0);
});
