// A clock that runs as the system's and is moved by tests: on, as if time had passed, or to another wall-clock time.

import { systemClock, forwardableClock, type ForwardableClock } from "@plumbline/edges/telemetry";

export interface MovableClock extends ForwardableClock {
  /** Moves both kinds of time forward until the wall clock shows this time; what is due is called. */
  stepTo(time: string): void;
  /** The wall clock is set by somebody, either way; monotonic time and timers do not notice. */
  jump(ms: number): void;
}

/** `start` is RFC 3339: what the wall clock shows at first. */
export function movableClock(start: string): MovableClock {
  const stepped = forwardableClock(systemClock({ keepsAlive: true }));
  let jumped = Date.parse(start) - stepped.now();
  const now = (): number => stepped.now() + jumped;
  return {
    ...stepped,
    now,
    stepTo: (time) => stepped.step(Date.parse(time) - now()),
    jump: (ms) => {
      jumped += ms;
    },
  };
}
