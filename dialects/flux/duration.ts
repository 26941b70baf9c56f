// Durations in Go's syntax, as Flux's fields have them.

import { Failure } from "@plumbline/core/model";

const nanoseconds: Record<string, bigint> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

/** Go's time.Duration is a 64-bit count of nanoseconds. */
const longestDuration = 2n ** 63n - 1n;

/**
 * Milliseconds of a duration such as `1h30m` or `1.5s` (Go: time.ParseDuration, without a sign).
 * Throws InvalidSpec, naming `field`, for anything else.
 */
export function parseDuration(text: string, field: string): number {
  const refuse = (why: string): Failure =>
    new Failure({
      reason: "InvalidSpec",
      message: `${field}: ${JSON.stringify(text.slice(0, 80))} ${why}`,
      hint: "Write a duration such as 30s, 5m or 1h30m",
      where: { field },
      retry: "never",
    });
  if (!/^(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/u.test(text) && text !== "0") {
    throw refuse("is not a duration");
  }
  let total = 0n;
  for (const [, whole = "", fraction = "", unit = ""] of text.matchAll(/(\d*)\.?(\d*)(ns|us|µs|μs|ms|s|m|h)/gu)) {
    const scale = nanoseconds[unit] ?? 0n;
    total += BigInt(whole === "" ? 0 : whole) * scale;
    const digits = fraction.slice(0, 18);
    if (digits !== "") total += (BigInt(digits) * scale) / 10n ** BigInt(digits.length);
    if (total > longestDuration) throw refuse("is longer than the longest duration, about 292 years");
  }
  return Number(total) / 1e6;
}

/** Nothing is repeated more often than this, whatever an object asks for: a tenant could keep a whole cluster busy. */
export const shortestIntervalMs = 1000;

/** What `0s` means in Flux: not repeated by time at all. About a hundred years. */
export const neverMs = 100 * 365 * 86_400_000;

/** Milliseconds between two runs. Throws as `parseDuration` does. */
export function parseInterval(text: string, field: string): number {
  const milliseconds = parseDuration(text, field);
  return milliseconds === 0 ? neverMs : Math.min(Math.max(milliseconds, shortestIntervalMs), neverMs);
}

/** A duration as Go prints it: `9m30s`, `1.094013654s`, `672.064947ms`, `0s` (Go: time.Duration.String). */
export function formatDuration(milliseconds: number): string {
  let rest = BigInt(Math.round(milliseconds * 1e6));
  if (rest === 0n) return "0s";
  const sign = rest < 0n ? "-" : "";
  if (rest < 0n) rest = -rest;
  for (const unit of ["s", "ms", "µs", "ns"]) {
    const scale = nanoseconds[unit] ?? 1n;
    if (rest < scale) continue;
    if (unit !== "s") return `${sign}${decimal(rest, scale)}${unit}`;
    const minutes = rest / 60_000_000_000n;
    const seconds = `${decimal(rest % 60_000_000_000n, scale)}s`;
    if (minutes === 0n) return sign + seconds;
    return minutes < 60n ? `${sign}${minutes}m${seconds}` : `${sign}${minutes / 60n}h${minutes % 60n}m${seconds}`;
  }
  return "0s";
}

function decimal(value: bigint, scale: bigint): string {
  const fraction = (value % scale)
    .toString()
    .padStart(scale.toString().length - 1, "0")
    .replace(/0+$/, "");
  return fraction === "" ? `${value / scale}` : `${value / scale}.${fraction}`;
}
