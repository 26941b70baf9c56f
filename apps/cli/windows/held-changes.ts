// What waits for windows, as the operator wrote it into their status.

import { dig, digString, formatRef, isObject, type JsonObject, type Manifest, refOf } from "@plumbline/core/model";
import { conditionOf } from "../print/condition.ts";
import { foundWindow } from "./found-window.ts";

/** One change, whatever number of windows hold it. */
export interface HeldChange {
  /** `Kind/namespace/name` */
  delivery: string;
  /** `Kind/namespace/name`, or `Kind/name`. */
  object: string;
  group: string;
  change: string;
  revision: string | undefined;
  reason: string;
  /** RFC 3339 */
  until: string | undefined;
  /** `Kind/namespace/name` of each window that holds it. */
  windows: string[];
  /** Zone of the first of them that has one. */
  zone: string | undefined;
}

export interface Held {
  changes: HeldChange[];
  /** Windows that list fewer changes than they hold. */
  shortened: { window: string; listed: number; count: number }[];
  /** Deliveries of which no window lists anything, with what they say themselves. */
  told: { delivery: string; message: string }[];
}

/** By delivery, then by object. */
export function heldChanges(windows: readonly Manifest[], deliveries: readonly Manifest[] = []): Held {
  const found = new Map<string, HeldChange>();
  const shortened: Held["shortened"] = [];
  for (const manifest of windows) {
    const window = formatRef(refOf(manifest));
    const list = dig(manifest, "status", "held");
    const entries = Array.isArray(list) ? list.filter(isObject) : [];
    const count = dig(manifest, "status", "heldCount");
    if (typeof count === "number" && count > entries.length) shortened.push({ window, listed: entries.length, count });
    const { zone } = foundWindow(manifest);
    for (const entry of entries) {
      const change = readEntry(entry);
      const known = found.get(keyOf(change));
      if (known) known.windows.push(window);
      else found.set(keyOf(change), { ...change, windows: [window], zone });
    }
  }
  const changes = [...found.values()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const listed = new Set(changes.map(({ delivery }) => delivery));
  const told = deliveries.flatMap((manifest) => {
    const delivery = formatRef(refOf(manifest));
    const { status, message } = conditionOf(manifest, "Held");
    return status === "True" && !listed.has(delivery) ? [{ delivery, message }] : [];
  });
  return { changes, shortened, told };
}

function readEntry(entry: JsonObject): Omit<HeldChange, "windows" | "zone"> {
  const text = (key: string): string => digString(entry, key) ?? "";
  return {
    delivery: text("delivery"),
    object: text("object"),
    group: text("group"),
    change: text("change"),
    revision: digString(entry, "revision"),
    reason: text("reason"),
    until: digString(entry, "until"),
  };
}

function keyOf({ delivery, object, group, change }: Omit<HeldChange, "windows" | "zone">): string {
  return [delivery, object, group, change].join("\u0000");
}

/** The namespace in `Kind/namespace/name`. */
export function namespaceOf(delivery: string): string {
  return delivery.split("/")[1] ?? "";
}
