// Puts right what somebody else changed: one real apply of the one object, whose answer tells whether it mattered.

import { type Manifest, type Repair, digString } from "@plumbline/core/model";
import { changedFields, otherManagers, refusedList } from "@plumbline/core/plan";
import { resourceVersionOf } from "../watch/managed-objects.ts";
import type { Suspect } from "../watch/tracked.ts";
import type { ApplyContext } from "./apply-context.ts";
import { type Applied, applyDesired } from "./apply-desired.ts";
import { isAsDesired } from "./as-desired.ts";
import { ignoreRulesOf } from "./ignore-rules.ts";
import { takeOver } from "./take-over.ts";

/** Undefined for a false alarm: nothing that we own had changed. Throws Failure when the API server refuses. */
export async function repairObject(
  suspect: Suspect,
  desired: { manifest: Manifest; hash: string },
  context: ApplyContext,
): Promise<Repair | undefined> {
  const { managed, dialect, clock } = context;
  const { tracked, live } = suspect;
  const fieldManager = dialect.managers.apply;
  if (live && isLeftToOthers(live, desired.manifest, suspect, context)) {
    managed.adopt(tracked, desired.hash);
    return undefined;
  }
  managed.writing(tracked.ref, context.key);
  try {
    if (live) await takeOver(tracked.ref, live, context);
    const { object, created, sent } = await applyOver(suspect, desired.manifest, context);
    managed.wrote(object, context.key, desired.hash);
    const before = live ? resourceVersionOf(live) : -1;
    if (!created && live && resourceVersionOf(object) === before) return undefined;
    return {
      ref: tracked.ref,
      what: created ? "deleted" : "modified",
      managers: live ? otherManagers(live, fieldManager).slice(0, 3) : [],
      fields: live ? changedFields(sent, live) : [],
      afterMs: clock.monotonic() - suspect.sinceMs,
    };
  } catch (error) {
    managed.gaveUp(tracked.ref);
    throw error;
  }
}

/** True when only ignored fields differ, told without asking: an autoscaler may change its field every few seconds. */
function isLeftToOthers(live: Manifest, desired: Manifest, { tracked }: Suspect, context: ApplyContext): boolean {
  const ignored = ignoreRulesOf(context.delivery);
  const isLatest = resourceVersionOf(live) === tracked.resourceVersion;
  return ignored !== undefined && isLatest && isAsDesired(desired, live, { ...context, ignored });
}

/** Also where somebody gave an item of a list another key, so that the API server refuses to have ours beside it. */
async function applyOver({ tracked, live }: Suspect, manifest: Manifest, context: ApplyContext): Promise<Applied> {
  try {
    return await applyDesired(manifest, context, live);
  } catch (error) {
    const list = refusedList(error, manifest);
    if (!list) throw error;
    await takeOver(tracked.ref, undefined, context, list);
    return await applyDesired(manifest, context);
  }
}

/** Objects on their way out come back by themselves as DELETED; repairing them now would be refused. */
export function isGoing(live: Manifest | undefined): boolean {
  return live !== undefined && digString(live, "metadata", "deletionTimestamp") !== undefined;
}
