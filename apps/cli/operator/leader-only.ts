// The cluster as the leader may use it: who no longer leads writes nothing, and deletes nothing without asking first.

import { type Clock, Failure } from "@plumbline/core/model";
import type { Kube } from "@plumbline/engine/ports";
import type { Leadership } from "./leadership.ts";

/** An answer of the API server about the lease holds for this long, so that pruning a thousand objects asks seldom. */
const CONFIRMED_MS = 1000;

/**
 * Reads and dry-runs pass. Writes are refused as soon as the lease counts as lost; an apply that is on its way by then
 * cannot be recalled and does no harm, because the next leader applies the same with the same manager. A deletion could
 * not be undone: the API server must have said within the last second that the lease is ours.
 */
export function leaderOnly(kube: Kube, leadership: Pick<Leadership, "isHeld" | "confirm">, clock: Clock): Kube {
  let confirmedAt = -Infinity;
  const write = async <T>(work: () => Promise<T>): Promise<T> => {
    if (!leadership.isHeld()) throw notLeading();
    return await work();
  };
  return {
    find: (ref, options) => kube.find(ref, options),
    watch: (options) => kube.watch(options),
    discovery: kube.discovery,
    create: (manifest, options) => write(() => kube.create(manifest, options)),
    patch: (ref, patch, options) => write(() => kube.patch(ref, patch, options)),
    apply: (manifest, options) =>
      options.dryRun === true ? kube.apply(manifest, options) : write(() => kube.apply(manifest, options)),
    delete: (ref, options) =>
      write(async () => {
        if (clock.monotonic() - confirmedAt >= CONFIRMED_MS) {
          const askedAt = clock.monotonic();
          await leadership.confirm(options?.signal);
          confirmedAt = askedAt;
        }
        return await kube.delete(ref, options);
      }),
  };
}

function notLeading(): Failure {
  return new Failure({
    reason: "ClusterUnreachable",
    message: "not written: this process leads no longer",
    hint: "Nothing need be done: the operator that leads now goes on, and this one starts over",
  });
}
