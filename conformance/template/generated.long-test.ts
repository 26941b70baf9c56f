// Five thousand generated templates give the same bytes or the same error text as Go.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import { difference } from "./compare.ts";
import { generatedTemplate } from "./generate.ts";
import { type Oracle, startOracle } from "./oracle.ts";

describe("core/template beside Go, at length", () => {
  let oracle: Oracle;
  before(async () => {
    oracle = await startOracle();
  });
  after(() => oracle.close());

  it("answers 5000 generated templates as Go does", async () => {
    const property = fc.asyncProperty(generatedTemplate, async (template) => {
      assert.equal(await difference(oracle, template), undefined);
    });
    await fc.assert(property, { numRuns: 5000 });
  });
});
