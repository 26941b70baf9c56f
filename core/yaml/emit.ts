// JSON values to YAML text, byte-equal to sigs.k8s.io/yaml's Marshal.

import { Failure, isObject, type JsonObject, type JsonValue } from "@plumbline/core/model";
import { isBreak } from "./characters.ts";
import { quoteGoJson, refuseNotFinite, tooDeep } from "./go-json.ts";
import { formatFloatG, formatFloatJson } from "./go-number.ts";
import { compareKeys } from "./key-order.ts";
import { MAX_DEPTH } from "./limits.ts";
import { isBase60, isTimestamp, resolvePlain } from "./resolve-scalar.ts";
import {
  blockHints,
  codePoints,
  doubleQuoted,
  foldedPlain,
  literalBody,
  singleQuoted,
  spaces,
  utf8Length,
} from "./scalar-text.ts";
import * as traits from "./scalar-traits.ts";

/** libyaml folds a line at the first single space beyond this column. */
const BEST_WIDTH = 80;
/** A longer key is written with `? `. */
const MAX_SIMPLE_KEY_BYTES = 128;
/** go-yaml finds no `:` after a longer key, so sigs.k8s.io/yaml cannot write it. */
const MAX_JSON_KEY = 1024;

const INT64_MAX = 0xffff_ffff_ffff_ffffn;
const INT64_MIN = -0x8000_0000_0000_0000n;

const NO_PLAIN =
  traits.BLOCK_INDICATOR |
  traits.LINE_BREAK |
  traits.SPECIAL |
  traits.TAB |
  traits.LEADING_SPACE |
  traits.LEADING_BREAK |
  traits.TRAILING_SPACE |
  traits.TRAILING_BREAK |
  traits.BREAK_SPACE |
  traits.SPACE_BREAK;
const NO_SINGLE = traits.BREAK_SPACE | traits.SPACE_BREAK | traits.SPECIAL | traits.TAB;
const NO_BLOCK = traits.TRAILING_SPACE | traits.SPACE_BREAK | traits.SPECIAL | traits.TAB;

/**
 * The YAML of a value as Go's `yaml.Marshal` of sigs.k8s.io/yaml 1.6 writes it (through JSON, then go-yaml v2): keys in
 * go-yaml's natural order, compact sequences, long lines folded, a newline at the end. Throws `Failure("YamlInvalid")`
 * for strings that Go cannot carry through that way (control characters U+007F to U+009F, U+FFFE, U+FFFF) and for
 * numbers that are not finite, `Failure("LimitExceeded")` beyond 1000 levels.
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
  depth = 0;

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
    if (++this.depth > MAX_DEPTH) throw tooDeep();
    for (const key of keys) {
      if (inline) inline = false;
      else this.newLine(indent);
      this.atLineStart = false;
      this.entry(key, object[key] as JsonValue, indent);
    }
    this.depth--;
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
    if (++this.depth > MAX_DEPTH) throw tooDeep();
    for (const item of items) {
      if (inline) inline = false;
      else this.newLine(indent);
      this.atLineStart = false;
      this.out += "-";
      this.nested(item, indent);
    }
    this.depth--;
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
      if ((found & NO_BLOCK) !== 0) this.quoted(value, indent, { double: true, simpleKey });
      else this.literal(value, indent);
      return;
    }
    const readable = readsAsString(value);
    if (readable && (found & NO_PLAIN) === 0) this.plain(value, indent, found);
    else this.quoted(value, indent, { double: !readable || (found & NO_SINGLE) !== 0, simpleKey });
  }

  column(): number {
    return codePoints(this.out);
  }

  /** Adds a text that may hold line breaks. */
  append(text: string): void {
    const lastBreak = text.lastIndexOf("\n");
    this.out += text;
    if (lastBreak < 0) return;
    const rest = text.slice(lastBreak + 1);
    this.done += this.out.slice(0, this.out.length - rest.length);
    this.out = rest;
  }

  plain(value: string, indent: number, found: number): void {
    if ((found & traits.SPACE) === 0 || this.out.length + value.length <= BEST_WIDTH) this.out += value;
    else this.append(foldedPlain(value, { column: this.column(), indent, width: BEST_WIDTH }));
  }

  quoted(value: string, indent: number, style: { double: boolean; simpleKey: boolean }): void {
    const place = { column: this.column(), indent, width: style.simpleKey ? Infinity : BEST_WIDTH };
    this.append(style.double ? doubleQuoted(value, place) : singleQuoted(value, place));
  }

  literal(value: string, indent: number): void {
    const body = literalBody(value, indent);
    this.append(`|${blockHints(value)}\n${body}`);
    this.atLineStart = isBreak(value.charCodeAt(value.length - 1));
  }
}

function hasKeys(object: JsonObject): boolean {
  for (const key in object) if (Object.hasOwn(object, key)) return true;
  return false;
}

/** True when the text, unquoted, would be read back as a string (and by YAML 1.1 parsers with base 60, too). */
function readsAsString(value: string): boolean {
  if (resolvePlain(value, "v2") !== value) return false;
  const first = value.charCodeAt(0);
  const numeric = (first >= 0x30 && first <= 0x39) || first === 0x2b || first === 0x2d;
  return !numeric || !(isTimestamp(value) || isBase60(value));
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
  const tooLong = key.length > MAX_JSON_KEY / 8 && codePoints(quoteGoJson(key)) > MAX_JSON_KEY;
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
  refuseNotFinite(value);
  // Through JSON: what looks like an integer there is read back as one.
  const json = formatFloatJson(value);
  return /^-?\d+$/.test(json) ? formatNumber(BigInt(json)) : formatFloatG(value);
}
