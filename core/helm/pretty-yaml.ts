// toYamlPretty: go-yaml v3 with an indentation of two, lists inside mappings indented, long lines left alone.

import {
  callFailure,
  encodeBase64,
  encodeText,
  GoBytes,
  GoInt,
  GoMap,
  GoObject,
  GoSlice,
  jsonOf,
  show,
  sortedKeys,
  sprintf,
  type Value,
} from "@plumbline/core/template";
import { compareKeys, toYaml } from "@plumbline/core/yaml";

/** The YAML without its last newline. */
export function prettyYaml(value: Value): string {
  jsonOf(value); // refuses what unfolds to too much
  return node(value, 0).replace(/^\n/, "");
}

/** What follows a key or a dash: on the same line with a space, or on lines of its own. */
function node(value: Value, depth: number): string {
  if (value instanceof GoMap && value.entries.size > 0) return mapping(value, depth);
  if (value instanceof GoSlice && value.items.length > 0) return sequence(value, depth);
  return scalar(value, depth);
}

const spaces = (depth: number): string => "  ".repeat(depth);

function mapping(map: GoMap, depth: number): string {
  const keys = sortedKeys(map.entries).sort(compareKeys);
  return keys
    .map((key) => {
      const value = map.entries.get(key);
      const name = scalar(key, 0);
      const isBlock =
        (value instanceof GoMap && value.entries.size > 0) || (value instanceof GoSlice && value.items.length > 0);
      return `\n${spaces(depth)}${name}:${isBlock ? node(value, depth + 1) : ` ${node(value, depth + 1)}`}`;
    })
    .join("");
}

function sequence(list: GoSlice, depth: number): string {
  return list.items
    .map((item) => {
      const text = node(item, depth + 1);
      return `\n${spaces(depth)}- ${text.startsWith("\n") ? text.slice(1 + 2 * (depth + 1)) : text}`;
    })
    .join("");
}

function scalar(value: Value, depth: number): string {
  if (value === null || value === undefined) return "null";
  if (typeof value === "boolean") return String(value);
  if (typeof value === "number") return sprintf("%g", [value]);
  if (value instanceof GoInt) return String(value.n);
  if (value instanceof GoMap) return "{}";
  if (value instanceof GoSlice) return "[]";
  if (typeof value === "string") return text(value, depth);
  if (value instanceof GoBytes) return sequence(new GoSlice(Array.from(value.bytes, (byte) => byte)), depth);
  if (value instanceof GoObject && value.type.text) return text(show(value), depth);
  throw callFailure("cannot marshal type");
}

function text(value: string, depth: number): string {
  if (!value.isWellFormed()) return `!!binary ${encodeBase64(encodeText(value))}`;
  const written = toYaml({ k: value }).slice("k: ".length, -1);
  if (!written.includes("\n")) return written;
  if (/^[|>]/.test(written)) return written.replaceAll("\n  ", `\n${spaces(Math.max(depth, 1))}`);
  // A folded line broke at a single space.
  return written.replaceAll(/\n */g, " ");
}
