// Reads cron expressions, times, durations and zones, naming the field and the mistake.

import { Cron } from "croner";
import { Failure, type Where } from "@plumbline/core/model";
import { instantOf, wallOfPlain } from "./zone.ts";

/** Longest text read as a time, a duration, a zone or a cron expression. */
export const maxTimeText = 200;
/** Longest window by duration. */
export const maxDurationDays = 366;

// A plain five-field expression: names are allowed, the extensions of single libraries (L, W, #, ?, @daily) are not.
const cronField = /^(?:[0-9*,/-]|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC|SUN|MON|TUE|WED|THU|FRI|SAT)+$/i;
const offsetTime = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/;
const dateOnly = /^\d{4}-\d\d-\d\d$/;
const localTime = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(?::\d\d)?$/;
const zoneName = /^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+)*$/;
const goDuration = /^(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?$/;

export function mistake(where: Where, message: string, hint: string): Failure {
  return new Failure({ reason: "InvalidSpec", message, hint, where, retry: "never" });
}

/** Gives the value, or a mistake of ours for the RangeError of Temporal or croner's error. */
function attempt<T>(read: () => T, onError: (why: string) => Failure): T {
  try {
    return read();
  } catch (thrown) {
    throw onError(thrown instanceof Error ? thrown.message : String(thrown));
  }
}

export function readZone(text: string, where: Where): string {
  const unknown = (): Failure =>
    mistake(where, `unknown time zone ${JSON.stringify(text)}`, "Give an IANA name such as Europe/Stockholm or UTC.");
  if (!zoneName.test(text)) throw unknown();
  return attempt(() => Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(text).timeZoneId, unknown);
}

/** An instant with an offset, in milliseconds (finer parts are cut off); undefined when it is no such text. */
export function readInstant(text: string, where: Where): number | undefined {
  if (!offsetTime.test(text)) return undefined;
  return attempt(
    () => Temporal.Instant.from(text).epochMilliseconds,
    (why) => mistake(where, `no such time: ${text} (${why})`, "Give an RFC 3339 time such as 2026-12-24T08:00:00Z."),
  );
}

/** A cron expression that comes up at least once; it is evaluated as wall-clock time. */
export function readCron(text: string, where: Where): Cron {
  const hint = "Give five fields (minute hour day month weekday) or an RFC 3339 time with an offset.";
  const fields = text.trim().split(/\s+/);
  if (fields.length !== 5) throw mistake(where, `${JSON.stringify(text)} has ${fields.length} fields, not 5`, hint);
  const odd = fields.find((field) => !cronField.test(field));
  if (odd !== undefined) throw mistake(where, `${JSON.stringify(odd)} is no cron field`, hint);
  const cron = attempt(
    () => new Cron(fields.join(" "), { utcOffset: 0, mode: "5-part" }),
    (why) => mistake(where, `bad cron expression ${JSON.stringify(text)}: ${why}`, hint),
  );
  if (!cron.nextRun(new Date(0))) throw mistake(where, `${JSON.stringify(text)} never comes up`, hint);
  return cron;
}

/** `8h`, `1h30m`, `4d9h`, or ISO 8601 such as `PT8H`; longer than zero. */
export function readDuration(text: string, where: Where): Temporal.Duration {
  const hint = `Give a duration such as 8h, 1h30m or 4d9h, up to ${maxDurationDays}d.`;
  const parts = goDuration.exec(text);
  const iso = parts ? `P${parts[1] ?? 0}DT${parts[2] ?? 0}H${parts[3] ?? 0}M${parts[4] ?? 0}S` : text;
  const bad = (): Failure => mistake(where, `${JSON.stringify(text)} is no duration`, hint);
  if (text === "") throw bad();
  const duration = attempt(() => Temporal.Duration.from(iso), bad);
  const days = attempt(() => duration.total({ unit: "days", relativeTo: "2026-01-01" }), bad);
  if (days < 0) throw mistake(where, `the duration ${text} is negative`, hint);
  if (days * 86_400 < 1) throw mistake(where, `the duration ${text} is zero`, hint);
  if (days > maxDurationDays) throw mistake(where, `the duration ${text} is too long`, hint);
  return duration;
}

/** One end of a freeze: a date, a wall-clock time of the zone, or a time with an offset. A last date is included. */
export function readFreezeEnd(text: string, zone: string, end: { last: boolean; where: Where }): number {
  const hint = "Give a date (2026-12-24), a time in the window's zone (2026-12-24T08:00), or an RFC 3339 time.";
  const instant = readInstant(text, end.where);
  if (instant !== undefined) return instant;
  if (!dateOnly.test(text) && !localTime.test(text)) {
    throw mistake(end.where, `${JSON.stringify(text)} is neither a date nor a time`, hint);
  }
  const plain = attempt(
    () => Temporal.PlainDateTime.from(text, { overflow: "reject" }),
    (why) => mistake(end.where, `no such time: ${text} (${why})`, hint),
  );
  const read = end.last && dateOnly.test(text) ? plain.add({ days: 1 }) : plain;
  return instantOf(wallOfPlain(read), zone);
}
