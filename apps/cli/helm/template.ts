// What `plumb helm template` does: values, the chart, rendering, output.

import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import {
  checkReleaseName,
  defaultCapabilities,
  helmFunctions,
  mergeMaps,
  nameFromTemplate,
  parseKubeVersion,
  printChart,
  readValues,
  renderChart,
  type RenderedChart,
  setFile,
  setJson,
  setLiteral,
  setString,
  setValue,
} from "@plumbline/core/helm";
import { asFailure, Failure } from "@plumbline/core/model";
import { decodeText, encodeText, type FunctionTable, type GoMap } from "@plumbline/core/template";
import { secureRandom, templateCrypto } from "@plumbline/edges/crypto";
import { writeOut } from "../print/write-out.ts";
import { readChart } from "../read-chart.ts";
import type { TemplateFlags } from "./template-options.ts";

/** Renders and prints, or writes files. Throws `Failure`. */
export function runTemplate(first: string, second: string | undefined, flags: TemplateFlags): void {
  const functions = templateFunctions();
  const path = second ?? first;
  const name = second === undefined ? defaultName(path, flags, functions) : givenName(first, flags);
  const values = mergedValues(flags);
  const chart = readChart(path);
  checkReleaseName(name);
  const release = { name, namespace: flags.namespace, isUpgrade: flags.isUpgrade ?? false };
  const rendered = renderChart(chart, values, release, {
    functions,
    capabilities: {
      kubeVersion:
        flags.kubeVersion === undefined ? defaultCapabilities.kubeVersion : checkedVersion(flags.kubeVersion),
      apiVersions: [...defaultCapabilities.apiVersions, ...flags.apiVersions],
    },
    skipSchemaValidation: flags.skipSchemaValidation ?? false,
  });
  if (flags.outputDir === undefined) writeOut(encodeText(printed(rendered, flags)));
  else
    writeFiles(rendered, flags, {
      crds: flags.outputDir,
      rest: flags.releaseName ? join(flags.outputDir, name) : flags.outputDir,
    });
}

function printed(rendered: RenderedChart, flags: TemplateFlags): string {
  return printChart(rendered, {
    includeCrds: flags.includeCrds ?? false,
    noHooks: !flags.hooks,
    skipTests: flags.skipTests ?? false,
    showOnly: flags.showOnly,
  });
}

/** The functions of a chart rendered on this machine, now. */
export function templateFunctions(): FunctionTable {
  return helmFunctions({
    now: () => BigInt(Date.now()) * 1_000_000n,
    // Asking takes Node 11 ms, and few charts have dates.
    localZone: () => Intl.DateTimeFormat().resolvedOptions().timeZone,
    random: secureRandom,
    crypto: templateCrypto,
  });
}

function usage(message: string): Failure {
  return new Failure({ reason: "UsageError", message, retry: "never" });
}

function givenName(name: string, flags: TemplateFlags): string {
  if (flags.generateName) throw usage("cannot set --generate-name and also specify a name");
  if (flags.nameTemplate !== undefined) throw usage("cannot set --name-template and also specify a name");
  return name;
}

function defaultName(path: string, flags: TemplateFlags, functions: FunctionTable): string {
  if (flags.nameTemplate !== undefined) return nameFromTemplate(flags.nameTemplate, functions);
  if (!flags.generateName) return "release-name";
  const name = basename(path).split(".", 1)[0] ?? "";
  return `${name === "" ? "chart" : name}-${Math.floor(Date.now() / 1000)}`;
}

function checkedVersion(version: string): string {
  try {
    parseKubeVersion(version);
    return version;
  } catch (thrown) {
    throw usage(`invalid kube version '${version}': ${asFailure(thrown).message}`);
  }
}

/** Files, then --set-json, --set, --set-string, --set-file, --set-literal: Helm's order. */
function mergedValues(flags: TemplateFlags): GoMap {
  let values = readValues("");
  for (const file of flags.values) values = mergeMaps(values, valuesFile(file));
  for (const text of flags.setJson) values = setJson(text, values);
  for (const text of flags.set) setValue(text, values);
  for (const text of flags.setString) setString(text, values);
  for (const text of flags.setFile) setFile(text, values, (path) => decodeText(readInput(path)));
  for (const text of flags.setLiteral) setLiteral(text, values);
  return values;
}

function valuesFile(path: string): GoMap {
  try {
    return readValues(decodeText(readInput(path)));
  } catch (thrown) {
    const { message } = asFailure(thrown);
    throw new Failure({ reason: "ValuesInvalid", message: `failed to parse ${path}: ${message}`, cause: thrown });
  }
}

function readInput(path: string): Uint8Array {
  if (path.trim() !== "-" && !existsSync(path)) {
    throw new Failure({ reason: "NotFound", message: `open ${path}: no such file or directory` });
  }
  return readFileSync(path.trim() === "-" ? 0 : path);
}

/** Every file anew; several manifests of one file after each other. */
function writeFiles(rendered: RenderedChart, flags: TemplateFlags, into: { crds: string; rest: string }): void {
  const crds = flags.includeCrds ? rendered.crds : [];
  const hooks = flags.hooks ? rendered.hooks.filter((hook) => !(flags.skipTests && hook.events.includes("test"))) : [];
  const written = new Set<string>();
  const others = [...rendered.manifests, ...hooks];
  // As Helm: the release's name is no part of where custom resource definitions go.
  const all = [
    ...crds.map((each) => ({ ...each, to: into.crds })),
    ...others.map((each) => ({ ...each, to: into.rest })),
  ];
  for (const { source, content, to } of all) {
    const file = join(to, source);
    mkdirSync(dirname(file), { recursive: true });
    const text = encodeText(`---\n# Source: ${source}\n${content}\n`);
    if (written.has(file)) appendFileSync(file, text);
    else writeFileSync(file, text);
    written.add(file);
    writeOut(`wrote ${file}\n`);
  }
}
