// Every chart of the corpus with its defaults, each file of its ci/ folder and generated values, beside the real helm.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { corpusTest } from "@plumbline/testkit/corpus";
import { helmBinary } from "@plumbline/testkit/go";
import { casesOf, describeCase } from "./chart-cases.ts";
import { differenceOf } from "./real-helm.ts";

const generatedSets = Number(process.env["PLUMBLINE_HELM_SETS"] ?? 5);

corpusTest("charts", "charts render as the real helm renders them", async (root, t) => {
  const helm = await helmBinary();
  const temporary = mkdtempSync(join(tmpdir(), "plumbline-helm-"));
  const differences: string[] = [];
  let count = 0;
  try {
    for (const name of readdirSync(root).filter((entry) => existsSync(join(root, entry, "Chart.yaml")))) {
      const chart = join(root, name);
      const archive = join(temporary, `${name}.tgz`);
      execFileSync("tar", ["-czf", archive, "-C", root, name]);
      const cases = casesOf(chart, temporary, generatedSets);
      // Files that .helmignore names are in an archive all the same: it is a chart of its own to compare.
      for (const test of [...cases, { chart: archive }]) {
        count++;
        const different = differenceOf(helm, test);
        if (different !== undefined) differences.push(`${test.chart} ${describeCase(test)}\n${different}`);
      }
    }
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  t.diagnostic(`${count} renders`);
  assert.equal(
    differences.length,
    0,
    `${differences.length} of ${count} differ\n${differences.slice(0, 20).join("\n")}`,
  );
});
