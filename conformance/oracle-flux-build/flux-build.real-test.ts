// Whole builds beside Flux's, for the cases that were thought of.

import { test } from "node:test";
import { buildCases } from "./cases.ts";
import { compareBuild } from "./compare-build.ts";
import { askFlux } from "./flux-build-oracle.ts";

test("every case is built to the same objects and digest, or refused by both", async (t) => {
  const answers = await askFlux(buildCases);
  for (const [index, one] of buildCases.entries()) {
    await t.test(one.name, () => compareBuild(one, answers[index]));
  }
});
