// A clock that moves when told.

import type { Clock } from "@plumbline/core/model";

export interface StepClock extends Clock {
  /** Moves on, calling back in order of time whatever falls due. */
  step(ms: number): void;
  /** Callbacks that wait. */
  readonly pending: number;
}

export function stepClock(start = 1_000_000): StepClock {
  let now = start;
  let timers: { at: number; callback: () => void }[] = [];
  return {
    now: () => now,
    monotonic: () => now,
    after: (ms, callback) => {
      const timer = { at: now + ms, callback };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    step: (ms) => {
      const end = now + ms;
      for (;;) {
        const [next] = timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at);
        if (!next) break;
        timers = timers.filter((timer) => timer !== next);
        now = Math.max(now, next.at);
        next.callback();
      }
      now = end;
    },
    get pending() {
      return timers.length;
    },
  };
}
