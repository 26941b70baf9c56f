// The real helm beside ours: the same chart folder and arguments, the same bytes or the same refusal.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import {
  defaultCapabilities,
  mergeMaps,
  printChart,
  readValues,
  renderChart,
  setJson,
  setLiteral,
  setString,
  setValue,
} from "@plumbline/core/helm";
import { Failure } from "@plumbline/core/model";
import { encodeText } from "@plumbline/core/template";
import { readChart } from "../../apps/cli/read-chart.ts";
import { functions } from "./engine.ts";

export interface Case {
  /** A directory or a .tgz. */
  chart: string;
  valueFiles?: string[];
  set?: string[];
  setString?: string[];
  setJson?: string[];
  setLiteral?: string[];
  apiVersions?: string[];
  kubeVersion?: string;
  includeCrds?: boolean;
  isUpgrade?: boolean;
}

export interface Answer {
  output: Buffer;
  error: string | undefined;
}

export function runHelm(helm: string, test: Case): Answer {
  const flag = (name: string, values: string[] = []): string[] => values.flatMap((value) => [name, value]);
  const args = [
    "template",
    "rel",
    test.chart,
    "--namespace",
    "ns",
    ...flag("--values", test.valueFiles),
    ...flag("--set", test.set),
    ...flag("--set-string", test.setString),
    ...flag("--set-json", test.setJson),
    ...flag("--set-literal", test.setLiteral),
    ...flag("--api-versions", test.apiVersions),
    ...(test.kubeVersion === undefined ? [] : ["--kube-version", test.kubeVersion]),
    ...(test.includeCrds ? ["--include-crds"] : []),
    ...(test.isUpgrade ? ["--is-upgrade"] : []),
  ];
  const { status, stdout, stderr } = spawnSync(helm, args, {
    maxBuffer: 1 << 28,
    env: { HOME: "/nonexistent", TZ: "UTC" },
  });
  return { output: stdout, error: status === 0 ? undefined : stderr.toString() };
}

export function runOurs(test: Case): Answer {
  try {
    const chart = readChart(test.chart);
    let values = readValues("");
    for (const file of test.valueFiles ?? []) values = mergeMaps(values, readValues(readFileSync(file, "utf8")));
    for (const text of test.setJson ?? []) values = setJson(text, values);
    for (const text of test.set ?? []) setValue(text, values);
    for (const text of test.setString ?? []) setString(text, values);
    for (const text of test.setLiteral ?? []) setLiteral(text, values);
    const release = { name: "rel", namespace: "ns", isUpgrade: test.isUpgrade ?? false };
    const capabilities = {
      kubeVersion: test.kubeVersion ?? defaultCapabilities.kubeVersion,
      apiVersions: [...defaultCapabilities.apiVersions, ...(test.apiVersions ?? [])],
    };
    const rendered = renderChart(chart, values, release, { functions, capabilities });
    const text = printChart(rendered, { includeCrds: test.includeCrds ?? false });
    return { output: Buffer.from(encodeText(text)), error: undefined };
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    return { output: Buffer.alloc(0), error: thrown.message };
  }
}

/** What differs, as text; undefined when both give the same. Lines that the real helm itself makes anew each time do not count. */
export function differenceOf(helm: string, test: Case): string | undefined {
  const theirs = runHelm(helm, test);
  const ours = runOurs(test);
  if (theirs.error !== undefined || ours.error !== undefined) return differentRefusal(theirs.error, ours.error);
  if (theirs.output.equals(ours.output)) return undefined;
  const again = runHelm(helm, test).output.toString().split("\n");
  const first = theirs.output.toString().split("\n");
  const own = ours.output.toString().split("\n");
  const at = first.findIndex((line, i) => line !== own[i] && line === again[i]);
  if (at < 0 && first.length === own.length) return undefined;
  return `line ${at + 1}\n  helm: ${first[at] ?? ""}\n  ours: ${own[at] ?? ""}`;
}

function differentRefusal(theirs: string | undefined, ours: string | undefined): string | undefined {
  if (ours !== undefined && theirs !== undefined && (theirs.includes(ours) || isSameSchemaRefusal(theirs, ours)))
    return undefined;
  return `  helm: ${theirs ?? "no error"}\n  ours: ${ours ?? "no error"}`;
}

/** The real one walks over properties in random order, and has words of its own for formats and for what it fetches. */
function isSameSchemaRefusal(theirs: string, ours: string): boolean {
  const isSchema = [theirs, ours].every((text) => text.includes("values don't meet the specifications of the schema"));
  return isSchema && (/ is not valid |failing loading/.test(theirs) || sortedWords(theirs) === sortedWords(ours));
}

const sortedWords = (text: string): string =>
  text
    .slice(Math.max(text.indexOf("values don't meet"), 0))
    .split(/[\n,]\s*/)
    .map((part) => part.replace(/ not allowed$|^- at '[^']*': additional properties /g, ""))
    .filter((part) => part !== "")
    .sort()
    .join("\n");
