// Keeps track of what each delivery was last told of the windows: what waits, and who overrides them.

import { type Failure, type HeldChange, type NamedRef, type Overriding, refKey } from "@plumbline/core/model";
import type { DeliveryState } from "../delivery/delivery-state.ts";
import type { Ports } from "../ports/index.ts";
import { isDecidedAnew } from "./delivery-gate.ts";
import { overridingOf } from "./overriding.ts";
import type { Windows } from "./windows.ts";

interface Told {
  held: readonly HeldChange[];
  text: string;
}

export class DeliveryGates {
  readonly #ports: Ports;
  readonly #windows: Windows | undefined;
  readonly #told = new Map<string, Told>();
  /** Deliveries that wait for the windows to be read. */
  readonly #unread = new Set<string>();

  constructor(options: { ports: Ports; windows: Windows | undefined }) {
    this.#ports = options.ports;
    this.#windows = options.windows;
  }

  /** Why nothing of the delivery may be written yet: a window that nobody has read could hold it. */
  unread(state: DeliveryState): Failure | undefined {
    const failure = state.delivery?.suspended && !state.delivery.deleting ? undefined : this.#windows?.unread;
    if (failure) this.#unread.add(state.key);
    else this.#unread.delete(state.key);
    return failure;
  }

  /** Whether a run would now find something else than the delivery was told last. */
  isNews(state: DeliveryState): boolean {
    if (this.#unread.has(state.key)) return this.#windows?.unread === undefined;
    if (!state.delivery || !this.#ports.windows) return false;
    if (state.held !== undefined && !isSame(this.#overriding(state), state.overriding)) return true;
    return isDecidedAnew(state, { ports: this.#ports, windows: this.#windows });
  }

  /** Looks at the override of the delivery; what it says goes into the next status. */
  look(state: DeliveryState): void {
    if (!this.#ports.windows) return;
    const overriding = this.#overriding(state);
    if (isSame(overriding, state.overriding)) return;
    const told = overriding ?? { state: "ended" as const };
    state.overriding = overriding;
    this.#windows?.remind(state.key, overriding?.state === "active" ? Date.parse(overriding.until) : undefined);
    this.#ports.onEvent({ type: "overriding", key: state.key, overriding: told, atMs: this.#ports.clock.monotonic() });
  }

  /** Tells the windows, log and metrics what of the delivery waits; nothing when that is what they know. */
  told(state: DeliveryState): void {
    const held = state.held ?? [];
    const before = this.#told.get(state.key);
    const text = JSON.stringify([state.heldRevision, held]);
    if (text === before?.text || (held.length === 0 && !before)) return;
    if (held.length === 0) this.#told.delete(state.key);
    else this.#told.set(state.key, { held, text });
    const [namespace = "", name = ""] = state.key.split("/");
    const delivery: NamedRef = { kind: state.delivery?.origin.kind ?? "", namespace, name };
    this.#windows?.setHeld(state.key, { delivery, revision: state.heldRevision, held });
    const still = new Set(held.map(({ ref }) => refKey(ref)));
    const released = (before?.held ?? []).filter(({ ref }) => !still.has(refKey(ref)));
    const atMs = this.#ports.clock.monotonic();
    this.#ports.onEvent({ type: "held", key: state.key, revision: state.heldRevision, held, released, atMs });
  }

  /** The delivery is gone. */
  forget(state: DeliveryState): void {
    state.held = [];
    this.told(state);
    this.#unread.delete(state.key);
    this.#windows?.remind(state.key, undefined);
  }

  #overriding(state: DeliveryState): Overriding | undefined {
    const { windows, clock } = this.#ports;
    return windows && overridingOf(state.object, windows, clock.now());
  }
}

function isSame(a: Overriding | undefined, b: Overriding | undefined): boolean {
  return textOf(a) === textOf(b);
}

function textOf(overriding: Overriding | undefined): string {
  if (overriding?.state === "refused") return `refused ${overriding.failure.message}`;
  return JSON.stringify(overriding ?? null);
}
