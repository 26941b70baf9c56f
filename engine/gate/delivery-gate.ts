// What the windows say of one delivery between its runs: whether drift waits, and whether what waits may go by now.

import { type Delivery, type HeldChange, type Manifest, metadataMap, refOf } from "@plumbline/core/model";
import type { Ports } from "../ports/index.ts";
import { overridingOf } from "./overriding.ts";
import { gateChange } from "./plan-gate.ts";
import type { Windows } from "./windows.ts";

interface Tools {
  ports: Ports;
  windows: Windows | undefined;
}

interface State {
  object: Manifest;
  delivery: Delivery | undefined;
  held: readonly HeldChange[] | undefined;
}

function isOverridden({ object }: State, { windows }: Ports, now: number): boolean {
  return windows !== undefined && overridingOf(object, windows, now)?.state === "active";
}

/** Why this object must be left as somebody else made it, for now; undefined when it is to be put right. */
export function driftHold(state: State, desired: Manifest, { ports, windows }: Tools): HeldChange | undefined {
  const { delivery } = state;
  if (!windows || !delivery || isOverridden(state, ports, ports.clock.now())) return undefined;
  const change = { ref: refOf(desired), labels: metadataMap(desired, "labels"), class: "Drift" } as const;
  const decision = windows.decide(gateChange({ delivery, state }, change));
  if (decision.go) return undefined;
  const { reason, until, windows: names } = decision;
  return { ...change, reason, windows: names, ...(until !== undefined && { until }) };
}

/** Whether something that waits may go now, or waits for another reason or time than before: a run then tells. */
export function isDecidedAnew(state: State, { ports, windows }: Tools): boolean {
  const { delivery, held } = state;
  if (!windows || !delivery || !held || held.length === 0) return false;
  if (isOverridden(state, ports, ports.clock.now())) return true;
  return held.some((change) => {
    if (change.isDependent || change.windows.length === 0) return false;
    const decision = windows.decide(gateChange({ delivery, state }, change));
    return decision.go || decision.reason !== change.reason || decision.until !== change.until;
  });
}
