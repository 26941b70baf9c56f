// Which deliveries a commit touches.

import { isUnchanged } from "@plumbline/core/render";
import type { SourceRevision } from "../source/revision.ts";
import type { DeliveryState } from "./delivery-state.ts";

/** Those whose last build would be another one at this revision; none where that cannot be told. */
export async function touchedBy(
  revision: SourceRevision | undefined,
  states: Iterable<DeliveryState>,
): Promise<ReadonlySet<DeliveryState>> {
  if (!revision) return new Set();
  try {
    return await revision.with(async (snapshot) => {
      const isTouched = ({ applied }: DeliveryState): boolean =>
        applied !== undefined && !isUnchanged(applied.trace, snapshot);
      return new Set([...states].filter(isTouched));
    });
  } catch {
    return new Set(); // the runs tell what is wrong with the cache
  }
}
