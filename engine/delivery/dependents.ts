// The other way round of dependsOn: whom to wake when a delivery is done.

export class Dependents {
  readonly #needs = new Map<string, readonly string[]>();
  readonly #dependents = new Map<string, Set<string>>();

  /** `key` depends on these and on nothing else any more. */
  set(key: string, needs: readonly string[]): void {
    const before = this.#needs.get(key) ?? [];
    if (before.length === 0 && needs.length === 0) return;
    for (const need of before) this.#drop(need, key);
    if (needs.length === 0) this.#needs.delete(key);
    else this.#needs.set(key, needs);
    for (const need of needs) this.#add(need, key);
  }

  /** The deliveries that depend on `key`; it need not exist. */
  of(key: string): Iterable<string> {
    return this.#dependents.get(key) ?? [];
  }

  #add(need: string, key: string): void {
    const dependents = this.#dependents.get(need);
    if (dependents) dependents.add(key);
    else this.#dependents.set(need, new Set([key]));
  }

  #drop(need: string, key: string): void {
    const dependents = this.#dependents.get(need);
    dependents?.delete(key);
    if (dependents?.size === 0) this.#dependents.delete(need);
  }
}
