// The limit that follows the server, and the fair line before it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { steppedClock } from "@plumbline/testkit/clock";
import { adaptLimit, type AimdState, type Sample, startAimd } from "./aimd.ts";
import { FairQueue } from "./fair-queue.ts";
import { Limiter } from "./limiter.ts";

const bounds = { min: 2, max: 48 };

function feed(state: AimdState, count: number, sample: Partial<Sample>): AimdState {
  let at = state;
  for (let i = 0; i < count; i++) {
    at = adaptLimit(at, { latencyMs: 20, isRefusal: false, isFull: true, at: i, ...sample }, bounds);
  }
  return at;
}

test("the limit grows by steps while calls wait and the server keeps its pace, up to its bound", () => {
  const start = startAimd(16);
  assert.equal(feed(start, 15, {}).limit, 16);
  assert.equal(feed(start, 16, {}).limit, 18);
  assert.equal(feed(start, 10_000, {}).limit, 48);
  assert.equal(feed(start, 10_000, { isFull: false }).limit, 16, "nobody waits: nothing to grow for");
});

test("the limit shrinks when answers take four times as long as the best, and stays between", () => {
  const known = feed(startAimd(16), 16, { isFull: false, latencyMs: 50 });
  assert.equal(feed(known, 16, { latencyMs: 250 }).limit, 12);
  assert.equal(feed(known, 16, { latencyMs: 150 }).limit, 16);
  assert.equal(feed(known, 16, { latencyMs: 110 }).limit, 18);
  const quick = feed(startAimd(16), 16, { isFull: false, latencyMs: 2 });
  assert.equal(feed(quick, 16, { latencyMs: 60 }).limit, 16, "60 ms is no trouble however quick it was");
});

test("a server that became slower for good is not throttled for ever", () => {
  let state = feed(startAimd(16), 16, { latencyMs: 30 });
  state = feed(state, 400, { latencyMs: 500 });
  assert.ok(state.limit < 8, `${state.limit}`);
  state = feed(state, 4000, { latencyMs: 500 });
  assert.ok(state.limit > 16, `${state.limit}`);
});

test("refusals take the limit down at once, once per second, never below its bound", () => {
  const refusal = { isRefusal: true, at: 0 };
  assert.equal(feed(startAimd(16), 1, refusal).limit, 9);
  assert.equal(feed(startAimd(16), 10, refusal).limit, 9);
  let state = startAimd(16);
  for (let second = 0; second < 10; second++) state = feed(state, 1, { isRefusal: true, at: second * 1000 });
  assert.equal(state.limit, 2);
});

test("after a refusal the limit does not grow for ten seconds", () => {
  const refused = feed(startAimd(16), 1, { isRefusal: true, at: 0 });
  assert.equal(feed(refused, 100, { at: 9_999 }).limit, 9);
  assert.equal(feed(refused, 9, { at: 10_000 }).limit, 11);
});

test("FairQueue: keys take turns, each key in its order, whatever stands behind one of them", () => {
  const queue = new FairQueue<string>();
  for (let i = 0; i < 100; i++) queue.push("large", `l${i}`);
  queue.push("small", "s0");
  queue.push("other", "o0");
  queue.push("small", "s1");
  assert.deepEqual(
    [1, 2, 3, 4, 5, 6].map(() => queue.take()),
    ["l0", "s0", "o0", "l1", "s1", "l2"],
  );
  queue.remove("large", "l3");
  queue.remove("large", "never there");
  assert.equal(queue.take(), "l4");
  assert.equal(queue.size, 95);
  while (queue.take() !== undefined);
  assert.equal(queue.size, 0);
  assert.equal(queue.take(), undefined);
});

test("Limiter: turns up to the limit, then in line; an abort leaves the line", async () => {
  const limiter = new Limiter(steppedClock(), { min: 1, max: 4, start: 2 });
  assert.equal(limiter.acquire("a"), undefined);
  assert.equal(limiter.acquire("a"), undefined);
  const order: string[] = [];
  const wait = async (name: string, key: string, signal?: AbortSignal): Promise<void> => {
    await limiter.acquire(key, signal);
    order.push(name);
  };
  const gone = new AbortController();
  const aborted = wait("gone", "a", gone.signal);
  const waits = [wait("a1", "a"), wait("a2", "a"), wait("b1", "b")];
  assert.deepEqual([limiter.inFlight, limiter.waiting], [2, 4]);
  const reason = new Error("no longer wanted");
  gone.abort(reason);
  await assert.rejects(aborted, reason);
  for (let i = 0; i < 3; i++) limiter.release(10, false);
  await Promise.all(waits);
  assert.deepEqual(order, ["a1", "b1", "a2"]);
  assert.deepEqual([limiter.inFlight, limiter.waiting], [2, 0]);
});

test("Limiter: a call that had its turn waits before all others", async () => {
  const limiter = new Limiter(steppedClock(), { min: 1, max: 1 });
  await limiter.acquire("a");
  const order: string[] = [];
  const wait = async (name: string, turn: Promise<void> | undefined): Promise<void> => {
    await turn;
    order.push(name);
  };
  const never = new AbortController();
  const gone = new AbortController();
  const waits = [
    wait("new", limiter.acquire("a")),
    wait("again", limiter.acquireFirst(never.signal)),
    assert.rejects(wait("gone", limiter.acquireFirst(gone.signal))),
  ];
  gone.abort(new Error("no longer wanted"));
  await waits[2];
  for (let i = 0; i < 2; i++) limiter.release(10, false);
  await Promise.all(waits);
  assert.deepEqual(order, ["again", "new"]);
});

test("Limiter: bounds that make no sense are refused", () => {
  assert.throws(() => new Limiter(steppedClock(), { min: 0 }), RangeError);
  assert.throws(() => new Limiter(steppedClock(), { min: 9, max: 3 }), RangeError);
});

test("a call in the background goes when nothing else is on its way, or after a quarter of a second", async () => {
  const clock = steppedClock();
  const limiter = new Limiter(clock);
  assert.equal(limiter.acquireBackground(), undefined, "nothing else is on its way");
  limiter.release(5, false);
  assert.equal(limiter.acquire("work"), undefined);
  assert.equal(limiter.acquire("work"), undefined);
  const order: string[] = [];
  const first = limiter.acquireBackground()?.then(() => order.push("first"));
  const second = limiter.acquireBackground()?.then(() => order.push("second"));
  limiter.release(5, false);
  assert.equal(limiter.inFlight, 1, "the other is still on its way");
  limiter.release(5, false);
  await first;
  assert.equal(limiter.inFlight, 1);
  clock.advance(250);
  await second;
  assert.deepEqual(order, ["first", "second"]);
  assert.equal(limiter.inFlight, 2);
});

test("a call in the background that is given up leaves the line", async () => {
  const limiter = new Limiter(steppedClock());
  assert.equal(limiter.acquire("work"), undefined);
  const control = new AbortController();
  const waiting = limiter.acquireBackground(control.signal);
  control.abort(new Error("given up"));
  await assert.rejects(waiting ?? Promise.resolve(), { message: "given up" });
  limiter.release(5, false);
  assert.equal(limiter.inFlight, 0);
});
