// A maintenance window read from its spec: a calendar and a selection, or the mistakes that make it hold everything.

import {
  asFailure,
  cleanLine,
  Failure,
  formatRef,
  isObject,
  type JsonObject,
  type JsonValue,
  own,
} from "@plumbline/core/model";
import { calendarState, nextBoundary, type Calendar, type Freeze, type WindowState } from "./calendar.ts";
import { mistake, readCron, readDuration, readFreezeEnd, readInstant, readZone, maxTimeText } from "./parse-time.ts";
import { readSelects } from "./parse-selects.ts";
import { closingAfter, once, recurring, type Schedule } from "./schedule.ts";
import type { Selects } from "./select.ts";

/** Most schedules, and most freezes, of one window. */
export const maxEntries = 64;

/** Who the window is; `namespace` is empty for a ClusterMaintenanceWindow. */
export interface WindowIdentity {
  kind: string;
  namespace: string;
  name: string;
}

export interface Window {
  identity: WindowIdentity;
  /** Undefined when the selection itself cannot be read: then everything within the window's reach is selected. */
  selects: Selects | undefined;
  calendar: Calendar;
  /** What is done with a run that is under way at the closing. */
  atClose: "Finish" | "Pause";
  /** The mistakes in the spec; with any, the window holds what it selects. */
  failures: readonly Failure[];
}

interface Context {
  object: string;
  failures: Failure[];
}

/** Runs one reader; its Failure is collected, so that all mistakes are told at once. */
function collect<T>(context: Context, read: () => T): T | undefined {
  try {
    return read();
  } catch (thrown) {
    context.failures.push(asFailure(thrown));
    return undefined;
  }
}

function textAt(object: JsonObject, key: string, place: { object: string; field: string }): string | undefined {
  const value = own(object, key);
  if (value === undefined || value === null) return undefined;
  const where = { object: place.object, field: `${place.field}.${key}` };
  if (typeof value !== "string") throw mistake(where, "is not a string", "Put the value in quotes.");
  if (value.length > maxTimeText) {
    throw mistake(where, `is longer than ${maxTimeText} characters`, "Shorten it.");
  }
  return value;
}

function entries(spec: JsonObject, key: string, object: string): JsonObject[] {
  const value = own(spec, key) ?? [];
  const where = { object, field: `spec.${key}` };
  if (!Array.isArray(value)) throw mistake(where, "is not a list", "Give a list.");
  if (value.length > maxEntries) {
    throw mistake(where, `has ${value.length} entries, more than ${maxEntries}`, "Split the window into several.");
  }
  return value.map((entry, i) => {
    if (isObject(entry)) return entry;
    throw mistake({ object, field: `spec.${key}[${i}]` }, "is not a mapping", "Give the fields of one entry.");
  });
}

function readSchedule(entry: JsonObject, zone: string, place: { object: string; field: string }): Schedule {
  const at = (key: string) => ({ object: place.object, field: `${place.field}.${key}` });
  const open = textAt(entry, "open", place);
  const close = textAt(entry, "close", place);
  const length = textAt(entry, "duration", place);
  if (open === undefined) throw mistake(at("open"), "is missing", "Say when the window opens.");
  if ((close === undefined) === (length === undefined)) {
    throw mistake(place, close === undefined ? "never closes" : "closes twice", "Give either close or duration.");
  }
  const duration = length === undefined ? undefined : readDuration(length, at("duration"));
  const start = readInstant(open, at("open"));
  if (start !== undefined) {
    if (duration) return once({ start, end: closingAfter(start, duration, zone) });
    const end = readInstant(close ?? "", at("close"));
    if (end === undefined) throw mistake(at("close"), "is no time while open is one", "Give an RFC 3339 time.");
    if (end <= start) throw mistake(at("close"), `${close} is not after the opening ${open}`, "Close after opening.");
    return once({ start, end });
  }
  const opening = readCron(open, at("open"));
  if (duration) return recurring(opening, { duration }, zone);
  if (readInstant(close ?? "", at("close")) !== undefined) {
    throw mistake(at("close"), "is a time while open is a cron expression", "Give a cron expression, or a duration.");
  }
  return recurring(opening, { cron: readCron(close ?? "", at("close")) }, zone);
}

