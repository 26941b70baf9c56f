// A bounded number of slots for the heavy part of runs, handed out in the order of asking, urgent ones first.

export class Slots {
  #free: number;
  readonly #urgent: (() => void)[] = [];
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  /** Runs `work` while holding a slot. */
  async with<T>(work: () => Promise<T>, urgent = false): Promise<T> {
    await this.#take(urgent);
    try {
      return await work();
    } finally {
      this.#give();
    }
  }

  #take(urgent: boolean): Promise<void> {
    if (this.#free > 0) {
      this.#free--;
      return Promise.resolve();
    }
    return new Promise((resolve) => (urgent ? this.#urgent : this.#waiting).push(resolve));
  }

  #give(): void {
    const next = this.#urgent.shift() ?? this.#waiting.shift();
    if (next) next();
    else this.#free++;
  }
}
