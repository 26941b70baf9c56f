// One watch per kind on everything that carries the owner labels: baselines, suspicion, health.

import { type Health, healthOf } from "@plumbline/core/health";
import { type Clock, type Manifest, type ObjectRef, dig, digString, refKey, refOf } from "@plumbline/core/model";
import { needsTakeover } from "@plumbline/core/plan";
import type { Dialect, Identity, Kube, KubeEvent, Log } from "../ports/index.ts";
import { fingerprint } from "./fingerprint.ts";
import { guarded } from "./guarded.ts";
import { keepObject } from "./kept-object.ts";
import { type EnsureOptions, KindWatches, type WatchScope } from "./kind-watches.ts";
import type { Suspect, Tracked } from "./tracked.ts";

export interface ManagedObjectsOptions {
  kube: Kube;
  dialect: Dialect;
  clock: Clock;
  log: Log;
  sha256: (text: string) => string;
  override: readonly string[];
  onSuspect: (suspect: Suspect) => void;
}

const NOT_SEEN: Health = { status: "NotFound", message: "not seen yet" };

export class ManagedObjects {
  readonly #options: ManagedObjectsOptions;
  readonly #watches: KindWatches;
  readonly #tracked = new Map<string, Tracked>();
  readonly #listeners = new Map<string, Set<() => void>>();

