// status.history: counting, order, length.

import assert from "node:assert/strict";
import { test } from "node:test";
import { dig, type JsonArray } from "@plumbline/core/model";
import { longestHistory, recordRun } from "./history.ts";

const run = {
  digest: "sha256:aa",
  status: "ReconciliationSucceeded",
  at: "t1",
  durationMs: 1094.013654,
  metadata: { revision: "r1" },
};

test("a first run is one entry", () => {
  assert.deepEqual(recordRun(undefined, run), [
    {
      digest: "sha256:aa",
      firstReconciled: "t1",
      lastReconciled: "t1",
      lastReconciledDuration: "1.094013654s",
      lastReconciledStatus: "ReconciliationSucceeded",
      totalReconciliations: 1,
      metadata: { revision: "r1" },
    },
  ]);
});

test("the same digest with the same end counts up and comes to the front; with another end it is another entry", () => {
  let history: JsonArray = recordRun(undefined, run);
  history = recordRun(history, { ...run, status: "ReconciliationFailed", at: "t2" });
  history = recordRun(history, { ...run, at: "t3", metadata: { revision: "r3" } });
  assert.equal(history.length, 2);
  assert.deepEqual(
    ["firstReconciled", "lastReconciled", "totalReconciliations"].map((field) => dig(history[0], field)),
    ["t1", "t3", 2],
  );
  assert.deepEqual(dig(history[0], "metadata"), { revision: "r3" });
  assert.equal(dig(history[1], "lastReconciledStatus"), "ReconciliationFailed");
});

test("only the newest few are kept", () => {
  let history: JsonArray = [];
  for (let index = 0; index < 9; index++) history = recordRun(history, { ...run, digest: `sha256:${index}` });
  assert.deepEqual(
    history.map((entry) => dig(entry, "digest")),
    ["sha256:8", "sha256:7", "sha256:6", "sha256:5", "sha256:4"],
  );
  assert.equal(history.length, longestHistory);
});
