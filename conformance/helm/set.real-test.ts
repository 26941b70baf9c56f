// The --set family, with well-formed and broken texts, gives the values or the refusals that Helm gives.

import assert from "node:assert/strict";
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import { type Oracle, startOracle } from "../template/oracle.ts";
import { runOurs } from "./real-helm.ts";

const runs = Number(process.env["PLUMBLINE_SET_RUNS"] ?? 400);

const piece = fc.constantFrom(
  ..."a b c .a .b [0] [1] [2] [x] [-1] [ ] = == , { } {} {1,2} {a,b} \\, \\. \\= 1 0 -5 007 1.5 true FALSE null text é".split(
    " ",
  ),
  " ",
  "list",
  "table",
  "scalar",
  "=1",
  "=x,",
  '"q"',
  '={"a":[1,null]}',
  '=[1,{"b":2}]',
  "=",
);
const text = fc.array(piece, { minLength: 1, maxLength: 7 }).map((parts) => parts.join(""));
const sensible = fc
  .array(
    fc.tuple(
      fc.constantFrom(
        "a",
        "a.b",
        "a.b.c",
        "list[0]",
        "list[2]",
        "list[1].x",
        "table.k",
        "scalar",
        "scalar.x",
        "n[0][1]",
        "k\\.l",
      ),
      fc.constantFrom(
        "1",
        "x",
        "true",
        "null",
        "",
        "{1,2}",
        "{}",
        "007",
        "a b",
        "-3",
        "9223372036854775808",
        "1e3",
        "é",
      ),
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((pairs) => pairs.map(([key, value]) => `${key}=${value}`).join(","));

const kinds = ["set", "setString", "setJson", "setLiteral"] as const;

describe("the --set family beside Helm", () => {
  let oracle: Oracle;
  let chart = "";
  before(async () => {
    oracle = await startOracle();
    chart = mkdtempSync(join(tmpdir(), "plumbline-set-"));
    mkdirSync(join(chart, "templates"));
    writeFileSync(join(chart, "Chart.yaml"), "apiVersion: v2\nname: c\nversion: 1.0.0\n");
    writeFileSync(join(chart, "values.yaml"), "list: [1, {x: 2}]\ntable: {k: v}\nscalar: s\n");
    writeFileSync(join(chart, "base.yaml"), "list: [1, {x: 2}]\ntable: {k: v}\nscalar: s\n");
    writeFileSync(join(chart, "templates/t.yaml"), "v: {{ .Values | toJson }}\n");
  });
  after(() => {
    oracle.close();
    rmSync(chart, { recursive: true, force: true });
  });

  for (const kind of kinds) {
    it(`answers ${runs} generated texts of ${kind} as Helm does`, async () => {
      const property = fc.asyncProperty(fc.oneof(text, sensible), fc.boolean(), async (assignment, withFile) => {
        const test = { chart, [kind]: [assignment], ...(withFile && { valueFiles: [join(chart, "base.yaml")] }) };
        const theirs = await oracle.run({ mode: "chart", name: "", template: "", ...test });
        const ours = runOurs(test);
        if (theirs.error !== undefined) assert.equal(ours.error, theirs.error);
        else assert.equal(ours.error ?? ours.output.toString(), Buffer.from(theirs.output).toString());
      });
      await fc.assert(property, { numRuns: runs });
    });
  }
});