function readFreeze(entry: JsonObject, zone: string, place: { object: string; field: string }): Freeze {
  const ends = (["from", "to"] as const).map((key) => {
    const where = { object: place.object, field: `${place.field}.${key}` };
    const text = textAt(entry, key, place);
    if (text === undefined) throw mistake(where, "is missing", "Give both from and to.");
    return readFreezeEnd(text, zone, { last: key === "to", where });
  });
  const [start = 0, end = 0] = ends;
  if (end <= start) throw mistake(place, "ends before it begins", "Give a time in to that is after from.");
  return { start, end, reason: cleanLine(textAt(entry, "reason", place) ?? ""), window: place.object };
}

function readCalendar(spec: JsonObject, context: Context): Calendar {
  const { object } = context;
  const zone = collect(context, () => {
    const text = textAt(spec, "timeZone", { object, field: "spec" });
    const where = { object, field: "spec.timeZone" };
    if (text === undefined) throw mistake(where, "is missing", "Give an IANA name such as Europe/Stockholm.");
    return readZone(text, where);
  });
  const each = <T>(key: string, read: (entry: JsonObject, field: string) => T | undefined): T[] =>
    (collect(context, () => entries(spec, key, object)) ?? []).flatMap((entry, i) => {
      const value = collect(context, () => read(entry, `spec.${key}[${i}]`));
      return value === undefined ? [] : [value];
    });
  // With an unknown zone the other fields are still read in UTC, for their mistakes only.
  const seen = new Set<string>();
  const schedules = each("schedules", (entry, field) => {
    const schedule = readSchedule(entry, zone ?? "UTC", { object, field });
    const text = JSON.stringify([entry.open, entry.close, entry.duration]);
    if (seen.has(text)) return undefined; // said twice
    seen.add(text);
    return schedule;
  });
  const freezes = each("freezes", (entry, field) => readFreeze(entry, zone ?? "UTC", { object, field }));
  if (context.failures.length === 0 && schedules.length + freezes.length === 0) {
    const where = { object, field: "spec" };
    context.failures.push(mistake(where, "has neither schedules nor freezes", "Give at least one of them."));
  }
  return { schedules, freezes };
}

/** Reads the spec of a window; never throws: mistakes are in `failures`, each naming its field. */
export function parseWindow(identity: WindowIdentity, spec: JsonValue | undefined): Window {
  const context: Context = { object: formatRef(identity), failures: [] };
  const fields = isObject(spec) ? spec : {};
  const calendar = readCalendar(fields, context);
  const selects = collect(context, () => readSelects(own(fields, "selects"), context.object));
  const atClose = own(fields, "atClose") ?? "Finish";
  if (atClose !== "Finish" && atClose !== "Pause") {
    const where = { object: context.object, field: "spec.atClose" };
    context.failures.push(mistake(where, "is neither Finish nor Pause", "Give Finish or Pause."));
  }
  return {
    identity,
    selects,
    calendar,
    atClose: atClose === "Pause" ? "Pause" : "Finish",
    failures: context.failures,
  };
}

/** Open or closed at `now` (milliseconds since the epoch), and what comes next. An invalid window is closed for good. */
export function stateAt(window: Window, now: number): WindowState {
  if (window.failures.length === 0) return calendarState(window.calendar, now);
  return { open: false, since: undefined, nextOpen: undefined, nextClose: undefined };
}

/** When decisions that the window has a say in may next be others; Infinity for never. `now` as in `stateAt`. */
export function nextTurn(window: Window, now: number): number {
  return window.failures.length === 0 ? nextBoundary(window.calendar, now) : Infinity;
}
