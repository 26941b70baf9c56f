// sprig's string functions: cutting, padding, joining, quoting, wrapping.

import { byteLength, decodeText, encodeText, isAscii, rejoin, sliceBytes } from "../bytes.ts";
import { callFailure, define, defineWithContext } from "../define.ts";
import { show, sprintf } from "../printf.ts";
import { quote } from "../quote.ts";
import {
  type Callable,
  type CallContext,
  GoBytes,
  GoInt,
  GoMap,
  GoSlice,
  stringMapType,
  stringSliceType,
  uint8Type,
  type Value,
} from "../value.ts";
import {
  initials,
  joinWords,
  lowerText,
  pascalCase,
  swapCase,
  titleText,
  untitle,
  upperText,
  withoutSpace,
} from "./case.ts";
import { toText } from "./cast.ts";
import { wrap } from "./wrap.ts";

export const stringFunctions: [string, Callable][] = [
  ["abbrev", define(["int", "string"], "string", (width, s) => (width < 4 ? s : abbreviate(s, 0, width)))],
  ["abbrevboth", define(["int", "int", "string"], "string", abbreviateBoth)],
  ["trunc", define(["int", "string"], "string", truncate)],
  ["substr", define(["int", "int", "string"], "string", substring)],
  ["trim", define(["string"], "string", trimSpace)],
  ["upper", define(["string"], "string", upperText)],
  ["lower", define(["string"], "string", lowerText)],
  ["title", define(["string"], "string", titleText)],
  ["untitle", define(["string"], "string", untitle)],
  ["swapcase", define(["string"], "string", swapCase)],
  ["snakecase", define(["string"], "string", (s) => joinWords(s, "_"))],
  ["kebabcase", define(["string"], "string", (s) => joinWords(s, "-"))],
  ["camelcase", define(["string"], "string", pascalCase)],
  ["initials", define(["string"], "string", initials)],
  ["nospace", define(["string"], "string", withoutSpace)],
  ["repeat", defineWithContext(["int", "string"], "string", repeat)],
  ["trimall", define(["string", "string"], "string", trimAll)],
  ["trimAll", define(["string", "string"], "string", trimAll)],
  ["trimSuffix", define(["string", "string"], "string", (a, s) => (a && s.endsWith(a) ? s.slice(0, -a.length) : s))],
  ["trimPrefix", define(["string", "string"], "string", (a, s) => (s.startsWith(a) ? s.slice(a.length) : s))],
  ["wrap", define(["int", "string"], "string", (width, s) => wrap(s, { width, separator: "", breakWords: false }))],
  [
    "wrapWith",
    define(["int", "string", "string"], "string", (width, separator, s) =>
      wrap(s, { width, separator, breakWords: true }),
    ),
  ],
  ["contains", define(["string", "string"], "bool", (part, s) => s.includes(part))],
  ["hasPrefix", define(["string", "string"], "bool", (part, s) => s.startsWith(part))],
  ["hasSuffix", define(["string", "string"], "bool", (part, s) => s.endsWith(part))],
  [
    "quote",
    define(["...any"], "string", (...values) =>
      present(values)
        .map((v) => quote(toText(v)))
        .join(" "),
    ),
  ],
  [
    "squote",
    define(["...any"], "string", (...values) =>
      present(values)
        .map((v) => `'${show(v)}'`)
        .join(" "),
    ),
  ],
  [
    "cat",
    define(["...any"], "string", (...values) =>
      present(values)
        .map((v) => sprintf("%v", [v]))
        .join(" "),
    ),
  ],
  ["indent", defineWithContext(["int", "string"], "string", indent)],
  ["nindent", defineWithContext(["int", "string"], "string", (context, n, s) => `\n${indent(context, n, s)}`)],
  ["replace", defineWithContext(["string", "string", "string"], "string", replace)],
  ["plural", define(["string", "string", "int"], "string", (one, many, count) => (count === 1 ? one : many))],
  ["toString", define(["any"], "string", toText)],
  ["toStrings", define(["any"], "strings", (v) => toStrings(v))],
  ["join", defineWithContext(["string", "any"], "string", join)],
  ["split", define(["string", "string"], "stringMap", (separator, s) => numbered(splitText(s, separator, -1)))],
  [
    "splitn",
    define(["string", "int", "string"], "stringMap", (separator, n, s) => numbered(splitText(s, separator, n))),
  ],
  [
    "splitList",
    define(
      ["string", "string"],
      "strings",
      (separator, s) => new GoSlice(splitText(s, separator, -1), stringSliceType),
    ),
  ],
];

const present = (values: Value[]): Value[] => values.filter((value) => value !== null && value !== undefined);

