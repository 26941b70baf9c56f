// Builds whose objects are still in the cluster because newer ones of them are held: drift is put right from those.

import type { HeldChange } from "@plumbline/core/model";
import { refKey } from "@plumbline/core/model";
import type { ManagedObjects } from "../watch/managed-objects.ts";
import type { DeliveryState, Rendered } from "./delivery-state.ts";

/** Older builds that are kept; of objects that were held through more revisions drift waits until they may go. */
const MAX_KEPT = 4;

/** `rendered` has been written as far as nothing of it is held; the build before is kept as long as it is needed. */
export function takeBuild(
  state: DeliveryState,
  rendered: Rendered,
  held: readonly HeldChange[],
  managed: ManagedObjects,
): void {
  const before = state.applied;
  const olds = [...(before && before.revision !== rendered.revision ? [before] : []), ...state.olds];
  state.applied = rendered;
  state.olds = held.length === 0 ? [] : neededBuilds(olds, held, managed);
  if (before?.revision !== rendered.revision) {
    rendered.revision.hold().catch(() => undefined); // without it, repairs fail with a clear error until the next run
  }
  for (const old of olds) if (!state.olds.includes(old)) old.revision.drop();
}

/** The build that the object was last written from; undefined when it is known no more. */
export function buildOf(state: DeliveryState, key: string, hash: string | undefined): Rendered | undefined {
  const builds = [...(state.applied ? [state.applied] : []), ...state.olds];
  return builds.find((build) => build.objects.some((object) => object.key === key && object.hash === hash));
}

function neededBuilds(olds: readonly Rendered[], held: readonly HeldChange[], managed: ManagedObjects): Rendered[] {
  const missing = new Map(
    held.flatMap(({ ref }): [string, string][] => {
      const hash = managed.get(refKey(ref))?.baseline?.desiredHash;
      return hash === undefined ? [] : [[refKey(ref), hash]];
    }),
  );
  const needed: Rendered[] = [];
  for (const old of olds) {
    const found = old.objects.filter(({ key, hash }) => missing.get(key) === hash);
    if (found.length === 0 || needed.length === MAX_KEPT) continue;
    needed.push(old);
    for (const { key } of found) missing.delete(key);
  }
  return needed;
}
