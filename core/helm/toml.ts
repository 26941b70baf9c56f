// toToml and fromToml: BurntSushi's encoder, and TOML 1.0 reading.

import { parse, TomlDate, TomlError } from "smol-toml";
import {
  callFailure,
  decodeText,
  GoBytes,
  GoInt,
  GoMap,
  GoObject,
  GoSlice,
  int64,
  jsonOf,
  mapType,
  sliceOfMapsType,
  sortedKeys,
  sprintf,
  timeType,
  timeValue,
  typeOf,
  type Value,
} from "@plumbline/core/template";

/** A TOML document as Go's decoder makes it: int64, float64, times, maps. Throws `TemplateFailed`. */
export function parseToml(text: string): GoMap {
  try {
    return tableValue(parse(text, { integersAsBigInt: true }));
  } catch (thrown) {
    if (!(thrown instanceof TomlError)) throw thrown;
    throw callFailure(`toml: line ${thrown.line}: ${thrown.message.split("\n", 1)[0] ?? ""}`, thrown);
  }
}

function tableValue(table: object): GoMap {
  return new GoMap(new Map(Object.entries(table).map(([key, value]) => [key, tomlValue(value)])));
}

function tomlValue(value: unknown): Value {
  if (typeof value === "bigint") return int64(value);
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  if (value instanceof TomlDate) return dateValue(value);
  if (Array.isArray(value)) return arrayValue(value);
  if (typeof value === "object" && value !== null) return tableValue(value);
  throw callFailure("toml: a value of an unknown type");
}

function arrayValue(items: unknown[]): GoSlice {
  const values = items.map(tomlValue);
  const areTables = values.length > 0 && values.every((value) => value instanceof GoMap);
  return areTables ? new GoSlice(values, sliceOfMapsType) : new GoSlice(values);
}

function dateValue(date: TomlDate): Value {
  const ms = date.getTime();
  const seconds = Math.floor(ms / 1000);
  const zone = { name: "UTC", at: () => ({ offset: 0, abbreviation: "UTC" }) };
  return timeValue({ seconds, nanoseconds: (ms - seconds * 1000) * 1e6, zone });
}

/**
 * The TOML of a map as BurntSushi writes it: plain keys first, then tables, two spaces deeper each. Texts, numbers and
 * lists of them are written too, though no document can be one.
 */
export function writeToml(value: Value): string {
  jsonOf(value); // refuses what unfolds to too much
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

const isNil = (value: Value): boolean =>
  value === null || value === undefined || ((value instanceof GoMap || value instanceof GoSlice) && value.isNil);

function writeTable(lines: string[], map: GoMap, path: string[]): void {
  const keys = sortedKeys(map.entries).filter((key) => !isNil(map.entries.get(key)));
  const isNested = (key: string): boolean => isTable(map.entries.get(key)) || isTableList(map.entries.get(key));
  for (const key of keys.filter((each) => !isNested(each))) {
    lines.push(`${indent(path.length)}${tomlKey(key)} = ${inline(map.entries.get(key))}`);
  }
  for (const key of keys.filter(isNested)) {
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
      if (path.length === 0 && lines.length > 0) lines.push("");
      lines.push(`${indent(deeper.length - 1)}[[${name}]]`);
      writeTable(lines, item as GoMap, deeper); // isTableList said so
    }
  }
}

const tomlKey = (key: string): string => (/^[A-Za-z0-9_-]+$/.test(key) ? key : quoteToml(key));

const shortEscapes = new Map([
  ['"', '\\"'],
  ["\\", "\\\\"],
  ["\b", "\\b"],
  ["\t", "\\t"],
  ["\n", "\\n"],
  ["\f", "\\f"],
  ["\r", "\\r"],
]);

/** Only quotes, backslashes and control characters are escaped; bytes that are no UTF-8 stay. */
function quoteToml(text: string): string {
  const escaped = text.replaceAll(
    // oxlint-disable-next-line no-control-regex -- they are what is looked for
    /["\\\u0000-\u001f\u007f]/g,
    (char) => shortEscapes.get(char) ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return `"${escaped}"`;
}

function inline(value: Value): string {
  if (typeof value === "string") return quoteToml(value);
  if (typeof value === "boolean") return String(value);
  if (typeof value === "number") return tomlFloat(value);
  if (value instanceof GoInt) return String(value.n);
  if (value instanceof GoBytes) return quoteToml(decodeText(value.bytes));
  if (value instanceof GoObject && value.type.json) {
    const text = (value.type.json as (v: Value) => string)(value); // the type's own json takes its values
    return value.type === timeType ? text : quoteToml(text);
  }
  if (value instanceof GoSlice) return `[${value.items.map(element).join(", ")}]`;
  if (value instanceof GoMap && value.type.elem === mapType.elem) return inlineTable(value);
  throw callFailure(`unsupported type: ${typeOf(value)?.name ?? "nil"}`);
}

function element(value: Value): string {
  if (value === null || value === undefined) throw callFailure("toml: cannot encode array with nil element");
  return inline(value);
}

function inlineTable(map: GoMap): string {
  const parts = sortedKeys(map.entries).map((key) => `${tomlKey(key)} = ${inline(map.entries.get(key))}`);
  return `{${parts.join(", ")}}`;
}

function tomlFloat(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "+inf" : "-inf";
  const text = sprintf("%g", [value]);
  if (/e/.test(text)) return text;
  return text.includes(".") ? text : `${text}.0`;
}
