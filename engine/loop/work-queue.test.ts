// The queue's promises: one run per key, nothing lost, timers that are overtaken.

import assert from "node:assert/strict";
import { test } from "node:test";
import { steppedClock } from "@plumbline/testkit/clock";
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

interface Line {
  queue: WorkQueue;
  started: string[];
  /** Ends the run of that key. */
  end: (key: string) => Promise<void>;
}

function openLine(width: number): Line {
  const started: string[] = [];
  const ends = new Map<string, () => void>();
  const work = (key: string): Promise<void> => {
    started.push(key);
    return new Promise((resolve) => ends.set(key, resolve));
  };
  const queue = new WorkQueue({ clock: steppedClock(), work, onError: assert.fail, width });
  const end = async (key: string): Promise<void> => {
    ends.get(key)?.();
    await settle();
  };
  return { queue, started, end };
}

test("WorkQueue runs no more at once than it is wide, urgent work first, and some of the rest all the same", async () => {
  const { queue, started, end } = openLine(1);
  for (const key of ["a", "b", "c"]) queue.add(key, "moved");
  await settle();
  assert.deepEqual(started, ["a"]);
  for (const key of ["1", "2", "3", "c", "4"]) queue.addUrgent(key, "touched");
  for (const key of ["a", "1", "2", "3"]) await end(key);
  assert.deepEqual(started, ["a", "1", "2", "3", "b"], "every fourth place is not for urgent work");
  for (const key of ["b", "c", "4"]) await end(key);
  assert.deepEqual(started, ["a", "1", "2", "3", "b", "c", "4"]);
  await queue.stop();
});

test("WorkQueue gives the place of a run that only waits to another, and takes it once", async () => {
  const { queue, started, end } = openLine(1);
  for (const key of ["a", "b", "c"]) queue.add(key, "seen");
  await settle();
  queue.leavePlace("a");
  queue.leavePlace("a");
  await settle();
  assert.deepEqual(started, ["a", "b"]);
  await end("a");
  assert.deepEqual(started, ["a", "b"], "its place is taken already");
  await end("b");
  assert.deepEqual(started, ["a", "b", "c"]);
  await end("c");
  await queue.stop();
});

test("WorkQueue runs a key that was running once more in its turn, an urgent one before others, and no forgotten one", async () => {
  const { queue, started, end } = openLine(1);
  queue.add("a", "seen");
  await settle();
  queue.add("b", "seen");
  queue.add("c", "seen");
  queue.addUrgent("a", "spec");
  queue.forget("b");
  await end("a");
  await end("a");
  assert.deepEqual(started, ["a", "a", "c"]);
  await end("c");
  assert.deepEqual(started, ["a", "a", "c"]);
  await queue.stop();
});

test("WorkQueue.stop() starts nothing that waits, and resolves when the running ones have ended", async () => {
  const { queue, started, end } = openLine(1);
  queue.add("a", "seen");
  queue.addUrgent("b", "spec");
  await settle();
  const stopped = queue.stop();
  await end("b");
  await stopped;
  assert.deepEqual(started, ["b"]);
});
