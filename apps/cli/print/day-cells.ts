// One day of a window's calendar, cut into cells by the clock on the wall of its zone.

import type { Freeze, Interval } from "@plumbline/core/gate";
import { zonedAt } from "./when.ts";

export type Cell =
  | "open"
  /** Open for a part of the cell. */
  | "part"
  | "closed"
  | "frozen"
  /** The clocks skip it. */
  | "skipped"
  /** Beyond what was computed. */
  | "unknown";

/** A change of the clocks: when, and by how many minutes they go forward. */
export interface ClockChange {
  at: number;
  minutes: number;
}

export interface Day {
  date: Temporal.PlainDate;
  cells: Cell[];
  /** The cell of "now", and whether it is open at that instant; undefined on other days. */
  now: { cell: number; isOpen: boolean } | undefined;
  /** Openings, cut to the day. */
  openings: Interval[];
  freezes: readonly Freeze[];
  clockChanges: ClockChange[];
}

/** What is known of a window in the time that is shown. */
export interface Times {
  zone: string;
  now: number;
  openings: readonly Interval[];
  freezes: readonly Freeze[];
  /** The openings are known up to here. */
  until: number;
}

/** A stretch of the day in which the clocks do not change. */
interface Stretch extends Interval {
  offsetMs: number;
}

export function dayOf(date: Temporal.PlainDate, times: Times, cellCount: number): Day {
  const { zone, now } = times;
  const start = date.toZonedDateTime(zone).epochMilliseconds;
  const end = date.add({ days: 1 }).toZonedDateTime(zone).epochMilliseconds;
  const day = { start, end };
  const stretches = stretchesOf(day, zone);
  const midnight = date.toZonedDateTime("UTC").epochMilliseconds;
  const cellMs = 86_400_000 / cellCount;
  const cells: Cell[] = [];
  let nowCell: Day["now"];
  const isOpen = times.openings.some((opening) => opening.start <= now && now < opening.end);
  for (let i = 0; i < cellCount; i++) {
    const wall = midnight + i * cellMs;
    const parts = stretches.flatMap(({ offsetMs, ...stretch }) =>
      cut({ start: wall - offsetMs, end: wall - offsetMs + cellMs }, stretch),
    );
    if (parts.some((part) => part.start <= now && now < part.end)) nowCell = { cell: i, isOpen };
    cells.push(cellOf(parts, times));
  }
  return {
    date,
    cells,
    now: nowCell,
    openings: times.openings.flatMap((opening) => cut(opening, day)),
    freezes: times.freezes.filter((freeze) => cut(freeze, day).length > 0),
    clockChanges: clockChanges(stretches),
  };
}

function stretchesOf(day: Interval, zone: string): Stretch[] {
  const stretches: Stretch[] = [];
  for (let start = day.start; start < day.end;) {
    const at = zonedAt(start, zone);
    const next = at.getTimeZoneTransition("next")?.epochMilliseconds ?? Infinity;
    const end = Math.min(day.end, next);
    stretches.push({ start, end, offsetMs: at.offsetNanoseconds / 1e6 });
    start = end;
  }
  return stretches;
}

function clockChanges(stretches: readonly Stretch[]): ClockChange[] {
  return stretches.slice(1).flatMap(({ start, offsetMs }, i) => {
    const minutes = (offsetMs - (stretches[i]?.offsetMs ?? offsetMs)) / 60_000;
    return minutes === 0 ? [] : [{ at: start, minutes }];
  });
}

/** What the two have in common: one interval or none. */
function cut(one: Interval, other: Interval): Interval[] {
  const start = Math.max(one.start, other.start);
  const end = Math.min(one.end, other.end);
  return start < end ? [{ start, end }] : [];
}

function within(parts: readonly Interval[], intervals: readonly Interval[]): number {
  let sum = 0;
  for (const part of parts) {
    for (const interval of intervals) for (const { start, end } of cut(part, interval)) sum += end - start;
  }
  return sum;
}

function cellOf(parts: readonly Interval[], times: Times): Cell {
  const length = parts.reduce((sum, { start, end }) => sum + end - start, 0);
  if (length === 0) return "skipped";
  if (parts.some(({ end }) => end > times.until)) return "unknown";
  const open = within(parts, times.openings);
  if (open > 0) return open === length ? "open" : "part";
  return within(parts, times.freezes) > 0 ? "frozen" : "closed";
}
