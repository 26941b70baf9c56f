// toToml: BurntSushi's encoder.

import {
  callFailure,
  checkUnfolds,
  decodeText,
  formatInstant,
  GoBytes,
  GoInt,
  GoMap,
  GoObject,
  GoSlice,
  instantOf,
  isTime,
  mapType,
  sortedKeys,
  sprintf,
  typeOf,
  type Value,
} from "@plumbline/core/template";
import { quoteToml, tomlKey } from "./toml-quote.ts";
import { localLayouts } from "./toml-scalars.ts";

/**
 * The TOML of a map as BurntSushi writes it: plain keys first, then tables, two spaces deeper each. Texts, numbers and
 * lists of them are written too, though no document can be one.
 */
export function writeToml(value: Value): string {
  checkUnfolds(value);
  if (isTableList(value)) throw callFailure("toml: top-level values must be Go maps or structs");
  if (!(value instanceof GoMap)) return inline(value);
  const lines: string[] = [];
  writeTable(lines, value, []);
  return lines.map((line) => `${line}\n`).join("");
}

const indent = (depth: number): string => "  ".repeat(Math.max(depth, 0));
const isTable = (value: Value): value is GoMap => value instanceof GoMap;
const isTableList = (value: Value): value is GoSlice =>
  value instanceof GoSlice && value.items.length > 0 && value.items.every(isTable);

const isNested = (value: Value): boolean => isTable(value) || isTableList(value);

const isNil = (value: Value): boolean =>
  value === null || value === undefined || ((value instanceof GoMap || value instanceof GoSlice) && value.isNil);

function writeTable(lines: string[], map: GoMap, path: string[]): void {
  const keys = sortedKeys(map.entries).filter((key) => !isNil(map.entries.get(key)));
  for (const key of keys.filter((each) => !isNested(map.entries.get(each)))) {
    lines.push(`${indent(path.length)}${tomlKey(key)} = ${inline(map.entries.get(key))}`);
  }
  for (const key of keys.filter((each) => isNested(map.entries.get(each)))) {
    const value = map.entries.get(key);
    const deeper = [...path, key];
    const name = deeper.map(tomlKey).join(".");
    if (isTable(value)) {
      if (path.length === 0 && lines.length > 0) lines.push("");
      lines.push(`${indent(deeper.length - 1)}[${name}]`);
      writeTable(lines, value, deeper);
      continue;
    }
    for (const item of (value as GoSlice).items) {
      if (lines.length > 0) lines.push("");
      lines.push(`${indent(deeper.length - 1)}[[${name}]]`);
      writeTable(lines, item as GoMap, deeper); // isTableList said so
    }
  }
}

function inline(value: Value): string {
  if (typeof value === "string") return quoteToml(value);
  if (typeof value === "boolean") return String(value);
  if (typeof value === "number") return tomlFloat(value);
  if (value instanceof GoInt) return String(value.n);
  if (value instanceof GoBytes) return quoteToml(decodeText(value.bytes));
  if (isTime(value)) return timeText(value);
  if (value instanceof GoObject && value.type.json) {
    const text = (value.type.json as (v: Value) => string)(value); // the type's own json takes its values
    return quoteToml(text);
  }
  if (value instanceof GoSlice) return `[${value.items.map(element).join(", ")}]`;
  if (value instanceof GoMap && value.type.elem === mapType.elem) return inlineTable(value);
  throw callFailure(`unsupported type: ${typeOf(value)?.name ?? "nil"}`);
}

/** Times that were read without a zone are written without one. */
function timeText(value: GoObject): string {
  const instant = instantOf(value);
  const { abbreviation } = instant.zone.at(instant.seconds);
  return formatInstant(instant, localLayouts.get(abbreviation) ?? "2006-01-02T15:04:05.999999999Z07:00");
}

function element(value: Value): string {
  if (value === null || value === undefined) throw callFailure("toml: cannot encode array with nil element");
  return inline(value);
}

/** What holds no tables comes first; a value that is nil leaves its comma. */
function inlineTable(map: GoMap): string {
  const keys = sortedKeys(map.entries);
  const nested = keys.filter((key) => isNested(map.entries.get(key)));
  const direct = keys.filter((key) => !isNested(map.entries.get(key)));
  const all = [...direct, ...nested];
  const parts = all.map((key, i) => {
    const value = map.entries.get(key);
    return isNil(value) ? "" : `${tomlKey(key)} = ${inline(value)}${i < all.length - 1 ? ", " : ""}`;
  });
  return `{${parts.join("")}}`;
}

function tomlFloat(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  const text = sprintf("%g", [value]);
  if (/e/.test(text)) return text;
  return text.includes(".") ? text : `${text}.0`;
}
