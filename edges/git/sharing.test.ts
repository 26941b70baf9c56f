// Sharing of work: single flights, the limiter, the poller, the blob cache.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { AdvertisedRef } from "@plumbline/core/source";
import { createBlobCache } from "./blob-cache.ts";
import { createPoller } from "./poller.ts";
import { createLimiter, createSingleFlight } from "./single-flight.ts";

const id = (digit: string): string => digit.repeat(40);
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("createSingleFlight() starts once, and stops the work when the last one leaves", async () => {
  const flight = createSingleFlight<string>();
  let starts = 0;
  let stopped: AbortSignal | undefined;
  const start = (signal: AbortSignal): Promise<string> => {
    starts++;
    stopped = signal;
    return new Promise((resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason as Error));
      setImmediate(() => setImmediate(() => resolve("done")));
    });
  };
  const [one, two] = [new AbortController(), new AbortController()];
  const first = flight.run("k", start, one.signal);
  const second = flight.run("k", start, two.signal);
  one.abort(new Error("left"));
  await assert.rejects(first, /left/);
  assert.equal(stopped?.aborted, false, "somebody still waits");
  assert.equal(await second, "done");
  assert.equal(starts, 1);
  const third = flight.run("k", start, two.signal);
  two.abort(new Error("left too"));
  await assert.rejects(third, /left too/);
  assert.equal(stopped.aborted, true);
  assert.equal(await flight.run("k", () => Promise.resolve("fresh")), "fresh");
});

test("createLimiter() keeps the limit, also after failures", async () => {
  const limit = createLimiter(2);
  let running = 0;
  let most = 0;
  const work = async (i: number): Promise<void> => {
    most = Math.max(most, ++running);
    await turn();
    running--;
    if (i % 3 === 0) throw new Error("odd");
  };
  const results = await Promise.allSettled(Array.from({ length: 12 }, (_, i) => limit(() => work(i))));
  assert.equal(most, 2);
  assert.equal(results.filter(({ status }) => status === "rejected").length, 4);
});

function pollerOver(remote: () => AdvertisedRef[]): {
  asked: string[][];
  poller: ReturnType<typeof createPoller>;
  tick: (ms: number) => void;
} {
  const asked: string[][] = [];
  let now = 0;
  const list = async (prefixes: readonly string[]): Promise<AdvertisedRef[]> => {
    asked.push([...prefixes]);
    await turn();
    return remote();
  };
  return { asked, poller: createPoller(list, () => now), tick: (ms) => void (now += ms) };
}

test("createPoller() joins questions, but never one that is under way", async () => {
  let main = id("1");
  const { asked, poller } = pollerOver(() => [
    { name: "refs/heads/main", id: main },
    { name: "refs/tags/v1", id: id("9") },
  ]);
  const first = poller.ask({ prefixes: ["refs/heads/main"], maxAgeMs: 0 });
  const tags = poller.ask({ prefixes: ["refs/tags/"], maxAgeMs: 0 });
  assert.deepEqual((await tags).map(({ name }) => name), ["refs/tags/v1"]); // prettier-ignore
  assert.deepEqual((await first).map(({ id: found }) => found), [id("1")]); // prettier-ignore
  const running = poller.ask({ prefixes: ["refs/heads/main"], maxAgeMs: 0 });
  await turn();
  await turn();
  main = id("2");
  const after = poller.ask({ prefixes: ["refs/heads/main"], maxAgeMs: 0 });
  await running;
  assert.equal((await after)[0]?.id, id("2"), "it was asked after the change");
  assert.deepEqual(asked, [["refs/heads/main", "refs/tags/"], ["refs/heads/main"], ["refs/heads/main"]]);
});

test("createPoller() gives an earlier answer only to those who accept its age", async () => {
  const { asked, poller, tick } = pollerOver(() => [{ name: "refs/heads/main", id: id("1") }]);
  const ask = (maxAgeMs: number): Promise<readonly AdvertisedRef[]> =>
    poller.ask({ prefixes: ["refs/heads/main"], maxAgeMs });
  await ask(0);
  tick(500);
  await ask(1000);
  assert.equal(asked.length, 1);
  await ask(400);
  assert.equal(asked.length, 2);
});

test("createPoller() goes on after a failure", async () => {
  let fails = true;
  const list = (): Promise<AdvertisedRef[]> => (fails ? Promise.reject(new Error("down")) : Promise.resolve([]));
  const poller = createPoller(list, () => 0);
  await assert.rejects(poller.ask({ prefixes: ["x"], maxAgeMs: 0 }), /down/);
  fails = false;
  assert.deepEqual(await poller.ask({ prefixes: ["x"], maxAgeMs: 1000 }), []);
});

test("createBlobCache() is bounded and forgets the least recently used", () => {
  const cache = createBlobCache(1000);
  const bytes = (): Uint8Array => new Uint8Array(100);
  for (const key of ["a", "b", "c"]) cache.set(key, bytes());
  assert.ok(cache.get("a"));
  cache.set("d", bytes());
  assert.equal(cache.get("b"), undefined);
  assert.ok(cache.get("a") && cache.get("c") && cache.get("d"));
  cache.set("huge", new Uint8Array(5000));
  assert.equal(cache.get("huge"), undefined);
  assert.ok(cache.bytes <= 1000);
});
