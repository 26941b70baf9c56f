// Any other folder of charts, beside the real helm: set PLUMBLINE_CHARTS to it. Charts and archives are found at any depth.

import assert from "node:assert/strict";
import { existsSync, globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { helmBinary } from "@plumbline/testkit/go";
import { casesOf, describeCase } from "./chart-cases.ts";
import { differenceOf } from "./real-helm.ts";

const root = process.env["PLUMBLINE_CHARTS"];
const generatedSets = Number(process.env["PLUMBLINE_HELM_SETS"] ?? 2);
const pattern = new RegExp(process.env["PLUMBLINE_CHARTS_ONLY"] ?? "");

test(
  "other charts render as the real helm renders them",
  { skip: root === undefined && "PLUMBLINE_CHARTS is not set" },
  async (t) => {
    const helm = await helmBinary();
    const temporary = mkdtempSync(join(tmpdir(), "plumbline-helm-"));
    const differences: string[] = [];
    let count = 0;
    const charts = chartsBelow(root ?? "").filter((chart) => pattern.test(chart));
    try {
      for (const chart of charts) {
        for (const each of casesOf(chart, temporary, generatedSets)) {
          count++;
          const different = differenceOf(helm, each);
          if (different !== undefined) differences.push(`${chart} ${describeCase(each)}\n${different}`);
        }
      }
    } finally {
      rmSync(temporary, { recursive: true, force: true });
    }
    t.diagnostic(`${charts.length} charts, ${count} renders`);
    assert.equal(
      differences.length,
      0,
      `${differences.length} of ${count} differ\n${differences.slice(0, 50).join("\n")}`,
    );
  },
);

/** Folders with a Chart.yaml that are not inside another chart, and archives. */
function chartsBelow(directory: string): string[] {
  const folders = globSync("**/Chart.yaml", { cwd: directory }).map((file) => join(directory, dirname(file)));
  const isInside = (folder: string): boolean =>
    folder
      .split("/charts/")
      .some((_, i, parts) => i > 0 && existsSync(join(parts.slice(0, i).join("/charts/"), "Chart.yaml")));
  const archives = globSync("**/*.tgz", { cwd: directory }).map((file) => join(directory, file));
  return [...folders, ...archives].filter((chart) => !isInside(chart)).sort();
}
