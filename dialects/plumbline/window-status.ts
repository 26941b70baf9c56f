// The status of a window after a turn, or after a change of what it holds.

import type { Window, WindowState } from "@plumbline/core/gate";
import {
  type ChangeClass,
  cleanLine,
  dig,
  formatFailure,
  formatRef,
  formatTime,
  isObject,
  type JsonObject,
  type Manifest,
  type NamedRef,
  type ObjectRef,
  own,
} from "@plumbline/core/model";
import { conditionsFrom } from "@plumbline/core/report";

/** This many held changes are listed; all are counted. */
export const maxListedHeld = 50;

/** One change that a window holds. */
export interface WindowHeld {
  delivery: NamedRef;
  object: Pick<ObjectRef, "group" | "kind" | "namespace" | "name">;
  change: ChangeClass;
  revision: string | undefined;
  reason: string;
  /** RFC 3339 */
  until: string | undefined;
}

export interface WindowFacts {
  /** As last seen; its recorded status is what the new one starts from. */
  object: Manifest;
  window: Window;
  state: WindowState;
  held: readonly WindowHeld[];
  /** RFC 3339, whole seconds. */
  at: string;
}

/** The whole new `status`. A window with mistakes is Closed and Stalled, and its message names each of them. */
export function windowStatus({ object, window, state, held, at }: WindowFacts): JsonObject {
  const found = dig(object, "metadata", "generation");
  const generation = typeof found === "number" ? found : 0;
  const recorded = isObject(object.status) ? object.status : {};
  const conditions = conditionsFrom(own(recorded, "conditions"), { generation, at });
  if (window.failures.length > 0) {
    const mistakes = cleanLine(window.failures.map(formatFailure).join("; "));
    const message = `Holds everything that it selects: ${mistakes}`;
    conditions.set({ type: "Stalled", status: "True", reason: "InvalidSpec", message });
    conditions.set({ type: "Ready", status: "False", reason: "InvalidSpec", message });
  } else {
    conditions.remove("Stalled");
    const reason = state.open ? "Open" : state.freeze ? "Frozen" : "Closed";
    conditions.set({ type: "Ready", status: "True", reason, message: "The window is in force" });
  }
  return {
    observedGeneration: generation,
    state: state.open ? "Open" : "Closed",
    ...timesOf(state),
    ...(state.freeze && { freeze: { reason: state.freeze.reason, until: formatTime(state.freeze.end) } }),
    heldCount: held.length,
    held: listed(held),
    conditions: conditions.list(),
  };
}

function timesOf(state: WindowState): JsonObject {
  const times: JsonObject = {};
  for (const key of ["since", "nextOpen", "nextClose"] as const) {
    const value = state[key];
    if (value !== undefined) times[key] = formatTime(value);
  }
  return times;
}

function listed(held: readonly WindowHeld[]): JsonObject[] {
  const keyOf = (one: WindowHeld): string => `${formatRef(one.delivery)} ${formatRef(one.object)} ${one.object.group}`;
  const sorted = [...held].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  return sorted.slice(0, maxListedHeld).map(({ delivery, object, change, revision, reason, until }): JsonObject => ({
    delivery: formatRef(delivery),
    object: formatRef(object),
    group: object.group,
    change,
    reason,
    ...(revision !== undefined && { revision }),
    ...(until !== undefined && { until }),
  }));
}
