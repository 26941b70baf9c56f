// What people should know of a delivery that does what it should all the same.

import { type Notice, type RunFacts, formatRef } from "@plumbline/core/model";
import { gateNotices } from "../gate/gate-notices.ts";
import type { DeliveryState } from "./delivery-state.ts";
import { describeFight } from "./fight.ts";
import type { Ownership } from "./ownership.ts";

/** One notice lists this many objects; the rest is counted. */
const MAX_LISTED = 10;

/** For an outcome: what is told, and what goes on being told until more is known. */
export function noticesOf(
  state: DeliveryState,
  ownership: Ownership,
): Required<Pick<RunFacts, "notices" | "keptNotices">> {
  const notices = [
    ...claimNotices(state, ownership),
    ...fightNotices(state),
    ...handingNotices(state, ownership),
    ...gateNotices(state),
  ];
  return { notices, keptNotices: ownership.isSettled ? [] : ["Contested", "HandingOver"] };
}

/** Objects that two deliveries want: told to both. */
function claimNotices(state: DeliveryState, ownership: Ownership): Notice[] {
  const kind = state.delivery?.origin.kind ?? "";
  const lost = [...state.lost.values()].map(({ ref, owner }) => `${formatRef(ref)} is kept by ${kind} ${owner}`);
  const rivals = ownership
    .rivalsOf(state.key)
    .map(({ ref, rival }) => `${formatRef(ref)} is wanted by ${kind} ${rival} too`);
  const lines = [...lost, ...rivals];
  if (lines.length === 0) return [];
  const message = `${listed(lines)}. Leave each object to one of the two: remove it from the other one's path`;
  return [{ type: "Contested", reason: "ClaimedTwice", message }];
}

function handingNotices(state: DeliveryState, ownership: Ownership): Notice[] {
  const late = ownership.lateHandings(state);
  if (late.length === 0) return [];
  const kind = state.delivery?.origin.kind ?? "";
  const lines = late.map(({ ref, taker }) => `${formatRef(ref)} for ${kind} ${taker}`);
  const message = `no longer in the source, but not deleted, because others have it in theirs: ${listed(lines)}. See why those do not apply; what they no longer have is deleted`;
  return [{ type: "HandingOver", reason: "WaitingForTaker", message }];
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
