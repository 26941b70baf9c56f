// sprig's dates, over a given clock and the machine's zone.

import { define } from "../define.ts";
import { minInt64, maxInt64, parseWhole } from "../number-syntax.ts";
import { formatDuration, hour, minute, parseDuration, roundDuration, second } from "../time/duration.ts";
import { formatInstant, type Instant, zeroInstant } from "../time/instant.ts";
import { parseInstant } from "../time/parse-instant.ts";
import { addNanoseconds, instantOf, isTime, nanosecondsBetween, timeType, timeValue } from "../time/time-value.ts";
import { findZone, utc, type Zone } from "../time/zone.ts";
import { type Callable, GoInt, type Value } from "../value.ts";
import { Failure } from "@plumbline/core/model";

export interface DateEnvironment {
  /** The present, nanoseconds since 1970. */
  now: () => bigint;
  /** What Go calls Local: a name of the IANA database, asked for on first use; `UTC` when it is unknown. */
  localZone: () => string;
}

export function dateFunctions({ now, localZone }: DateEnvironment): [string, Callable][] {
  let named: Zone | undefined;
  const local: Zone = { name: "Local", at: (seconds) => (named ??= findZone(localZone()) ?? utc).at(seconds) };
  const zoneOf = (name: string): Zone => (name === "Local" ? local : (findZone(name) ?? utc));
  const present = (): Instant => addNanoseconds({ seconds: 0, nanoseconds: 0, zone: local }, now());
  const instant = (value: Value): Instant => {
    if (isTime(value)) return instantOf(value);
    const seconds = plainSeconds(value, ["int", "int32", "int64"]);
    return seconds === undefined ? present() : { seconds, nanoseconds: 0, zone: local };
  };
  const inZone = (layout: string, date: Value, zone: string): string =>
    formatInstant({ ...instant(date), zone: zoneOf(zone) }, layout);
  const since = (at: Instant): bigint => nanosecondsBetween(present(), at);
  const ago = (date: Value): string => {
    const seconds = plainSeconds(date, ["int", "int64"]);
    const from = isTime(date)
      ? instantOf(date)
      : seconds === undefined
        ? present()
        : { ...present(), seconds, nanoseconds: 0 };
    return formatDuration(roundDuration(since(from), second));
  };
  return [
    ["now", define([], timeType, () => timeValue(present()))],
    ["date", define(["string", "any"], "string", (layout, date) => inZone(layout, date, "Local"))],
    ...twoNames(["dateInZone", "date_in_zone"], define(["string", "any", "string"], "string", inZone)),
    ["htmlDate", define(["any"], "string", (date) => inZone("2006-01-02", date, "Local"))],
    ["htmlDateInZone", define(["any", "string"], "string", (date, zone) => inZone("2006-01-02", date, zone))],
    ...twoNames(["dateModify", "date_modify"], define(["string", timeType], timeType, modifyOrKeep)),
    ...twoNames(["mustDateModify", "must_date_modify"], define(["string", timeType], timeType, modify)),
    ["ago", define(["any"], "string", ago)],
    ["duration", define(["any"], "string", (value) => formatDuration(wholeSeconds(value)))],
    ["durationRound", define(["any"], "string", (value) => roundWords(nanosecondsOf(value, since)))],
    ["toDate", define(["string", "string"], timeType, (layout, text) => timeValue(parseOrZero(layout, text, local)))],
    [
      "mustToDate",
      define(["string", "string"], timeType, (layout, text) => timeValue(parseInstant(layout, text, local))),
    ],
    ["unixEpoch", define([timeType], "string", (date) => String(instantOf(date).seconds))],
  ];
}

const twoNames = (names: [string, string], callable: Callable): [string, Callable][] =>
  names.map((name) => [name, callable]);

/** Values of exactly these integer types count as Unix seconds. */
function plainSeconds(value: Value, types: string[]): number | undefined {
  return value instanceof GoInt && types.includes(value.type.name) ? Number(value.n) : undefined;
}

function modify(amount: string, date: Value): Value {
  return timeValue(addNanoseconds(instantOf(date), parseDuration(amount)));
}

function modifyOrKeep(amount: string, date: Value): Value {
  return orElse(() => modify(amount, date), date);
}

function parseOrZero(layout: string, text: string, local: Zone): Instant {
  return orElse(() => parseInstant(layout, text, local), zeroInstant);
}

/** sprig drops some errors and goes on with a fallback. */
function orElse<T>(read: () => T, fallback: T): T {
  try {
    return read();
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.reason === "TemplateFailed") return fallback;
    throw thrown;
  }
}

function wholeSeconds(value: Value): bigint {
  if (value instanceof GoInt && value.type.name === "int64") return BigInt.asIntN(64, BigInt(value.n) * second);
  if (typeof value !== "string") return 0n;
  const n = parseWhole(value, 10);
  if (n === undefined) return 0n;
  const clamped = n > maxInt64 ? maxInt64 : n < minInt64 ? minInt64 : n;
  return BigInt.asIntN(64, clamped * second);
}

function nanosecondsOf(value: Value, since: (at: Instant) => bigint): bigint {
  if (typeof value === "string") return orElse(() => parseDuration(value), 0n);
  if (isTime(value)) return since(instantOf(value));
  return value instanceof GoInt && value.type.name === "int64" ? BigInt(value.n) : 0n;
}

const day = 24n * hour;
const words: [bigint, string][] = [
  [365n * day, "y"],
  [30n * day, "mo"],
  [day, "d"],
  [hour, "h"],
  [minute, "m"],
  [second, "s"],
];

/** The largest unit that fits more than once. */
function roundWords(nanoseconds: bigint): string {
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  const found = words.find(([unit]) => size > unit);
  return found ? `${size / found[0]}${found[1]}` : "0s";
}
