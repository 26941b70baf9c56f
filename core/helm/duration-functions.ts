// Helm's functions on durations.

import { Failure } from "@plumbline/core/model";
import {
  callFailure,
  type Callable,
  define,
  durationType,
  durationValue,
  floatType,
  GoInt,
  inUnits,
  parseFloat64,
  int64,
  parseDuration,
  roundDuration,
  sprintf,
  typeOf,
  type Value,
} from "@plumbline/core/template";

const second = 1_000_000_000n;
const minute = 60n * second;
const hour = 60n * minute;
const maxSeconds = (1n << 63n) / second;

/** What Helm takes for a duration: a Duration, seconds as a number or text, or Go's notation. Throws its refusal. */
function asDuration(value: Value): bigint {
  if (value instanceof GoInt) return value.type === durationType ? BigInt(value.n) : wholeSeconds(BigInt(value.n));
  if (typeof value === "number") return floatSeconds(value);
  if (value === null || value === undefined) throw callFailure("invalid duration");
  if (typeof value !== "string") throw callFailure(`unsupported duration type ${typeOf(value)?.name ?? "nil"}`);
  return textDuration(value);
}

function textDuration(value: string): bigint {
  const text = value.trim();
  if (text === "") throw callFailure("empty duration");
  const parsed = orUndefined(() => parseDuration(text));
  if (parsed !== undefined) return parsed;
  const seconds = parseFloat64(text);
  if (seconds === undefined) throw callFailure(`could not parse duration ${sprintf("%q", [value])}`);
  return floatSeconds(seconds);
}

function wholeSeconds(seconds: bigint): bigint {
  if (seconds > maxSeconds || seconds < -maxSeconds) throw callFailure(`duration seconds overflow: ${seconds}`);
  return seconds * second;
}

function floatSeconds(seconds: number): bigint {
  if (!Number.isFinite(seconds)) throw callFailure(`invalid duration seconds: ${sprintf("%v", [seconds])}`);
  const nanoseconds = seconds * 1e9;
  if (Math.abs(seconds) > 2 ** 63 / 1e9) throw callFailure(`duration seconds overflow: ${sprintf("%v", [seconds])}`);
  return BigInt.asIntN(64, BigInt(Math.trunc(nanoseconds)));
}

function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.reason === "TemplateFailed") return undefined;
    throw thrown;
  }
}

const inFloat = (unit: bigint, ...divisors: number[]): Callable =>
  define(["any"], floatType, (value) => {
    const d = orUndefined(() => asDuration(value));
    return d === undefined ? 0 : divisors.reduce((amount, divisor) => amount / divisor, inUnits(d, unit));
  });

const inWhole = (unit: bigint): Callable =>
  define(["any"], "int64", (value) => int64((orUndefined(() => asDuration(value)) ?? 0n) / unit));

const adjusted = (adjust: (d: bigint, to: bigint) => bigint): Callable =>
  define(["any", "any"], durationType, (value, multiple) => {
    const d = orUndefined(() => asDuration(value));
    const to = orUndefined(() => asDuration(multiple));
    return durationValue(d === undefined ? 0n : to === undefined ? d : adjust(d, to));
  });

export const durationFunctions: [string, Callable][] = [
  ["mustToDuration", define(["any"], durationType, (value) => durationValue(asDuration(value)))],
  ["durationSeconds", inFloat(second)],
  ["durationMinutes", inFloat(minute)],
  ["durationHours", inFloat(hour)],
  ["durationDays", inFloat(hour, 24)],
  ["durationWeeks", inFloat(hour, 24, 7)],
  ["durationMilliseconds", inWhole(1_000_000n)],
  ["durationMicroseconds", inWhole(1000n)],
  ["durationNanoseconds", inWhole(1n)],
  ["durationRoundTo", adjusted(roundDuration)],
  ["durationTruncateTo", adjusted((d, to) => (to <= 0n ? d : d - (d % to)))],
];
