// Helm's functions and objects give the same bytes, or the same error text, as Helm's engine.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import { type Oracle, startOracle } from "../template/oracle.ts";
import { renderRow } from "./engine.ts";
import { helmDifference, wideHelmTemplate } from "./wide.ts";
import { rows, templates, values } from "./rows.ts";

describe("core/helm beside Helm's engine", () => {
  let oracle: Oracle;
  before(async () => {
    oracle = await startOracle();
  });
  after(() => oracle.close());

  const distinct = new Set(rows);
  it(`answers all ${distinct.size} rows as Helm does`, async () => {
    const differences: string[] = [];
    for (const template of distinct) {
      const theirs = await oracle.run({ mode: "helm", name: "row", template, templates, data: values });
      const ours = renderRow(template, templates, values);
      const same =
        theirs.error === ours.error && (theirs.error !== undefined || Buffer.from(ours.output).equals(theirs.output));
      if (!same) differences.push(`${template}\n  go:   ${shown(theirs)}\n  ours: ${shown(ours)}`);
    }
    assert.equal(differences.length, 0, `${differences.length} differ\n${differences.slice(0, 50).join("\n")}`);
  });

  it("answers 200 generated templates as Helm does", async () => {
    const property = fc.asyncProperty(wideHelmTemplate, async (template) => {
      assert.equal(await helmDifference(oracle, template), undefined);
    });
    await fc.assert(property, { numRuns: 200 });
  });

  it("refuses a template that includes itself for ever at the place where Helm does", async () => {
    const template = '{{ include "c.loop" . }}';
    const theirs = await oracle.run({ mode: "helm", name: "row", template, templates, data: values });
    const ours = renderRow(template, templates, values);
    const start = 300;
    assert.equal(ours.error?.slice(0, start), theirs.error?.slice(0, start));
    const reason = "rendering template has a nested reference name: c.loop: unable to execute template";
    assert.ok(ours.error?.endsWith(reason) && theirs.error?.endsWith(reason));
  });
});

function shown(answer: { output: Uint8Array; error: string | undefined }): string {
  return answer.error === undefined ? JSON.stringify(Buffer.from(answer.output).toString()) : `ERROR ${answer.error}`;
}
