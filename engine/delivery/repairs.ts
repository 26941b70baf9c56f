// When drift is repaired: at once, unless the delivery is running or suspended, or the object is being fought over.

import { Failure, type Manifest, type Repair, asFailure, formatRef } from "@plumbline/core/model";
import type { Suspect } from "../watch/tracked.ts";
import { type ApplyContext, callOf } from "./apply-context.ts";
import type { DeliveryState } from "./delivery-state.ts";
import { maskSecrets } from "./mask-secrets.ts";
import { isGoing, rememberRepair, repairDelayMs, repairObject } from "./repair.ts";
import { type RunTools, appliedObjects } from "./run-delivery.ts";
import { readVariables } from "./variables.ts";

/** A repair that was refused is tried again after this. */
const RETRY_MS = 10_000;

export class Repairs {
  readonly #tools: RunTools;
  readonly #report: (state: DeliveryState, repair: Repair) => Promise<void>;
  readonly #signal: AbortSignal;
  readonly #working = new Set<string>();
  /** Deliveries that got another suspect while they were being repaired. */
  readonly #again = new Set<string>();

  constructor(tools: RunTools, report: (state: DeliveryState, repair: Repair) => Promise<void>, signal: AbortSignal) {
    this.#tools = tools;
    this.#report = report;
    this.#signal = signal;
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
    this.#working.add(state.key);
    void this.#repairAll(state)
      .catch((error: unknown) => this.#failed(state, error))
      .finally(() => {
        this.#working.delete(state.key);
        if (this.#again.delete(state.key)) this.resume(state);
      });
  }

  async #repairAll(state: DeliveryState): Promise<void> {
    const { delivery, applied } = state;
    if (!delivery || !applied) return;
    const due = [...state.suspects.values()].filter((suspect) => this.#isDue(state, suspect));
    if (due.length === 0) return;
    const variables = await readVariables(delivery, this.#tools.named, this.#signal);
    const input = { state, delivery, revision: applied.revision, variables, signal: this.#signal };
    const objects = await appliedObjects(input, this.#tools);
    const { ports, managed, named, override } = this.#tools;
    const call = callOf(delivery, state.key, this.#signal);
    const context: ApplyContext = { ...ports, managed, named, override, key: state.key, delivery, call };
    await Promise.all(due.map((suspect) => this.#repairOne(state, suspect, objects.get(suspect.tracked.key), context)));
  }

  /** False, with a timer set, when the object must wait because it is being changed back again and again. */
  #isDue(state: DeliveryState, suspect: Suspect): boolean {
    const { clock } = this.#tools.ports;
    const { key } = suspect.tracked;
    if (isGoing(suspect.live)) {
      state.suspects.delete(key); // it comes back as deleted
      return false;
    }
    const delay = repairDelayMs(state.repairs.get(key) ?? [], clock.monotonic(), state.delivery?.intervalMs ?? 0);
    if (delay > 0) clock.after(delay, () => this.resume(state));
    return delay === 0;
  }

  async #repairOne(
    state: DeliveryState,
    suspect: Suspect,
    desired: { manifest: Manifest; hash: string } | undefined,
    context: ApplyContext,
  ): Promise<void> {
    const { ports } = this.#tools;
    const { key } = suspect.tracked;
    state.suspects.delete(key);
    // Written by a run that did not get to its end: what is applied in full says nothing of it, the next run does.
    if (desired?.hash !== suspect.tracked.baseline?.desiredHash) return;
    if (!desired || this.#isLeftAlone(state, suspect, context)) return;
    try {
      const repair = await repairObject(suspect, desired, context);
      if (!repair) return;
      const nowMs = ports.clock.monotonic();
      state.repairs.set(key, rememberRepair(state.repairs.get(key) ?? [], nowMs));
      ports.onEvent({ type: "repaired", key: state.key, repair, atMs: nowMs });
      await this.#report(state, repair);
    } catch (error) {
      if (this.#signal.aborted) return;
      state.suspects.set(key, suspect);
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
    clock.after(RETRY_MS, () => this.resume(state));
  }
}
