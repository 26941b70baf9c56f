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

/** `Revision`: new in Git; `Drift`: changed on the cluster; `Prune`: gone from Git. */
export type ChangeClass = "Revision" | "Drift" | "Prune";

export interface Change {
  ref: ObjectRef;
  action: Action;
  /** Why, in words that a person can read: "new in this revision", "prune: disabled on the object", … */
  reason: string;
  /** The desired object; absent for deletions. */
  manifest?: Manifest;
  /** Hash of the desired object, to compare with what was applied last. */
  hash?: string;
  /** Why and until when it waits; only of a held change. */
  hold?: Hold;
}

/** A change that must wait, for a window or with another change that does. */
export interface Hold {
  /** What sort of change it is; of one that may be either, the sort that is held. */
  class: ChangeClass;
  /** Why, without the time. */
  reason: string;
  /** RFC 3339 time at which it may go, when that is known. */
  until?: string;
  /** The windows that hold it, as `Kind/namespace/name`. */
  windows: readonly string[];
  /** It may go by itself, but not without a change that is held. */
  isDependent?: true;
}

/** A held change as it is told of after the run. */
export interface HeldChange extends Hold {
  ref: ObjectRef;
  /** Labels of the object, by which windows select it. */
  labels: Record<string, string>;
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
