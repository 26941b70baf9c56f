// Who keeps an object that several deliveries want, and who takes it when the one that has it lets it go.

import {
  type Change,
  type Delivery,
  type InventoryEntry,
  type Manifest,
  type ObjectRef,
  dig,
  digString,
  formatFailure,
  formatRef,
  refKey,
} from "@plumbline/core/model";
import { isCrd, isNamespace } from "@plumbline/core/plan";
import type { KubeCall, Ports } from "../ports/index.ts";
import type { ManagedObjects } from "../watch/managed-objects.ts";
import type { DeliveryState, Handing, Lost, Rendered } from "./delivery-state.ts";
import { keyOf } from "./dependencies.ts";
import type { Built, NewestBuilds } from "./newest-builds.ts";

export interface OwnershipOptions {
  ports: Ports;
  managed: ManagedObjects;
  builds: NewestBuilds;
  states: ReadonlyMap<string, DeliveryState>;
  /** Resolves when all deliveries and sources that existed at the start are known. */
  known: Promise<void>;
  signal: AbortSignal;
  /** Something about objects of this delivery may go another way now. */
  wake: (key: string) => void;
  /** What should be told of this delivery changed. */
  note: (key: string) => void;
}

type Objects = Rendered["objects"];

/** An object that a run will write if nobody keeps it, and whose it is now. */
interface Open {
  key: string;
  ref: ObjectRef;
  owner: string | undefined;
}

/** A run waits so long for one that is about to let an object go; it then goes without, and takes it afterwards. */
const MAX_RELEASE_WAIT_MS = 10_000;

/** Told of when it lasts: most are handed over within a second. */
const HANDING_TOLD_AFTER_MS = 5000;

/**
 * Rules (decisions 0151, 0152): the delivery that the object's owner labels name keeps it as long as it wants it at the
 * newest revision of its source and is at work; one that is suspended or being deleted keeps nothing from others. An
 * object that its owner no longer wants stays for whoever does, also when that one is suspended, waits or fails.
 */
export class Ownership {
  readonly #options: OwnershipOptions;
  readonly #known: Promise<void>;
  /** Deliveries that are about to make or take an object, by object key. */
  readonly #reserved = new Map<string, string>();
  /** Runs that wait for another one's end. */
  readonly #waiters = new Set<() => void>();
  /** Ends the waiting for objects that somebody outside of this process keeps, by delivery. */
  readonly #foreign = new Map<string, (() => void)[]>();
  readonly #timers = new Map<string, () => void>();
  /** Deliveries that lack an object or hand one over: the few of thousands that others concern. */
  readonly #involved = new Set<DeliveryState>();
  /** Deliveries that have run up to here once, or will not; not used any more when all are known. */
  readonly #seen = new Set<string>();
  /** Those of the start that have not, when all are known. */
  #unseen: Set<string> | undefined;

