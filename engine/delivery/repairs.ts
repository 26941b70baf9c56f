// When drift is repaired: at once, unless the delivery is running or suspended, or the object is being fought over.

import { Failure, type Manifest, type Repair, asFailure, formatRef, refKey } from "@plumbline/core/model";
import type { Suspect } from "../watch/tracked.ts";
import { type ApplyContext, callOf } from "./apply-context.ts";
import type { DeliveryState } from "./delivery-state.ts";
import { afterRepair, describeFight, peaceInMs, repairDelayMs } from "./fight.ts";
import { driftHold } from "../gate/delivery-gate.ts";
import { buildOf } from "./kept-builds.ts";
import { maskSecrets } from "./mask-secrets.ts";
import { isGoing, repairObject } from "./repair.ts";
import { type RunTools, appliedObjects } from "./run-delivery.ts";
import { readVariables } from "./variables.ts";

/** A repair that was refused is tried again after this. */
const RETRY_MS = 10_000;

export interface RepairReports {
  repaired: (state: DeliveryState, repair: Repair) => void;
  /** A fight began or ended. */
  fightChanged: (state: DeliveryState) => void;
  /** More of it is held than before. */
  heldChanged: (state: DeliveryState) => void;
}

export class Repairs {
  readonly #tools: RunTools;
  readonly #reports: RepairReports;
  readonly #signal: AbortSignal;
  /** Deliveries that are being repaired, and the end of it. */
  readonly #working = new Map<string, Promise<void>>();
  /** Deliveries that got another suspect while they were being repaired. */
  readonly #again = new Set<string>();
  /** Until when a refused repair is not tried again, by delivery and object key; monotonic milliseconds. */
  readonly #refused = new Map<string, number>();
  /** One timer per delivery, for its next repair. */
  readonly #timers = new Map<string, () => void>();
  /** One timer per delivery, for the end of its next fight. */
  readonly #peace = new Map<string, () => void>();

