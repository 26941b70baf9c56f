// Reads a time by one of Go's layouts, with Go's messages.

import { callFailure } from "../define.ts";
import { type Instant, longDays, longMonths, utcSeconds, zonedSeconds } from "./instant.ts";
import { type Field, parseLayout } from "./layout.ts";
import { fixedZone, utc, type Zone } from "./zone.ts";

interface Parsed {
  year: number;
  month: number;
  day: number;
  yearDay: number;
  hour: number;
  minute: number;
  second: number;
  nanoseconds: number;
  half: "AM" | "PM" | undefined;
  zone: Zone | undefined;
  offset: number | undefined;
  zoneName: string;
}

/** Go's quoting in these messages: everything beyond ASCII as \x bytes. */
function quoteTime(text: string): string {
  let out = "";
  for (const byte of new TextEncoder().encode(text)) {
    const char = String.fromCharCode(byte);
    if (byte >= 0x80 || byte < 0x20) out += `\\x${byte.toString(16).padStart(2, "0")}`;
    else out += char === '"' || char === "\\" ? `\\${char}` : char;
  }
  return `"${out}"`;
}

/** A mismatch of one element, or a value out of range. */
class Mismatch extends Error {
  readonly isRange: boolean;
  constructor(message: string, isRange = false) {
    super(message);
    this.isRange = isRange;
  }
}

const bad = (): Mismatch => new Mismatch("");
const outOfRange = (what: string): Mismatch => new Mismatch(`${what} out of range`, true);

/**
 * `time.ParseInLocation(layout, value, local)`. Throws `TemplateFailed`: `parsing time "x" as "2006": cannot parse "x" as
 * "2006"`.
 */
export function parseInstant(layout: string, value: string, local: Zone): Instant {
  const parsed: Parsed = {
    year: 0,
    month: -1,
    day: -1,
    yearDay: -1,
    hour: 0,
    minute: 0,
    second: 0,
    nanoseconds: 0,
    half: undefined,
    zone: undefined,
    offset: undefined,
    zoneName: "",
  };
  readAll(layout, value, parsed);
  applyHalf(parsed);
  settleDay(parsed, value);
  return resolve(parsed, local);
}

function readAll(layout: string, value: string, parsed: Parsed): void {
  const elements = parseLayout(layout);
  let rest = value;
  for (const [i, element] of elements.entries()) {
    const isText = element.kind === "text";
    try {
      const next = elements[i + 1];
      const nextIsFraction = next?.kind === "field" && next.field.startsWith("fraction");
      rest = isText ? skipText(rest, element.text) : readField(rest, { ...element, nextIsFraction }, parsed);
    } catch (thrown) {
      if (!(thrown instanceof Mismatch)) throw thrown;
      if (thrown.isRange) throw callFailure(`parsing time ${quoteTime(value)}: ${thrown.message}`);
      const shown = isText ? skippedPart(rest, element.text) : rest;
      throw callFailure(
        `parsing time ${quoteTime(value)} as ${quoteTime(layout)}: cannot parse ${quoteTime(shown)} as ${quoteTime(element.text)}`,
      );
    }
  }
  if (rest !== "") throw callFailure(`parsing time ${quoteTime(value)}: extra text: ${quoteTime(rest)}`);
}

function skipText(value: string, text: string): string {
  const rest = skippedPart(value, text);
  const consumed = skipLength(value, text);
  if (consumed === undefined) throw bad();
  return rest;
}

// Spaces in the layout match any number of spaces.
function skipLength(value: string, text: string): number | undefined {
  let at = 0;
  for (let i = 0; i < text.length;) {
    if (text[i] === " ") {
      if (at < value.length && value[at] !== " ") return undefined;
      while (text[i] === " ") i++;
      while (value[at] === " ") at++;
      continue;
    }
    if (value[at] !== text[i]) return undefined;
    at++;
    i++;
  }
  return at;
}

/** What is left of the value where the text stopped matching. */
function skippedPart(value: string, text: string): string {
  let at = 0;
  for (let i = 0; i < text.length;) {
    if (text[i] === " ") {
      if (at < value.length && value[at] !== " ") break;
      while (text[i] === " ") i++;
      while (value[at] === " ") at++;
      continue;
    }
    if (value[at] !== text[i]) break;
    at++;
    i++;
  }
  return value.slice(at);
}

interface FieldToRead {
  field: Field;
  text: string;
  digits: number;
  nextIsFraction: boolean;
}

