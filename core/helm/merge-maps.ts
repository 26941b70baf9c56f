// Merging values: files over files, users' values over charts', parents' over subcharts', with null deleting keys.

import { deepCopy, GoMap, mapType, sprintf, type Value } from "@plumbline/core/template";
import type { Chart } from "./chart.ts";
import { emptyMap } from "./chart.ts";
import { valuesInvalid } from "./failure.ts";

const isTable = (value: Value): value is GoMap => value instanceof GoMap && value.type === mapType;

/** `b` over `a` in a new map; neither is changed. */
export function mergeMaps(a: GoMap, b: GoMap): GoMap {
  const out = new Map(a.entries);
  for (const [key, value] of b.entries) {
    const known = out.get(key);
    out.set(key, isTable(value) && isTable(known) ? mergeMaps(known, value) : value);
  }
  return new GoMap(out);
}

/**
 * A copy of `values` filled up with the defaults of the chart and its subcharts. `merge` keeps nulls; otherwise a null
 * deletes the key. Throws `ValuesInvalid` where a subchart's values are not a mapping.
 */
export function coalesceValues(chart: Chart, values: GoMap, merge: boolean): GoMap {
  const copy = deepCopy(values) as GoMap; // a copy of a map is a map
  return coalesce(chart, copy.isNil ? emptyMap() : copy, merge);
}

function coalesce(chart: Chart, to: GoMap, merge: boolean): GoMap {
  coalesceOwn(chart, to, merge);
  for (const subchart of chart.dependencies) {
    const { name } = subchart.metadata;
    if (!to.entries.has(name)) to.entries.set(name, emptyMap());
    const sub = to.entries.get(name);
    if (!isTable(sub)) throw valuesInvalid(`type mismatch on ${name}: ${sprintf("%t", [sub])}`);
    coalesceGlobals(sub, to);
    to.entries.set(name, coalesce(subchart, sub, merge));
  }
  return to;
}

function coalesceOwn(chart: Chart, to: GoMap, merge: boolean): void {
  const defaults = deepCopy(chart.values) as GoMap; // a copy of a map is a map
  const subcharts = new Set(chart.dependencies.map((subchart) => subchart.metadata.name));
  for (const [key, value] of defaults.entries) {
    if (!to.entries.has(key)) {
      if (!merge && (value === null || value === undefined)) continue;
      if (!merge && isTable(value)) removeNulls(value);
      to.entries.set(key, value);
      continue;
    }
    const given = to.entries.get(key);
    if (given === null && !merge) to.entries.delete(key);
    else if (isTable(given) && isTable(value)) {
      const mergeHere = merge || subcharts.has(key);
      if (!mergeHere) removeNulls(value);
      coalesceTables(given, value, mergeHere);
    }
  }
}

/** `from` fills up `to`, in place. */
export function coalesceTables(to: GoMap, from: GoMap, merge: boolean): GoMap {
  const hadValue = new Set<string>();
  for (const [key, value] of from.entries) if (value !== null) hadValue.add(key);
  for (const [key, value] of to.entries) if (value === null) from.entries.set(key, null);
  for (const [key, value] of from.entries) {
    const known = to.entries.get(key);
    if (!to.entries.has(key)) to.entries.set(key, value);
    else if (!merge && known === null && hadValue.has(key)) to.entries.delete(key);
    else if (isTable(value) && isTable(known)) coalesceTables(known, value, merge);
  }
  return to;
}

function removeNulls(map: GoMap): void {
  for (const [key, value] of map.entries) {
    if (value === null) map.entries.delete(key);
    else if (isTable(value)) removeNulls(value);
  }
}

const globalKey = "global";

function tableAt(map: GoMap, key: string): GoMap | undefined {
  if (!map.entries.has(key)) return emptyMap();
  const value = map.entries.get(key);
  return isTable(value) ? value : undefined;
}

function coalesceGlobals(to: GoMap, from: GoMap): void {
  const target = tableAt(to, globalKey);
  const source = tableAt(from, globalKey);
  if (!target || !source) return;
  for (const [key, value] of source.entries) {
    const known = target.entries.get(key);
    if (!isTable(value)) {
      if (!isTable(known)) target.entries.set(key, value);
      continue;
    }
    const copy = new GoMap(new Map(value.entries));
    if (!target.entries.has(key)) target.entries.set(key, copy);
    else if (isTable(known)) {
      coalesceTables(copy, known, true);
      target.entries.set(key, copy);
    }
  }
  to.entries.set(globalKey, target);
}
