// When the next run of something that repeats is due.

/** Flux's default: intervals are stretched or shortened by up to 5 %, so that a thousand objects spread. */
export const JITTER = 0.05;

/** `random` is in [0, 1). */
export function jittered(intervalMs: number, random: () => number): number {
  return Math.max(1, Math.round(intervalMs * (1 + JITTER * (2 * random() - 1))));
}
