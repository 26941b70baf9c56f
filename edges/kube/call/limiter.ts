// Turns for the calls to one cluster: a fair queue before a limit that follows the server's latency.

import type { Clock } from "@plumbline/core/model";
import { adaptLimit, type AimdBounds, type AimdState, startAimd } from "./aimd.ts";
import { FairQueue } from "./fair-queue.ts";

export const DEFAULT_CONCURRENCY = { min: 2, max: 48, start: 16 } as const;

/** A call that nobody waits for is sent beside others after this time. */
const BACKGROUND_PATIENCE_MS = 250;

interface Waiter {
  resolve: () => void;
}

/** Where a waiter stands, and how it leaves when its call is given up. */
interface Line {
  push: (waiter: Waiter) => void;
  remove: (waiter: Waiter) => void;
}

export class Limiter {
  readonly #clock: Clock;
  readonly #bounds: AimdBounds;
  readonly #queue = new FairQueue<Waiter>();
  readonly #background: Waiter[] = [];
  #state: AimdState;
  #inFlight = 0;

  constructor(clock: Clock, options: { min?: number; max?: number; start?: number } = {}) {
    const { min, max, start } = { ...DEFAULT_CONCURRENCY, ...options };
    if (!(min >= 1 && max >= min)) throw new RangeError(`concurrency needs 1 <= min <= max, not ${min} and ${max}`);
    this.#clock = clock;
    this.#bounds = { min, max };
    this.#state = startAimd(Math.max(min, Math.min(max, start)));
  }

  get limit(): number {
    return this.#state.limit;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get waiting(): number {
    return this.#queue.size;
  }

  /** Undefined when the turn is now; each turn ends with `release` or `abandon`. Rejects with the signal's reason. */
  acquire(key: string, signal?: AbortSignal): Promise<void> | undefined {
    if (this.#inFlight < this.#state.limit && this.#queue.size === 0) {
      this.#inFlight++;
      return undefined;
    }
    return this.#waitAt(key, signal);
  }

  /** A turn for a call that had one: it comes before all that wait. */
  acquireFirst(signal: AbortSignal): Promise<void> | undefined {
    if (this.#inFlight >= this.#state.limit) return this.#waitAt(undefined, signal);
    this.#inFlight++;
    return undefined;
  }

  /** A turn for a call that nobody waits for: when there is no other, or when it has waited for long. */
  acquireBackground(signal?: AbortSignal): Promise<void> | undefined {
    if (this.#inFlight === 0 && this.#queue.size === 0) {
      this.#inFlight++;
      return undefined;
    }
    return this.#wait(
      {
        push: (waiter) => {
          this.#background.push(waiter);
          this.#clock.after(BACKGROUND_PATIENCE_MS, () => this.#startBackground(waiter));
        },
        remove: (waiter) => void this.#leaveBackground(waiter),
      },
      signal,
    );
  }

  #startBackground(waiter: Waiter): void {
    if (!this.#leaveBackground(waiter)) return; // it has had its turn, or was given up
    this.#inFlight++;
    waiter.resolve();
  }

  #leaveBackground(waiter: Waiter): boolean {
    const index = this.#background.indexOf(waiter);
    if (index >= 0) this.#background.splice(index, 1);
    return index >= 0;
  }

  #waitAt(key: string | undefined, signal: AbortSignal | undefined): Promise<void> {
    const queue = this.#queue;
    return this.#wait(
      {
        push: (waiter) => (key === undefined ? queue.pushFirst(waiter) : queue.push(key, waiter)),
        remove: (waiter) => queue.remove(key, waiter),
      },
      signal,
    );
  }

  #wait(line: Line, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        resolve: () => {
          signal?.removeEventListener("abort", onAbort);
          resolve();
        },
      };
      const onAbort = (): void => {
        line.remove(waiter);
        reject(signal?.reason as Error);
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      line.push(waiter);
    });
  }

  /** The turn ended with an answer (or a time-out, which is a refusal). */
  release(latencyMs: number, isRefusal: boolean): void {
    const sample = { latencyMs, isRefusal, isFull: this.#queue.size > 0, at: this.#clock.monotonic() };
    this.#state = adaptLimit(this.#state, sample, this.#bounds);
    this.abandon();
  }

  /** The turn ended without telling anything about the server. */
  abandon(): void {
    this.#inFlight--;
    while (this.#inFlight < this.#state.limit) {
      const waiter = this.#queue.take();
      if (!waiter) break;
      this.#inFlight++;
      waiter.resolve();
    }
    const [first] = this.#background;
    if (this.#inFlight === 0 && first) this.#startBackground(first);
  }
}