  constructor(options: OwnershipOptions) {
    this.#options = options;
    const { signal, known } = options;
    const stopped = Promise.withResolvers<void>();
    signal.addEventListener("abort", () => stopped.reject(signal.reason), { once: true });
    this.#known = Promise.race([known, stopped.promise]);
    this.#known.then(
      () => {
        this.#unseen = new Set([...options.states.keys()].filter((key) => !this.#seen.has(key)));
        this.#seen.clear();
        this.#settleStart();
      },
      () => undefined, // whoever waits for it gets the reason
    );
  }

  /**
   * Finds out which objects others keep, into `state.lost`, and reserves the ones that this run will make or take.
   * With a service account, an object of others is only spoken of when that account may read it: throws Failure.
   */
  async settle(state: DeliveryState, objects: Objects, call: KubeCall): Promise<void> {
    const { clock } = this.#options.ports;
    const deadline = clock.monotonic() + MAX_RELEASE_WAIT_MS;
    for (;;) {
      const open = objects
        .filter(({ key, controls }) => isWritten(controls) && this.#ownerOf(key) !== state.key)
        .map(({ key, ref }) => ({ key, ref, owner: this.#ownerOf(key) }));
      const lost = await this.#keptByOthers(open, call);
      const left = await this.#reservedInVain(open, state.key);
      // Nothing is awaited from here to the reservation: two runs must not reserve the same object.
      const hasMoved = open.some(({ key, owner }) => !lost.has(key) && this.#ownerOf(key) !== owner);
      if (hasMoved) continue;
      const waits = open.some(({ key }) => !lost.has(key) && left.has(key) && this.#reserved.has(key));
      if (!waits || clock.monotonic() >= deadline) {
        this.#reserve(state, open, lost);
        break;
      }
      await this.#nextRelease(deadline - clock.monotonic(), call.signal);
    }
    this.#see(state.key);
    this.changed(state.key);
  }

  /** The run has written what it will write. */
  release(state: DeliveryState): void {
    for (const [key, holder] of this.#reserved) if (holder === state.key) this.#reserved.delete(key);
    for (const waiter of this.#waiters) waiter();
    this.changed(state.key);
  }

  /**
   * Of the objects that would be deleted, those that another delivery is to take get the action `keep`, and stand in
   * `state.handing`; asked again, those that nobody takes any more are deletions again.
   */
  async keepForTakers(state: DeliveryState, delivery: Delivery, changes: readonly Change[]): Promise<void> {
    const stale = changes.filter(
      ({ action, ref }) => (action === "delete" || action === "keep") && this.#mayBeOurs(refKey(ref), state.key),
    );
    const handing = new Map<string, Handing>();
    if (stale.length > 0) {
      await this.#known;
      for (const other of this.#options.states.values()) {
        if (other === state) continue;
        const open = stale.filter(({ ref }) => !handing.has(refKey(ref)));
        for (const { ref } of await this.#takenBy(other, open, delivery)) {
          const sinceMs = state.handing.get(refKey(ref))?.sinceMs ?? this.#waitingSince(delivery);
          handing.set(refKey(ref), { ref, taker: other.key, mark: this.#markOf(other), sinceMs });
        }
      }
    }
    for (const { ref } of stale) keepAround(ref, handing);
    this.#setHanding(state, handing);
    for (const change of stale) {
      const taker = handing.get(refKey(change.ref))?.taker;
      change.action = taker === undefined ? "delete" : "keep";
      change.reason =
        taker === undefined ? "no longer in Git" : `stays for ${delivery.origin.kind} ${taker} to take over`;
    }
  }

  /** After a start: every delivery was looked at once, so that who wants what is known. */
  get isSettled(): boolean {
    return this.#unseen?.size === 0;
  }

  /** The delivery ran, was suspended, changed or is gone: wakes those that its objects concern. */
  changed(key: string): void {
    const { states, wake } = this.#options;
    const one = states.get(key);
    if (one && isAtRest(one)) this.#see(key);
    for (const state of this.#involved) {
      if (state.key === key) continue;
      const isFreed = [...state.lost].some(([object, { owner }]) => owner === key && !this.#stillKeeps(one, object));
      const isTaken = [...state.handing].some(
        ([object, { taker, mark }]) =>
          taker === key && (!one || mark !== this.#markOf(one) || this.#ownerOf(object) === key),
      );
      if (isFreed || isTaken) wake(state.key);
    }
  }

  /** The delivery is gone: it is no longer among the states. */
  gone(state: DeliveryState): void {
    this.#setLost(state, new Map());
    this.#setHanding(state, new Map());
    this.#see(state.key);
    this.release(state);
  }

  /** Deliveries that want objects which this one keeps. */
  rivalsOf(key: string): { ref: ObjectRef; rival: string }[] {
    const found: { ref: ObjectRef; rival: string }[] = [];
    for (const state of this.#involved) {
      for (const { ref, owner } of state.lost.values()) if (owner === key) found.push({ ref, rival: state.key });
    }
    return found;
  }

  /** What waits for its new owner for longer than a hand-over takes. */
  lateHandings(state: DeliveryState): Handing[] {
    const nowMs = this.#options.ports.clock.monotonic();
    return [...state.handing.values()].filter(({ sinceMs }) => nowMs - sinceMs >= HANDING_TOLD_AFTER_MS);
  }

  /** True when an object is kept by somebody outside of this process, of whom no event comes. */
  hasForeignOwner(state: DeliveryState): boolean {
    return this.#foreign.has(state.key);
  }

  stop(): void {
    for (const cancel of this.#timers.values()) cancel();
    for (const stops of this.#foreign.values()) for (const stop of stops) stop();
  }

  #see(key: string): void {
    if (!this.#unseen) this.#seen.add(key);
    else if (this.#unseen.delete(key)) this.#settleStart();
  }

  #settleStart(): void {
    const { states, note } = this.#options;
    if (!this.isSettled) return;
    for (const state of states.values()) if (hasNotice(state.object)) note(state.key);
  }

  async #keptByOthers(open: readonly Open[], call: KubeCall): Promise<Map<string, Lost>> {
    const lost = new Map<string, Lost>();
    for (const { key, ref, owner } of open) {
      if (owner === undefined || !(await this.#defends(owner, key, call))) continue;
      if (call.impersonate) await this.#options.ports.kube.find(ref, call);
      lost.set(key, { ref, owner });
    }
    return lost;
  }

  /** Reserved by runs at a revision that is not the newest any more: their deliveries no longer want them. */
  async #reservedInVain(open: readonly Open[], deliveryKey: string): Promise<Set<string>> {
    const found = new Set<string>();
    for (const { key } of open) {
      const holder = this.#options.states.get(this.#reserved.get(key) ?? "");
      if (!holder || holder.key === deliveryKey) continue;
      const newest = await this.#options.builds.newest(holder);
      if (newest && !wants(newest, key)) found.add(key);
    }
    return found;
  }

  #reserve(state: DeliveryState, open: readonly Open[], lost: Map<string, Lost>): void {
    for (const { key, ref } of open) {
      if (lost.has(key)) continue;
      const reserved = this.#reserved.get(key);
      if (reserved !== undefined && reserved !== state.key) lost.set(key, { ref, owner: reserved });
      else this.#reserved.set(key, state.key);
    }
    this.#setLost(state, lost);
  }

  /** Whoever waits has reserved nothing, so two runs never wait for each other. */
  #nextRelease(ms: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (settle: () => void): void => {
        cancel();
        this.#waiters.delete(onRelease);
        signal?.removeEventListener("abort", onAbort);
        settle();
      };
      const onRelease = (): void => end(resolve);
      const onAbort = (): void => end(() => reject(signal?.reason as Error));
      const cancel = this.#options.ports.clock.after(ms, onRelease);
      this.#waiters.add(onRelease);
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  }

  /** By the labels of the live object, or by our own last write; undefined for one that nobody's labels are on. */
  #ownerOf(key: string): string | undefined {
    const tracked = this.#options.managed.get(key);
    return tracked?.exists && tracked.owner !== "" ? tracked.owner : undefined;
  }

  #mayBeOurs(key: string, deliveryKey: string): boolean {
    const tracked = this.#options.managed.get(key);
    return !tracked?.exists || !tracked.baseline || tracked.owner === deliveryKey;
  }

  async #defends(owner: string, key: string, call: KubeCall): Promise<boolean> {
    const { states, builds } = this.#options;
    if (!states.has(owner)) await this.#known;
    const state = states.get(owner);
    if (!state) return await this.#defendsFromOutside(owner, key, call);
    if (!state.delivery || state.delivery.suspended || state.delivery.deleting) return false;
    const built = await builds.newest(state);
    return built ? wants(built, key) : lastKnown(state, key);
  }

  /** A delivery that another process looks after, or that nobody knows: its own status tells. */
  async #defendsFromOutside(owner: string, key: string, { signal, fairKey }: KubeCall): Promise<boolean> {
    const { kube, dialect } = this.#options.ports;
    const [namespace = "", name = ""] = owner.split("/");
    const { group, kind, version = "v1" } = dialect.deliveryKind;
    const ref = { group, kind, version, namespace, name };
    const object = await kube.find(ref, {
      ...(signal ? { signal } : {}),
      ...(fairKey === undefined ? {} : { fairKey }),
    });
    if (!object) return false;
    try {
      const { suspended, deleting, inventory } = dialect.readDelivery(object);
      return !suspended && !deleting && holds(inventory, key);
    } catch {
      return false; // nobody applies a delivery that cannot be read
    }
  }

  async #takenBy(other: DeliveryState, stale: readonly Change[], from: Delivery): Promise<Change[]> {
    const { builds } = this.#options;
    const { delivery } = other;
    if (!delivery || delivery.deleting || stale.length === 0) return [];
    const newest = await builds.newest(other);
    const foreseen = await builds.at(other, from);
    const isUnknown = !newest && this.#couldWant(delivery, from);
    return stale.filter(({ ref }) => {
      const key = refKey(ref);
      if (isForbidden(other, ref)) return false;
      if (foreseen && wants(foreseen, key)) return true;
      return newest ? wants(newest, key) : isUnknown || lastKnown(other, key);
    });
  }

  /**
   * A delivery that does not build may want anything. Objects wait for it only where that is likely: it was at the same
   * revision when they went, or they wait already (their delivery has applied its revision before, without them).
   */
  #couldWant(delivery: Delivery, from: Delivery): boolean {
    if (this.#options.builds.isAwaited(delivery)) return true;
    const isWaiting = this.#hasApplied(from);
    const areOfOneSource = keyOf(delivery.source) === keyOf(from.source);
    const wereTogether = areOfOneSource && delivery.lastAppliedRevision === from.lastAppliedRevision;
    return delivery.lastAppliedRevision !== undefined && (isWaiting || wereTogether);
  }

  #hasApplied(delivery: Delivery): boolean {
    const revision = this.#options.builds.revisionOf(delivery)?.resolved.revision;
    return delivery.lastAppliedRevision === revision && delivery.observedGeneration === delivery.origin.generation;
  }

  /** What a delivery still hands over that has applied its revision waits since before a restart. */
  #waitingSince(delivery: Delivery): number {
    const nowMs = this.#options.ports.clock.monotonic();
    return this.#hasApplied(delivery) ? nowMs - HANDING_TOLD_AFTER_MS : nowMs;
  }

  #markOf(state: DeliveryState): string {
    const { delivery, built } = state;
    if (!delivery) return "unreadable";
    const revision = this.#options.builds.revisionOf(delivery)?.resolved.revision ?? "none";
    const flags = `${delivery.suspended} ${delivery.deleting} ${built?.result !== undefined} ${state.failure?.reason}`;
    return `${delivery.origin.generation} ${revision} ${flags}`;
  }

  #stillKeeps(state: DeliveryState | undefined, key: string): boolean {
    if (!state?.delivery || state.delivery.suspended || state.delivery.deleting) return false;
    const built = state.built?.result;
    return this.#ownerOf(key) === state.key && (built ? wants(built, key) : lastKnown(state, key));
  }

  #setLost(state: DeliveryState, lost: ReadonlyMap<string, Lost>): void {
    const before = state.lost;
    state.lost = lost;
    this.#involve(state);
    const describe = (all: ReadonlyMap<string, Lost>, owner: string): string =>
      [...all].map(([key, one]) => (one.owner === owner ? key : "")).join();
    const owners = new Set([...before.values(), ...lost.values()].map(({ owner }) => owner));
    for (const owner of owners) if (describe(before, owner) !== describe(lost, owner)) this.#options.note(owner);
    this.#followForeign(state, lost);
  }

  #involve(state: DeliveryState): void {
    if (state.lost.size > 0 || state.handing.size > 0) this.#involved.add(state);
    else this.#involved.delete(state);
  }

  #followForeign(state: DeliveryState, lost: ReadonlyMap<string, Lost>): void {
    const { managed, states, wake } = this.#options;
    for (const stop of this.#foreign.get(state.key) ?? []) stop();
    this.#foreign.delete(state.key);
    const foreign = [...lost].filter(([, { owner }]) => !states.has(owner));
    if (foreign.length === 0) return;
    const stops = foreign.map(([key]) =>
      managed.onChange(key, () => {
        if (!managed.get(key)?.exists) wake(state.key);
      }),
    );
    this.#foreign.set(state.key, stops);
  }

  #setHanding(state: DeliveryState, handing: ReadonlyMap<string, Handing>): void {
    state.handing = handing;
    this.#involve(state);
    this.#timers.get(state.key)?.();
    this.#timers.delete(state.key);
    if (handing.size === 0) return;
    const tell = (): void => this.#options.note(state.key);
    this.#timers.set(state.key, this.#options.ports.clock.after(HANDING_TOLD_AFTER_MS, tell));
  }
}

