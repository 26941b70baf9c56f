// Five thousand generated templates, and ten thousand damaged ones, give the same bytes or the same error text as Go.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import { difference } from "./compare.ts";
import { damaged } from "./damage.ts";
import { builtinFunctions } from "@plumbline/core/template";
import { fit, wideTemplate } from "./generate-wide.ts";
import { generatedTemplate } from "./generate.ts";
import { functions } from "./ours.ts";
import { type Oracle, startOracle } from "./oracle.ts";
import { language } from "./rows/language.ts";
import { sprig } from "./rows/sprig.ts";

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

  it("answers 10000 templates of what charts do as Go does", async () => {
    const names = fit([...functions.keys(), ...builtinFunctions.keys()]);
    const property = fc.asyncProperty(wideTemplate({ functions: names, hasInclude: false }), async (template) => {
      assert.equal(await difference(oracle, template), undefined);
    });
    await fc.assert(property, { numRuns: 10_000 });
  });

  it("answers 10000 damaged rows as Go does", async () => {
    const property = fc.asyncProperty(damaged([...language, ...sprig]), async (template) => {
      assert.equal(await difference(oracle, template), undefined);
    });
    await fc.assert(property, { numRuns: 10_000 });
  });
});
