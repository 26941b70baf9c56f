// What a chart is rendered with: its defaults, each file of its ci/ folder, and values generated from its own.

import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isObject, type JsonObject } from "@plumbline/core/model";
import { parseYaml } from "@plumbline/core/yaml";
import { generatedValues } from "./generate-values.ts";
import type { Case } from "./real-helm.ts";

const seed = Number(process.env["PLUMBLINE_HELM_SEED"] ?? 20261121);

/** The defaults, each file of ci/, and generated values, which are written below `temporary`. */
export function casesOf(chart: string, temporary: string, generatedSets: number): Case[] {
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

/** The values of a case, cut short. */
export function describeCase(test: Case): string {
  const [file] = test.valueFiles ?? [];
  return file === undefined
    ? "defaults"
    : `${file}: ${existsSync(file) ? readFileSync(file, "utf8").slice(0, 500) : ""}`;
}
