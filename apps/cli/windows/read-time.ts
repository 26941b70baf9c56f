// Times and zones as people give them to commands.

import { Failure, type JsonValue } from "@plumbline/core/model";

/** The zone of a spec when it exists; what is wrong with it otherwise is told by whoever reads the window. */
export function readZoneOf(value: JsonValue | undefined): string | undefined {
  if (typeof value !== "string" || !/^[A-Za-z]/.test(value)) return undefined;
  try {
    return Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(value).timeZoneId;
  } catch {
    return undefined; // a RangeError: no such zone
  }
}

const local = /^\d{4}-\d\d-\d\d(?:[Tt ]\d\d:\d\d(?::\d\d)?)?$/;

/**
 * Reads `--at`: with an offset (or Z) one instant for all; without, that reading of the clock in each zone that it is
 * called with. Milliseconds since the epoch. Throws a usage failure.
 */
export function readAt(text: string): (zone: string) => number {
  const instant = attempt(() => Temporal.Instant.from(text).epochMilliseconds);
  if (instant !== undefined) return () => instant;
  const plain = local.test(text)
    ? attempt(() => Temporal.PlainDateTime.from(text.replace(" ", "T"), { overflow: "reject" }))
    : undefined;
  if (plain) return (zone) => plain.toZonedDateTime(zone, { disambiguation: "compatible" }).epochMilliseconds;
  throw new Failure({
    reason: "UsageError",
    message: `--at: ${JSON.stringify(text)} is no time`,
    hint: "Give an RFC 3339 time (2026-11-23T08:00:00+01:00), or a time in the window's zone (2026-11-23T08:00).",
  });
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
