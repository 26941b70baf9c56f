// What people should know of a delivery that does what it should all the same.

import { type Notice, formatRef } from "@plumbline/core/model";
import type { DeliveryState } from "./delivery-state.ts";
import { describeFight } from "./fight.ts";

/** One notice lists this many objects; the rest is counted. */
const MAX_LISTED = 10;

export function noticesOf(state: DeliveryState): Notice[] {
  return [...fightNotices(state)];
}

function fightNotices(state: DeliveryState): Notice[] {
  const contested = [...state.fights.values()].filter((fight) => fight.isContested);
  if (contested.length === 0) return [];
  const lines = contested.map((fight) => `${formatRef(fight.ref)}: ${describeFight(fight)}`);
  const minutes = Math.max(1, Math.round((state.delivery?.intervalMs ?? 0) / 60_000));
  const message = `${listed(lines)}; it is put right with growing pauses of up to ${minutes} min. Stop the other side, or leave the field out of the source`;
  return [{ type: "Contested", reason: "FoughtOver", message }];
}

function listed(lines: readonly string[]): string {
  const shown = [...lines].sort().slice(0, MAX_LISTED);
  if (lines.length > MAX_LISTED) shown.push(`and ${lines.length - MAX_LISTED} more`);
  return shown.join("; ");
}
