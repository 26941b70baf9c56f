// Stops a run that would delete suspiciously much, and asks.

import {
  ALLOW_PRUNE_ANNOTATION,
  type Delivery,
  Failure,
  type ObjectRef,
  type Plan,
  formatRef,
  refKey,
} from "@plumbline/core/model";
import { guardPrune } from "@plumbline/core/plan";
import { type ApplyContext, watchable } from "./apply-context.ts";

/** The message names this many objects; the rest is counted. */
const MAX_LISTED = 10;
/** 48 bits: nobody hits it by chance, and people can compare it. */
const TOKEN_LENGTH = 12;

export interface PruneGuard {
  /** Of all deliveries that say nothing themselves; undefined: none. */
  share: number | undefined;
  sha256: (text: string) => string;
}

/**
 * Throws `PruneGuarded` (retry never) when the plan deletes more than the guard lets go and nobody has allowed just
 * that. The token that allows it is made of the very objects, so it is of no use once they are gone.
 */
export async function checkPruneGuard(
  plan: Plan,
  desired: readonly ObjectRef[],
  context: ApplyContext,
  guard: PruneGuard,
): Promise<void> {
  const { delivery } = context;
  const share = delivery.pruneGuard ?? guard.share;
  const planned = plan.prune.filter(({ action }) => action === "delete").map(({ ref }) => ref);
  if (share === undefined || share === "off" || planned.length === 0) return;
  await watchAll(planned, context);
  const deletions = planned.filter((ref) => isDeleted(ref, context));
  const lost = guardPrune({ desired, inventory: delivery.inventory, deletions, share });
  if (lost.length === 0) return;
  const token = tokenOf(lost, context, guard);
  if (delivery.allowedPrune !== token) throw guarded({ delivery, lost, share, token, isEmpty: desired.length === 0 });
}

/** Whether an object exists, and which one it is, is told by its watch: also for kinds that are no longer desired. */
async function watchAll(refs: readonly ObjectRef[], context: ApplyContext): Promise<void> {
  const { managed, kube, call, delivery } = context;
  await managed.ensure(await watchable(refs, kube, call.signal), { ...call, timeoutMs: delivery.timeoutMs });
}

function isDeleted(ref: ObjectRef, { managed, call, key }: ApplyContext): boolean {
  if (managed.isBlind(ref, call.impersonate)) return true; // nobody can tell
  const tracked = managed.get(refKey(ref));
  return tracked?.exists === true && tracked.owner === key;
}

function tokenOf(lost: readonly ObjectRef[], { managed, delivery }: ApplyContext, { sha256 }: PruneGuard): string {
  const objects = lost.map((ref) => `${refKey(ref)} ${managed.get(refKey(ref))?.uid ?? ""}`).sort();
  return sha256([delivery.origin.uid, ...objects].join("\n")).slice(0, TOKEN_LENGTH);
}

interface Guarded {
  delivery: Delivery;
  lost: readonly ObjectRef[];
  share: number;
  token: string;
  isEmpty: boolean;
}

function guarded({ delivery, lost, share, token, isEmpty }: Guarded): Failure {
  const { kind, group, namespace, name } = delivery.origin;
  const names = lost.map(formatRef).sort();
  const listed = names.slice(0, MAX_LISTED).join(", ");
  const more = names.length > MAX_LISTED ? ` and ${names.length - MAX_LISTED} more` : "";
  const why = isEmpty ? "the build yields nothing" : `the guard lets ${Math.round(share * 1000) / 10}% go`;
  return new Failure({
    reason: "PruneGuarded",
    message: `would delete ${lost.length} of ${delivery.inventory.length} objects, and ${why}: ${listed}${more}; nothing was applied or deleted`,
    hint: `If just that is meant: kubectl -n ${namespace} annotate ${kind.toLowerCase()}.${group} ${name} ${ALLOW_PRUNE_ANNOTATION}=${token} --overwrite`,
    retry: "never",
  });
}
