// What waits, for people: per delivery, until when and why, the objects below.

import { cleanLine } from "@plumbline/core/model";
import { shortRevision } from "../print/revision.ts";
import { type Paint, paintWith } from "../print/screen.ts";
import { formatUntil } from "../print/when.ts";
import type { Held, HeldChange } from "./held-changes.ts";

/** `now` in milliseconds since the epoch; times stand on the clock of the window's zone. */
export function heldText({ changes, shortened, told }: Held, now: number, colours: boolean): string {
  const paint = paintWith(colours);
  const blocks = groupBy(changes, ({ delivery }) => delivery).map((group) =>
    deliveryLines(group, now, paint).join("\n"),
  );
  const others = told.map(({ delivery, message }) => `${paint("bold", titleOf(delivery))}  ${cleanLine(message)}`);
  const notes = shortened.map(
    ({ window, listed, count }) => `${cleanLine(window)} lists ${listed} of the ${count} changes it holds.`,
  );
  const parts = [...blocks, ...others, ...(notes.length > 0 ? [notes.join("\n")] : [])];
  return parts.length === 0 ? "Nothing waits.\n" : `${parts.join("\n\n")}\n`;
}

function deliveryLines(changes: readonly HeldChange[], now: number, paint: Paint): string[] {
  const [first] = changes;
  const count = `${changes.length} ${changes.length === 1 ? "change waits" : "changes wait"}`;
  const groups = groupBy(changes, ({ until, reason, revision }) => [until, reason, revision].join("\u0000"));
  return [
    `${paint("bold", titleOf(first?.delivery ?? ""))}  ${count}`,
    ...groups.flatMap((group) => groupLines(group, now, paint)),
  ];
}

/** `Kind namespace/name` */
function titleOf(delivery: string): string {
  return cleanLine(delivery.replace("/", " "));
}

function groupLines(group: readonly HeldChange[], now: number, paint: Paint): string[] {
  const [first] = group;
  if (!first) return [];
  const revision = first.revision === undefined ? "" : `, revision ${shortRevision(first.revision)}`;
  const until = formatUntil(first.until, first.zone, now);
  const width = Math.max(...group.map(({ object }) => cleanLine(object).length));
  return [
    `  ${paint("yellow", cleanLine(`${until}${revision}: ${first.reason}`))}`,
    ...group.map(({ object, change }) => `    ${cleanLine(object).padEnd(width)}   ${cleanLine(change)}`),
  ];
}

function groupBy<T>(list: readonly T[], keyOf: (one: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const one of list) {
    const group = groups.get(keyOf(one));
    if (group) group.push(one);
    else groups.set(keyOf(one), [one]);
  }
  return [...groups.values()];
}
