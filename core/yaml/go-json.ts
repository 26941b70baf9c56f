// JSON text as Go's encoding/json writes it: sorted keys, HTML-safe escapes, Go's floats.

import { Failure, isObject, type JsonObject, type JsonValue } from "@plumbline/core/model";
import { formatFloatJson } from "./go-number.ts";
import { MAX_DEPTH } from "./limits.ts";

export interface GoJsonOptions {
  /** Escape `<`, `>` and `&` (Go's default); false is `SetEscapeHTML(false)`. */
  escapeHtml?: boolean;
  /** Indentation of one level, as in `MarshalIndent(value, "", indent)`; absent for one line. */
  indent?: string;
}

/**
 * `json.Marshal(value)` for values made of maps, slices and scalars; no newline at the end. Throws
 * `Failure("YamlInvalid")` with Go's words for infinities and NaN, `Failure("LimitExceeded")` beyond 1000 levels.
 */
export function toGoJson(value: JsonValue, options: GoJsonOptions = {}): string {
  return new Writer(options.escapeHtml ?? true, options.indent ?? "").write(value, "\n");
}

class Writer {
  private readonly html: boolean;
  private readonly indent: string;
  private readonly colon: string;
  private depth = 0;

  constructor(html: boolean, indent: string) {
    this.html = html;
    this.indent = indent;
    this.colon = indent === "" ? ":" : ": ";
  }

  /** `line` is a line feed and the indentation of the line that the value stands on. */
  write(value: JsonValue, line: string): string {
    if (typeof value === "string") return quoteGoJson(value, this.html);
    if (typeof value === "number") return numberToJson(value);
    if (value === null || typeof value !== "object") return String(value);
    if (++this.depth > MAX_DEPTH) throw tooDeep();
    const deeper = line + this.indent;
    const isMap = isObject(value);
    const parts = isMap ? this.pairs(value, deeper) : value.map((item) => this.write(item, deeper));
    this.depth--;
    const [open, close] = isMap ? ["{", "}"] : ["[", "]"];
    if (parts.length === 0) return open + close;
    if (this.indent === "") return open + parts.join(",") + close;
    return open + deeper + parts.join(`,${deeper}`) + line + close;
  }

  private pairs(value: JsonObject, line: string): string[] {
    const keys = Object.keys(value);
    if (keys.length > 1) keys.sort(compareUtf8);
    return keys.map((key) => quoteGoJson(key, this.html) + this.colon + this.write(value[key] as JsonValue, line));
  }
}

function numberToJson(value: number): string {
  if (Number.isSafeInteger(value) && value !== 0) return String(value);
  refuseNotFinite(value);
  return formatFloatJson(value);
}

/** Throws for infinities and NaN, which JSON does not have. */
export function refuseNotFinite(value: number): void {
  if (Number.isFinite(value)) return;
  const text = Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
  throw new Failure({
    reason: "YamlInvalid",
    message: `json: unsupported value: ${text}`,
    hint: "Use a finite number, or a text.",
    retry: "never",
  });
}

/** A value that is nested too deeply to be written. */
export function tooDeep(): Failure {
  return new Failure({
    reason: "LimitExceeded",
    message: `the value is nested deeper than ${MAX_DEPTH} levels`,
    hint: "Flatten the value.",
    retry: "never",
  });
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
