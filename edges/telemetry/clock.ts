// The machine's clock.

import type { Clock } from "@plumbline/core/model";

/** Timers of more than this overflow in Node and would fire at once; they are waited for in parts. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Timers do not keep the process alive unless `keepsAlive` is set. None is early by `monotonic`: Node counts in whole
 * milliseconds, so its own may come one too early, and who asks then whether it is time is told no.
 */
export function systemClock(options: { keepsAlive?: boolean } = {}): Clock {
  const after = (ms: number, callback: () => void): (() => void) => {
    const dueMs = performance.now() + ms;
    let timer: NodeJS.Timeout;
    const arm = (leftMs: number): void => {
      timer = setTimeout(ring, Math.min(Math.max(leftMs, 0), LONGEST_TIMER_MS));
      if (options.keepsAlive !== true) timer.unref();
    };
    const ring = (): void => {
      const leftMs = dueMs - performance.now();
      if (leftMs > 0) arm(leftMs);
      else callback();
    };
    arm(ms);
    return () => clearTimeout(timer);
  };
  return { now: () => Date.now(), monotonic: () => performance.now(), after };
}
