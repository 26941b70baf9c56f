// Timers of the machine's clock.

import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "./clock.ts";

test("no timer is early, wherever within a millisecond it was set", async () => {
  const clock = systemClock({ keepsAlive: true });
  const late: number[] = [];
  for (let i = 0; i < 40; i += 1) {
    const begin = Math.floor(clock.monotonic()) + 1 + (i % 10) / 10;
    while (clock.monotonic() < begin);
    const setAt = clock.monotonic();
    late.push(await new Promise<number>((resolve) => clock.after(2, () => resolve(clock.monotonic() - setAt - 2))));
  }
  assert.deepEqual(
    late.filter((ms) => ms < 0),
    [],
  );
});

test("a timer that is cancelled does not ring", async () => {
  const clock = systemClock({ keepsAlive: true });
  clock.after(1, () => assert.fail("it was cancelled"))();
  await new Promise<void>((resolve) => clock.after(5, resolve));
});
