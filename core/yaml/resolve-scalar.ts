// What a plain scalar means: the resolution rules of go-yaml v2 (sigs.k8s.io/yaml) and v3 (kyaml).

import { parseGoInteger, parseGoIntegerInBase } from "./go-number.ts";

/** `v2` is YAML 1.1 as Kubernetes reads it; `v3` is what kustomize's stages read. */
export type Flavour = "v2" | "v3";

/** A resolved scalar; `number` may be an infinity or NaN, which JSON then refuses. */
export type Resolved = string | number | bigint | boolean | null;

const TRUE = ["true", "True", "TRUE"];
const FALSE = ["false", "False", "FALSE"];
const TRUE_1_1 = ["y", "Y", "yes", "Yes", "YES", "on", "On", "ON"];
const FALSE_1_1 = ["n", "N", "no", "No", "NO", "off", "Off", "OFF"];
const NULL = ["", "~", "null", "Null", "NULL"];

function wordTable(flavour: Flavour): Map<string, Resolved> {
  const table = new Map<string, Resolved>();
  const add = (words: string[], value: Resolved): void => words.forEach((word) => table.set(word, value));
  add(flavour === "v2" ? [...TRUE, ...TRUE_1_1] : TRUE, true);
  add(flavour === "v2" ? [...FALSE, ...FALSE_1_1] : FALSE, false);
  add(NULL, null);
  add([".nan", ".NaN", ".NAN"], Number.NaN);
  add([".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"], Number.POSITIVE_INFINITY);
  add(["-.inf", "-.Inf", "-.INF"], Number.NEGATIVE_INFINITY);
  return table;
}

const words = { v2: wordTable("v2"), v3: wordTable("v3") };

// What the first character allows: nothing but a string, a word, a number, or a float with a leading point.
const STRING = 0;
const WORD = 1;
const DIGIT = 2;
const POINT = 3;
const hints = new Uint8Array(128);
for (const char of "yYnNtTfFoO~") hints[char.charCodeAt(0)] = WORD;
for (const char of "0123456789+-") hints[char.charCodeAt(0)] = DIGIT;
hints[0x2e] = POINT;

const LONGEST_WORD = 5;
const STYLE_FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const POINT_FLOAT = /^\.[0-9](?:_?[0-9])*(?:[eE][-+]?[0-9](?:_?[0-9])*)?$/;
// The date formats of go-yaml: short month, day and clock parts are allowed, a zone only with a `T`.
const TIMESTAMP =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:[Tt](\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,]\d+)?(?:Z|[-+](\d\d):(\d\d)))|(?: (\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,]\d+)?))?$/;

/** Resolves the text of a plain, untagged scalar. Timestamps stay strings: see `isTimestamp`. */
export function resolvePlain(text: string, flavour: Flavour): Resolved {
  if (text === "") return null;
  const first = text.charCodeAt(0);
  const hint = first < 128 ? (hints[first] as number) : STRING;
  if (hint === STRING) return text;
  if (text.length <= LONGEST_WORD) {
    const word = words[flavour].get(text);
    if (word !== undefined) return word;
  }
  if (hint === DIGIT) return resolveNumber(text, flavour) ?? text;
  if (hint === POINT && POINT_FLOAT.test(text)) return finite(Number(text.replaceAll("_", ""))) ?? text;
  return text;
}

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}

function resolveNumber(text: string, flavour: Flavour): number | bigint | undefined {
  const plain = text.includes("_") ? text.replaceAll("_", "") : text;
  const integer = parseGoInteger(plain);
  if (integer !== undefined) return integer;
  if (STYLE_FLOAT.test(plain)) {
    const float = finite(Number(plain));
    if (float !== undefined) return float;
  }
  return resolveSignAfterPrefix(plain, flavour);
}

/** go-yaml hands what follows `0b` and `0o` to a parser that takes another sign: `0b-1` is -1. */
function resolveSignAfterPrefix(plain: string, flavour: Flavour): number | bigint | undefined {
  const base = plain.startsWith("0b") ? 2 : plain.startsWith("0o") && flavour === "v3" ? 8 : undefined;
  return base === undefined ? undefined : parseGoIntegerInBase(plain.slice(2), base);
}

/** True for texts that go-yaml takes for dates: v3 tags them `!!timestamp`, v2 writes them back as strings. */
export function isTimestamp(text: string): boolean {
  if (text.length < 8 || text.charCodeAt(4) !== 0x2d) return false;
  const match = TIMESTAMP.exec(text);
  if (!match) return false;
  const [, year, month, day, h1, m1, s1, zoneHour, zoneMinute, h2, m2, s2] = match;
  const inMonth = new Date(Date.UTC(2000 + (Number(year) % 400), Number(month), 0)).getUTCDate();
  if (Number(month) < 1 || Number(month) > 12 || Number(day) < 1 || Number(day) > inMonth) return false;
  if (Number(h1 ?? h2 ?? 0) > 23 || Number(m1 ?? m2 ?? 0) > 59 || Number(s1 ?? s2 ?? 0) > 59) return false;
  return Number(zoneHour ?? 0) <= 24 && Number(zoneMinute ?? 0) <= 60;
}

/** The short tag that yaml.v3 gives a plain, untagged scalar. */
export function plainTag(text: string): string {
  if (text === "") return "!!null";
  const first = text.charCodeAt(0);
  // Most scalars start with a letter that can only begin a string.
  if (first >= 128 || (hints[first] === STRING && first !== 0x3c)) return "!!str";
  if (text === "<<") return "!!merge";
  return resolvedTag(text, resolvePlain(text, "v3"));
}

/** The tag of what a text was resolved to. */
export function resolvedTag(text: string, value: Resolved): string {
  if (typeof value === "string") return text === "<<" ? "!!merge" : isTimestamp(text) ? "!!timestamp" : "!!str";
  if (value === null) return "!!null";
  if (typeof value === "boolean") return "!!bool";
  return typeof value === "bigint" || (Number.isInteger(value) && !isFloatText(text)) ? "!!int" : "!!float";
}

/** Tells `1.0`, `1e3` and `08` (floats to Go) from integers that have the same value. */
export function isFloatText(text: string): boolean {
  const plain = text.replaceAll("_", "");
  return parseGoInteger(plain) === undefined && STYLE_FLOAT.test(plain);
}

const BASE60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;

/** True for `1:30`: a number to YAML 1.1 parsers, a string to Go, which quotes it for their sake. */
export function isBase60(text: string): boolean {
  return text.includes(":") && BASE60.test(text);
}
