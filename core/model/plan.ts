// The plan: everything a run will do, as a value that is shown, compared, approved and applied.

import type { Manifest, ObjectRef } from "./manifest.ts";

export type Action =
  /** The object does not exist. */
  | "create"
  /** It exists and differs, or nothing is known of it. */
  | "update"
  /** It is as desired: nothing is sent. */
  | "keep"
  /** Its own annotations, or ours, say to leave it alone. */
  | "skip"
  /** It is in the inventory and no longer desired. */
  | "delete"
  /** It must wait for a maintenance window. */
  | "held";

export interface Change {
  ref: ObjectRef;
  action: Action;
  /** Why, in words that a person can read: "new in this revision", "prune: disabled on the object", … */
  reason: string;
  /** The desired object; absent for deletions. */
  manifest?: Manifest;
  /** Hash of the desired object, to compare with what was applied last. */
  hash?: string;
  /** RFC 3339 time until which a held change waits, when it is known. */
  until?: string;
}

/** Stages are written one after the other; `wait` means that the next one needs this one's objects to be ready. */
export interface Stage {
  name: "definitions" | "classes" | "custom" | "objects";
  wait: boolean;
  changes: Change[];
}

export interface Plan {
  stages: Stage[];
  /** Deletions and the objects kept out of them, in the order in which they are carried out. */
  prune: Change[];
}

export interface PlanCounts {
  create: number;
  update: number;
  keep: number;
  skip: number;
  delete: number;
  held: number;
}

/** How many objects of each action; the first line of every printed plan. */
export function countPlan(plan: Plan): PlanCounts {
  const counts: PlanCounts = { create: 0, update: 0, keep: 0, skip: 0, delete: 0, held: 0 };
  for (const change of [...plan.stages.flatMap((stage) => stage.changes), ...plan.prune]) counts[change.action]++;
  return counts;
}
