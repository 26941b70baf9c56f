// Work that concerns one thing, one piece after the other.

export class Turns<K extends WeakKey> {
  readonly #last = new WeakMap<K, Promise<unknown>>();

  /** Does the work when all that was asked for this key before has ended, well or not. Rejects with what it throws. */
  async take<T>(key: K, work: () => T | Promise<T>): Promise<T> {
    const turn = (this.#last.get(key) ?? Promise.resolve()).then(work);
    this.#last.set(
      key,
      turn.catch(() => undefined), // whoever asked for that work gets its error
    );
    return await turn;
  }
}
