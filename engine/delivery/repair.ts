// Puts right what somebody else changed: one real apply of the one object, whose answer tells whether it mattered.

import { type Manifest, type Repair, digString } from "@plumbline/core/model";
import { changedFields, otherManagers } from "@plumbline/core/plan";
import { resourceVersionOf } from "../watch/managed-objects.ts";
import type { Suspect } from "../watch/tracked.ts";
import type { ApplyContext } from "./apply-context.ts";
import { takeOver } from "./take-over.ts";

/** Undefined for a false alarm: nothing that we own had changed. Throws Failure when the API server refuses. */
export async function repairObject(
  suspect: Suspect,
  desired: { manifest: Manifest; hash: string },
  context: ApplyContext,
): Promise<Repair | undefined> {
  const { kube, managed, dialect, clock } = context;
  const { tracked, live } = suspect;
  const fieldManager = dialect.managers.apply;
  managed.writing(tracked.ref, context.key);
  try {
    if (live) await takeOver(tracked.ref, live, context);
    const { object, created } = await kube.apply(desired.manifest, { ...context.call, fieldManager, force: true });
    managed.wrote(object, context.key, desired.hash);
    const before = live ? resourceVersionOf(live) : -1;
    if (!created && live && resourceVersionOf(object) === before) return undefined;
    return {
      ref: tracked.ref,
      what: created ? "deleted" : "modified",
      managers: live ? otherManagers(live, fieldManager).slice(0, 3) : [],
      fields: live ? changedFields(desired.manifest, live) : [],
      afterMs: clock.monotonic() - suspect.sinceMs,
    };
  } catch (error) {
    managed.gaveUp(tracked.ref);
    throw error;
  }
}

/** Objects on their way out come back by themselves as DELETED; repairing them now would be refused. */
export function isGoing(live: Manifest | undefined): boolean {
  return live !== undefined && digString(live, "metadata", "deletionTimestamp") !== undefined;
}