function readField(value: string, element: FieldToRead, parsed: Parsed): string {
  switch (element.field) {
    case "longYear":
      return readYear(value, 4, parsed);
    case "year":
      return readYear(value, 2, parsed);
    case "longMonth":
    case "month": {
      const names = element.field === "month" ? longMonths.map((name) => name.slice(0, 3)) : longMonths;
      const [index, rest] = lookup(names, value);
      parsed.month = index + 1;
      return rest;
    }
    case "longWeekDay":
      return lookup(longDays, value)[1];
    case "weekDay":
      return lookup(
        longDays.map((name) => name.slice(0, 3)),
        value,
      )[1];
    case "PM":
    case "pm":
      return readHalf(value, element.field, parsed);
    case "zone":
      return readOffset(value, element.text, parsed);
    case "zoneName":
      return readZoneName(value, parsed);
    case "fraction0":
      return readFraction(value, 1 + element.digits, parsed);
    case "fraction9":
      return /^[.,][0-9]/.test(value) ? readFraction(value, /^[.,][0-9]+/.exec(value)?.[0].length ?? 0, parsed) : value;
    default:
      return readNumber(value, element, parsed);
  }
}

function readYear(value: string, width: 2 | 4, parsed: Parsed): string {
  const digits = value.slice(0, width);
  if (!new RegExp(`^[0-9]{${width}}$`).test(digits)) throw bad();
  const year = Number(digits);
  parsed.year = width === 4 ? year : year >= 69 ? 1900 + year : 2000 + year;
  return value.slice(width);
}

function lookup(names: string[], value: string): [number, string] {
  const index = names.findIndex((name) => value.slice(0, name.length).toLowerCase() === name.toLowerCase());
  if (index < 0) throw bad();
  return [index, value.slice(names[index]?.length ?? 0)];
}

function readHalf(value: string, form: "PM" | "pm", parsed: Parsed): string {
  const half = value.slice(0, 2);
  if (half !== form && half !== form.replace(/p/i, (p) => (p === "p" ? "a" : "A"))) throw bad();
  parsed.half = half.toUpperCase() === "PM" ? "PM" : "AM";
  return value.slice(2);
}

function number(value: string, isFixed: boolean): [number, string] {
  const digits = (isFixed ? /^[0-9]{2}/ : /^[0-9]{1,2}/).exec(value)?.[0];
  if (digits === undefined) throw bad();
  return [Number(digits), value.slice(digits.length)];
}

function readNumber(value: string, { field, nextIsFraction }: FieldToRead, parsed: Parsed): string {
  if (field === "underYearDay" || field === "zeroYearDay") return readYearDay(value, field, parsed);
  const trimmed = field === "underDay" && value.startsWith(" ") ? value.slice(1) : value;
  const [n, rest] = number(trimmed, field.startsWith("zero"));
  switch (field) {
    case "numMonth":
    case "zeroMonth":
      if (n < 1 || n > 12) throw outOfRange("month");
      parsed.month = n;
      return rest;
    case "hour":
    case "hour12":
    case "zeroHour12":
      if (n > (field === "hour" ? 23 : 12)) throw outOfRange("hour");
      parsed.hour = n;
      return rest;
    case "minute":
    case "zeroMinute":
      if (n > 59) throw outOfRange("minute");
      parsed.minute = n;
      return rest;
    case "second":
    case "zeroSecond":
      if (n > 59) throw outOfRange("second");
      parsed.second = n;
      return nextIsFraction ? rest : optionalFraction(rest, parsed);
    default:
      parsed.day = n;
      return rest;
  }
}

// A fraction may follow the seconds even where the layout has none.
function optionalFraction(value: string, parsed: Parsed): string {
  const fraction = /^[.,][0-9]+/.exec(value)?.[0];
  return fraction === undefined ? value : readFraction(value, fraction.length, parsed);
}

function readYearDay(value: string, field: "underYearDay" | "zeroYearDay", parsed: Parsed): string {
  const trimmed = field === "underYearDay" ? value.replace(/^ {1,2}/, "") : value;
  const digits = (field === "zeroYearDay" ? /^[0-9]{3}/ : /^[0-9]{1,3}/).exec(trimmed)?.[0];
  if (digits === undefined) throw bad();
  parsed.yearDay = Number(digits);
  return trimmed.slice(digits.length);
}

function readFraction(value: string, length: number, parsed: Parsed): string {
  const fraction = value.slice(0, length);
  if (fraction.length < length || !/^[.,][0-9]+$/.test(fraction)) throw bad();
  parsed.nanoseconds = Number(fraction.slice(1, 10).padEnd(9, "0"));
  return value.slice(length);
}

