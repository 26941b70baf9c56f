// When a window is open within a span of time: for calendars.

import { boundaryAfter, isOpen } from "./calendar.ts";
import type { Interval } from "./schedule.ts";
import type { Window } from "./window.ts";

/** Changes of state looked at in all; divided by the number of schedules, each of which is asked at every one. */
const maxSteps = 50_000;

export interface Openings {
  /** In order, half-open, cut to what was asked; openings that touch are one. */
  spans: Interval[];
  /** How far the search came: earlier than the end of what was asked only when the window changes too often. */
  until: number;
}

/** The openings between two instants (milliseconds since the epoch). A window with mistakes has none. */
export function openingsBetween(window: Window, { start, end }: Interval): Openings {
  const { calendar, failures } = window;
  const spans: Interval[] = [];
  if (failures.length > 0) return { spans, until: end };
  const limit = Math.floor(maxSteps / Math.max(1, calendar.schedules.length));
  let opened = isOpen(calendar, start) ? start : undefined;
  let at = start;
  for (let steps = 0; at < end; steps++) {
    if (steps === limit) break;
    at = Math.min(end, boundaryAfter(calendar, at));
    const stillOpen = at < end && isOpen(calendar, at);
    if (stillOpen) opened ??= at;
    else if (opened !== undefined) {
      spans.push({ start: opened, end: at });
      opened = undefined;
    }
  }
  if (opened !== undefined) spans.push({ start: opened, end: at });
  return { spans, until: at };
}
