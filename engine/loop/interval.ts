// When the next run of something that repeats is due.

/** Flux's default: intervals are stretched or shortened by up to 5 %, so that a thousand objects spread. */
export const JITTER = 0.05;

/** `random` is in [0, 1). */
export function jittered(intervalMs: number, random: () => number): number {
  return Math.max(1, Math.round(intervalMs * (1 + JITTER * (2 * random() - 1))));
}

/** First retry after a failure; doubles up to `MAX_RETRY_MS` (Flux: --min-retry-delay, --max-retry-delay). */
const MIN_RETRY_MS = 750;
const MAX_RETRY_MS = 15 * 60_000;

/** `failures` in a row so far, the last one included. */
export function retryDelayMs(failures: number): number {
  return Math.min(MAX_RETRY_MS, MIN_RETRY_MS * 2 ** Math.min(failures - 1, 20));
}
