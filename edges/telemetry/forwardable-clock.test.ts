// Timers over a step: what is due, in which order, and what is left of the others.

import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "@plumbline/sandbox/testing";
import { forwardableClock } from "@plumbline/edges/telemetry";

const start = Date.parse("2026-11-20T12:00:00Z");

test("a step calls what is due, the earliest first, and leaves the rest of their time to the others", () => {
  const running = new FakeClock(start);
  const clock = forwardableClock(running);
  const called: string[] = [];
  const note = (name: string) => () => void called.push(`${name} at ${clock.monotonic()}`);
  clock.after(500, note("late"));
  clock.after(300, note("second"));
  clock.after(100, note("first"));
  clock.after(200, note("cancelled"))();
  clock.step(400);
  assert.deepEqual(called, ["first at 400", "second at 400"]);
  assert.deepEqual([clock.now() - start, clock.monotonic(), running.monotonic()], [400, 400, 0]);
  running.advance(99);
  assert.equal(called.length, 2);
  running.advance(1);
  assert.deepEqual(called.slice(2), ["late at 500"]);
});

test("timers that a due one starts count from the end of the step; one that it cancels is not called", () => {
  const running = new FakeClock(start);
  const clock = forwardableClock(running);
  const called: number[] = [];
  const again = (): void => {
    called.push(clock.monotonic());
    cancelOther();
    clock.after(1000, again);
  };
  clock.after(10, again);
  const cancelOther = clock.after(20, () => assert.fail("it was cancelled"));
  clock.step(5000);
  assert.deepEqual(called, [5000]);
  running.advance(1000);
  assert.deepEqual(called, [5000, 6000]);
});

test("without steps it is the other clock; back it does not go", () => {
  const running = new FakeClock(start);
  const clock = forwardableClock(running);
  let called = 0;
  clock.after(0, () => called++);
  running.advance(0);
  assert.deepEqual([called, clock.now()], [1, start]);
  assert.throws(() => clock.step(-1), RangeError);
  assert.throws(() => clock.step(Number.NaN), RangeError);
});
