// JSON values to YAML text, byte-equal to sigs.k8s.io/yaml's Marshal.

import { Failure, isObject, type JsonObject, type JsonValue } from "@plumbline/core/model";
import { quoteGoJson } from "./go-json.ts";
import { formatFloatG, formatFloatJson } from "./go-number.ts";
import { compareKeys } from "./key-order.ts";
import { isTimestamp, resolvePlain } from "./resolve-scalar.ts";
import * as traits from "./scalar-traits.ts";

/** libyaml folds a line at the first single space beyond this column. */
const BEST_WIDTH = 80;
/** A longer key is written with `? `. */
const MAX_SIMPLE_KEY_BYTES = 128;
/** go-yaml finds no `:` after a longer key, so sigs.k8s.io/yaml cannot write it. */
const MAX_JSON_KEY = 1024;

const INT64_MAX = 0xffff_ffff_ffff_ffffn;
const INT64_MIN = -0x8000_0000_0000_0000n;
const BASE60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;

const NO_PLAIN =
  traits.BLOCK_INDICATOR |
  traits.LINE_BREAK |
  traits.SPECIAL |
  traits.LEADING_SPACE |
  traits.LEADING_BREAK |
  traits.TRAILING_SPACE |
  traits.TRAILING_BREAK |
  traits.BREAK_SPACE |
  traits.SPACE_BREAK;
const NO_SINGLE = traits.BREAK_SPACE | traits.SPACE_BREAK | traits.SPECIAL;
const NO_BLOCK = traits.TRAILING_SPACE | traits.SPACE_BREAK | traits.SPECIAL;

/**
 * The YAML of a value as Go's `yaml.Marshal` of sigs.k8s.io/yaml 1.6 writes it (through JSON, then go-yaml v2): keys in
 * go-yaml's natural order, compact sequences, long lines folded, a newline at the end. Throws `Failure("YamlInvalid")`
 * for strings that Go cannot carry through that way (control characters U+007F to U+009F, U+FFFE, U+FFFF).
 */
export function toYaml(value: JsonValue): string {
  const emitter = new Emitter();
  emitter.root(value);
  return emitter.text();
}

class Emitter {
  /** The current line. */
  out = "";
  /** The lines before the current one, kept apart: counting columns must not touch the whole text. */
  done = "";
  /** The output ends with a line break already. */
  atLineStart = true;

  root(value: JsonValue): void {
    if (isObject(value) && hasKeys(value)) this.mapping(value, 0, true);
    else if (Array.isArray(value) && value.length > 0) this.sequence(value, 0, true);
    else this.scalar(value, 2, "", false);
    if (!this.atLineStart) this.out += "\n";
  }

  text(): string {
    return this.done + this.out;
  }

  startLine(): void {
    this.done += this.out;
    this.out = "";
  }

  newLine(indent: number): void {
    if (!this.atLineStart) this.out += "\n";
    this.startLine();
    this.atLineStart = false;
    if (indent > 0) this.out += spaces(indent);
  }

  /** `inline`: the first key goes on the line that is open. */
  mapping(object: JsonObject, indent: number, inline: boolean): void {
    const keys = Object.keys(object);
    if (keys.length > 1) keys.sort(compareKeys);
    for (const key of keys) {
      if (inline) inline = false;
      else this.newLine(indent);
      this.atLineStart = false;
      this.entry(key, object[key] as JsonValue, indent);
    }
  }

  entry(key: string, value: JsonValue, indent: number): void {
    const text = plainKey(key);
    if (text === undefined) return this.complexEntry(key, value, indent);
    this.out += `${text}:`;
    if (isObject(value) && hasKeys(value)) this.mapping(value, indent + 2, false);
    else if (Array.isArray(value) && value.length > 0) this.sequence(value, indent, false);
    else this.scalar(value, indent + 2, " ", false);
  }

  complexEntry(key: string, value: JsonValue, indent: number): void {
    this.out += "?";
    this.scalar(key, indent + 2, " ", false);
    this.newLine(indent);
    this.out += ":";
    this.nested(value, indent);
  }

  sequence(items: readonly JsonValue[], indent: number, inline: boolean): void {
    for (const item of items) {
      if (inline) inline = false;
      else this.newLine(indent);
      this.atLineStart = false;
      this.out += "-";
      this.nested(item, indent);
    }
  }