function readOffset(value: string, form: string, parsed: Parsed): string {
  if (form.startsWith("Z") && value.startsWith("Z")) {
    parsed.zone = utc;
    return value.slice(1);
  }
  const separator = form.includes(":") ? ":" : "";
  const count = form === "-07" || form === "Z07" ? 1 : /0000$|:00:00$/.test(form) ? 3 : 2;
  const parts = Array.from({ length: count }, () => "([0-9]{2})").join(separator);
  const match = new RegExp(`^([+-])${parts}`).exec(value);
  if (!match) throw bad();
  const [all, sign, hours = "0", minutes = "0", seconds = "0"] = match;
  if (Number(hours) > 24) throw outOfRange("time zone offset hour");
  if (Number(minutes) > 60) throw outOfRange("time zone offset minute");
  if (Number(seconds) > 60) throw outOfRange("time zone offset second");
  const size = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  parsed.offset = sign === "-" ? -size : size;
  return value.slice(all.length);
}

function readZoneName(value: string, parsed: Parsed): string {
  if (value.startsWith("UTC")) {
    parsed.zone = utc;
    return value.slice(3);
  }
  const name = zoneNameAt(value);
  if (name === undefined) throw bad();
  parsed.zoneName = name;
  return value.slice(name.length);
}

function zoneNameAt(value: string): string | undefined {
  if (value.length < 3) return undefined;
  const special = /^(?:ChST|MeST)/.exec(value) ?? /^GMT(?:[+-](?:2[0-3]|[01]?[0-9])(?![0-9]))?/.exec(value);
  if (special) return special[0];
  if (/^[+-]/.test(value)) return /^[+-](?:2[0-3]|[01]?[0-9])(?![0-9])/.exec(value)?.[0];
  const upper = /^[A-Z]{1,6}/.exec(value)?.[0] ?? "";
  if (upper.length === 5 && upper.endsWith("T")) return upper;
  if (upper.length === 4 && (upper.endsWith("T") || upper === "WITA")) return upper;
  return upper.length === 3 ? upper : undefined;
}

function applyHalf(parsed: Parsed): void {
  if (parsed.half === "PM" && parsed.hour < 12) parsed.hour += 12;
  else if (parsed.half === "AM" && parsed.hour === 12) parsed.hour = 0;
}

const daysIn = (year: number, month: number): number => new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();

function settleDay(parsed: Parsed, value: string): void {
  const wrong = (what: string): Error => callFailure(`parsing time ${quoteTime(value)}: ${what}`);
  if (parsed.yearDay >= 0) {
    const inYear = daysIn(parsed.year, 2) === 29 ? 366 : 365;
    if (parsed.yearDay < 1 || parsed.yearDay > inYear) throw wrong("day-of-year out of range");
    const { month, day } = fromYearDay(parsed);
    if (parsed.month >= 0 && parsed.month !== month) throw wrong("day-of-year does not match month");
    if (parsed.day >= 0 && parsed.day !== day) throw wrong("day-of-year does not match day");
    Object.assign(parsed, { month, day });
  }
  if (parsed.month < 0) parsed.month = 1;
  if (parsed.day < 0) parsed.day = 1;
  if (parsed.day < 1 || parsed.day > daysIn(parsed.year, parsed.month)) throw wrong("day out of range");
}

function fromYearDay({ year, yearDay }: Parsed): { month: number; day: number } {
  let month = 1;
  let day = yearDay;
  for (; day > daysIn(year, month); month++) day -= daysIn(year, month);
  return { month, day };
}

function resolve(parsed: Parsed, local: Zone): Instant {
  const { nanoseconds, zone, offset, zoneName } = parsed;
  if (zone) return { seconds: zonedSeconds(parsed, zone), nanoseconds, zone };
  const asUtc = utcSeconds(parsed);
  if (offset !== undefined) {
    const seconds = asUtc - offset;
    const here = local.at(seconds);
    const isLocal = here.offset === offset && (zoneName === "" || here.abbreviation === zoneName);
    return { seconds, nanoseconds, zone: isLocal ? local : fixedZone(zoneName, offset) };
  }
  if (zoneName === "") return { seconds: zonedSeconds(parsed, local), nanoseconds, zone: local };
  const seconds = zonedSeconds(parsed, local);
  if (local.at(seconds).abbreviation === zoneName) return { seconds, nanoseconds, zone: local };
  const guessed = /^GMT([+-][0-9]+)$/.exec(zoneName)?.[1];
  const shift = guessed === undefined ? 0 : Number(guessed) * 3600;
  return { seconds: asUtc, nanoseconds, zone: fixedZone(zoneName, shift) };
}
