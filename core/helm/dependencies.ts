// Which subcharts take part (conditions, tags, aliases) and what parents import from them.

import { matchesRange, parseRange, parseVersion } from "@plumbline/core/semver";
import { deepCopy, GoMap, mapType, show, type Value } from "@plumbline/core/template";
import { type Chart, type Dependency, emptyMap, setDependencies } from "./chart.ts";
import { coalesceTables, coalesceValues } from "./merge-maps.ts";

/** Drops disabled subcharts, gives aliases their names, and imports values. Changes the chart in place. */
export function processDependencies(chart: Chart, values: GoMap): void {
  processEnabled(chart, values, "");
  processImports(chart);
}

/** `semver.Check`, false where either side is malformed. */
export function isCompatible(constraint: string, version: string): boolean {
  const range = parseRange(constraint);
  const parsed = parseVersion(version);
  return !("error" in range) && !("error" in parsed) && matchesRange(range, parsed);
}

function processEnabled(chart: Chart, values: GoMap, path: string): void {
  const requirements = chart.metadata.dependencies;
  if (!requirements) return;
  const unlisted = chart.dependencies.filter((existing) => !requirements.some((each) => isFor(each, existing)));
  const listed: Chart[] = [];
  for (const requirement of requirements) {
    const found = chart.dependencies.find((existing) => isFor(requirement, existing));
    if (found) listed.push(underAlias(found, requirement.alias));
  }
  const named = requirements.map((each) => ({
    ...each,
    name: each.alias === "" ? each.name : each.alias,
    enabled: true,
  }));
  chart.metadata = { ...chart.metadata, dependencies: named };
  setDependencies(chart, [...unlisted, ...listed]);
  const all = coalesceValues(chart, values, false);
  applyTags(named, all);
  applyConditions(named, all, path);
  const removed = new Set(named.filter((each) => !each.enabled).map((each) => each.name));
  const kept = chart.dependencies.filter((each) => !removed.has(each.metadata.name));
  for (const each of kept) processEnabled(each, all, `${path}${each.metadata.name}.`);
  const left = named.filter((each) => !removed.has(each.name));
  chart.metadata = { ...chart.metadata, dependencies: left.length === 0 ? undefined : left };
  setDependencies(chart, kept);
}

const isFor = (requirement: Dependency, chart: Chart): boolean =>
  chart.metadata.name === requirement.name && isCompatible(requirement.version, chart.metadata.version);

/** A copy that can be changed and has its own children, under the alias if there is one. */
function underAlias(chart: Chart, alias: string): Chart {
  const metadata = { ...chart.metadata, ...(alias !== "" && { name: alias }) };
  const copy: Chart = { ...chart, metadata };
  setDependencies(
    copy,
    chart.dependencies.map((each) => ({ ...each })),
  );
  return copy;
}

function applyTags(requirements: Dependency[], values: GoMap): void {
  const tags = values.entries.get("tags");
  if (!(tags instanceof GoMap) || tags.type !== mapType) return;
  for (const requirement of requirements) {
    const settings = requirement.tags.map((tag) => tags.entries.get(tag)).filter((value) => typeof value === "boolean");
    requirement.enabled = settings.length === 0 || settings.includes(true);
  }
}

function applyConditions(requirements: Dependency[], values: GoMap, path: string): void {
  for (const requirement of requirements) {
    for (const condition of requirement.condition.trim().split(",")) {
      const value = condition === "" ? undefined : pathValue(values, path + condition);
      if (typeof value !== "boolean") continue;
      requirement.enabled = value;
      break;
    }
  }
}

/** The value at a dotted path; undefined where the path ends early or at a mapping. */
function pathValue(values: GoMap, path: string): Value {
  const parts = path.split(".");
  const last = parts.pop() ?? "";
  const found = tableAt(values, parts)?.entries.get(last);
  return found instanceof GoMap ? undefined : found;
}

function tableAt(values: GoMap, parts: string[]): GoMap | undefined {
  let at: GoMap = values;
  for (const part of parts) {
    const next = at.entries.get(part);
    if (!(next instanceof GoMap)) return undefined;
    at = next;
  }
  return at;
}

function processImports(chart: Chart): void {
  for (const dependency of chart.dependencies) processImports(dependency);
  const requirements = chart.metadata.dependencies;
  if (!requirements) return;
  const values = coalesceValues(chart, emptyMap(), true);
  const imported = emptyMap();
  for (const { name, importValues } of requirements) {
    for (const item of importValues) {
      const [child, parent] = importPaths(item);
      if (child === undefined) continue;
      const table = tableAt(values, `${name}.${child}`.split("."));
      if (table) coalesceTables(imported, underPath(parent, table), true);
    }
  }
  chart.values = coalesceTables(deepCopy(values) as GoMap, imported, true); // a copy of a map is a map
}

function importPaths(item: Value): [string | undefined, string] {
  if (typeof item === "string") return [`exports.${item}`, "."];
  if (!(item instanceof GoMap)) return [undefined, "."];
  return [show(item.entries.get("child") ?? null), show(item.entries.get("parent") ?? null)];
}

function underPath(path: string, table: GoMap): GoMap {
  if (path === ".") return table;
  return path.split(".").reduceRight((inner, part) => new GoMap(new Map<string, Value>([[part, inner]])), table);
}
