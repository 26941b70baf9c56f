// When a call is sent again: pure, so that the rules stand in one table.

/** How an attempt ended. */
export type Attempt =
  | { type: "answer"; status: number; retryAfterMs: number | undefined }
  | { type: "broken"; unsent: boolean };

export interface RetryContext {
  /** Sending the request twice does no harm. */
  repeatable: boolean;
  /** Attempts made so far, this one included. */
  attempts: number;
  /** In [0, 1). */
  random: number;
}

/** Attempts of one call, all kinds of trouble together; a server that asks for patience (429) gets the call's whole time. */
export const MAX_ATTEMPTS = 6;
const MAX_BROKEN_ATTEMPTS = 4;
const BROKEN_DELAY_MS = 100;
const UNSENT_DELAY_MS = 20;
const BUSY_DELAY_MS = 1000;

/**
 * Milliseconds to wait before the next attempt; undefined to give up.
 * - 429: not acted on, so any request goes again, after Retry-After or 1 s, until the call's time is up: to give up
 *   sooner would only make its run send everything once more.
 * - 503 and 504 with Retry-After: as client-go, any request goes again; without: those that are repeatable.
 * - broken connection: any request that was not sent or was refused by GOAWAY, soon; and those that are repeatable.
 */
export function retryDelayMs(attempt: Attempt, context: RetryContext): number | undefined {
  if (attempt.type === "answer" && attempt.status === 429) {
    return spread(attempt.retryAfterMs ?? BUSY_DELAY_MS, context.random);
  }
  if (context.attempts >= MAX_ATTEMPTS) return undefined;
  if (attempt.type === "broken") {
    if (attempt.unsent) return spread(UNSENT_DELAY_MS * 2 ** (context.attempts - 1), context.random);
    if (!context.repeatable || context.attempts >= MAX_BROKEN_ATTEMPTS) return undefined;
    return spread(BROKEN_DELAY_MS * 2 ** (context.attempts - 1), context.random);
  }
  const { status, retryAfterMs } = attempt;
  if (status !== 502 && status !== 503 && status !== 504) return undefined;
  if (retryAfterMs !== undefined) return spread(retryAfterMs, context.random);
  if (!context.repeatable || context.attempts >= MAX_BROKEN_ATTEMPTS) return undefined;
  return spread(BROKEN_DELAY_MS * 2 ** context.attempts, context.random);
}

/** Never earlier, up to half as much later. */
function spread(ms: number, random: number): number {
  return Math.round(ms * (1 + random / 2));
}
