// One commit of one source, kept readable for as long as a delivery may need its files.

import type { Resolved } from "@plumbline/core/source";
import type { GitPort, GitRemote, Snapshot } from "../ports/index.ts";

/** Holding the commit keeps the cache from dropping it, so that drift is repaired even from an old revision. */
export class SourceRevision {
  readonly resolved: Resolved;
  /** Where it comes from and what is left out of it: one commit may be seen in several ways. */
  readonly scope: string;
  readonly #git: GitPort;
  readonly #request: GitRemote & { ignore?: string; scope: string };
  #pin: Promise<Snapshot> | undefined;
  #holders = 0;

  constructor(git: GitPort, request: GitRemote & { ignore?: string; scope: string }, resolved: Resolved) {
    this.resolved = resolved;
    this.scope = request.scope;
    this.#git = git;
    this.#request = request;
  }

  /** Another commit of the same source. */
  at(resolved: Resolved): SourceRevision {
    return new SourceRevision(this.#git, this.#request, resolved);
  }

  #open(): Promise<Snapshot> {
    const { scope: _scope, ...remote } = this.#request;
    return this.#git.snapshot({ ...remote, commit: this.resolved.commit });
  }

  /** Runs `use` with the files; bytes it loaded are given free afterwards. */
  async with<T>(use: (snapshot: Snapshot) => Promise<T>): Promise<T> {
    const snapshot = await this.#open();
    try {
      return await use(snapshot);
    } finally {
      snapshot.release();
    }
  }

  /** Rejects when the commit is not in the cache. */
  async hold(): Promise<void> {
    this.#holders++;
    this.#pin ??= this.#open();
    try {
      await this.#pin;
    } catch (error) {
      this.#holders--;
      this.#pin = undefined;
      throw error;
    }
  }

  drop(): void {
    this.#holders--;
    if (this.#holders > 0 || !this.#pin) return;
    const pin = this.#pin;
    this.#pin = undefined;
    pin.then(
      (snapshot) => snapshot.release(),
      () => undefined,
    );
  }
}
