// Would a plan delete suspiciously much? Pure.

import { type InventoryEntry, type ObjectRef, refKey } from "@plumbline/core/model";

export interface PruneGuardInput {
  desired: readonly ObjectRef[];
  inventory: readonly InventoryEntry[];
  /** Those of the inventory that the plan deletes. */
  deletions: readonly ObjectRef[];
  /** Part of the inventory that may go at once, from 0 to 1; with 1 only a build that yields nothing is stopped. */
  share: number;
}

/** `ConfigMap/app-config-5h2k9fm7tc`: kustomize's content hash at the end of a generated name. */
const GENERATED = /-[2456789bcdfghkmt]{10}$/;

/**
 * The deletions to ask about; empty when there is nothing to ask. A generated object whose successor with another
 * content hash is in the same plan is not lost, and does not count.
 */
export function guardPrune({ desired, inventory, deletions, share }: PruneGuardInput): ObjectRef[] {
  const known = new Set(inventory.map(refKey));
  const successors = new Set(desired.filter((ref) => !known.has(refKey(ref))).map(generatedKey));
  const lost = deletions.filter((ref) => !GENERATED.test(ref.name) || !successors.has(generatedKey(ref)));
  if (lost.length === 0) return [];
  return desired.length === 0 || lost.length > share * inventory.length ? lost : [];
}

function generatedKey(ref: ObjectRef): string {
  return refKey({ ...ref, name: ref.name.replace(GENERATED, "") });
}

/** `30%` as 0.3; undefined for anything that is no percentage from 0 to 100. */
export function parseShare(text: string): number | undefined {
  const percent = /^\s*(\d{1,3}(?:\.\d+)?)\s*%\s*$/.exec(text)?.[1];
  const share = Number(percent) / 100;
  return percent === undefined || share > 1 ? undefined : share;
}
