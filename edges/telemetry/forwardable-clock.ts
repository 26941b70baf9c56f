// A clock that runs as another one and can be stepped forward, as if the time between had passed.

import type { Clock } from "@plumbline/core/model";

interface Timer {
  /** Monotonic. */
  at: number;
  callback: () => void;
  cancel: () => void;
}

export interface ForwardableClock extends Clock {
  /** Moves both kinds of time forward by `ms` (not negative); what has become due is called, the earliest first. */
  step(ms: number): void;
}

export function forwardableClock(running: Clock): ForwardableClock {
  let offset = 0;
  const timers = new Set<Timer>();
  const monotonic = (): number => running.monotonic() + offset;
  const arm = (timer: Timer): void => {
    timer.cancel = running.after(Math.max(0, timer.at - monotonic()), () => {
      timers.delete(timer);
      timer.callback();
    });
  };
  return {
    now: () => running.now() + offset,
    monotonic,
    after: (ms, callback) => {
      const timer: Timer = { at: monotonic() + ms, callback, cancel: () => undefined };
      timers.add(timer);
      arm(timer);
      return () => {
        timers.delete(timer);
        timer.cancel();
      };
    },
    step: (ms) => {
      if (!(ms >= 0)) throw new RangeError(`time is stepped forward, not by ${ms} ms`);
      offset += ms;
      const end = monotonic();
      // What a callback starts counts from the end of the step, so only timers of before can be due.
      const before = [...timers].sort((a, b) => a.at - b.at);
      for (const timer of before) {
        if (!timers.has(timer)) continue;
        timer.cancel();
        if (timer.at > end) arm(timer);
        else {
          timers.delete(timer);
          timer.callback();
        }
      }
    },
  };
}