  /** A value after `-` or after the `:` of a complex key: collections start on the same line. */
  nested(value: JsonValue, indent: number): void {
    if (isObject(value) && hasKeys(value)) {
      this.out += " ";
      this.mapping(value, indent + 2, true);
    } else if (Array.isArray(value) && value.length > 0) {
      this.out += " ";
      this.sequence(value, indent + 2, true);
    } else {
      this.scalar(value, indent + 2, " ", false);
    }
  }

  scalar(value: JsonValue, indent: number, before: string, simpleKey: boolean): void {
    this.atLineStart = false;
    if (typeof value === "string") return this.string(value, indent, before, simpleKey);
    if (value === null) this.out += `${before}null`;
    else if (typeof value === "boolean") this.out += before + (value ? "true" : "false");
    else if (typeof value === "object") this.out += before + (Array.isArray(value) ? "[]" : "{}");
    else this.out += before + formatNumber(value);
  }

  string(raw: string, indent: number, before: string, simpleKey: boolean): void {
    if (raw === "") {
      this.out += `${before}""`;
      return;
    }
    let value = raw;
    let found = traits.scalarTraits(value);
    if ((found & (traits.SPECIAL | traits.NOT_ASCII)) !== 0) {
      value = throughJson(value);
      if (value !== raw) found = traits.scalarTraits(value);
    }
    this.out += before;
    if ((found & traits.LINE_BREAK) !== 0 && value.includes("\n")) {
      if ((found & NO_BLOCK) !== 0) this.double(value, indent, !simpleKey);
      else this.literal(value, indent);
      return;
    }
    if (!readsAsString(value)) return this.double(value, indent, !simpleKey);
    if ((found & NO_PLAIN) === 0) return this.plain(value, indent, found);
    if ((found & NO_SINGLE) === 0) return this.single(value, indent, !simpleKey);
    this.double(value, indent, !simpleKey);
  }

  column(): number {
    return codePoints(this.out, 0);
  }

  breakLine(indent: number): void {
    this.out += "\n";
    this.startLine();
    this.out += spaces(indent);
  }

  plain(value: string, indent: number, found: number): void {
    if ((found & traits.SPACE) === 0 || this.out.length + value.length <= BEST_WIDTH) {
      this.out += value;
      return;
    }
    this.folded(value, indent, false);
  }

  /** Plain text or the inside of single quotes, folded at single spaces. */
  folded(value: string, indent: number, quoted: boolean): void {
    let column = this.column();
    let from = 0;
    let afterSpace = false;
    for (let i = 0; i < value.length; i++) {
      const code = value.charCodeAt(i);
      if (code === 0x20) {
        const inside = !quoted || (i > 0 && i < value.length - 1);
        if (!afterSpace && column > BEST_WIDTH && inside && value.charCodeAt(i + 1) !== 0x20) {
          this.out += value.slice(from, i);
          this.breakLine(indent);
          from = i + 1;
          column = indent;
        } else {
          column++;
        }
        afterSpace = true;
      } else {
        if ((code & 0xfc00) !== 0xdc00) column++;
        afterSpace = false;
      }
    }
    this.out += value.slice(from);
  }

  single(value: string, indent: number, allowBreaks: boolean): void {
    this.out += "'";
    if (/[\u2028\u2029]/.test(value)) {
      this.singleWithBreaks(value, indent, allowBreaks);
    } else {
      const text = value.includes("'") ? value.replaceAll("'", "''") : value;
      if (allowBreaks && this.out.length + text.length > BEST_WIDTH) {
        this.foldedSingle(value, indent);
      } else {
        this.out += text;
      }
    }
    this.out += "'";
  }

  foldedSingle(value: string, indent: number): void {
    if (!value.includes("'")) return this.folded(value, indent, true);
    let column = this.column();
    let text = "";
    let afterSpace = false;
    for (let i = 0; i < value.length; i++) {
      const char = value[i] as string;
      if (char !== " ") {
        text += char === "'" ? "''" : char;
        column += char === "'" ? 2 : (value.charCodeAt(i) & 0xfc00) === 0xdc00 ? 0 : 1;
      } else if (!afterSpace && column > BEST_WIDTH && i > 0 && i < value.length - 1 && value[i + 1] !== " ") {
        this.out += text;
        text = "";
        this.breakLine(indent);
        column = indent;
      } else {
        text += char;
        column++;
      }
      afterSpace = char === " ";
    }
    this.out += text;
  }