  constructor(options: ManagedObjectsOptions) {
    this.#options = options;
    const { kube, clock, dialect } = options;
    const on = (event: KubeEvent, scope: WatchScope): void => this.#onEvent(event, scope);
    this.#watches = new KindWatches({
      kube,
      clock,
      labelSelector: dialect.ownerSelector,
      on: guarded(on, options.log),
    });
  }

  /**
   * Starts the watches that these objects need and waits until each has told what exists: nothing is written before
   * that, or the API server may end the watch while it streams (observe-and-apply.md, "Watches"). Throws as
   * `KindWatches.ensure`.
   */
  async ensure(refs: readonly ObjectRef[], options: EnsureOptions): Promise<void> {
    await this.#watches.ensure(refs, options);
  }

  /** Nobody lets us watch this object: it is written and read at the interval. */
  isBlind(ref: ObjectRef, impersonate: Identity | undefined): boolean {
    return this.#watches.isBlind(ref, impersonate);
  }

  get(key: string): Tracked | undefined {
    return this.#tracked.get(key);
  }

  all(): IterableIterator<Tracked> {
    return this.#tracked.values();
  }

  /** Calls back whenever the object's health or existence changes; returns how to stop. */
  onChange(key: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(key) ?? new Set();
    this.#listeners.set(key, listeners);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(key);
    };
  }

  /** Marks the object as being written: its events wait until `wrote` or `gaveUp`. */
  writing(ref: ObjectRef, owner: string): void {
    this.#entry(ref, owner).writing = true;
  }

  /** The API server's answer to our write: the new baseline. */
  wrote(answer: Manifest, owner: string, desiredHash: string): Tracked {
    const tracked = this.#entry(refOf(answer), owner);
    tracked.owner = owner;
    if (tracked.recount) tracked.recount.isSeen = true;
    this.#see(tracked, answer);
    tracked.live = undefined;
    tracked.baseline = { desiredHash, resourceVersion: tracked.resourceVersion, fingerprint: tracked.fingerprint };
    this.#release(tracked);
    return tracked;
  }

  /** The write failed: what waited is looked at now. */
  gaveUp(ref: ObjectRef): void {
    const tracked = this.#tracked.get(refKey(ref));
    if (tracked) this.#release(tracked);
  }

  /** Looks at the health again, which may change with time alone; `object` is what the API server has now. */
  recheck(object: Manifest): void {
    const tracked = this.#tracked.get(refKey(refOf(object)));
    if (tracked?.exists) this.#judge(tracked, object);
  }

  /** The object was found to be as desired without writing it. */
  adopt(tracked: Tracked, desiredHash: string): void {
    const { resourceVersion, fingerprint: print } = tracked;
    tracked.live = undefined;
    tracked.baseline = { desiredHash, resourceVersion, fingerprint: print };
  }

  /** Ours, as an earlier process applied it: whether it is as desired was not known from looking at it. */
  isDoubtful(ref: ObjectRef): boolean {
    const tracked = this.#tracked.get(refKey(ref));
    return tracked?.exists === true && !tracked.baseline && tracked.fingerprint !== "";
  }

  /** Adopts the object when the API server's answer to a dry-run has all our fields as they are; false when not. */
  adoptSame(answer: Manifest, desiredHash: string): boolean {
    const tracked = this.#tracked.get(refKey(refOf(answer)));
    if (!tracked?.exists || tracked.baseline || tracked.resourceVersion !== resourceVersionOf(answer)) return false;
    const wouldBe = fingerprint(answer, this.#options.dialect.managers.apply, this.#options.sha256);
    if (wouldBe === "" || wouldBe !== tracked.fingerprint) return false;
    this.adopt(tracked, desiredHash);
    return true;
  }

  /** We no longer care: its events raise no suspicion. */
  forget(key: string): void {
    const tracked = this.#tracked.get(key);
    if (!tracked) return;
    tracked.baseline = undefined;
    tracked.live = undefined;
    if (!tracked.exists) this.#tracked.delete(key);
  }

  stop(): void {
    this.#watches.stop();
  }

  #entry(ref: ObjectRef, owner: string): Tracked {
    const key = refKey(ref);
    let tracked = this.#tracked.get(key);
    if (!tracked) {
      tracked = {
        key,
        ref,
        owner,
        exists: false,
        uid: "",
        resourceVersion: 0,
        fingerprint: "",
        health: NOT_SEEN,
        baseline: undefined,
        live: undefined,
        writing: false,
        deferred: undefined,
      };
      this.#tracked.set(key, tracked);
    }
    return tracked;
  }

  #onEvent(event: KubeEvent, scope: WatchScope): void {
    if (event.type === "anew") return this.#startRecount(scope);
    if (event.type === "resumed") return this.#endRecount(scope);
    if (event.type !== "added" && event.type !== "modified" && event.type !== "deleted") return;
    const owner = this.#options.dialect.ownerOf(event.object);
    const tracked = this.#entry(refOf(event.object), owner ? `${owner.namespace}/${owner.name}` : "");
    // Who applied it is told by our baseline: a label that somebody changed must not hide the change.
    if (owner && !tracked.baseline) tracked.owner = `${owner.namespace}/${owner.name}`;
    if (tracked.writing) tracked.deferred = event;
    else if (event.type === "deleted") this.#onDeleted(tracked, event.object);
    else this.#onObject(tracked, event.object);
  }

  /** The cluster may be back in an older state: what is told now counts, and what is not told is gone. */
  #startRecount(scope: WatchScope): void {
    for (const tracked of this.#within(scope)) tracked.recount = { version: tracked.resourceVersion, isSeen: false };
  }

  #endRecount(scope: WatchScope): void {
    for (const tracked of this.#within(scope)) {
      const isMissing = tracked.recount?.isSeen === false && tracked.exists && !tracked.writing;
      tracked.recount = undefined;
      if (isMissing) this.#gone(tracked);
    }
  }

  *#within({ kind: { group, kind }, namespace }: WatchScope): Iterable<Tracked> {
    for (const tracked of this.#tracked.values()) {
      const { ref } = tracked;
      const isOfKind = ref.kind === kind && ref.group === group;
      if (isOfKind && (namespace === "" || ref.namespace === namespace)) yield tracked;
    }
  }

  #onObject(tracked: Tracked, object: Manifest): void {
    const version = resourceVersionOf(object);
    const { recount } = tracked;
    if (recount) recount.isSeen = true;
    // Lower than what was known before the recount: a restored backup, and no event that our write has overtaken.
    if (version <= tracked.resourceVersion && !(recount && version < recount.version)) return;
    this.#see(tracked, object);
    if (!tracked.baseline) {
      tracked.live = keepObject(object);
      return;
    }
    const { manager, override } = { manager: this.#options.dialect.managers.apply, override: this.#options.override };
    const isTouched =
      tracked.fingerprint !== tracked.baseline.fingerprint || needsTakeover(object, { manager, override });
    const isGoing = dig(object, "metadata", "deletionTimestamp") !== undefined;
    if (isTouched && !isGoing) this.#suspect(tracked, "modified", object);
  }

  #onDeleted(tracked: Tracked, object: Manifest): void {
    if (!isOvertaken(tracked, object)) this.#gone(tracked);
  }

  #gone(tracked: Tracked): void {
    tracked.exists = false;
    tracked.resourceVersion = 0;
    tracked.live = undefined;
    tracked.health = { status: "NotFound", message: "deleted" };
    this.#notify(tracked.key);
    if (tracked.baseline) this.#suspect(tracked, "deleted", undefined);
    else if (!this.#listeners.has(tracked.key)) this.#tracked.delete(tracked.key);
  }

  #suspect(tracked: Tracked, what: Suspect["what"], live: Manifest | undefined): void {
    this.#options.onSuspect({ tracked, what, live, sinceMs: this.#options.clock.monotonic() });
  }

  #see(tracked: Tracked, object: Manifest): void {
    const existed = tracked.exists;
    tracked.exists = true;
    tracked.uid = digString(object, "metadata", "uid") ?? "";
    tracked.resourceVersion = resourceVersionOf(object);
    tracked.fingerprint = fingerprint(object, this.#options.dialect.managers.apply, this.#options.sha256);
    this.#judge(tracked, object);
    if (!existed) this.#notify(tracked.key);
  }

  #judge(tracked: Tracked, object: Manifest): void {
    const before = tracked.health.status;
    tracked.health = healthOf(object, { now: this.#options.clock.now() });
    if (before !== tracked.health.status) this.#notify(tracked.key);
  }

  #release(tracked: Tracked): void {
    const deferred = tracked.deferred;
    tracked.writing = false;
    tracked.deferred = undefined;
    if (deferred?.type === "deleted") this.#onDeleted(tracked, deferred.object);
    else if (deferred) this.#onObject(tracked, deferred.object);
  }

  #notify(key: string): void {
    for (const listener of this.#listeners.get(key) ?? []) listener();
  }
}

/** What was deleted is a namesake of the object that we made since, or an earlier state of it that left the selector. */
function isOvertaken(tracked: Tracked, deleted: Manifest): boolean {
  const uid = digString(deleted, "metadata", "uid") ?? "";
  if (uid !== "" && tracked.uid !== "" && uid !== tracked.uid) return true;
  const version = resourceVersionOf(deleted); // of a deletion that was found by listing there is none
  return version > 0 && version < tracked.resourceVersion;
}

/** Resource versions of one resource are numbers that grow (Kubernetes 1.35 made that official). */
export function resourceVersionOf(object: Manifest): number {
  return Number(digString(object, "metadata", "resourceVersion") ?? "0");
}
