// Schedules and freezes together: what holds at an instant, since when, and what comes next.

import type { Interval, Schedule } from "./schedule.ts";

/** Boundaries looked at for one change of state; beyond them "since" and "next" are left out. */
export const maxBoundaries = 1000;
/** Of many schedules fewer are looked at, so that no spec takes seconds; never fewer than this. */
export const minBoundaries = 20;
/** How far a search looks either way: a leap day comes at most eight years apart. */
export const lookAheadMs = 9 * 366 * 86_400_000;

export interface Freeze extends Interval {
  reason: string;
  /** `Kind/namespace/name` of the window that it belongs to. */
  window: string;
}

/** No schedules at all: open outside of the freezes. */
export interface Calendar {
  schedules: readonly Schedule[];
  freezes: readonly Freeze[];
}

/** All times in milliseconds since the epoch; undefined when there is none within the look-ahead. */
export interface WindowState {
  open: boolean;
  /** When it became so. */
  since: number | undefined;
  /** The next change from closed to open after `now`, also while open. */
  nextOpen: number | undefined;
  /** The next change from open to closed after `now`, also while closed. */
  nextClose: number | undefined;
  /** The freeze that holds now; of several the one that ends last. */
  freeze?: Freeze;
}

/** The freeze at an instant; of several the one that ends last. */
export function freezeAt(calendar: Calendar, instant: number): Freeze | undefined {
  let found: Freeze | undefined;
  for (const freeze of calendar.freezes) {
    if (freeze.start <= instant && instant < freeze.end && (!found || freeze.end > found.end)) found = freeze;
  }
  return found;
}

/** When the openings that cover an instant end, freezes aside; undefined when none does. */
function coverEnd(calendar: Calendar, instant: number): number | undefined {
  if (calendar.schedules.length === 0) return Infinity;
  let end: number | undefined;
  for (const schedule of calendar.schedules) {
    const interval = schedule.at(instant);
    if (interval && interval.end > instant) end = Math.max(end ?? 0, interval.end);
  }
  return end;
}

export function isOpen(calendar: Calendar, instant: number): boolean {
  return !freezeAt(calendar, instant) && coverEnd(calendar, instant) !== undefined;
}

/** The first instant after the given one at which the state may be another. */
export function boundaryAfter(calendar: Calendar, instant: number): number {
  const freeze = freezeAt(calendar, instant);
  if (freeze) return freeze.end;
  const end = coverEnd(calendar, instant);
  const starts =
    end === undefined
      ? calendar.schedules.map((schedule) => schedule.after(instant)?.start ?? Infinity)
      : calendar.freezes.map((each) => (each.start > instant ? each.start : Infinity));
  return Math.min(end ?? Infinity, ...starts);
}

/** The last instant up to the given one at which the state may have become another. */
function boundaryUpTo(calendar: Calendar, instant: number): number {
  const intervals: Interval[] = [...calendar.freezes];
  for (const schedule of calendar.schedules) {
    const interval = schedule.at(instant);
    if (interval) intervals.push(interval);
  }
  let last = -Infinity;
  for (const { start, end } of intervals) {
    if (start <= instant) last = Math.max(last, start);
    if (end <= instant) last = Math.max(last, end);
  }
  return last;
}

function boundaryLimit(calendar: Calendar): number {
  return Math.max(minBoundaries, Math.floor(maxBoundaries / Math.max(1, calendar.schedules.length)));
}

type Changes = Pick<WindowState, "nextOpen" | "nextClose">;

/** The first change to open and the first to closed after `from`; only the first of the two when one is enough. */
export function nextChanges(calendar: Calendar, from: number, want: "both" | "either" = "both"): Changes {
  const found: Changes = { nextOpen: undefined, nextClose: undefined };
  let at = from;
  let was = isOpen(calendar, at);
  const limit = boundaryLimit(calendar);
  for (let steps = 0; steps < limit; steps++) {
    at = boundaryAfter(calendar, at);
    if (at === Infinity || at - from > lookAheadMs) return found;
    const is = isOpen(calendar, at);
    if (is !== was) found[is ? "nextOpen" : "nextClose"] ??= at;
    const isDone = found.nextOpen !== undefined && found.nextClose !== undefined;
    if (isDone || (want === "either" && is !== was)) return found;
    was = is;
  }
  return found;
}

/** The first instant after `now` at which the calendar may count differently beside others; Infinity for never. */
export function nextBoundary(calendar: Calendar, now: number): number {
  const starts = calendar.freezes.map(({ start }) => (start > now ? start : Infinity));
  return Math.min(boundaryAfter(calendar, now), ...starts);
}

function sinceWhen(calendar: Calendar, now: number, open: boolean): number | undefined {
  let at = now;
  const limit = boundaryLimit(calendar);
  for (let steps = 0; steps < limit; steps++) {
    const boundary = boundaryUpTo(calendar, at);
    if (boundary === -Infinity || now - boundary > lookAheadMs) return undefined;
    // Every boundary is a whole millisecond, so nothing happens between the two.
    if (isOpen(calendar, boundary - 1) !== open) return boundary;
    at = boundary - 1;
  }
  return undefined;
}

/** `now` in milliseconds since the epoch. */
export function calendarState(calendar: Calendar, now: number): WindowState {
  const freeze = freezeAt(calendar, now);
  const open = !freeze && coverEnd(calendar, now) !== undefined;
  return {
    open,
    since: sinceWhen(calendar, now, open),
    ...nextChanges(calendar, now),
    ...(freeze && { freeze }),
  };
}
