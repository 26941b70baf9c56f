// sprig's string functions: cutting, padding, joining, quoting, wrapping.

import { byteLength, decodeText, encodeText, isAscii, rejoin, sliceBytes } from "../bytes.ts";
import { callFailure, define, defineWithContext } from "../define.ts";
import { show, sprintf } from "../printf.ts";
import { quote } from "../quote.ts";
import {
  type Callable,
  type CallContext,
  GoBytes,
  GoMap,
  GoSlice,
  stringMapType,
  stringSliceType,
  type Value,
} from "../value.ts";
import { byteItems } from "./byte-items.ts";
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
  ["upper", byRune(upperText)],
  ["lower", byRune(lowerText)],
  ["title", byRune(titleText)],
  ["untitle", byRune(untitle)],
  ["swapcase", byRune(swapCase)],
  ["snakecase", byRune((s) => joinWords(s, "_"))],
  ["kebabcase", byRune((s) => joinWords(s, "-"))],
  ["camelcase", byRune(pascalCase)],
  ["initials", byRune(initials)],
  ["nospace", byRune(withoutSpace)],
  ["repeat", defineWithContext(["int", "string"], "string", repeat)],
  ["trimall", defineWithContext(["string", "string"], "string", trimAll)],
  ["trimAll", defineWithContext(["string", "string"], "string", trimAll)],
  ["trimSuffix", define(["string", "string"], "string", (a, s) => (a && s.endsWith(a) ? s.slice(0, -a.length) : s))],
  ["trimPrefix", define(["string", "string"], "string", (a, s) => (s.startsWith(a) ? s.slice(a.length) : s))],
  [
    "wrap",
    defineWithContext(["int", "string"], "string", (context, width, s) => {
      reserveRunes(context, s);
      return wrap(s, { width, separator: "", breakWords: false });
    }),
  ],
  [
    "wrapWith",
    defineWithContext(["int", "string", "string"], "string", (context, width, separator, s) => {
      reserveRunes(context, s);
      context.reserve((separator.length * byteLength(s)) / Math.max(width, 1));
      return wrap(s, { width, separator, breakWords: true });
    }),
  ],
  ["contains", define(["string", "string"], "bool", (part, s) => s.includes(part))],
  ["hasPrefix", define(["string", "string"], "bool", (part, s) => s.startsWith(part))],
  ["hasSuffix", define(["string", "string"], "bool", (part, s) => s.endsWith(part))],
  [
    "quote",
    defineWithContext(["...any"], "string", (context, ...values) =>
      present(values)
        .map((v) => quote(reserved(context, toText(v))))
        .join(" "),
    ),
  ],
  [
    "squote",
    defineWithContext(["...any"], "string", (context, ...values) =>
      present(values)
        .map((v) => `'${reserved(context, show(v))}'`)
        .join(" "),
    ),
  ],
  [
    "cat",
    defineWithContext(["...any"], "string", (context, ...values) =>
      present(values)
        .map((v) => reserved(context, sprintf("%v", [v])))
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
  [
    "split",
    defineWithContext(["string", "string"], "stringMap", (context, separator, s) =>
      numbered(context, countedParts(context, { text: s, separator, count: -1 })),
    ),
  ],
  [
    "splitn",
    defineWithContext(["string", "int", "string"], "stringMap", (context, separator, n, s) =>
      numbered(context, countedParts(context, { text: s, separator, count: n })),
    ),
  ],
  [
    "splitList",
    defineWithContext(
      ["string", "string"],
      "strings",
      (context, separator, s) => new GoSlice(countedParts(context, { text: s, separator, count: -1 }), stringSliceType),
    ),
  ],
];

/** A text as a list of its runes takes many times the memory. */
const stepsPerRune = 10;

function reserveRunes(context: CallContext, text: string): void {
  if (text.length > 1000) context.spend(text.length * stepsPerRune);
}

/** A text that is about to be copied, four times as long where it is quoted. */
function reserved(context: CallContext, text: string): string {
  if (text.length > 100) context.spend(text.length >> 1);
  return text;
}

/** A function that walks over the runes of its text. */
function byRune(body: (text: string) => string): Callable {
  return defineWithContext(["string"], "string", (context, text) => {
    reserveRunes(context, text);
    return body(text);
  });
}

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

function trimAll(context: CallContext, cutset: string, text: string): string {
  reserveRunes(context, cutset);
  reserveRunes(context, text);
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
  context.reserve(spaces);
  if (spaces * text.length > 100_000) context.reserve(spaces * linesOf(text));
  const pad = " ".repeat(spaces);
  return pad + text.replaceAll("\n", `\n${pad}`);
}

function linesOf(text: string): number {
  let lines = 1;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lines++;
  return lines;
}

function replace(context: CallContext, old: string, fresh: string, text: string): string {
  if (old.length < 4) reserveRunes(context, text);
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

/** Short separators can cut a text into as many parts as it has characters. */
function countedParts(
  context: CallContext,
  { text, separator, count }: { text: string; separator: string; count: number },
): string[] {
  if (separator.length < 4) reserveRunes(context, text);
  return splitText(text, separator, count);
}

function numbered(context: CallContext, parts: string[]): GoMap {
  context.spend(parts.length * 32);
  return new GoMap(new Map(parts.map((part, i) => [`_${i}`, part])), stringMapType);
}

/** sprig's list of strings of anything: nils are left out, a value alone is a list of one. */
export function toStrings(value: Value): GoSlice {
  if (value instanceof GoSlice) {
    if (value.type === stringSliceType) return value;
    return new GoSlice(present(value.items).map(toText), stringSliceType);
  }
  if (value instanceof GoBytes) return new GoSlice(byteItems(value.bytes).map(toText), stringSliceType);
  return new GoSlice(value === undefined || value === null ? [] : [toText(value)], stringSliceType);
}

function join(context: CallContext, separator: string, value: Value): string {
  const items = toStrings(value).items.map(toText);
  context.reserve(items.length * separator.length);
  const text = items.join(separator);
  context.reserve(text.length);
  return text;
}
