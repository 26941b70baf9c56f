// The functions of text/template itself.

import { byteLength, encodeText, fromRune, isRaw, sliceBytes } from "./bytes.ts";
import { zeroOf } from "./arguments.ts";
import { callFailure, define, defineWithContext } from "./define.ts";
import { sprint, sprintf, sprintln } from "./printf.ts";
import { isPrintable } from "./quote.ts";
import { equalsAny, isLess, isTrue } from "./truth.ts";
import { anyType, type Callable, GoBytes, GoInt, GoMap, GoSlice, int, typeOf, uint8Type, type Value } from "./value.ts";

const isLessOrEqual = (a: Value, b: Value): boolean => isLess(a, b) || equalsAny(a, [b]);

/** `and`, `or` and `call` stand here for their names; link.ts gives them their special evaluation. */
const special: Callable = define(["reflect", "...reflect"], anyType, (first) => first);

/** All functions that every template has. */
export const builtinFunctions: ReadonlyMap<string, Callable> = new Map<string, Callable>([
  ["and", special],
  ["or", special],
  ["call", special],
  ["not", define(["reflect"], "bool", (value) => !isTrue(value))],
  ["eq", define(["reflect", "...reflect"], "bool", (first, ...others) => equalsAny(first, others))],
  ["ne", define(["reflect", "reflect"], "bool", (a, b) => !equalsAny(a, [b]))],
  ["lt", define(["reflect", "reflect"], "bool", isLess)],
  ["le", define(["reflect", "reflect"], "bool", isLessOrEqual)],
  ["gt", define(["reflect", "reflect"], "bool", (a, b) => !isLessOrEqual(a, b))],
  ["ge", define(["reflect", "reflect"], "bool", (a, b) => !isLess(a, b))],
  ["len", define(["reflect"], "int", (value) => int(length(value)))],
  ["index", define(["reflect", "...reflect"], anyType, (item, ...indexes) => indexes.reduce(indexOne, present(item)))],
  ["slice", define(["reflect", "...reflect"], anyType, sliceValue)],
  ["print", define(["...any"], "string", (...values) => sprint(values))],
  ["println", define(["...any"], "string", (...values) => sprintln(values))],
  [
    "printf",
    defineWithContext(["string", "...any"], "string", (context, format, ...values) => {
      const text = sprintf(format, values);
      context.reserve(text.length);
      return text;
    }),
  ],
  ["html", define(["...any"], "string", (...values) => escapeHtml(joined(values)))],
  ["js", define(["...any"], "string", (...values) => escapeJs(joined(values)))],
  [
    "urlquery",
    defineWithContext(["...any"], "string", (context, ...values) => {
      const text = joined(values);
      context.spend(text.length);
      return queryEscape(text);
    }),
  ],
]);

function joined(values: Value[]): string {
  const [only] = values;
  if (values.length === 1 && typeof only === "string") return only;
  return sprint(values.map((value) => (value === undefined || value === null ? "<no value>" : value)));
}

function present(item: Value): Value {
  if (item === undefined || item === null) throw callFailure("index of untyped nil");
  return item;
}

function indexOne(item: Value, index: Value): Value {
  if (item === undefined || item === null) throw callFailure("index of nil pointer");
  if (typeof item === "string") return new GoInt(byteAt(encodeText(item), index), uint8Type);
  if (item instanceof GoBytes) return new GoInt(byteAt(item.bytes, index), uint8Type);
  if (item instanceof GoSlice) {
    const at = indexNumber(index, item.items.length);
    if (at >= item.items.length) throw callFailure("reflect: slice index out of range");
    return item.items[at];
  }
  if (item instanceof GoMap) return indexMap(item, index);
  throw callFailure(`can't index item of type ${typeOf(item)?.name}`);
}

function indexMap(map: GoMap, index: Value): Value {
  if (index === undefined || index === null) throw callFailure("value is nil; should be of type string");
  if (typeof index !== "string") throw callFailure(`value has type ${typeOf(index)?.name}; should be string`);
  const found = map.entries.get(index);
  return found === undefined ? zeroOf(map.type.elem ?? anyType) : found;
}

