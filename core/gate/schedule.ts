// One schedule as half-open intervals: the one that began last at an instant, and the next one.

import type { Cron } from "croner";
import { instantOf, laterInstantOf, plainOf, type Wall, wallBound, wallOf, wallOfPlain } from "./zone.ts";

/** Openings that are looked at for one that is not empty; a minutely cron passes 60 of them in an hour's overlap. */
const maxSteps = 2000;

/** Milliseconds since the epoch; `end` itself is outside. */
export interface Interval {
  start: number;
  end: number;
}

export interface Schedule {
  /** The interval that began last, at or before the instant. It covers the instant when its end is after it. */
  at(instant: number): Interval | undefined;
  /** The first interval that begins after the instant. */
  after(instant: number): Interval | undefined;
}

/** A single interval between two instants. */
export function once(interval: Interval): Schedule {
  return {
    at: (instant) => (interval.start <= instant ? interval : undefined),
    after: (instant) => (interval.start > instant ? interval : undefined),
  };
}

/**
 * The same schedule, with its last answer at hand: a search asks for one instant after another while the boundaries of
 * other schedules pass.
 */
function remembering(schedule: Schedule): Schedule {
  let known: { asked: number; current: Interval | undefined; next?: Interval | undefined } | undefined;
  const nextOf = (place: NonNullable<typeof known>): Interval | undefined => {
    if (!("next" in place)) place.next = schedule.after(place.asked);
    return place.next;
  };
  const around = (instant: number): NonNullable<typeof known> => {
    const isSame =
      known !== undefined &&
      instant >= (known.current?.start ?? known.asked) &&
      (instant <= known.asked || instant < (nextOf(known)?.start ?? Infinity));
    if (!known || !isSame) known = { asked: instant, current: schedule.at(instant) };
    return known;
  };
  return { at: (instant) => around(instant).current, after: (instant) => nextOf(around(instant)) };
}

export type Closing = { cron: Cron } | { duration: Temporal.Duration };

/** The closing of an opening by a duration: as long on the wall clock, from when it really opened. */
export function closingAfter(start: number, duration: Temporal.Duration, zone: string): number {
  const wall = wallOfPlain(plainOf(wallOf(start, zone)).add(duration));
  const end = instantOf(wall, zone);
  return end > start ? end : laterInstantOf(wall, zone);
}

/** Openings by a cron expression, read as wall-clock time of the zone. */
export function recurring(open: Cron, closing: Closing, zone: string): Schedule {
  const intervalOf = (wall: Wall, start: number): Interval | undefined => {
    const end = "cron" in closing ? closedBy(closing.cron, wall, zone) : closingAfter(start, closing.duration, zone);
    return end !== undefined && end > start ? { start, end } : undefined;
  };
  const walk = (from: Wall, step: (wall: Wall) => Wall | undefined, fits: (start: number) => boolean) => {
    let wall = step(from);
    for (let steps = 0; wall !== undefined && steps < maxSteps; steps++) {
      const start = instantOf(wall, zone);
      const interval = fits(start) ? intervalOf(wall, start) : undefined;
      if (interval) return interval;
      wall = step(wall);
    }
    return undefined;
  };
  const before = (wall: Wall): Wall | undefined => open.previousRuns(1, new Date(wall))[0]?.getTime();
  const next = (wall: Wall): Wall | undefined => open.nextRun(new Date(wall))?.getTime();
  return remembering({
    at: (instant) => walk(wallBound(instant, zone), before, (start) => start <= instant),
    after: (instant) => walk(wallOf(instant, zone), next, (start) => start > instant),
  });
}

function closedBy(close: Cron, opened: Wall, zone: string): number | undefined {
  const wall = close.nextRun(new Date(opened))?.getTime();
  return wall === undefined ? undefined : instantOf(wall, zone);
}
