// Decimal arithmetic as shopspring/decimal does it for sprig's addf, subf, mulf and divf.

import { callFailure } from "../define.ts";

/** value / 10^scale. */
export interface Decimal {
  value: bigint;
  scale: number;
}

/** shopspring's DivisionPrecision: digits after the point that a division keeps. */
const divisionPrecision = 16;

/** The decimal that the shortest form of a float spells. Throws for NaN and the infinities, as decimal panics. */
export function decimalOf(float: number): Decimal {
  if (!Number.isFinite(float)) {
    const name = Number.isNaN(float) ? "NaN" : float > 0 ? "+Inf" : "-Inf";
    throw callFailure(`Cannot create a Decimal from ${name}`);
  }
  const [mantissa = "0", exponent = "0"] = float.toExponential().split("e");
  const [whole = "0", fraction = ""] = mantissa.split(".");
  const scale = fraction.length - Number(exponent);
  const value = BigInt(whole + fraction);
  return scale < 0 ? { value: value * 10n ** BigInt(-scale), scale: 0 } : { value, scale };
}

/** The float64 nearest to it. */
export function decimalToFloat({ value, scale }: Decimal): number {
  return Number(`${value}e${-scale}`);
}

/** A quotient rounded half away from zero at 16 digits. Throws `decimal division by 0`. */
export function divideDecimals(a: Decimal, b: Decimal): Decimal {
  if (b.value === 0n) throw callFailure("decimal division by 0");
  const shift = divisionPrecision + b.scale - a.scale;
  const numerator = shift >= 0 ? a.value * 10n ** BigInt(shift) : a.value;
  const denominator = shift >= 0 ? b.value : b.value * 10n ** BigInt(-shift);
  const quotient = numerator / denominator;
  const remainder = numerator - quotient * denominator;
  const doubled = 2n * (remainder < 0n ? -remainder : remainder);
  if (doubled < (denominator < 0n ? -denominator : denominator)) return { value: quotient, scale: divisionPrecision };
  const away = numerator < 0n === denominator < 0n ? 1n : -1n;
  return { value: quotient + away, scale: divisionPrecision };
}
