// Compares random builds.

import assert from "node:assert/strict";
import { test } from "node:test";
import { compareBuild } from "./compare-build.ts";
import { askFlux } from "./flux-build-oracle.ts";
import { randomBuilds } from "./testing/random-builds.ts";

/** A test of `count` random repositories: Flux's objects and digest, or refused by both. */
export function randomBuildsTest(count: number, seed: number): void {
  void test(`${count} random repositories give Flux's objects and digest, or are refused by both`, async (t) => {
    const cases = randomBuilds(count, seed);
    const answers = await askFlux(cases);
    const built = answers.filter((answer) => answer.error === undefined).length;
    t.diagnostic(`${built} of ${count} build`);
    for (const [index, one] of cases.entries()) {
      try {
        compareBuild(one, answers[index]);
      } catch (thrown) {
        throw new Error(`${JSON.stringify(one, null, 1)}`, { cause: thrown });
      }
    }
    assert.ok(built > count / 4 && built < count, String(built));
  });
}
