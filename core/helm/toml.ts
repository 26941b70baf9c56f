// toToml and fromToml: BurntSushi's encoder, and TOML 1.0 reading.

import { parse, TomlDate, TomlError } from "smol-toml";
import {
  callFailure,
  decodeText,
  GoBytes,
  GoInt,
  GoMap,
  GoSlice,
  int64,
  jsonOf,
  mapType,
  quote,
  sliceOfMapsType,
  sortedKeys,
  sprintf,
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

/** The TOML of a map as BurntSushi writes it: plain keys first, then tables, two spaces deeper each. */
export function writeToml(value: Value): string {
  if (!(value instanceof GoMap)) {
    throw callFailure(`toml: top-level values must be Go maps or structs`);
  }
  const lines: string[] = [];
  jsonOf(value); // refuses what unfolds to too much
  writeTable(lines, value, []);
  return lines.map((line) => `${line}\n`).join("");
}

const indent = (depth: number): string => "  ".repeat(Math.max(depth, 0));
const isTable = (value: Value): value is GoMap => value instanceof GoMap;
const isTableList = (value: Value): value is GoSlice =>
  value instanceof GoSlice && value.items.length > 0 && value.items.every(isTable);

function writeTable(lines: string[], map: GoMap, path: string[]): void {
  const keys = sortedKeys(map.entries).filter((key) => map.entries.get(key) !== null);
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

function quoteToml(text: string): string {
  return quote(text).replaceAll("\\x", "\\u00").replaceAll("\\a", "\\u0007").replaceAll("\\v", "\\u000b");
}

function inline(value: Value): string {
  if (typeof value === "string") return quoteToml(value);
  if (typeof value === "boolean") return String(value);
  if (typeof value === "number") return tomlFloat(value);
  if (value instanceof GoInt) return String(value.n);
  if (value instanceof GoBytes) return quoteToml(decodeText(value.bytes));
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
