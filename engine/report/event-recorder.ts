// Writes Kubernetes Events behind all other work: they tell of it, and nobody waits for them.

import { type Manifest, digString, formatRef, formatTime, refOf } from "@plumbline/core/model";
import type { EventText, Ports } from "../ports/index.ts";

/** Events that are on their way at once. */
const WIDTH = 2;
/** Events that wait to be written; older ones are left out, as they would tell of what is long past. */
const MAX_WAITING = 20_000;

type Recorded = Pick<Ports, "kube" | "clock" | "sha256" | "log">;

export class EventRecorder {
  readonly #ports: Recorded;
  readonly #waiting: Manifest[] = [];
  readonly #idle = new Set<() => void>();
  #writing = 0;

  constructor(ports: Recorded) {
    this.#ports = ports;
  }

  /** `component` is who tells. Returns at once; an event that cannot be written is logged and forgotten. */
  record(object: Manifest, events: readonly EventText[], component: string): void {
    for (const event of events) this.#waiting.push(this.#manifest(object, event, component));
    const tooMany = this.#waiting.length - MAX_WAITING;
    if (tooMany > 0) {
      this.#waiting.splice(0, tooMany);
      this.#ports.log.error("events left out: the API server takes them too slowly", { count: tooMany });
    }
    while (this.#writing < WIDTH && this.#waiting.length > 0) void this.#work();
  }

  /** Resolves when all events are written, or after `patienceMs`. */
  async settle(patienceMs: number): Promise<void> {
    if (this.#writing === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = this.#ports.clock.after(patienceMs, resolve);
    this.#idle.add(resolve);
    await promise;
    this.#idle.delete(resolve);
    cancel();
  }

  async #work(): Promise<void> {
    const { kube, log } = this.#ports;
    this.#writing++;
    for (let event = this.#waiting.shift(); event; event = this.#waiting.shift()) {
      try {
        await kube.create(event, { background: true });
      } catch (error) {
        const object = formatRef(refOf(event));
        log.error("event not recorded", { object, error: String(error) });
      }
    }
    this.#writing--;
    if (this.#writing === 0) for (const resolve of this.#idle) resolve();
  }

  #manifest(object: Manifest, event: EventText, component: string): Manifest {
    const { clock, sha256 } = this.#ports;
    const ref = refOf(object);
    const time = formatTime(clock.now());
    const digest = sha256(`${ref.kind}/${ref.namespace}/${ref.name} ${event.message} ${clock.now()}`).slice(0, 16);
    return {
      apiVersion: "v1",
      kind: "Event",
      metadata: {
        name: `${ref.name}.${digest}`,
        namespace: ref.namespace === "" ? "default" : ref.namespace,
        ...(event.annotations ? { annotations: event.annotations } : {}),
      },
      involvedObject: {
        apiVersion: digString(object, "apiVersion") ?? "",
        kind: ref.kind,
        namespace: ref.namespace,
        name: ref.name,
        uid: digString(object, "metadata", "uid") ?? "",
        resourceVersion: digString(object, "metadata", "resourceVersion") ?? "",
      },
      type: event.type,
      reason: event.reason,
      message: event.message,
      source: { component },
      reportingComponent: component,
      firstTimestamp: time,
      lastTimestamp: time,
      count: 1,
    };
  }
}
