// Every chart of the corpus with its defaults, each file of its ci/ folder and generated values, beside the real helm.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isObject, type JsonObject } from "@plumbline/core/model";
import { parseYaml } from "@plumbline/core/yaml";
import { corpusTest } from "@plumbline/testkit/corpus";
import { helmBinary } from "@plumbline/testkit/go";
import { generatedValues } from "./generate-values.ts";
import { type Case, differenceOf } from "./real-helm.ts";

const generatedSets = Number(process.env["PLUMBLINE_HELM_SETS"] ?? 5);
const seed = Number(process.env["PLUMBLINE_HELM_SEED"] ?? 20261121);

corpusTest("charts", "charts render as the real helm renders them", async (root) => {
  const helm = await helmBinary();
  const temporary = mkdtempSync(join(tmpdir(), "plumbline-helm-"));
  const differences: string[] = [];
  let count = 0;
  try {
    for (const name of readdirSync(root).filter((entry) => existsSync(join(root, entry, "Chart.yaml")))) {
      for (const test of casesOf(join(root, name), temporary)) {
        count++;
        const different = differenceOf(helm, test);
        if (different !== undefined) differences.push(`${name} ${describeCase(test)}\n${different}`);
      }
    }
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  assert.equal(
    differences.length,
    0,
    `${differences.length} of ${count} differ\n${differences.slice(0, 20).join("\n")}`,
  );
});

function casesOf(chart: string, temporary: string): Case[] {
  const ci = join(chart, "ci");
  const files = existsSync(ci) ? readdirSync(ci).filter((file) => /\.ya?ml$/.test(file)) : [];
  const defaults = existsSync(join(chart, "values.yaml"))
    ? parseYaml(readFileSync(join(chart, "values.yaml"), "utf8"))
    : {};
  const generated = generatedValues(isObject(defaults) ? defaults : {}, generatedSets, seed);
  return [
    { chart },
    ...files.map((file) => ({ chart, valueFiles: [join(ci, file)] })),
    ...generated.map((values) => ({ chart, valueFiles: [writeValues(temporary, values)] })),
  ];
}

let written = 0;

function writeValues(directory: string, values: JsonObject): string {
  const file = join(directory, `values-${written++}.yaml`);
  writeFileSync(file, JSON.stringify(values));
  return file;
}

function describeCase(test: Case): string {
  const [file] = test.valueFiles ?? [];
  return file === undefined
    ? "defaults"
    : `${file}: ${existsSync(file) ? readFileSync(file, "utf8").slice(0, 500) : ""}`;
}
