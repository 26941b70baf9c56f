// Takes over fields before an apply, against a live object that may change at the same time.

import { Failure, type Manifest, type ObjectRef } from "@plumbline/core/model";
import { type RefusedList, takeoverPatch } from "@plumbline/core/plan";
import type { ApplyContext } from "./apply-context.ts";

/** A busy object (its controller writes status) is tried this often before the conflict is reported. */
const MAX_TRIES = 5;

/**
 * Hands the fields of kubectl users and older managers to us; nothing where there are none. `live` is the object as last
 * seen; it is read anew when that is not known or out of date. `list` becomes ours with all of its items.
 */
export async function takeOver(
  ref: ObjectRef,
  live: Manifest | undefined,
  context: ApplyContext,
  list?: RefusedList,
): Promise<void> {
  const { kube, dialect, call, override } = context;
  const fieldManager = dialect.managers.apply;
  let seen = live;
  for (let tries = 1; ; tries++) {
    seen ??= await kube.find(ref, call);
    const patch = seen ? takeoverPatch(seen, { manager: fieldManager, override, ...(list ? { list } : {}) }) : [];
    if (patch.length === 0) return;
    try {
      await kube.patch(ref, { type: "json", body: patch }, { ...call, fieldManager });
      return;
    } catch (error) {
      if (!(error instanceof Failure) || error.reason !== "Conflict" || tries === MAX_TRIES) throw error;
      seen = undefined;
    }
  }
}
