// When memory is given back.

import assert from "node:assert/strict";
import { test } from "node:test";
import { steppedClock } from "@plumbline/testkit/clock";
import { relieveMemory } from "./memory-relief.ts";

test("memory is given back above 130 MB, then only after it has grown by a twentieth, and at most a sixth of the time", (t) => {
  const clock = steppedClock();
  const memory = { mb: 129, reliefs: 0, leaves: 120, takesMs: 200 };
  const collect = (): void => {
    memory.reliefs++;
    memory.mb = memory.leaves;
    clock.advance(memory.takesMs);
  };
  let look = (): void => undefined;
  const whileTaken = (given: () => void): (() => void) => {
    look = given;
    return () => (look = () => undefined);
  };
  t.after(relieveMemory({ clock, resident: () => memory.mb * 1e6, collect, whileTaken }));
  const reliefsAt = (mb: number, afterMs: number): number => {
    memory.mb = mb;
    clock.advance(afterMs);
    look();
    return memory.reliefs;
  };
  assert.equal(reliefsAt(129, 10_000), 0);
  assert.equal(reliefsAt(131, 100), 1);
  assert.equal(reliefsAt(150, 900), 1, "too soon");
  assert.equal(reliefsAt(150, 100), 2);
  memory.leaves = 200;
  assert.equal(reliefsAt(210, 5000), 3);
  assert.equal(reliefsAt(209, 60_000), 3, "a large site lives with what it needs");
  assert.equal(reliefsAt(211, 500), 4);
});

test("who makes garbage is looked at, and nobody at rest", async (t) => {
  let looks = 0;
  const resident = (): number => {
    looks++;
    return 1e6;
  };
  t.after(relieveMemory({ clock: steppedClock(), resident }));
  const kept: unknown[] = [];
  for (let i = 0; looks === 0 && i < 1000; i++) {
    kept.push(Array.from({ length: 10_000 }, (_, n) => ({ n })));
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.ok(looks > 0, `never, over ${kept.length} arrays`);
});

test("garbage that V8 has collected really goes back to the machine", () => {
  const clock = steppedClock();
  const garbage = Array.from({ length: 200_000 }, (_, i) => ({ name: `object-${i}`, list: [i, i + 1, i + 2] }));
  const before = process.memoryUsage().heapTotal;
  let look = (): void => undefined;
  const stop = relieveMemory({
    clock,
    resident: () => 200e6,
    whileTaken: (given) => ((look = given), () => undefined),
  });
  assert.equal(garbage.length, 200_000);
  garbage.length = 0;
  look();
  stop();
  assert.ok(process.memoryUsage().heapTotal < before, `${process.memoryUsage().heapTotal} of ${before}`);
});
