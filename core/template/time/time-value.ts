// time.Time as templates see it: its type, its methods, its text.

import {
  boolType,
  type Callable,
  exact,
  GoInt,
  GoObject,
  type GoType,
  int,
  int64Type,
  intType,
  stringType,
  type Value,
} from "../value.ts";
import { show } from "../printf.ts";
import { durationType, durationValue } from "./duration.ts";
import {
  calendarOf,
  formatInstant,
  type Instant,
  longDays,
  longMonths,
  showInstant,
  zeroInstant,
  zonedSeconds,
} from "./instant.ts";
import { utc } from "./zone.ts";

const methods = new Map<string, Callable>();
const noFields: ReadonlyMap<string, Value> = new Map();

/** The instant inside a time value; only values of `timeType` have one. */
export const instantOf = (value: Value): Instant => (value as GoObject).inner as Instant; // callers checked the type

const showTime = (value: GoObject): string => showInstant(instantOf(value));
const rfc3339 = "2006-01-02T15:04:05.999999999Z07:00";

export const timeType: GoType = {
  name: "time.Time",
  kind: "struct",
  methods,
  text: showTime,
  json: (value: GoObject) => formatInstant(instantOf(value), rfc3339),
};

export const timeValue = (instant: Instant): GoObject => new GoObject(timeType, noFields, instant);

export const isTime = (value: Value): value is GoObject => value instanceof GoObject && value.type === timeType;

const monthType: GoType = {
  name: "time.Month",
  kind: "int",
  named: true,
  text: (m: GoInt) => longMonths[Number(m.n) - 1] ?? "",
};
const weekdayType: GoType = {
  name: "time.Weekday",
  kind: "int",
  named: true,
  text: (d: GoInt) => longDays[Number(d.n)] ?? "",
};

function method(
  name: string,
  result: GoType,
  read: (instant: Instant, ...args: Value[]) => Value,
  parameters: GoType[] = [],
): void {
  methods.set(name, { parameters, result, call: ([receiver, ...args]) => read(instantOf(receiver), ...args) });
}

const nanosecondsSince1970 = ({ seconds, nanoseconds }: Instant): bigint =>
  BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds);

/** The instant this many nanoseconds later. */
export function addNanoseconds(instant: Instant, nanoseconds: bigint): Instant {
  const total = BigInt(instant.nanoseconds) + nanoseconds;
  const rest = ((total % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  const seconds = instant.seconds + Number((total - rest) / 1_000_000_000n);
  return { ...instant, seconds, nanoseconds: Number(rest) };
}

/** `a.Sub(b)` in nanoseconds. */
export const nanosecondsBetween = (a: Instant, b: Instant): bigint => nanosecondsSince1970(a) - nanosecondsSince1970(b);

const int64At = (n: bigint): GoInt => new GoInt(exact(BigInt.asIntN(64, n)), int64Type);

const calendarReaders: [string, (c: ReturnType<typeof calendarOf>) => number][] = [
  ["Year", (c) => c.year],
  ["Day", (c) => c.day],
  ["Hour", (c) => c.hour],
  ["Minute", (c) => c.minute],
  ["Second", (c) => c.second],
  ["YearDay", (c) => c.yearDay],
];
for (const [name, read] of calendarReaders) method(name, intType, (t) => int(read(calendarOf(t))));
method("Month", monthType, (t) => new GoInt(calendarOf(t).month, monthType));
method("Weekday", weekdayType, (t) => new GoInt(calendarOf(t).weekday, weekdayType));
method("Nanosecond", intType, (t) => int(t.nanoseconds));
method("Unix", int64Type, (t) => new GoInt(t.seconds, int64Type));
method("UnixMilli", int64Type, (t) => int64At(BigInt(t.seconds) * 1000n + BigInt(Math.floor(t.nanoseconds / 1e6))));
method("UnixMicro", int64Type, (t) => int64At(BigInt(t.seconds) * 1000000n + BigInt(Math.floor(t.nanoseconds / 1e3))));
method("UnixNano", int64Type, (t) => int64At(nanosecondsSince1970(t)));
method("UTC", timeType, (t) => timeValue({ ...t, zone: utc }));
method("Local", timeType, (t) => timeValue(t));
method("String", stringType, (t) => showInstant(t));
method("Format", stringType, (t, layout) => formatInstant(t, show(layout)), [stringType]);
method("IsZero", boolType, (t) => t.seconds === zeroInstant.seconds && t.nanoseconds === 0);
method("Sub", durationType, (t, other) => durationValue(nanosecondsBetween(t, instantOf(other))), [timeType]);
method("Before", boolType, (t, other) => nanosecondsBetween(t, instantOf(other)) < 0n, [timeType]);
method("After", boolType, (t, other) => nanosecondsBetween(t, instantOf(other)) > 0n, [timeType]);
method("Equal", boolType, (t, other) => nanosecondsBetween(t, instantOf(other)) === 0n, [timeType]);
method("Add", timeType, (t, d) => timeValue(addNanoseconds(t, BigInt(Number(d)))), [durationType]);
method(
  "AddDate",
  timeType,
  (t, years, months, days) => timeValue(addDate(t, Number(years), Number(months), Number(days))),
  [intType, intType, intType],
);

function addDate(instant: Instant, years: number, months: number, days: number): Instant {
  const at = calendarOf(instant);
  const moved = { ...at, year: at.year + years, month: at.month + months, day: at.day + days };
  return { ...instant, seconds: zonedSeconds(moved, instant.zone) };
}
