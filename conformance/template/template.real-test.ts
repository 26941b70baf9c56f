// Every row, and generated templates, give the same bytes or the same error text as Go's text/template with sprig.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import { difference } from "./compare.ts";
import { generatedTemplate } from "./generate.ts";
import { type Oracle, startOracle } from "./oracle.ts";
import { builtins } from "./rows/builtins.ts";
import { edges } from "./rows/edges.ts";
import { language } from "./rows/language.ts";
import { sprig } from "./rows/sprig.ts";

const tables = { language, builtins, sprig, edges };
const generatedRuns = 300;

describe("core/template beside Go", () => {
  let oracle: Oracle;
  before(async () => {
    oracle = await startOracle();
  });
  after(() => oracle.close());

  for (const [name, rows] of Object.entries(tables)) {
    const distinct = new Set(rows);
    it(`answers all ${distinct.size} rows of ${name} as Go does`, async () => {
      const differences: string[] = [];
      for (const template of distinct) {
        const different = await difference(oracle, template);
        if (different !== undefined) differences.push(different);
      }
      assert.equal(differences.length, 0, differences.slice(0, 50).join("\n"));
    });
  }

  it(`answers ${generatedRuns} generated templates as Go does`, async () => {
    const property = fc.asyncProperty(generatedTemplate, async (template) => {
      assert.equal(await difference(oracle, template), undefined);
    });
    await fc.assert(property, { numRuns: generatedRuns });
  });
});