/** A Namespace is not deleted while an object in it waits, nor the definition of its kind. */
function keepAround(ref: ObjectRef, handing: Map<string, Handing>): void {
  for (const one of handing.values()) {
    const isAround = isNamespace(ref)
      ? ref.name === one.ref.namespace
      : isCrd(ref) && one.ref.group !== "" && ref.name.endsWith(`.${one.ref.group}`);
    if (isAround && !handing.has(refKey(ref))) handing.set(refKey(ref), { ...one, ref });
  }
}

/** It will not run before something changes. */
function isAtRest({ delivery, failure }: DeliveryState): boolean {
  return !delivery || delivery.suspended || delivery.deleting || failure !== undefined;
}

/** One that was told before the start and may no longer hold. */
function hasNotice(object: Manifest): boolean {
  const conditions = dig(object, "status", "conditions");
  const types = Array.isArray(conditions) ? conditions.map((condition) => digString(condition, "type")) : [];
  return types.includes("Contested") || types.includes("HandingOver");
}

/** Objects that are left alone, or only made when missing, are not fought for. */
function isWritten({ disabled, ssa }: { disabled: boolean; ssa: string }): boolean {
  return !disabled && ssa !== "Ignore" && ssa !== "IfNotPresent";
}

function wants(built: NonNullable<Built["result"]>, key: string): boolean {
  return built.objects.some((object) => object.key === key && isWritten(object.controls));
}

function holds(inventory: readonly InventoryEntry[], key: string): boolean {
  return inventory.some((entry) => refKey(entry) === key);
}

/** What it wanted when it was built last. */
function lastKnown(state: DeliveryState, key: string): boolean {
  if (state.applied) return state.applied.objects.some((object) => object.key === key);
  return holds(state.delivery?.inventory ?? [], key);
}

/** It tried, and its service account may not: an object must not wait for somebody who only names it. */
function isForbidden({ failure }: DeliveryState, ref: ObjectRef): boolean {
  if (!failure) return false;
  const named = formatFailure(failure).split(/[\s,:;()[\]'"]+/);
  return named.includes(formatRef(ref)) && (failure.reason === "AccessDenied" || named.includes("forbidden"));
}
