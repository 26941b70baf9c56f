// A line per key; the keys take turns, within a key it is first come, first served.

export class FairQueue<T> {
  readonly #lines = new Map<string, T[]>();
  readonly #first: T[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(key: string, item: T): void {
    const line = this.#lines.get(key);
    if (line) line.push(item);
    else this.#lines.set(key, [item]);
    this.#size++;
  }

  /** Before all others: for those that had their turn already. */
  pushFirst(item: T): void {
    this.#first.push(item);
    this.#size++;
  }

  /** The first item of the key whose turn it is. */
  take(): T | undefined {
    if (this.#first.length > 0) {
      this.#size--;
      return this.#first.shift();
    }
    for (const [key, line] of this.#lines) {
      const item = line.shift();
      this.#lines.delete(key);
      if (line.length > 0) this.#lines.set(key, line);
      if (item !== undefined) {
        this.#size--;
        return item;
      }
    }
    return undefined;
  }

  /** Takes an item out of its line, wherever it stands; without a key, one that was pushed first. */
  remove(key: string | undefined, item: T): void {
    const line = key === undefined ? this.#first : this.#lines.get(key);
    const index = line?.indexOf(item) ?? -1;
    if (!line || index < 0) return;
    line.splice(index, 1);
    this.#size--;
    if (line.length === 0 && key !== undefined) this.#lines.delete(key);
  }
}
