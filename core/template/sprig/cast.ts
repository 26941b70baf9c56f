// spf13/cast: any value to a number or a string, never an error.

import { decodeText } from "../bytes.ts";
import { isInt64, parseFloat64, parseWhole } from "../number-syntax.ts";
import { show } from "../printf.ts";
import { exact, GoBytes, GoInt, GoObject, type Value } from "../value.ts";

const minInt64 = -(1n << 63n);

/** `cast.ToInt64`: what cannot be converted is 0. A float out of range is the smallest int64, as on amd64. */
export function toInt64(value: Value): number | bigint {
  if (isForeign(value)) return 0;
  if (value instanceof GoInt) return exact(BigInt.asIntN(64, BigInt(value.n)));
  if (typeof value === "number") return floatToInt64(value);
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value !== "string") return 0;
  const n = parseWhole(trimZeroDecimal(value));
  return n !== undefined && isInt64(n) ? exact(n) : 0;
}

// cast knows the types of Go's own integers, and months and weekdays; not time.Duration.
const isForeign = (value: Value): boolean =>
  value instanceof GoInt && value.type.named === true && value.type.kind === "int64";

/** Go's conversion of a float64 to int64. */
export function floatToInt64(value: number): number | bigint {
  if (!Number.isFinite(value)) return minInt64;
  const n = BigInt(Math.trunc(value));
  return isInt64(n) ? exact(n) : minInt64;
}

/** `1.00` is read as 1: a fraction of zeros is cut off. */
function trimZeroDecimal(text: string): string {
  return /\.0+$/.test(text) ? text.slice(0, text.lastIndexOf(".")) : text;
}

/** `cast.ToFloat64`. */
export function toFloat64(value: Value): number {
  if (isForeign(value)) return 0;
  if (typeof value === "number") return value;
  if (value instanceof GoInt) return Number(value.n);
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value !== "string") return 0;
  const n = parseFloat64(value);
  return n === undefined || (!Number.isFinite(n) && /[0-9]/.test(value)) ? 0 : n;
}

/** sprig's `toString`. */
export function toText(value: Value): string {
  if (typeof value === "string") return value;
  if (value instanceof GoBytes) return decodeText(value.bytes);
  if (value instanceof GoObject && value.type.text) return (value.type.text as (v: Value) => string)(value); // own values
  return show(value);
}
