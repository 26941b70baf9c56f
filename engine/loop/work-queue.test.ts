// The queue's promises: one run per key, nothing lost, timers that are overtaken.

import assert from "node:assert/strict";
import { test } from "node:test";
import { steppedClock } from "@plumbline/testkit/clock";
import { Slots } from "./slots.ts";
import { WorkQueue } from "./work-queue.ts";

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("WorkQueue runs a key once for reasons that gather, and again for what comes while it runs", async () => {
  const runs: string[] = [];
  let finish = (): void => undefined;
  const queue = new WorkQueue({
    clock: steppedClock(),
    onError: () => undefined,
    work: (key, reasons) => {
      runs.push(`${key}: ${[...reasons].sort().join(",")}`);
      return new Promise((resolve) => (finish = resolve));
    },
  });
  queue.add("a", "spec");
  queue.add("a", "source");
  await settle();
  queue.add("a", "drift");
  queue.add("a", "interval");
  await settle();
  assert.deepEqual(runs, ["a: source,spec"]);
  finish();
  await settle();
  assert.deepEqual(runs, ["a: source,spec", "a: drift,interval"]);
  finish();
  await queue.stop();
});

test("WorkQueue goes on with a key whose work threw, and tells of it", async () => {
  const errors: unknown[] = [];
  let calls = 0;
  const queue = new WorkQueue({
    clock: steppedClock(),
    onError: (_key, error) => errors.push(error),
    work: async () => {
      calls++;
      if (calls === 1) throw new Error("broken");
    },
  });
  queue.add("a", "x");
  await settle();
  queue.add("a", "y");
  await settle();
  assert.equal(calls, 2);
  assert.equal(errors.length, 1);
});

test("WorkQueue.addAfter() waits, is replaced by a later call and overtaken by add()", async () => {
  const clock = steppedClock();
  let calls = 0;
  const work = async (): Promise<void> => {
    calls++;
  };
  const queue = new WorkQueue({ clock, work, onError: assert.fail });
  queue.addAfter("a", "interval", 1000);
  queue.addAfter("a", "retry", 5000);
  clock.advance(1000);
  await settle();
  assert.equal(calls, 0);
  clock.advance(4000);
  await settle();
  assert.equal(calls, 1);
  queue.addAfter("a", "interval", 1000);
  queue.add("a", "spec");
  await settle();
  clock.advance(10_000);
  await settle();
  assert.equal(calls, 2);
  assert.equal(clock.pending(), 0);
});

test("Slots bound what runs at once and serve urgent work first", async () => {
  const slots = new Slots(1);
  const order: string[] = [];
  let release = (): void => undefined;
  const first = slots.with(() => new Promise<void>((resolve) => (release = resolve)));
  const plain = slots.with(async () => void order.push("plain"));
  const urgent = slots.with(async () => void order.push("urgent"), true);
  await settle();
  release();
  await Promise.all([first, plain, urgent]);
  assert.deepEqual(order, ["urgent", "plain"]);
});
