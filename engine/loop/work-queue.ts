// Work by key: one run of a key at a time, what comes meanwhile is one more run, later work waits on timers.

import type { Clock } from "@plumbline/core/model";

export interface QueueOptions {
  clock: Clock;
  /** Must not throw; what it throws all the same goes to `onError`. */
  work: (key: string, reasons: ReadonlySet<string>) => Promise<void>;
  onError: (key: string, error: unknown) => void;
}

/**
 * Unlimited in width: whoever does heavy work takes a slot for just that part. Reasons of one key gather until its run
 * starts.
 */
export class WorkQueue {
  readonly #options: QueueOptions;
  readonly #waiting = new Map<string, Set<string>>();
  readonly #running = new Set<string>();
  readonly #timers = new Map<string, () => void>();
  #stopped = false;
  #idle: (() => void)[] = [];

  constructor(options: QueueOptions) {
    this.#options = options;
  }

  /** Runs the key now, or once more when it is running. Cancels its timer. */
  add(key: string, reason: string): void {
    if (this.#stopped) return;
    this.#cancelTimer(key);
    const waiting = this.#waiting.get(key);
    if (waiting) {
      waiting.add(reason);
      return;
    }
    this.#waiting.set(key, new Set([reason]));
    if (!this.#running.has(key)) queueMicrotask(() => this.#start(key));
  }

  /** Runs the key after a delay; a later call replaces an earlier one, `add` overtakes it. */
  addAfter(key: string, reason: string, delayMs: number): void {
    if (this.#stopped) return;
    this.#cancelTimer(key);
    this.#timers.set(
      key,
      this.#options.clock.after(delayMs, () => this.add(key, reason)),
    );
  }

  /** Drops the key's timer and its waiting run. */
  forget(key: string): void {
    this.#cancelTimer(key);
    this.#waiting.delete(key);
  }

  /** Starts nothing more; resolves when the running ones have ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const key of this.#timers.keys()) this.#cancelTimer(key);
    this.#waiting.clear();
    if (this.#running.size > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #cancelTimer(key: string): void {
    this.#timers.get(key)?.();
    this.#timers.delete(key);
  }

  #start(key: string): void {
    const reasons = this.#waiting.get(key);
    if (!reasons || this.#running.has(key) || this.#stopped) return;
    this.#waiting.delete(key);
    this.#running.add(key);
    void this.#run(key, reasons);
  }

  async #run(key: string, reasons: ReadonlySet<string>): Promise<void> {
    try {
      await this.#options.work(key, reasons);
    } catch (error) {
      this.#options.onError(key, error);
    }
    this.#running.delete(key);
    this.#start(key);
    if (this.#running.size === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }
}
