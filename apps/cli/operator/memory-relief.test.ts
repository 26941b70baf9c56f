// When memory is given back.

import assert from "node:assert/strict";
import { test } from "node:test";
import { steppedClock } from "@plumbline/testkit/clock";
import { relieveMemory } from "./memory-relief.ts";

test("memory is given back above 130 MB, then only after it has grown by a tenth, and not more often than every 2 s", (t) => {
  const clock = steppedClock();
  const memory = { mb: 129, reliefs: 0, leaves: 120 };
  const collect = (): void => {
    memory.reliefs++;
    memory.mb = memory.leaves;
  };
  t.after(relieveMemory({ clock, resident: () => memory.mb * 1e6, collect }));
  const reliefsAt = (mb: number, ms: number): number => {
    memory.mb = mb;
    clock.advance(ms);
    return memory.reliefs;
  };
  assert.equal(reliefsAt(129, 10_000), 0);
  assert.equal(reliefsAt(131, 100), 1);
  assert.equal(reliefsAt(150, 1900), 1, "too soon");
  assert.equal(reliefsAt(150, 100), 2);
  memory.leaves = 200;
  assert.equal(reliefsAt(210, 5000), 3);
  assert.equal(reliefsAt(219, 60_000), 3, "a large site lives with what it needs");
  assert.equal(reliefsAt(221, 500), 4);
});

test("garbage that V8 has collected really goes back to the machine", () => {
  const clock = steppedClock();
  const garbage = Array.from({ length: 200_000 }, (_, i) => ({ name: `object-${i}`, list: [i, i + 1, i + 2] }));
  const before = process.memoryUsage().heapTotal;
  const stop = relieveMemory({ clock, resident: () => 200e6 });
  assert.equal(garbage.length, 200_000);
  garbage.length = 0;
  clock.advance(500);
  stop();
  assert.ok(process.memoryUsage().heapTotal < before, `${process.memoryUsage().heapTotal} of ${before}`);
});
