// JSON values by what they mean: numbers by their amount, lists with something twice, multiples in decimals.

import { isObject, type JsonValue } from "@plumbline/core/model";

/** Equal as JSON Schema has it: 1, 1.0 and 1e0 are one number. */
export function isSameValue(a: JsonValue, b: JsonValue): boolean {
  if (a === b) return true;
  // oxlint-disable-next-line eqeqeq -- the two number types compare by amount
  if (isNumber(a)) return isNumber(b) && a == b;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, i) => isSameValue(item, b[i] as JsonValue)); // as long
  }
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  const isSameKey = (key: string): boolean =>
    Object.hasOwn(b, key) && isSameValue(a[key] as JsonValue, b[key] as JsonValue); // keys of their own
  return keys.length === Object.keys(b).length && keys.every(isSameKey);
}

export const isNumber = (value: JsonValue): value is number | bigint =>
  typeof value === "number" || typeof value === "bigint";

export const isWhole = (value: JsonValue): boolean => typeof value === "bigint" || Number.isInteger(value);

/** The first item that stood in the list before, with the place of that; in time that grows with the list alone. */
export function findDuplicate(items: readonly JsonValue[]): [first: number, second: number] | undefined {
  const seen = new Map<string, number>();
  for (const [i, item] of items.entries()) {
    const text = canonical(item);
    const first = seen.get(text);
    if (first !== undefined) return [first, i];
    seen.set(text, i);
  }
  return undefined;
}

function canonical(value: JsonValue): string {
  if (typeof value === "number") return Number.isInteger(value) ? String(BigInt(value)) : String(value);
  if (typeof value === "bigint") return String(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key] as JsonValue)}`).join()}}`; // a key of its own
}

/** Whether a number is so many times another, as they are written in decimals: 0.3 is three times 0.1. */
export function isMultiple(value: number | bigint, of: number | bigint): boolean {
  const [a, scaleA] = decimal(value);
  const [b, scaleB] = decimal(of);
  const scale = Math.max(scaleA, scaleB);
  return (a * 10n ** BigInt(scale - scaleA)) % (b * 10n ** BigInt(scale - scaleB)) === 0n;
}

/** Digits, and how many of them stand behind the point. */
function decimal(value: number | bigint): [digits: bigint, scale: number] {
  const [mantissa = "", power = "0"] = String(value).split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  const scale = fraction.length - Number(power);
  const digits = BigInt(whole + fraction);
  return scale >= 0 ? [digits, scale] : [digits * 10n ** BigInt(-scale), 0];
}
