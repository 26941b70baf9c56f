// Work by key: one run of a key at a time, what comes meanwhile is one more run, later work waits on timers.

import type { Clock } from "@plumbline/core/model";

export interface QueueOptions {
  clock: Clock;
  /** Must not throw; what it throws all the same goes to `onError`. */
  work: (key: string, reasons: ReadonlySet<string>) => Promise<void>;
  onError: (key: string, error: unknown) => void;
  /** How many runs at once, apart from those that left their place; as many as there are keys when not given. */
  width?: number;
}

/** Of this many places in a row one is for work that is not urgent, if any waits. */
const PLAIN_SHARE = 4;

/**
 * Reasons of one key gather until its run starts. Keys wait for a place in the order of asking, urgent ones first:
 * while they wait they take no memory but their names.
 */
export class WorkQueue {
  readonly #options: QueueOptions;
  readonly #waiting = new Map<string, Set<string>>();
  /** Waiting keys that are not running. */
  readonly #lines = { urgent: new Set<string>(), plain: new Set<string>() };
  /** Running keys for which urgent work came. */
  readonly #urgentNext = new Set<string>();
  readonly #running = new Set<string>();
  /** Of the running ones, those that did not leave their place. */
  readonly #placed = new Set<string>();
  readonly #timers = new Map<string, () => void>();
  #urgentInARow = 0;
  #isFilling = false;
  #stopped = false;
  #idle: (() => void)[] = [];

  constructor(options: QueueOptions) {
    this.#options = options;
  }

  /** Runs the key as soon as there is a place, or once more when it is running. Cancels its timer. */
  add(key: string, reason: string): void {
    this.#add(key, reason, false);
  }

  /** As `add`, before what is not urgent. */
  addUrgent(key: string, reason: string): void {
    this.#add(key, reason, true);
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

  /** The run of this key only waits from now on: another one may have its place. */
  leavePlace(key: string): void {
    if (this.#placed.delete(key)) this.#fillSoon();
  }

  /** Drops the key's timer and its waiting run. */
  forget(key: string): void {
    this.#cancelTimer(key);
    this.#waiting.delete(key);
    this.#leaveLine(key);
  }

  /** Starts nothing more; resolves when the running ones have ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const key of this.#timers.keys()) this.#cancelTimer(key);
    for (const key of this.#waiting.keys()) this.forget(key);
    if (this.#running.size > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #add(key: string, reason: string, isUrgent: boolean): void {
    if (this.#stopped) return;
    this.#cancelTimer(key);
    const reasons = this.#waiting.get(key);
    if (reasons) reasons.add(reason);
    else this.#waiting.set(key, new Set([reason]));
    if (!this.#running.has(key)) this.#standInLine(key, isUrgent);
    else if (isUrgent) this.#urgentNext.add(key);
  }

  #standInLine(key: string, isUrgent: boolean): void {
    const { urgent, plain } = this.#lines;
    if (isUrgent) {
      plain.delete(key);
      urgent.add(key);
    } else if (!urgent.has(key)) plain.add(key);
    this.#fillSoon();
  }

  #leaveLine(key: string): void {
    this.#lines.urgent.delete(key);
    this.#lines.plain.delete(key);
    this.#urgentNext.delete(key);
  }

  #cancelTimer(key: string): void {
    this.#timers.get(key)?.();
    this.#timers.delete(key);
  }

  #fillSoon(): void {
    if (this.#isFilling) return;
    this.#isFilling = true;
    queueMicrotask(() => {
      this.#isFilling = false;
      this.#fill();
    });
  }

  #fill(): void {
    const { width = Infinity } = this.#options;
    while (this.#placed.size < width) {
      const key = this.#next();
      if (key === undefined) return;
      this.#start(key);
    }
  }

  #next(): string | undefined {
    const { urgent, plain } = this.#lines;
    const isPlainDue = urgent.size === 0 || (this.#urgentInARow >= PLAIN_SHARE - 1 && plain.size > 0);
    const line = isPlainDue ? plain : urgent;
    this.#urgentInARow = isPlainDue ? 0 : this.#urgentInARow + 1;
    const [key] = line;
    return key;
  }

  #start(key: string): void {
    const reasons = this.#waiting.get(key) ?? new Set();
    this.#waiting.delete(key);
    this.#leaveLine(key);
    this.#running.add(key);
    this.#placed.add(key);
    void this.#run(key, reasons);
  }

  async #run(key: string, reasons: ReadonlySet<string>): Promise<void> {
    try {
      await this.#options.work(key, reasons);
    } catch (error) {
      this.#options.onError(key, error);
    }
    this.#running.delete(key);
    this.#placed.delete(key);
    if (this.#waiting.has(key)) this.#standInLine(key, this.#urgentNext.delete(key));
    else this.#fillSoon();
    if (this.#running.size === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }
}
