// Whether a change may go now: the one decision that every dialect asks for.

import { cleanLine, formatFailure, formatRef } from "@plumbline/core/model";
import { type Calendar, freezeAt, isOpen, nextChanges } from "./calendar.ts";
import { type GateChange, selects } from "./select.ts";
import type { Window } from "./window.ts";

export type Decision =
  | { go: true }
  /** `until` is the RFC 3339 time at which it may go, when that is known. */
  | {
      go: false;
      reason: string;
      until?: string;
      /** `Kind/namespace/name` of those that select it. */ windows: string[];
    };

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

function decideBy(selecting: readonly Window[], now: number): Decision {
  const windows = selecting.map((window) => formatRef(window.identity)).sort();
  for (const window of selecting) {
    const [failure] = window.failures;
    if (failure)
      return { go: false, reason: cleanLine(`held by an invalid window: ${formatFailure(failure)}`), windows };
  }
  const together: Calendar = {
    schedules: selecting.flatMap((window) => window.calendar.schedules),
    freezes: selecting.flatMap((window) => window.calendar.freezes),
  };
  if (isOpen(together, now)) return go;
  const { nextOpen } = nextChanges(together, now, "either");
  const until = nextOpen === undefined ? {} : { until: formatTime(nextOpen) };
  const freeze = freezeAt(together, now);
  if (freeze) {
    const why = freeze.reason === "" ? "" : `: ${freeze.reason}`;
    return { go: false, reason: `frozen by ${freeze.window}${why}`, ...until, windows };
  }
  const names = selecting.filter((window) => window.calendar.schedules.length > 0);
  const list = names.map((window) => formatRef(window.identity)).sort();
  return { go: false, reason: `outside of the maintenance window ${list.join(", ")}`, ...until, windows };
}

function formatTime(instant: number): string {
  return Temporal.Instant.fromEpochMilliseconds(instant).toString();
}
