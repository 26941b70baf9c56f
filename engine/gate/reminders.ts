// Wakes at times of the wall clock, which may be set: timers run on monotonic time, and look again every minute.

import type { Clock } from "@plumbline/core/model";

/** A clock that was set is noticed within this time. It costs no request. */
const LOOK_AGAIN_MS = 60_000;

export class Reminders {
  readonly #clock: Clock;
  readonly #on: { onTick: () => void; onDue: (key: string) => void };
  readonly #due = new Map<string, number>();
  #next = Infinity;
  #isWanted = false;
  #cancel: (() => void) | undefined;

  /** `onTick` is called at the time of `setNext` and at every look; `onDue` once per key. */
  constructor(clock: Clock, on: { onTick: () => void; onDue: (key: string) => void }) {
    this.#clock = clock;
    this.#on = on;
  }

  /** Wall-clock milliseconds of the next tick; from now on there is one every minute at the latest. */
  setNext(at: number): void {
    this.#next = at;
    this.#isWanted = true;
    this.#arm();
  }

  /** Wall-clock milliseconds; undefined forgets the key. */
  set(key: string, at: number | undefined): void {
    if (at === undefined) this.#due.delete(key);
    else this.#due.set(key, at);
    this.#arm();
  }

  stop(): void {
    this.#cancel?.();
    this.#isWanted = false;
    this.#due.clear();
  }

  #arm(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    if (!this.#isWanted && this.#due.size === 0) return;
    const at = Math.min(this.#next, ...this.#due.values());
    const delay = Math.min(LOOK_AGAIN_MS, Math.max(0, at - this.#clock.now()));
    this.#cancel = this.#clock.after(delay, () => this.#look());
  }

  #look(): void {
    const now = this.#clock.now();
    if (now >= this.#next) this.#next = Infinity; // whoever set it sets the next one
    if (this.#isWanted) this.#on.onTick();
    for (const [key, at] of this.#due) {
      if (now < at) continue;
      this.#due.delete(key);
      this.#on.onDue(key);
    }
    this.#arm();
  }
}
