// Notes when each step happened, so that the demo can say how long everything took.

import type { DeliveryOutcome, Failure, Plan, Repair } from "@plumbline/core/model";
import type { EngineEvent } from "@plumbline/engine/ports";

export interface DeliveryTimes {
  rendered?: number;
  reused?: number;
  applied?: number;
  healthy?: number;
}

/** Milliseconds since the scene began. */
export interface SceneTimes {
  noticed?: number;
  fetched?: number;
  deliveries: Map<string, DeliveryTimes>;
}

export class Recorder {
  times: SceneTimes = { deliveries: new Map() };
  repairs: { key: string; repair: Repair }[] = [];
  plans = new Map<string, Plan>();
  /** The last outcome of each delivery, with all that was done in the scene. */
  outcomes = new Map<string, DeliveryOutcome>();
  sourceFailure: Failure | undefined;
  #startedMs = 0;
  readonly #listeners = new Set<() => void>();

  /** Forgets the last scene. */
  begin(nowMs: number): void {
    this.#startedMs = nowMs;
    this.times = { deliveries: new Map() };
    this.repairs = [];
    this.plans = new Map();
    this.outcomes = new Map();
    this.sourceFailure = undefined;
  }

  take(event: EngineEvent): void {
    const at = event.atMs - this.#startedMs;
    if (event.type === "source") {
      if (event.step === "noticed") this.times.noticed ??= at;
      if (event.step === "fetched") this.times.fetched ??= at;
    } else if (event.type === "source-failed") this.sourceFailure = event.failure;
    else if (event.type === "delivery") {
      const times = this.times.deliveries.get(event.key) ?? {};
      times[event.step] = at;
      this.times.deliveries.set(event.key, times);
    } else if (event.type === "planned") this.plans.set(event.key, event.plan);
    else if (event.type === "delivery-ended") this.#ended(event.key, event.outcome);
    else if (event.type === "repaired") this.repairs.push({ key: event.key, repair: event.repair });
    for (const listener of this.#listeners) listener();
  }

  /** A run that follows with nothing to do must not hide what the one before it did in this scene. */
  #ended(key: string, outcome: DeliveryOutcome): void {
    const before = this.outcomes.get(key)?.done ?? [];
    this.outcomes.set(key, { ...outcome, done: [...before, ...outcome.done] });
  }

  /** Calls back at each event; returns how to stop. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
