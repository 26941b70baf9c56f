// Lines out of arbitrary pieces.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure } from "@plumbline/core/model";
import { LineSplitter } from "./line-splitter.ts";

function split(text: Buffer, size: number, max?: number): string[] {
  const lines: string[] = [];
  const splitter = new LineSplitter((line) => lines.push(line), max);
  for (let i = 0; i < text.length; i += size) splitter.push(text.subarray(i, i + size));
  return lines;
}

test("lines come out whole however the bytes are cut, letters of several bytes too", () => {
  const text = Buffer.from("{}\n\nßäö😀\nlast line\nunfinished");
  for (let size = 1; size < text.length + 2; size++) {
    assert.deepEqual(split(text, size), ["{}", "ßäö😀", "last line"], `cut every ${size} bytes`);
  }
});

test("a line without end fails before it fills the memory", () => {
  assert.throws(
    () => split(Buffer.alloc(1000, "x"), 10, 100),
    (thrown: unknown) => thrown instanceof Failure && thrown.reason === "LimitExceeded",
  );
});
