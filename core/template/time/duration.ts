// time.Duration: reading and writing, and the value that templates see.

import { callFailure } from "../define.ts";
import { quote } from "../quote.ts";
import { type Callable, exact, floatType, GoInt, type GoType, int64Type, stringType, type Value } from "../value.ts";

const units = new Map<string, bigint>([
  ["ns", 1n],
  ["us", 1000n],
  ["µs", 1000n],
  ["μs", 1000n],
  ["ms", 1_000_000n],
  ["s", 1_000_000_000n],
  ["m", 60_000_000_000n],
  ["h", 3_600_000_000_000n],
]);

export const second = 1_000_000_000n;
export const minute = 60n * second;
export const hour = 60n * minute;

const invalid = (text: string): Error => callFailure(`time: invalid duration ${quote(text)}`);
const limit = 1n << 63n;

/** `time.ParseDuration`, in nanoseconds. Throws `TemplateFailed` with Go's words. */
export function parseDuration(text: string): bigint {
  const sign = /^[+-]/.exec(text)?.[0] ?? "";
  let rest = text.slice(sign.length);
  if (rest === "0") return 0n;
  if (rest === "") throw invalid(text);
  let total = 0n;
  while (rest !== "") {
    const match = /^([0-9]*)(?:(\.)([0-9]*))?/.exec(rest);
    const [all = "", whole = "", , fraction = ""] = match ?? [];
    if (whole === "" && fraction === "") throw invalid(text);
    const unit = /^[^.0-9]*/.exec(rest.slice(all.length))?.[0] ?? "";
    if (unit === "") throw callFailure(`time: missing unit in duration ${quote(text)}`);
    const size = units.get(unit);
    if (size === undefined) throw callFailure(`time: unknown unit ${quote(unit)} in duration ${quote(text)}`);
    total += BigInt(whole || "0") * size + fractionOf(fraction, size);
    if (total > limit) throw invalid(text);
    rest = rest.slice(all.length + unit.length);
  }
  if (sign === "-") return -total;
  if (total > limit - 1n) throw invalid(text);
  return total;
}

function fractionOf(digits: string, size: bigint): bigint {
  if (digits === "") return 0n;
  const kept = digits.slice(0, 18);
  return BigInt(Math.trunc(Number(kept) * (Number(size) / 10 ** kept.length)));
}

/** `Duration.String()`: `1h2m3.5s`. */
export function formatDuration(nanoseconds: bigint): string {
  if (nanoseconds === 0n) return "0s";
  const sign = nanoseconds < 0n ? "-" : "";
  const n = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  if (n < 1000n) return `${sign}${n}ns`;
  if (n < 1_000_000n) return `${sign}${withFraction(n, 3)}µs`;
  if (n < second) return `${sign}${withFraction(n, 6)}ms`;
  const hours = n / hour;
  const minutes = (n / minute) % 60n;
  const seconds = `${withFraction(n % minute, 9)}s`;
  if (hours > 0n) return `${sign}${hours}h${minutes}m${seconds}`;
  return minutes > 0n ? `${sign}${minutes}m${seconds}` : sign + seconds;
}

function withFraction(n: bigint, digits: number): string {
  const text = n.toString().padStart(digits + 1, "0");
  const fraction = text.slice(-digits).replace(/0+$/, "");
  return text.slice(0, -digits) + (fraction && `.${fraction}`);
}

/** `Duration.Round`: to the nearest multiple, half away from zero. */
export function roundDuration(d: bigint, to: bigint): bigint {
  if (to <= 0n) return d;
  const rest = d % to;
  const down = d - rest;
  const size = rest < 0n ? -rest : rest;
  const rounded = size + size < to ? down : down + (d < 0n ? -to : to);
  if (rounded >= limit) return limit - 1n;
  return rounded < -limit ? -limit : rounded;
}

const methods = new Map<string, Callable>();

/** time.Duration: an int64 that prints as `1h2m3s`. */
export const durationType: GoType = {
  name: "time.Duration",
  kind: "int64",
  named: true,
  methods,
  text: (value: GoInt) => formatDuration(BigInt(value.n)),
};

export const durationValue = (nanoseconds: bigint): GoInt => new GoInt(exact(nanoseconds), durationType);

/** Nanoseconds as a count of larger units, in the way Go adds whole and fraction. */
export function inUnits(nanoseconds: bigint, unit: bigint): number {
  return Number(nanoseconds / unit) + Number(nanoseconds % unit) / Number(unit);
}

const nanosecondsOf = (value: Value): bigint => BigInt((value as GoInt).n); // only methods of the type get here

function method(name: string, result: GoType, read: (nanoseconds: bigint) => Value): void {
  methods.set(name, { parameters: [], result, call: ([receiver]) => read(nanosecondsOf(receiver)) });
}

method("String", stringType, formatDuration);
method("Hours", floatType, (n) => inUnits(n, hour));
method("Minutes", floatType, (n) => inUnits(n, minute));
method("Seconds", floatType, (n) => inUnits(n, second));
method("Milliseconds", int64Type, (n) => new GoInt(exact(n / 1_000_000n), int64Type));
method("Microseconds", int64Type, (n) => new GoInt(exact(n / 1000n), int64Type));
method("Nanoseconds", int64Type, (n) => new GoInt(exact(n), int64Type));
method("Abs", durationType, (n) => durationValue(n < 0n ? -n : n));
