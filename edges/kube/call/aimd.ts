// How many requests a cluster takes at once: additive increase, multiplicative decrease, by latency and refusals.

/**
 * The rule, per window of answers (as many as the limit, at least 8):
 * - a refusal for load (429, 503, time-out) takes the limit to 60 % at once, at most once per second;
 * - a mean latency above 4 times the best seen (and above 100 ms) takes it to 80 %;
 * - a mean below 2.5 times the best (or below 25 ms), while calls were waiting, adds 2; not within 10 s of a refusal.
 * The best mean forgets 2 % per window, so that a server that became slower for good is not throttled for ever.
 */
export interface AimdState {
  limit: number;
  /** Lowest mean latency of a window, milliseconds; 0 before the first. */
  bestMs: number;
  count: number;
  sumMs: number;
  /** Calls waited during this window. */
  wasFull: boolean;
  /** Monotonic time of the last decrease for a refusal. */
  refusedAt: number;
}

export interface AimdBounds {
  min: number;
  max: number;
}

export interface Sample {
  latencyMs: number;
  /** The server refused for load, or did not answer in time. */
  isRefusal: boolean;
  /** Other calls were waiting for a turn. */
  isFull: boolean;
  /** Monotonic milliseconds. */
  at: number;
}

const MIN_WINDOW = 8;
const REFUSAL_COOLDOWN_MS = 1000;
const GROWTH_PAUSE_MS = 10_000;

export function startAimd(start: number): AimdState {
  return { limit: start, bestMs: 0, count: 0, sumMs: 0, wasFull: false, refusedAt: -Infinity };
}

/** The state after one answer. */
export function adaptLimit(state: AimdState, sample: Sample, bounds: AimdBounds): AimdState {
  if (sample.isRefusal) {
    if (sample.at - state.refusedAt < REFUSAL_COOLDOWN_MS) return state;
    return { ...newWindow(state), limit: clamp(state.limit * 0.6, bounds), refusedAt: sample.at };
  }
  const count = state.count + 1;
  const sumMs = state.sumMs + sample.latencyMs;
  const wasFull = state.wasFull || sample.isFull;
  if (count < Math.max(MIN_WINDOW, state.limit)) return { ...state, count, sumMs, wasFull };
  const meanMs = sumMs / count;
  const mayGrow = wasFull && sample.at - state.refusedAt >= GROWTH_PAUSE_MS;
  const bestMs = state.bestMs === 0 ? meanMs : Math.min(meanMs, state.bestMs * 1.02);
  return {
    ...newWindow(state),
    bestMs,
    limit: clamp(state.limit + step(state.limit, { meanMs, bestMs, mayGrow }), bounds),
  };
}

function step(limit: number, window: { meanMs: number; bestMs: number; mayGrow: boolean }): number {
  const { meanMs, bestMs, mayGrow } = window;
  if (meanMs > Math.max(100, 4 * bestMs)) return -Math.max(1, limit * 0.2);
  return mayGrow && meanMs < Math.max(25, 2.5 * bestMs) ? 2 : 0;
}

function newWindow(state: AimdState): AimdState {
  return { ...state, count: 0, sumMs: 0, wasFull: false };
}

function clamp(limit: number, bounds: AimdBounds): number {
  return Math.max(bounds.min, Math.min(bounds.max, Math.floor(limit)));
}
