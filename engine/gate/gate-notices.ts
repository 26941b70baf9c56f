// What a delivery says of the windows: what waits, why and until when, and who overrides them.

import {
  cleanLine,
  dig,
  digString,
  formatFailure,
  formatRef,
  type HeldChange,
  isObject,
  type Manifest,
  type Notice,
  type Overriding,
} from "@plumbline/core/model";

/** One notice lists this many objects; the rest is counted. */
const MAX_LISTED = 20;

/** What a delivery knows of its gate; `held` is undefined until its first plan after a start. */
export interface GateFacts {
  object: Manifest;
  held: readonly HeldChange[] | undefined;
  /** The revision that what is held belongs to. */
  heldRevision: string | undefined;
  overriding: Overriding | undefined;
}

export function gateNotices(facts: GateFacts): Notice[] {
  const held = facts.held ? heldNotice(facts.held, facts.heldRevision) : recordedNotice(facts.object);
  const override = overrideNotice(facts.overriding);
  return [...(held ? [held] : []), ...(override ? [override] : [])];
}

/** `3 changes of revision … are held. Until 2026-01-05T07:00:00Z: A, B (why). Without an end: C (why)` */
function heldNotice(held: readonly HeldChange[], revision: string | undefined): Notice | undefined {
  if (held.length === 0) return undefined;
  const groups = new Map<string, { until: string; reason: string; objects: string[] }>();
  const listed = [...held].sort((a, b) => (formatRef(a.ref) < formatRef(b.ref) ? -1 : 1)).slice(0, MAX_LISTED);
  for (const { ref, reason, until } of listed) {
    const key = `${until ?? "~"} ${reason}`;
    const group = groups.get(key) ?? {
      until: until === undefined ? "Without an end" : `Until ${until}`,
      reason,
      objects: [],
    };
    group.objects.push(formatRef(ref));
    groups.set(key, group);
  }
  const texts = [...groups.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { until, reason, objects }]) => `${until}: ${objects.join(", ")} (${reason})`);
  if (held.length > MAX_LISTED) texts.push(`And ${held.length - MAX_LISTED} more`);
  const what = held.length === 1 ? "1 change" : `${held.length} changes`;
  const of = revision === undefined ? "" : ` of revision ${revision}`;
  const message = `${what}${of} ${held.length === 1 ? "is" : "are"} held. ${texts.join(". ")}`;
  return { type: "Held", reason: "MaintenanceWindow", message };
}

function overrideNotice(overriding: Overriding | undefined): Notice | undefined {
  if (overriding?.state === "active") {
    const { who, reason, until } = overriding;
    const message = `Maintenance windows are overridden by ${who} until ${until}: ${reason}`;
    return { type: "Override", reason: "Active", message };
  }
  if (overriding?.state !== "refused") return undefined;
  return {
    type: "Override",
    status: "False",
    reason: "Invalid",
    message: cleanLine(formatFailure(overriding.failure)),
  };
}

/** After a restart the recorded notice stands until something is known. */
function recordedNotice(object: Manifest): Notice | undefined {
  const conditions = dig(object, "status", "conditions");
  const found = Array.isArray(conditions)
    ? conditions.find((each) => isObject(each) && each.type === "Held" && each.status === "True")
    : undefined;
  const message = digString(found, "message");
  return message === undefined ? undefined : { type: "Held", reason: "MaintenanceWindow", message };
}
