// Ten thousand templates of what charts do give the same bytes or the same error text as Helm's engine.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import { type Oracle, startOracle } from "../template/oracle.ts";
import { helmDifference, wideHelmTemplate } from "./wide.ts";

describe("core/helm beside Helm's engine, at length", () => {
  let oracle: Oracle;
  before(async () => {
    oracle = await startOracle();
  });
  after(() => oracle.close());

  it("answers 10000 generated templates as Helm does", async () => {
    const property = fc.asyncProperty(wideHelmTemplate, async (template) => {
      assert.equal(await helmDifference(oracle, template), undefined);
    });
    await fc.assert(property, { numRuns: 10_000 });
  });
});
