// Values of users, parents and subcharts, with nulls, tables and scalars in each other's way, merge as in Helm.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import { type Oracle, startOracle } from "../template/oracle.ts";
import { runOurs } from "./real-helm.ts";

const runs = Number(process.env["PLUMBLINE_VALUES_RUNS"] ?? 150);

const key = fc.constantFrom("a", "b", "child", "twin", "global", "tags", "exports", "on");
const leaf = fc.constantFrom<unknown[]>(null, true, false, 0, 1, "", "text", [], [1, null], {});
const { table } = fc.letrec<{ table: unknown; value: unknown }>((tie) => ({
  value: fc.oneof({ maxDepth: 3, depthSize: "small" }, leaf, tie("table")),
  table: fc.dictionary(key, tie("value"), { maxKeys: 4 }),
}));

const dependencies = fc.constantFrom(
  "",
  "dependencies: [{name: child, version: '*', repository: ''}]\n",
  "dependencies: [{name: child, version: '*', repository: '', condition: child.on}]\n",
  "dependencies: [{name: child, version: '*', repository: '', alias: twin, tags: [a, b]}]\n",
  "dependencies: [{name: child, version: '*', repository: ''}, {name: child, version: '*', repository: '', alias: twin, import-values: [a, {child: b, parent: taken}, {child: exports.b, parent: .}]}]\n",
  "dependencies: [{name: child, version: '*', repository: '', import-values: [{child: a, parent: a}, {child: global, parent: b.a}]}]\n",
);

describe("generated values beside Helm", () => {
  let oracle: Oracle;
  let directory = "";
  before(async () => {
    oracle = await startOracle();
    directory = mkdtempSync(join(tmpdir(), "plumbline-values-"));
  });
  after(() => {
    oracle.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it(`merges ${runs} generated charts and values as Helm does`, async () => {
    let count = 0;
    const property = fc.asyncProperty(
      table,
      table,
      table,
      table,
      dependencies,
      async (user, parent, child, grand, wanted) => {
        const chart = join(directory, String(count++));
        const write = (name: string, text: string): string => {
          mkdirSync(dirname(join(chart, name)), { recursive: true });
          writeFileSync(join(chart, name), text);
          return join(chart, name);
        };
        const template = "v: {{ .Values | toJson }}\n";
        write("Chart.yaml", `apiVersion: v2\nname: top\nversion: 1.0.0\n${wanted}`);
        write("values.yaml", JSON.stringify(parent));
        write("templates/t.yaml", template);
        write("charts/child/Chart.yaml", "apiVersion: v2\nname: child\nversion: 1.0.0\n");
        write("charts/child/values.yaml", JSON.stringify(child));
        write("charts/child/templates/t.yaml", template);
        write("charts/child/charts/b/Chart.yaml", "apiVersion: v2\nname: b\nversion: 1.0.0\n");
        write("charts/child/charts/b/values.yaml", JSON.stringify(grand));
        write("charts/child/charts/b/templates/t.yaml", template);
        const test = { chart, valueFiles: [write("user.yaml", JSON.stringify(user))] };
        const theirs = await oracle.run({ mode: "chart", name: "", template: "", ...test });
        const ours = runOurs(test);
        if (theirs.error !== undefined) assert.equal(ours.error, theirs.error);
        else assert.equal(ours.error ?? ours.output.toString(), Buffer.from(theirs.output).toString());
      },
    );
    await fc.assert(property, { numRuns: runs });
  });
});
