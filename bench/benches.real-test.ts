// The benches run, in small, so that they still do when a figure is wanted.

import assert from "node:assert/strict";
import { test } from "node:test";
import { bench as drift } from "./drift/bench.ts";
import { bench as kustomize } from "./kustomize/bench.ts";
import { bench as oneCommit } from "./one-commit-of-1000/bench.ts";

process.env["BENCH_COUNT"] = "3";
process.env["BENCH_ROUNDS"] = "1";

test("drift: every edit is repaired and timed", async () => {
  const result = await drift(() => undefined);
  const rows = result.split("\n").filter((line) => /^\| an? /.test(line));
  assert.equal(rows.length, 3, result);
  for (const row of rows) assert.match(row, /\| +3 \| +\d+ \| +\d+ \| +\d+ \|$/);
});

test("one-commit-of-1000: the touched one is planned and written, the others only say so", async () => {
  const result = await oneCommit(() => undefined);
  const value = (what: string): number => Number(new RegExp(`\\| ${what} +\\| +([\\d.]+) \\|`).exec(result)?.[1]);
  assert.equal(value("requests: patch deployments"), 1, result);
  assert.equal(value("requests: patch kustomizations/status"), 3, result);
  assert.ok(Number.isNaN(value("requests: patch services")), result);
});

test(
  "kustomize: every table has its figures",
  { skip: process.env["PLUMBLINE_CORPUS"] ? false : "corpus: NOT RUN (PLUMBLINE_CORPUS is not set)" },
  async () => {
    process.env["BENCH_COUNT"] = "20";
    const result = await kustomize(() => undefined);
    assert.match(result, /^\| nothing remembered: total \| [\d.]+ ms \| [\d.]+ ms \| [\d.]+x \|$/m);
    assert.match(result, /^\| [\w+.-]+ \| \d+ \| \d+ \| [\d.]+ \| \d+x \|$/m);
    assert.match(result, /^\| all \| \d+ \|( [\d.]+ \|){4} [\d.]+x \| \d+ \|$/m);
  },
);
