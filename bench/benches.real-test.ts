// The benches run, in small, so that they still do when a figure is wanted; what they count holds at any size.

import assert from "node:assert/strict";
import { test } from "node:test";
import { bench as atRest } from "./at-rest-1000/bench.ts";
import { bench as drift } from "./drift/bench.ts";
import { bench as growth } from "./growth/bench.ts";
import { bench as firstRun } from "./kustomizations-400/bench.ts";
import { bench as kustomize } from "./kustomize/bench.ts";
import { bench as oneCommit } from "./one-commit-of-1000/bench.ts";
import { bench as startUp } from "./start-up-applied/bench.ts";

const count = 4;
Object.assign(process.env, {
  BENCH_COUNT: String(count),
  BENCH_ROUNDS: "1",
  BENCH_FORM: "sources",
  BENCH_SECONDS: "7",
  BENCH_INTERVAL_SECONDS: "2",
});

const quiet = (): undefined => undefined;

/** The number in a row of two cells; NaN when there is no such row. */
function reader(result: string): (what: string) => number {
  return (what) => Number(new RegExp(`\\| ${what} +\\| +([\\d.]+) \\|`).exec(result)?.[1]);
}

test("kustomizations-400: an application costs a finalizer, dry-runs, applies, its status and three events, and no read", async () => {
  const result = await firstRun(quiet);
  const value = (verb: string, resource: string): number =>
    Number(new RegExp(`\\| ${verb} +\\| ${resource} +\\| +(\\d+) \\|`).exec(result)?.[1]);
  for (const resource of ["deployments", "services", "serviceaccounts", "ingresses"]) {
    assert.equal(value("patch", resource), count, result);
    assert.equal(value("patch \\(dry-run\\)", resource), count, result);
    assert.ok(Number.isNaN(value("get", resource)), result);
  }
  assert.equal(value("patch", "kustomizations"), count, "the finalizer");
  // The outcome; on a busy machine, where a run is at work for more than a second, also that it is.
  const statuses = value("patch", "kustomizations/status");
  assert.ok(statuses >= count && statuses <= 2 * count, result);
  // What was created, that it is healthy, that it is done; of the source its artifact.
  assert.equal(value("create", "events"), 3 * count + 1, result);
});

test("drift: every edit is repaired and timed", async () => {
  const result = await drift(quiet);
  const rows = result.split("\n").filter((line) => /^\| an? /.test(line));
  assert.equal(rows.length, 3, result);
  for (const row of rows) assert.match(row, new RegExp(`\\| +${count} (?:\\| +[\\d.]+ ){6}\\|$`));
});

test("one-commit-of-1000: the touched one is built, planned and written; the others say so in one write, without an event", async () => {
  const result = await oneCommit(quiet);
  const value = reader(result);
  assert.equal(value("builds rendered"), 1, result);
  assert.equal(value("plans with something to do"), 1, result);
  assert.equal(value("requests: patch deployments"), 1, result);
  assert.equal(value("requests: patch kustomizations/status"), count, result);
  assert.ok(Number.isNaN(value("requests: patch services")), result);
  // Of the source its new artifact; of the touched one what changed, that it is healthy, and that it is done. Of the
  // others none.
  assert.equal(value("requests: create events"), 4, result);
});

test("start-up-applied: a start on an applied cluster writes nothing and asks for each kind once", async () => {
  const result = await startUp(quiet);
  const value = reader(result);
  assert.equal(value("writes"), 0, result);
  assert.equal(value("most lists and watches of one kind"), 1, result);
  assert.equal(value("ls-refs to Git"), 1);
  assert.equal(value("fetches from Git"), 1);
});

test("at-rest-1000: over several intervals the API server is asked nothing, and Git once per interval", async () => {
  const value = reader(await atRest(quiet));
  assert.equal(value("requests but watches and leases"), 0);
  assert.equal(value("watches opened anew"), 0);
  const polls = value("ls-refs to Git");
  assert.ok(polls >= 2 && polls <= 4, `${polls} polls in 7 s`);
  assert.equal(value("other requests to Git"), 0);
});

test("growth: a size is measured beside its floor", async () => {
  process.env["BENCH_COUNT"] = "1";
  assert.match(await growth(quiet), /^\| +1 \|(?: +[\d.]+ \|){8}$/m);
});

test(
  "kustomize: every table has its figures",
  { skip: process.env["PLUMBLINE_CORPUS"] ? false : "corpus: NOT RUN (PLUMBLINE_CORPUS is not set)" },
  async () => {
    process.env["BENCH_COUNT"] = "20";
    const result = await kustomize(() => undefined);
    assert.match(result, /^\| nothing remembered: total \| [\d.]+ ms \| [\d.]+ ms \| [\d.]+x \|$/m);
    assert.match(result, /^\| [\w+.-]+ \| \d+ \| \d+ \| [\d.]+ \| \d+x \|$/m);
    assert.match(result, /^\| all \| \d+ \|( [\d.]+ \|){6} [\d.]+x \| \d+ \|$/m);
  },
);
