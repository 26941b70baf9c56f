// Reminders beside a clock that is stepped and set.

import assert from "node:assert/strict";
import { test } from "node:test";
import { steppedClock } from "@plumbline/testkit/clock";
import { Reminders } from "./reminders.ts";

function recorded() {
  const clock = steppedClock(0);
  const told: string[] = [];
  const reminders = new Reminders(clock, {
    onTick: () => told.push(`tick ${clock.now()}`),
    onDue: (key) => told.push(`${key} ${clock.now()}`),
  });
  return { clock, told, reminders };
}

test("nobody is woken who asked for nothing", () => {
  const { clock, told } = recorded();
  clock.advance(3_600_000);
  assert.deepEqual(told, []);
  assert.equal(clock.pending(), 0);
});

test("a tick comes at its time, and every minute at the latest", () => {
  const { clock, told, reminders } = recorded();
  reminders.setNext(90_000);
  clock.advance(90_000);
  assert.deepEqual(told, ["tick 60000", "tick 90000"]);
});

test("a key is called once, at its time or as soon as the clock is found to show it", () => {
  const { clock, told, reminders } = recorded();
  reminders.set("a", 10_000);
  reminders.set("b", 10_000_000);
  clock.advance(20_000);
  assert.deepEqual(told, ["a 10000"]);
  clock.jump(20_000_000);
  clock.advance(49_999); // it looked last at 10 s
  assert.deepEqual(told, ["a 10000"]);
  clock.advance(1);
  assert.deepEqual(told, ["a 10000", "b 20070000"]);
  clock.advance(600_000);
  assert.equal(told.length, 2);
});

test("a clock that is set back delays what was due, and what is forgotten never comes", () => {
  const { clock, told, reminders } = recorded();
  reminders.set("a", 30_000);
  reminders.set("b", 30_000);
  reminders.set("b", undefined);
  clock.jump(-60_000);
  clock.advance(30_000);
  assert.deepEqual(told, []);
  clock.advance(120_000);
  assert.deepEqual(told, ["a 30000"]);
});

test("a stopped one sets no timer any more", () => {
  const { clock, told, reminders } = recorded();
  reminders.setNext(1000);
  reminders.stop();
  clock.advance(120_000);
  assert.deepEqual(told, []);
  assert.equal(clock.pending(), 0);
});
