// Sums, exit codes and text of comparisons.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Comparison, exitCodeOf, type KustomizationComparison, summarize } from "./comparison.ts";
import { comparisonJson, comparisonText } from "./print-comparison.ts";

const one = (more: Partial<KustomizationComparison>): KustomizationComparison => ({
  namespace: "apps",
  name: "web",
  verdict: "same",
  revision: "main@sha1:1",
  appliedRevision: "main@sha1:1",
  objects: 3,
  changes: [],
  kept: [],
  problem: undefined,
  failsWithFlux: false,
  fluxMessage: undefined,
  notes: [],
  ...more,
});
const of = (...kustomizations: KustomizationComparison[]): Comparison => ({ kustomizations, others: [] });
const problem = { reason: "BuildFailed", message: "no such file", hint: undefined };
const deleted = one({
  verdict: "changes",
  changes: [{ object: "ConfigMap/a/b", action: "delete", rule: "prune", why: "no longer in Git", fields: [] }],
});

test("exitCodeOf() is 0 for nothing, 1 for a change or a new failure, 2 for what could not be told", () => {
  assert.equal(exitCodeOf(of(one({}), one({ verdict: "suspended" }))), 0);
  assert.equal(exitCodeOf(of(one({ verdict: "fails", problem, failsWithFlux: true }))), 0);
  assert.equal(exitCodeOf(of(deleted, one({ verdict: "unknown" }))), 1);
  assert.equal(exitCodeOf(of(one({ verdict: "fails", problem }))), 1);
  assert.equal(exitCodeOf(of(one({}), one({ verdict: "unsupported", problem }))), 2);
  assert.equal(exitCodeOf({ ...of(one({})), others: [{ kind: "HelmRelease", count: 1 }] }), 2);
});

test("summarize() counts objects that were compared, and only those", () => {
  const summary = summarize(
    of(one({}), deleted, one({ verdict: "suspended", objects: 9 }), one({ verdict: "unknown" })),
  );
  assert.deepEqual(summary, {
    kustomizations: 4,
    objects: 6,
    wouldChange: 1,
    wouldFail: 0,
    suspended: 1,
    notCompared: 1,
  });
});

test("comparisonText() and comparisonJson() let no control character through", () => {
  const hostile = one({ verdict: "fails", problem: { ...problem, message: "a\u001b[2Jb\u202ec" } });
  assert.equal(comparisonText(of(hostile)).split("\n")[0], "► apps/web: would fail, and does not with Flux: a [2Jb c");
  // oxlint-disable-next-line no-control-regex -- what must not be there
  assert.doesNotMatch(comparisonJson(of(hostile)), /[\u001b\u202e]/);
});