  /** U+2028 and U+2029 stand as they are; the text goes on at the indentation. */
  singleWithBreaks(value: string, indent: number, allowBreaks: boolean): void {
    let afterBreak = false;
    let afterSpace = false;
    let column = this.column();
    const characters = Array.from(value);
    for (const [i, char] of characters.entries()) {
      if (char === " ") {
        const last = i === characters.length - 1;
        if (allowBreaks && !afterSpace && column > BEST_WIDTH && i > 0 && !last && characters[i + 1] !== " ") {
          this.breakLine(indent);
          column = indent;
        } else {
          this.out += char;
          column++;
        }
        afterSpace = true;
      } else if (char === "\u2028" || char === "\u2029") {
        this.out += char;
        this.startLine();
        column = 0;
        afterBreak = true;
      } else {
        if (afterBreak) {
          this.out += spaces(indent);
          column = indent;
        }
        this.out += char === "'" ? "''" : char;
        column += char === "'" ? 2 : 1;
        afterSpace = false;
        afterBreak = false;
      }
    }
  }

  double(value: string, indent: number, allowBreaks: boolean): void {
    this.out += '"';
    let column = this.column();
    let afterSpace = false;
    let text = "";
    // libyaml looks for a byte order mark at the start of the text whatever character it asks about.
    const escapeAll = value.charCodeAt(0) === 0xfeff;
    for (let i = 0; i < value.length; i++) {
      const code = value.charCodeAt(i);
      if (code === 0x20 && !escapeAll) {
        if (allowBreaks && !afterSpace && column > BEST_WIDTH && i > 0 && i < value.length - 1) {
          this.out += text;
          text = "";
          this.breakLine(indent);
          column = indent;
          if (value.charCodeAt(i + 1) === 0x20) {
            text = "\\";
            column++;
          }
        } else {
          text += " ";
          column++;
        }
        afterSpace = true;
        continue;
      }
      afterSpace = false;
      const escape =
        escapeOf(value, i, code) ?? (escapeAll ? numericEscape(value.codePointAt(i) as number) : undefined);
      if (escape === undefined) {
        text += value[i] as string;
        column++;
      } else {
        text += escape;
        column += escape.length;
        if (code >= 0xd800 && code <= 0xdbff) i++;
      }
    }
    this.out += `${text}"`;
  }

  literal(value: string, indent: number): void {
    const first = value.charCodeAt(0);
    const hint = first === 0x20 || isBreak(first) ? "2" : "";
    this.out += `|${hint}${chomping(value)}\n`;
    const pad = spaces(indent);
    let text = "";
    let from = 0;
    let open = true;
    for (let i = 0; i < value.length; i++) {
      const code = value.charCodeAt(i);
      if (code === 0x0a || code === 0x2028 || code === 0x2029) {
        text += value.slice(from, i + 1);
        from = i + 1;
        open = true;
      } else if (open) {
        text += pad;
        open = false;
      }
    }
    this.out += text + value.slice(from);
    this.startLine();
    this.atLineStart = open;
  }
}

const PADS = Array.from({ length: 64 }, (_, width) => " ".repeat(width));

function spaces(width: number): string {
  return PADS[width] ?? " ".repeat(width);
}

function hasKeys(object: JsonObject): boolean {
  for (const key in object) if (Object.hasOwn(object, key)) return true;
  return false;
}

function codePoints(text: string, from: number): number {
  let count = 0;
  for (let i = from; i < text.length; i++) if ((text.charCodeAt(i) & 0xfc00) !== 0xdc00) count++;
  return count;
}

function isBreak(code: number): boolean {
  return code === 0x0a || code === 0x0d || code === 0x85 || code === 0x2028 || code === 0x2029;
}

function chomping(value: string): string {
  const { length } = value;
  if (!isBreak(value.charCodeAt(length - 1))) return "-";
  return length === 1 || isBreak(value.charCodeAt(length - 2)) ? "+" : "";
}

/** True when the text, unquoted, would be read back as a string (and by YAML 1.1 parsers with base 60, too). */
function readsAsString(value: string): boolean {
  if (resolvePlain(value, "v2") !== value) return false;
  const first = value.charCodeAt(0);
  const numeric = (first >= 0x30 && first <= 0x39) || first === 0x2b || first === 0x2d;
  return !numeric || !(isTimestamp(value) || (value.includes(":") && BASE60.test(value)));
}