/** `strings.TrimSpace`. */
export function trimSpace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isWhite(text.charCodeAt(start))) start++;
  while (end > start && isWhite(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isWhite(unit: number): boolean {
  if (unit === 0x20 || (unit >= 9 && unit <= 13)) return true;
  if (unit < 0x85) return false;
  return (
    unit === 0x85 ||
    unit === 0xa0 ||
    unit === 0x1680 ||
    (unit >= 0x2000 && unit <= 0x200a) ||
    unit === 0x2028 ||
    unit === 0x2029 ||
    unit === 0x202f ||
    unit === 0x205f ||
    unit === 0x3000
  );
}

function trimAll(cutset: string, text: string): string {
  const cut = new Set(cutset);
  const all = Array.from(text);
  let start = 0;
  let end = all.length;
  while (start < end && cut.has(all[start] ?? "")) start++;
  while (end > start && cut.has(all[end - 1] ?? "")) end--;
  return all.slice(start, end).join("");
}

/** `s[start:end]` by bytes; panics like Go where the bounds do not fit. */
function cutBytes(text: string, start: number, end: number): string {
  const size = byteLength(text);
  if (end < 0) throw callFailure(`runtime error: slice bounds out of range [:${end}]`);
  if (end > size) throw callFailure(`runtime error: slice bounds out of range [:${end}] with length ${size}`);
  if (start > end || start < 0) {
    throw callFailure(`runtime error: slice bounds out of range [${start}:${start < 0 ? "" : end}]`);
  }
  return sliceBytes(text, start, end);
}

/** `s[start:]`. */
function cutFrom(text: string, start: number): string {
  const size = byteLength(text);
  if (start < 0) throw callFailure(`runtime error: slice bounds out of range [${start}:]`);
  if (start > size) throw callFailure(`runtime error: slice bounds out of range [${start}:${size}]`);
  return sliceBytes(text, start, size);
}

function truncate(count: number, text: string): string {
  if (isAscii(text)) {
    if (count < 0) return text.length + count > 0 ? text.slice(count) : text;
    return text.length > count ? text.slice(0, count) : text;
  }
  const bytes = encodeText(text);
  if (count < 0 && bytes.length + count > 0) return decodeText(bytes.subarray(bytes.length + count));
  return count >= 0 && bytes.length > count ? decodeText(bytes.subarray(0, count)) : text;
}

function substring(start: number, end: number, text: string): string {
  if (start < 0) return cutBytes(text, 0, end);
  if (end < 0 || end > byteLength(text)) return cutFrom(text, start);
  return cutBytes(text, start, end);
}

function abbreviateBoth(left: number, right: number, text: string): string {
  return right < 4 || (left > 0 && right < 7) ? text : abbreviate(text, left, right);
}

/** goutils.AbbreviateFull; an empty string where that refuses its arguments. */
function abbreviate(text: string, from: number, width: number): string {
  const size = byteLength(text);
  if (text === "" || width < 4) return "";
  if (size <= width) return text;
  let offset = Math.min(from, size);
  if (size - offset < width - 3) offset = size - (width - 3);
  if (offset <= 4) return `${cutBytes(text, 0, width - 3)}...`;
  if (width < 7) return "";
  if (offset + width - 3 < size) return `...${abbreviate(cutFrom(text, offset), 0, width - 3)}`;
  return `...${cutFrom(text, size - (width - 3))}`;
}

function repeat(context: CallContext, count: number, text: string): string {
  if (count < 0) throw callFailure("strings: negative Repeat count");
  context.reserve(count * text.length);
  return text.repeat(count);
}

function indent(context: CallContext, spaces: number, text: string): string {
  if (spaces < 0) throw callFailure("strings: negative Repeat count");
  if (spaces > 1_000_000) context.reserve(spaces);
  const pad = " ".repeat(spaces);
  if (spaces > 1000) context.reserve(spaces * text.split("\n").length + text.length);
  const indented = pad + text.replaceAll("\n", `\n${pad}`);
  context.reserve(indented.length);
  return indented;
}

function replace(context: CallContext, old: string, fresh: string, text: string): string {
  const parts = old === "" ? ["", ...Array.from(text), ""] : text.split(old);
  context.reserve(text.length + parts.length * fresh.length);
  return old === "" && text === "" ? fresh : rejoin(parts.join(fresh));
}

/** `strings.SplitN`; a negative count splits everywhere. */
export function splitText(text: string, separator: string, count: number): string[] {
  if (count === 0) return [];
  const parts = separator === "" ? Array.from(text) : text.split(separator);
  if (count < 0 || parts.length <= count) return parts;
  return [...parts.slice(0, count - 1), parts.slice(count - 1).join(separator)];
}

function numbered(parts: string[]): GoMap {
  return new GoMap(new Map(parts.map((part, i) => [`_${i}`, part])), stringMapType);
}

/** sprig's list of strings of anything: nils are left out, a value alone is a list of one. */
export function toStrings(value: Value): GoSlice {
  if (value instanceof GoSlice) {
    if (value.type === stringSliceType) return value;
    return new GoSlice(present(value.items).map(toText), stringSliceType);
  }
  if (value instanceof GoBytes) {
    return new GoSlice(
      Array.from(value.bytes, (byte) => toText(new GoInt(byte, uint8Type))),
      stringSliceType,
    );
  }
  return new GoSlice(value === undefined || value === null ? [] : [toText(value)], stringSliceType);
}

function join(context: CallContext, separator: string, value: Value): string {
  const items = toStrings(value).items.map(toText);
  context.reserve(items.length * separator.length);
  const text = items.join(separator);
  context.reserve(text.length);
  return text;
}
