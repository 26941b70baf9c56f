// The only place of the engine that writes finalizers, status and events of dialect objects.

import {
  type DeliveryOutcome,
  Failure,
  type JsonValue,
  type Manifest,
  type Repair,
  type SourceOutcome,
  digString,
  isObject,
  refOf,
} from "@plumbline/core/model";
import { Turns } from "../loop/turns.ts";
import type { Ports, Written } from "../ports/index.ts";
import { withoutManagedFields } from "../watch/kept-object.ts";
import { EventRecorder } from "./event-recorder.ts";

/** The line of those who have none of their own. */
const SHARED_LINE = "";

/** Holds the object as last seen or written; writing replaces it with the API server's answer. */
export interface Held {
  object: Manifest;
}

/** An object that others write all the time is tried this often before the conflict is reported. */
const MAX_TRIES = 5;

export class StatusWriter {
  readonly #ports: Ports;
  /** The last write of each object: conditions are written as a whole, so the next one must see them. */
  readonly #turns = new Turns<Held>();
  readonly #events: EventRecorder;

  constructor(ports: Ports) {
    this.#ports = ports;
    this.#events = new EventRecorder(ports);
  }

  async writeSource(held: Held, outcome: SourceOutcome): Promise<void> {
    const { dialect, clock } = this.#ports;
    const { sourceStatus } = dialect.managers;
    await this.#write(held, dialect.writeSource(held.object, outcome, clock.now()), [sourceStatus, sourceStatus]);
  }

  /** `outcome` is asked when it is this write's turn. */
  async writeDelivery(held: Held, outcome: () => DeliveryOutcome): Promise<void> {
    const { dialect, clock } = this.#ports;
    const { deliveryStatus, apply } = dialect.managers;
    await this.#turns.take(held, async () => {
      const told = outcome();
      const written = dialect.writeDelivery(held.object, told, clock.now());
      await this.#write(held, written, [deliveryStatus, apply], fairKeyOf(held.object, told));
    });
  }

  /** `written` is asked when it is this write's turn. */
  async writeWindow(held: Held, written: () => Written, manager: string): Promise<void> {
    await this.#write(held, written(), [manager, manager]);
  }

  recordRepair(held: Held, repair: Repair): void {
    const { dialect } = this.#ports;
    this.#events.record(held.object, dialect.repairEvents(repair), dialect.managers.apply);
  }

  /** Resolves when the events on their way are written, or after `patienceMs`: they are a courtesy. */
  async settle(patienceMs: number): Promise<void> {
    await this.#events.settle(patienceMs);
  }

  /** `manager` owns the finalizer: never the one that applies, or the next apply would drop it again. */
  async ensureFinalizer(held: Held, manager: string): Promise<void> {
    const { finalizer } = this.#ports.dialect;
    await this.#changeFinalizers(held, manager, (list) => (list.includes(finalizer) ? list : [...list, finalizer]));
  }

  async removeFinalizer(held: Held, manager: string): Promise<void> {
    const { finalizer } = this.#ports.dialect;
    await this.#changeFinalizers(held, manager, (list) => list.filter((name) => name !== finalizer));
  }

  async #write(held: Held, written: Written, names: readonly [string, string], fairKey = SHARED_LINE): Promise<void> {
    const [fieldManager, component] = names;
    if (written.status) {
      const patch = { type: "merge" as const, body: { status: written.status } };
      const options = { fieldManager, subresource: "status" as const, fairKey };
      held.object = withoutManagedFields(await this.#ports.kube.patch(refOf(held.object), patch, options));
    }
    this.#events.record(held.object, written.events, component);
  }

  /**
   * The resourceVersion makes the API server refuse when somebody else changed the object meanwhile: then the list is
   * read anew. Nothing to do for an object that is gone.
   */
  async #changeFinalizers(held: Held, fieldManager: string, change: (list: string[]) => string[]): Promise<void> {
    const { kube } = this.#ports;
    for (let tries = 1; ; tries++) {
      const before = finalizersOf(held.object);
      const finalizers = change(before);
      if (finalizers.length === before.length) return;
      const ref = refOf(held.object);
      const resourceVersion = digString(held.object, "metadata", "resourceVersion");
      const metadata: Record<string, JsonValue> = { finalizers, ...(resourceVersion ? { resourceVersion } : {}) };
      try {
        const options = { fieldManager, fairKey: `${ref.namespace}/${ref.name}` };
        held.object = withoutManagedFields(await kube.patch(ref, { type: "merge", body: { metadata } }, options));
        return;
      } catch (error) {
        if (!isOutOfDate(error) || tries === MAX_TRIES) throw error;
        const found = await kube.find(ref);
        if (!found || digString(found, "metadata", "uid") !== digString(held.object, "metadata", "uid")) return;
        held.object = withoutManagedFields(found);
      }
    }
  }
}

function isOutOfDate(error: unknown): boolean {
  return error instanceof Failure && (error.reason === "Conflict" || error.reason === "NotFound");
}

/**
 * What changed something waits in its delivery's own line; the many that only move to a commit which does not touch them
 * share one, and are overtaken.
 */
function fairKeyOf(object: Manifest, outcome: DeliveryOutcome): string {
  if (outcome.kind === "applied" && outcome.done.length === 0) return SHARED_LINE;
  return `${digString(object, "metadata", "namespace") ?? ""}/${digString(object, "metadata", "name") ?? ""}`;
}

function finalizersOf(object: Manifest): string[] {
  const found = isObject(object.metadata) ? object.metadata.finalizers : undefined;
  return Array.isArray(found) ? found.filter((name) => typeof name === "string") : [];
}
