// Which settings of V8 the operator starts itself with.

import assert from "node:assert/strict";
import { test } from "node:test";
import { SMALL_HEAP, smallHeapArguments } from "./small-memory.ts";

test("the settings stand before the arguments that Node was given", () => {
  assert.deepEqual(smallHeapArguments(["--enable-source-maps"], ""), [...SMALL_HEAP, "--enable-source-maps"]);
});

test("a size that somebody chose stays, and a process with the settings does not start itself again", () => {
  assert.equal(smallHeapArguments(SMALL_HEAP, ""), undefined);
  assert.equal(smallHeapArguments(["--max-old-space-size=900"], ""), undefined);
  assert.equal(smallHeapArguments([], "--max_semi_space_size=16"), undefined);
});
