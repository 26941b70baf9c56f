// Whether a change may go now: the one decision that every dialect asks for.

import { formatFailure, formatRef } from "@plumbline/core/model";
import { calendarState, type Calendar } from "./calendar.ts";
import { type GateChange, selects } from "./select.ts";
import type { Window } from "./window.ts";

export type Decision =
  | { go: true }
  /** `until` is the RFC 3339 time at which it may go, when that is known. */
  | { go: false; reason: string; until?: string };

const go: Decision = { go: true };

/** Whether a window has a say in a change. A namespaced window reaches the deliveries of its own namespace only. */
export function isSelected(window: Window, change: GateChange): boolean {
  const { namespace } = window.identity;
  if (namespace !== "" && namespace !== change.delivery.namespace) return false;
  return window.selects === undefined || selects(window.selects, change);
}

/** The decisions of one moment: calendars that select the same changes are computed once. */
export function gateAt(windows: readonly Window[], now: number): (change: GateChange) => Decision {
  const known = new Map<string, Decision>();
  return (change) => {
    const indices: number[] = [];
    for (let i = 0; i < windows.length; i++) {
      const window = windows[i];
      if (window && isSelected(window, change)) indices.push(i);
    }
    if (indices.length === 0) return go;
    const key = indices.join(",");
    let decision = known.get(key);
    if (!decision) {
      decision = decideBy(
        windows.filter((_, i) => indices.includes(i)),
        now,
      );
      known.set(key, decision);
    }
    return decision;
  };
}

/**
 * Whether `change` may go at `now` (milliseconds since the epoch). Windows that do not select it have no say; an
 * invalid one that does holds it, so does every freeze; else it goes while any of them is open.
 */
export function decide(change: GateChange, windows: readonly Window[], now: number): Decision {
  return gateAt(windows, now)(change);
}

function decideBy(windows: readonly Window[], now: number): Decision {
  for (const window of windows) {
    const [failure] = window.failures;
    if (failure) return { go: false, reason: `held by an invalid window: ${formatFailure(failure)}` };
  }
  const together: Calendar = {
    schedules: windows.flatMap((window) => window.calendar.schedules),
    freezes: windows.flatMap((window) => window.calendar.freezes),
  };
  const state = calendarState(together, now);
  if (state.open) return go;
  const until = state.nextOpen === undefined ? {} : { until: formatTime(state.nextOpen) };
  if (state.freeze) {
    const why = state.freeze.reason === "" ? "" : `: ${state.freeze.reason}`;
    return { go: false, reason: `frozen by ${state.freeze.window}${why}`, ...until };
  }
  const names = windows.filter((window) => window.calendar.schedules.length > 0);
  const list = names.map((window) => formatRef(window.identity)).sort();
  return { go: false, reason: `outside of the maintenance window ${list.join(", ")}`, ...until };
}

function formatTime(instant: number): string {
  return Temporal.Instant.fromEpochMilliseconds(instant).toString();
}
