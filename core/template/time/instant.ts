// A moment in a zone, its calendar fields, and formatting by Go's layouts.

import { type Field, parseLayout } from "./layout.ts";
import { utc, type Zone } from "./zone.ts";

/** A moment: seconds since 1970, nanoseconds within the second, and the zone it is shown in. */
export interface Instant {
  readonly seconds: number;
  readonly nanoseconds: number;
  readonly zone: Zone;
}

/** Year 1: Go's zero time. */
export const zeroInstant: Instant = { seconds: -62135596800, nanoseconds: 0, zone: utc };

export const longMonths = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];
export const longDays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

export interface Calendar {
  year: number;
  /** 1 to 12. */
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  /** 0 is Sunday. */
  weekday: number;
  /** 1 to 366. */
  yearDay: number;
  offset: number;
  abbreviation: string;
}

/** The calendar and clock that the instant's zone shows. */
export function calendarOf({ seconds, zone }: Instant): Calendar {
  const { offset, abbreviation } = zone.at(seconds);
  const date = new Date((seconds + offset) * 1000);
  const year = date.getUTCFullYear();
  return {
    year,
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    weekday: date.getUTCDay(),
    yearDay: Math.round((Math.floor(date.getTime() / 86400000) * 86400000 - startOfYear(year)) / 86400000) + 1,
    offset,
    abbreviation,
  };
}

function startOfYear(year: number): number {
  return utcSeconds({ year, month: 1, day: 1, hour: 0, minute: 0, second: 0 }) * 1000;
}

/** Unix seconds of a calendar date read as UTC; fields may overflow into the next larger ones. */
export function utcSeconds(at: Pick<Calendar, "year" | "month" | "day" | "hour" | "minute" | "second">): number {
  const date = new Date(0);
  date.setUTCFullYear(at.year, at.month - 1, at.day);
  date.setUTCHours(at.hour, at.minute, at.second);
  return date.getTime() / 1000;
}

/** `time.Date`: the moment when a clock in the zone shows this. */
export function zonedSeconds(at: Parameters<typeof utcSeconds>[0], zone: Zone): number {
  const local = utcSeconds(at);
  const guess = local - zone.at(local).offset;
  const offset = zone.at(guess).offset;
  const second = local - offset;
  return zone.at(second).offset === offset ? second : local - zone.at(second).offset;
}

/** `Time.Format`. */
export function formatInstant(instant: Instant, layout: string): string {
  const calendar = calendarOf(instant);
  return parseLayout(layout)
    .map((element) => (element.kind === "text" ? element.text : formatField(instant, calendar, element)))
    .join("");
}

/** `Time.String()`. */
export function showInstant(instant: Instant): string {
  return formatInstant(instant, "2006-01-02 15:04:05.999999999 -0700 MST");
}

const pad = (n: number, width: number, fill = "0"): string => {
  const digits = String(Math.abs(n)).padStart(width, fill);
  return n < 0 ? `-${digits}` : digits;
};

function formatField(
  instant: Instant,
  calendar: Calendar,
  element: { field: Field; text: string; digits: number },
): string {
  const { field, text, digits } = element;
  if (field === "zone") return formatOffset(calendar.offset, text);
  if (field === "zoneName") return formatZoneName(calendar);
  if (field === "fraction0" || field === "fraction9") return formatFraction(instant.nanoseconds, field, digits, text);
  const { hour, minute, second } = calendar;
  switch (field) {
    case "hour":
      return pad(hour, 2);
    case "hour12":
      return String(hour % 12 || 12);
    case "zeroHour12":
      return pad(hour % 12 || 12, 2);
    case "minute":
      return String(minute);
    case "zeroMinute":
      return pad(minute, 2);
    case "second":
      return String(second);
    case "zeroSecond":
      return pad(second, 2);
    case "PM":
      return hour >= 12 ? "PM" : "AM";
    case "pm":
      return hour >= 12 ? "pm" : "am";
    default:
      return formatDate(calendar, field);
  }
}

function formatDate({ year, month, day, weekday, yearDay }: Calendar, field: Field): string {
  const monthName = longMonths[month - 1] ?? "";
  const dayName = longDays[weekday] ?? "";
  switch (field) {
    case "longYear":
      return pad(year, 4);
    case "year":
      return pad(Math.abs(year) % 100, 2);
    case "longMonth":
      return monthName;
    case "month":
      return monthName.slice(0, 3);
    case "numMonth":
      return String(month);
    case "zeroMonth":
      return pad(month, 2);
    case "longWeekDay":
      return dayName;
    case "weekDay":
      return dayName.slice(0, 3);
    case "day":
      return String(day);
    case "underDay":
      return pad(day, 2, " ");
    case "zeroDay":
      return pad(day, 2);
    case "underYearDay":
      return pad(yearDay, 3, " ");
    default:
      return pad(yearDay, 3);
  }
}

function formatOffset(offset: number, form: string): string {
  if (offset === 0 && form.startsWith("Z")) return "Z";
  const size = Math.abs(offset);
  const parts = [pad(Math.floor(size / 3600), 2), pad(Math.floor(size / 60) % 60, 2), pad(size % 60, 2)];
  const isShort = form === "-07" || form === "Z07";
  const withSeconds = /0000$|:00:00$/.test(form);
  const shown = parts.slice(0, isShort ? 1 : withSeconds ? 3 : 2);
  return (offset < 0 ? "-" : "+") + shown.join(form.includes(":") ? ":" : "");
}

function formatZoneName({ abbreviation, offset }: Calendar): string {
  return abbreviation === "" ? formatOffset(offset, "-0700") : abbreviation;
}

function formatFraction(nanoseconds: number, field: "fraction0" | "fraction9", digits: number, text: string): string {
  const all = pad(nanoseconds, 9).slice(0, digits);
  if (field === "fraction0") return text[0] + all.padEnd(digits, "0");
  const trimmed = all.replace(/0+$/, "");
  return trimmed === "" ? "" : text[0] + trimmed;
}
