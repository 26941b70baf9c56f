// The order of work on one thing.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Turns } from "./turns.ts";

test("work on one key is done in the order of asking, also after one that failed; other keys do not wait", async () => {
  const turns = new Turns<object>();
  const [one, other] = [{}, {}];
  const done: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = turns.take(one, async () => {
    await gate.promise;
    done.push("first");
    throw new Error("broken");
  });
  const second = turns.take(one, () => done.push("second"));
  await turns.take(other, () => done.push("other"));
  gate.resolve();
  await assert.rejects(first, { message: "broken" });
  assert.equal(await second, 3);
  assert.deepEqual(done, ["other", "first", "second"]);
});
