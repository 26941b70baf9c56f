// JSON as the API server speaks it: integers beyond ±2^53 survive in both directions.

import type { JsonValue } from "@plumbline/core/model";

/** A number of 16 or more digits where a value may stand; a hit inside a string only costs the slower parse. */
const longInteger = /[:[,]\s*-?\d{16}/;
const LONG = 16;

const isDigit = (code: number): boolean => code >= 48 && code <= 57;

/** Whether there are 16 digits in a row: most texts have none, and one character in 16 is enough to know. */
function hasLongDigits(text: string): boolean {
  for (let at = LONG - 1; at < text.length; at += LONG) {
    if (!isDigit(text.charCodeAt(at))) continue;
    let from = at;
    while (from > 0 && isDigit(text.charCodeAt(from - 1))) from--;
    while (at + 1 < text.length && isDigit(text.charCodeAt(at + 1))) at++;
    if (at + 1 - from >= LONG) return true;
  }
  return false;
}

type Reviver = (this: unknown, key: string, value: unknown, context: { source?: string }) => unknown;
const keepLongIntegers: Reviver = (_key, value, context) =>
  typeof value === "number" && !Number.isSafeInteger(value) && /^-?\d+$/.test(context.source ?? "")
    ? BigInt(context.source ?? "")
    : value;

/** Parses a JSON text; integers that a `number` would round come out as `bigint`. Throws SyntaxError. */
export function parseJson(text: string): JsonValue {
  if (!hasLongDigits(text) || !longInteger.test(text)) return JSON.parse(text) as JsonValue;
  return JSON.parse(text, keepLongIntegers as (key: string, value: unknown) => unknown) as JsonValue;
}

interface RawJson {
  rawJSON: (text: string) => unknown;
}

/** The inverse of `parseJson`. */
export function formatJson(value: JsonValue): string {
  try {
    return JSON.stringify(value);
  } catch (thrown) {
    if (!(thrown instanceof TypeError) || !hasBigInt(value)) throw thrown;
    const { rawJSON } = JSON as unknown as RawJson; // in the language since ES2026, not yet in TypeScript's lib
    return JSON.stringify(value, (_key, part: unknown) => (typeof part === "bigint" ? rawJSON(String(part)) : part));
  }
}

function hasBigInt(value: JsonValue, depth = 0): boolean {
  if (typeof value === "bigint") return true;
  if (typeof value !== "object" || value === null || depth > 1000) return false;
  return Object.values(value).some((part) => hasBigInt(part, depth + 1));
}
