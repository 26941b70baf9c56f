// The numbers that benches print are right.

import assert from "node:assert/strict";
import { test } from "node:test";
import { formatTable, growthExponent, median, quantile } from "./index.ts";

test("median() is the middle, or the mean of the two middles", () => {
  assert.equal(median([9, 1, 5]), 5);
  assert.equal(median([4, 1, 2, 9]), 3);
  assert.equal(median([7]), 7);
  assert.equal(median([]), Number.NaN);
});

test("quantile() is a value that occurs, and does not touch the order of the list", () => {
  const values = [5, 1, 4, 2, 3];
  assert.equal(quantile(values, 0.5), 3);
  assert.equal(quantile(values, 0.99), 5);
  assert.equal(quantile(values, 0), 1);
  assert.equal(quantile([], 0.5), Number.NaN);
  assert.deepEqual(values, [5, 1, 4, 2, 3]);
});

test("growthExponent() tells linear from quadratic", () => {
  const of = (grow: (x: number) => number): number => growthExponent([1, 2, 4, 8].map((x) => [x, grow(x)]));
  assert.equal(of((x) => 3 * x).toFixed(6), "1.000000");
  assert.equal(of((x) => x * x).toFixed(6), "2.000000");
});

test("formatTable() sets numbers to the right", () => {
  const expected = "| what  | seconds |\n| ----- | ------: |\n| floor |     2.9 |\n| ours  |      10 |";
  const table = formatTable(
    ["what", "seconds"],
    [
      ["floor", 2.9],
      ["ours", 10],
    ],
  );
  assert.equal(table, expected);
});
