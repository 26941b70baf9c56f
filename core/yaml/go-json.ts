// JSON text as Go's encoding/json writes it: sorted keys, HTML-safe escapes, Go's floats.

import { isObject, type JsonValue } from "@plumbline/core/model";
import { formatFloatJson } from "./go-number.ts";

export interface GoJsonOptions {
  /** Escape `<`, `>` and `&` (Go's default); false is `SetEscapeHTML(false)`. */
  escapeHtml?: boolean;
  /** Indentation of one level, as in `MarshalIndent(value, "", indent)`; absent for one line. */
  indent?: string;
}

/** `json.Marshal(value)` for values made of maps, slices and scalars; no newline at the end. */
export function toGoJson(value: JsonValue, options: GoJsonOptions = {}): string {
  return write(value, options.escapeHtml ?? true, options.indent ?? "", "\n");
}

function write(value: JsonValue, html: boolean, indent: string, line: string): string {
  if (typeof value === "string") return quoteGoJson(value, html);
  if (typeof value === "number")
    return Number.isSafeInteger(value) && value !== 0 ? String(value) : formatFloatJson(value);
  if (value === null || typeof value !== "object") return String(value);
  const deeper = line + indent;
  const [open, close, parts] = isObject(value)
    ? ["{", "}", objectParts(value, html, indent, deeper)]
    : ["[", "]", value.map((item) => write(item, html, indent, deeper))];
  if (parts.length === 0) return open + close;
  return indent === "" ? open + parts.join(",") + close : open + deeper + parts.join(`,${deeper}`) + line + close;
}

function objectParts(value: { [key: string]: JsonValue }, html: boolean, indent: string, line: string): string[] {
  const colon = indent === "" ? ":" : ": ";
  return Object.keys(value)
    .sort(compareUtf8)
    .map((key) => quoteGoJson(key, html) + colon + write(value[key] as JsonValue, html, indent, line));
}

/** Orders strings by their UTF-8 bytes, as Go compares them. */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return isSurrogate(x) === isSurrogate(y) ? x - y : isSurrogate(x) ? 1 : -1;
  }
  return a.length - b.length;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}

// oxlint-disable-next-line no-control-regex -- JSON escapes control characters
const NEEDS_ESCAPE = /["\\<>&\u0000-\u001f\u2028\u2029\ud800-\udfff]/;
const ESCAPES =
  // oxlint-disable-next-line no-control-regex -- JSON escapes control characters
  /["\\<>&\u0000-\u001f\u2028\u2029]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const SHORT: Record<string, string> = {
  '"': '\\"',
  "\\": "\\\\",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

/** One string in quotes; what is no valid Unicode becomes `\ufffd`. */
export function quoteGoJson(text: string, html = true): string {
  if (!NEEDS_ESCAPE.test(text)) return `"${text}"`;
  const escaped = text.replaceAll(ESCAPES, (char) => {
    if (!html && (char === "<" || char === ">" || char === "&")) return char;
    const code = char.charCodeAt(0);
    return SHORT[char] ?? (isSurrogate(code) ? "\\ufffd" : `\\u${code.toString(16).padStart(4, "0")}`);
  });
  return `"${escaped}"`;
}
