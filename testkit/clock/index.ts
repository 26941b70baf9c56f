// Clocks for tests: one that they step by hand, one that runs too fast.

export { movableClock, type MovableClock } from "./movable-clock.ts";
import type { Clock } from "@plumbline/core/model";

export interface SteppedClock extends Clock {
  /** Lets time pass, firing due callbacks in order; the wall clock moves along. */
  advance(ms: number): void;
  /** The wall clock jumps; monotonic time and timers do not notice. */
  jump(ms: number): void;
  /** Timers that have not fired. */
  pending(): number;
}

export function steppedClock(startMs: number = Date.UTC(2026, 0, 1)): SteppedClock {
  let monotonic = 0;
  let offset = startMs;
  let timers: { at: number; callback: () => void }[] = [];
  return {
    now: () => offset + monotonic,
    monotonic: () => monotonic,
    after: (ms, callback) => {
      const timer = { at: monotonic + Math.max(0, ms), callback };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    advance: (ms) => {
      const end = monotonic + ms;
      for (;;) {
        const next = timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
        if (!next) break;
        timers = timers.filter((timer) => timer !== next);
        monotonic = next.at;
        next.callback();
      }
      monotonic = end;
    },
    jump: (ms) => {
      offset += ms;
    },
    pending: () => timers.length,
  };
}

/** A clock on which `factor` seconds pass in each real one: for hours of waiting beside real programs. */
export function hurriedClock(factor: number): Clock {
  const startedMs = Date.now();
  const origin = performance.now();
  const monotonic = (): number => (performance.now() - origin) * factor;
  return {
    now: () => startedMs + monotonic(),
    monotonic,
    after: (ms, callback) => {
      const timer = setTimeout(callback, Math.max(0, ms) / factor);
      return () => clearTimeout(timer);
    },
  };
}