function byteAt(bytes: Uint8Array, index: Value): number {
  const byte = bytes[indexNumber(index, bytes.length)];
  if (byte === undefined) throw callFailure("reflect: string index out of range");
  return byte;
}

/** An index up to and including `most`: one past the end is refused later, as Go does. */
function indexNumber(index: Value, most: number): number {
  if (index === undefined || index === null) throw callFailure("cannot index slice/array with nil");
  if (!(index instanceof GoInt)) throw callFailure(`cannot index slice/array with type ${typeOf(index)?.name}`);
  const n = Number(index.n);
  if (n < 0 || n > most) throw callFailure(`index out of range: ${index.n}`);
  return n;
}

function sliceValue(item: Value, ...indexes: Value[]): Value {
  if (item === undefined || item === null) throw callFailure("slice of untyped nil");
  if (indexes.length > 3) throw callFailure(`too many slice indexes: ${indexes.length}`);
  if (typeof item === "string") {
    if (indexes.length === 3) throw callFailure("cannot 3-index slice a string");
    const [start, end] = sliceBounds(indexes, byteLength(item));
    return sliceBytes(item, start, end);
  }
  if (item instanceof GoSlice) {
    const [start, end] = sliceBounds(indexes, item.items.length);
    return new GoSlice(item.items.slice(start, end), item.type);
  }
  if (item instanceof GoBytes) {
    const [start, end] = sliceBounds(indexes, item.bytes.length);
    return new GoBytes(item.bytes.subarray(start, end));
  }
  throw callFailure(`can't slice item of type ${typeOf(item)?.name}`);
}

function sliceBounds(indexes: Value[], size: number): [number, number] {
  const [start = 0, end = size, cap = size] = indexes.map((index) => indexNumber(index, size));
  if (start > end) throw callFailure(`invalid slice index: ${start} > ${end}`);
  if (end > cap) throw callFailure(`invalid slice index: ${end} > ${cap}`);
  return [start, end];
}

/** The template function `len`. */
function length(value: Value): number {
  if (typeof value === "string") return byteLength(value);
  if (value instanceof GoMap) return value.entries.size;
  if (value instanceof GoSlice) return value.items.length;
  if (value instanceof GoBytes) return value.bytes.length;
  if (value === null) throw callFailure("len of nil pointer");
  if (value === undefined) throw callFailure("reflect: call of reflect.Value.Type on zero Value");
  throw callFailure(`len of type ${typeOf(value)?.name}`);
}

const htmlEscapes = new Map([
  ["\0", "\ufffd"],
  ['"', "&#34;"],
  ["'", "&#39;"],
  ["&", "&amp;"],
  ["<", "&lt;"],
  [">", "&gt;"],
]);

/** `template.HTMLEscapeString`. */
export function escapeHtml(text: string): string {
  // oxlint-disable-next-line no-control-regex -- NUL is what Go replaces
  return text.replace(/[\0"'&<>]/g, (char) => htmlEscapes.get(char) ?? char);
}

const jsEscapes = new Map([
  ["\\", "\\\\"],
  ["'", "\\'"],
  ['"', '\\"'],
  ["<", "\\u003C"],
  [">", "\\u003E"],
  ["&", "\\u0026"],
  ["=", "\\u003D"],
]);

function escapeJs(text: string): string {
  let out = "";
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    const escape = jsEscapes.get(char);
    if (escape) out += escape;
    else if (code < 0x20) out += `\\u00${code.toString(16).toUpperCase().padStart(2, "0")}`;
    else if (code < 0x80) out += char;
    else if (isRaw(code)) out += fromRune(0xfffd);
    else out += isPrintable(code) ? char : `\\u${code.toString(16).toUpperCase().padStart(4, "0")}`;
  }
  return out;
}

/** `url.QueryEscape`. */
export function queryEscape(text: string): string {
  if (text.isWellFormed()) {
    return encodeURIComponent(text)
      .replaceAll(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
      .replaceAll("%20", "+");
  }
  let out = "";
  for (const byte of encodeText(text)) {
    const char = String.fromCharCode(byte);
    if (char === " ") out += "+";
    else out += /[A-Za-z0-9_.~-]/.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return out;
}