const keyCache = new Map<string, string>();
const KEY_CACHE_SIZE = 2_000;
const KEY_CACHE_LENGTH = 64;

/** A key as it stands before `:`, or undefined when it needs `? `. */
function plainKey(key: string): string | undefined {
  const cached = keyCache.get(key);
  if (cached !== undefined) return cached;
  const text = writeKey(key);
  if (text !== undefined && key.length <= KEY_CACHE_LENGTH) {
    if (keyCache.size >= KEY_CACHE_SIZE) keyCache.clear();
    keyCache.set(key, text);
  }
  return text;
}

function writeKey(raw: string): string | undefined {
  if (raw === "") return '""';
  const key = throughJson(raw);
  const tooLong = key.length > MAX_JSON_KEY / 8 && codePoints(quoteGoJson(key), 0) > MAX_JSON_KEY;
  if (tooLong || raw.includes("\u0085")) {
    throw new Failure({
      reason: "YamlInvalid",
      message: "yaml: did not find expected ',' or '}'",
      hint: `Give keys at most ${MAX_JSON_KEY} characters and no line break U+0085.`,
      retry: "never",
    });
  }
  const found = traits.scalarTraits(key);
  if ((found & traits.LINE_BREAK) !== 0 || utf8Length(key) > MAX_SIMPLE_KEY_BYTES) return undefined;
  const emitter = new Emitter();
  emitter.string(key, 0, "", true);
  return emitter.text();
}

function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0x80) bytes += code < 0x800 || (code >= 0xd800 && code <= 0xdfff) ? 1 : 2;
  }
  return bytes;
}

const REFUSED = /[\u007f-\u0084\u0086-\u009f\ufffe\uffff]/;

/** What is left of a string after `json.Marshal` and go-yaml's reading of that JSON. */
function throughJson(value: string): string {
  const text = value.isWellFormed() ? value : value.toWellFormed();
  if (REFUSED.test(text)) {
    throw new Failure({
      reason: "YamlInvalid",
      message: "yaml: control characters are not allowed",
      hint: "Remove the control character from the text.",
      retry: "never",
    });
  }
  if (!text.includes("\u0085")) return text;
  return text.replaceAll(/ *\u0085(?: *\u0085)* */g, (run) => {
    const breaks = run.split("\u0085").length - 1;
    return breaks === 1 ? " " : "\n".repeat(breaks - 1);
  });
}

function formatNumber(value: number | bigint): string {
  if (typeof value === "bigint") {
    return value > INT64_MAX || value < INT64_MIN ? formatFloatG(Number(value)) : value.toString();
  }
  if (Number.isSafeInteger(value)) return String(value === 0 ? 0 : value);
  // Through JSON: what looks like an integer there is read back as one.
  const json = formatFloatJson(value);
  return /^-?\d+$/.test(json) ? formatNumber(BigInt(json)) : formatFloatG(value);
}

const ESCAPES: Record<number, string> = {
  0x00: "\\0",
  0x07: "\\a",
  0x08: "\\b",
  0x09: "\\t",
  0x0a: "\\n",
  0x0b: "\\v",
  0x0c: "\\f",
  0x0d: "\\r",
  0x1b: "\\e",
  0x22: '\\"',
  0x5c: "\\\\",
  0x85: "\\N",
  0xa0: "\\_",
  0x2028: "\\L",
  0x2029: "\\P",
};

/** The escape of one character inside double quotes, or undefined when it stands as it is. */
function escapeOf(text: string, i: number, code: number): string | undefined {
  if (code >= 0x20 && code < 0x7f) return code === 0x22 || code === 0x5c ? ESCAPES[code] : undefined;
  const short = code === 0xa0 ? undefined : ESCAPES[code];
  if (short !== undefined) return short;
  if ((code >= 0xa0 && code < 0xd800) || (code >= 0xe000 && code <= 0xfffd && code !== 0xfeff)) return undefined;
  return numericEscape(text.codePointAt(i) as number);
}

function numericEscape(point: number): string {
  if (ESCAPES[point] !== undefined) return ESCAPES[point];
  if (point <= 0xff) return `\\x${hex(point, 2)}`;
  return point <= 0xffff ? `\\u${hex(point, 4)}` : `\\U${hex(point, 8)}`;
}

function hex(value: number, width: number): string {
  return value.toString(16).toUpperCase().padStart(width, "0");
}