  constructor(tools: RunTools, reports: RepairReports, signal: AbortSignal) {
    this.#tools = tools;
    this.#reports = reports;
    this.#signal = signal;
    signal.addEventListener("abort", () => this.#cancelAll(), { once: true });
  }

  add(state: DeliveryState, suspect: Suspect): void {
    const waiting = state.suspects.get(suspect.tracked.key);
    state.suspects.set(suspect.tracked.key, waiting ? { ...suspect, sinceMs: waiting.sinceMs } : suspect);
    if (this.#working.has(state.key)) this.#again.add(state.key);
    else this.resume(state);
  }

  /** Repairs what has gathered; a run in progress does it by itself and calls again when it ends. */
  resume(state: DeliveryState): void {
    const { delivery } = state;
    if (this.#signal.aborted || this.#working.has(state.key) || (state.run && !state.run.waiting)) return;
    if (!delivery || delivery.suspended || delivery.deleting || state.suspects.size === 0) return;
    const repaired = this.#repairAll(state)
      .catch((error: unknown) => this.#failed(state, error))
      .finally(() => {
        this.#working.delete(state.key);
        if (this.#again.delete(state.key)) this.resume(state);
      });
    this.#working.set(state.key, repaired);
  }

  /** Resolves when no repair of it is on its way: one that is would make anew what a run or a deletion prunes. */
  async settled(state: DeliveryState): Promise<void> {
    await this.#working.get(state.key);
  }

  /** The delivery is gone. */
  forget(state: DeliveryState): void {
    for (const timers of [this.#timers, this.#peace]) {
      timers.get(state.key)?.();
      timers.delete(state.key);
    }
    for (const key of state.suspects.keys()) this.#refused.delete(`${state.key} ${key}`);
    state.suspects.clear();
    state.fights.clear();
  }

  async #repairAll(state: DeliveryState): Promise<void> {
    const { delivery, applied } = state;
    if (!delivery || !applied || this.#tools.windows?.unread) return;
    const due = this.#dueNow(state);
    if (due.length === 0) return;
    const variables = await readVariables(delivery, this.#tools.named, this.#signal);
    const objects = new Map<string, { manifest: Manifest; hash: string }>();
    const keys = Map.groupBy(
      due,
      ({ tracked }) => buildOf(state, tracked.key, tracked.baseline?.desiredHash) ?? applied,
    );
    for (const [{ revision }, suspects] of keys) {
      const built = await appliedObjects({ state, delivery, revision, variables, signal: this.#signal }, this.#tools);
      for (const { tracked } of suspects) {
        const object = built.get(tracked.key);
        if (object) objects.set(tracked.key, object);
      }
    }
    const { ports, managed, named, override } = this.#tools;
    const call = callOf(delivery, state.key, this.#signal);
    const context: ApplyContext = { ...ports, managed, named, override, key: state.key, delivery, call };
    await Promise.all(due.map((suspect) => this.#repairOne(state, suspect, objects.get(suspect.tracked.key), context)));
  }

  /** Those that need not wait because they are changed back again and again; a timer is set for the others. */
  #dueNow(state: DeliveryState): Suspect[] {
    const nowMs = this.#tools.ports.clock.monotonic();
    const due: Suspect[] = [];
    let nextMs = Infinity;
    for (const [key, suspect] of state.suspects) {
      if (isGoing(suspect.live)) {
        state.suspects.delete(key); // it comes back as deleted
        continue;
      }
      const refusedMs = (this.#refused.get(`${state.key} ${key}`) ?? 0) - nowMs;
      const delay = Math.max(refusedMs, repairDelayMs(state.fights.get(key), nowMs, state.delivery?.intervalMs ?? 0));
      if (delay <= 0) due.push(suspect);
      else nextMs = Math.min(nextMs, delay);
    }
    if (nextMs < Infinity) this.#later(this.#timers, state, nextMs, () => this.resume(state));
    return due;
  }

  #later(timers: Map<string, () => void>, state: DeliveryState, ms: number, then: () => void): void {
    timers.get(state.key)?.();
    const cancel = this.#tools.ports.clock.after(ms, () => {
      timers.delete(state.key);
      then();
    });
    timers.set(state.key, cancel);
  }

  #cancelAll(): void {
    for (const timers of [this.#timers, this.#peace]) {
      for (const cancel of timers.values()) cancel();
      timers.clear();
    }
  }

  #remember(state: DeliveryState, repair: Repair, nowMs: number): void {
    const key = refKey(repair.ref);
    const before = state.fights.get(key);
    const fight = afterRepair(before, repair, nowMs);
    state.fights.set(key, fight);
    if (fight.isContested && describeFight(fight) !== (before?.isContested ? describeFight(before) : "")) {
      this.#reports.fightChanged(state);
    }
    this.#awaitPeace(state);
  }

  /** Forgets what nobody has touched for long enough, and tells when a contested one was among it. */
  #awaitPeace(state: DeliveryState): void {
    const nowMs = this.#tools.ports.clock.monotonic();
    let nextMs = Infinity;
    let wasContested = false;
    for (const [key, fight] of state.fights) {
      const leftMs = peaceInMs(fight, nowMs);
      if (leftMs > 0) nextMs = Math.min(nextMs, leftMs);
      else if (!state.suspects.has(key)) {
        state.fights.delete(key);
        wasContested ||= fight.isContested;
      }
    }
    if (wasContested) this.#reports.fightChanged(state);
    if (nextMs < Infinity) this.#later(this.#peace, state, nextMs, () => this.#awaitPeace(state));
  }

  async #repairOne(
    state: DeliveryState,
    suspect: Suspect,
    desired: { manifest: Manifest; hash: string } | undefined,
    context: ApplyContext,
  ): Promise<void> {
    const { ports } = this.#tools;
    const { key } = suspect.tracked;
    // Written by a run that is not at its end: what is applied in full says nothing of it, that run or the next does.
    const isKnown = desired?.hash === suspect.tracked.baseline?.desiredHash;
    if (!isKnown && state.run) return;
    state.suspects.delete(key);
    if (!isKnown) return;
    if (!desired || this.#isLeftAlone(state, suspect, context)) return;
    const hold = driftHold(state, desired.manifest, this.#tools);
    if (hold) {
      state.suspects.set(key, suspect);
      if (state.held?.some(({ ref }) => refKey(ref) === key)) return;
      state.held = [...(state.held ?? []), hold];
      return this.#reports.heldChanged(state);
    }
    try {
      const repair = await repairObject(suspect, desired, context);
      this.#refused.delete(`${state.key} ${key}`);
      if (!repair) return this.#awaitPeace(state);
      const nowMs = ports.clock.monotonic();
      this.#remember(state, repair, nowMs);
      ports.onEvent({ type: "repaired", key: state.key, repair, atMs: nowMs });
      this.#reports.repaired(state, repair);
    } catch (error) {
      if (this.#signal.aborted) return;
      state.suspects.set(key, suspect);
      this.#refused.set(`${state.key} ${key}`, ports.clock.monotonic() + RETRY_MS);
      const failure = await maskSecrets(asFailure(error, "ReconciliationFailed"), context.delivery, context.named);
      this.#failed(state, failure, formatRef(suspect.tracked.ref));
    }
  }

  /** The live object may say by now that it wants to be left alone; one that is only made when missing belongs to others. */
  #isLeftAlone(state: DeliveryState, suspect: Suspect, context: ApplyContext): boolean {
    if (!suspect.live) return false;
    const applied = state.applied?.objects.find(({ key }) => key === suspect.tracked.key);
    if (applied?.controls.ssa === "IfNotPresent") return true;
    const { disabled, ssa } = context.dialect.readControls(suspect.live);
    return disabled || ssa === "Ignore";
  }

  #failed(state: DeliveryState, error: unknown, object?: string): void {
    if (this.#signal.aborted) return;
    const { onEvent, clock } = this.#tools.ports;
    const found = asFailure(error, "ReconciliationFailed");
    const failure =
      object === undefined
        ? found
        : new Failure({ reason: found.reason, message: `${object}: ${found.message}`, cause: found });
    onEvent({ type: "repair-failed", key: state.key, failure, atMs: clock.monotonic() });
    this.#later(this.#timers, state, RETRY_MS, () => this.resume(state));
  }
}
