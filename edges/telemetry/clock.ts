// The machine's clock.

import type { Clock } from "@plumbline/core/model";

/** Timers of more than this overflow in Node and would fire at once; they are waited for in parts. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Timers do not keep the process alive unless `keepsAlive` is set. */
export function systemClock(options: { keepsAlive?: boolean } = {}): Clock {
  const after = (ms: number, callback: () => void): (() => void) => {
    let cancelInner = (): void => undefined;
    const again = (): void => {
      cancelInner = after(ms - LONGEST_TIMER_MS, callback);
    };
    const timer = setTimeout(ms > LONGEST_TIMER_MS ? again : callback, Math.min(Math.max(ms, 0), LONGEST_TIMER_MS));
    if (options.keepsAlive !== true) timer.unref();
    return () => {
      clearTimeout(timer);
      cancelInner();
    };
  };
  return { now: () => Date.now(), monotonic: () => performance.now(), after };
}
