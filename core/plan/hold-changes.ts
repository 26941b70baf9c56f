// Marks the changes of a plan that must wait for a window, and those that cannot go without them.

import {
  type Change,
  type ChangeClass,
  type Hold,
  type ObjectRef,
  type Plan,
  dig,
  digString,
  formatRef,
  refKey,
} from "@plumbline/core/model";
import { isCrd, isNamespace } from "./order.ts";

export interface HoldRules {
  /** Of which classes a change may be; of several when that cannot be told: each must then be free to go. */
  classesOf: (change: Change) => readonly ChangeClass[];
  /** Undefined: it may go. */
  hold: (change: Change, changeClass: ChangeClass) => Omit<Hold, "class"> | undefined;
  /** Whether an object is in the cluster; asked of held Namespaces and CustomResourceDefinitions only. */
  exists: (ref: ObjectRef) => boolean;
}

/**
 * Turns changes into `held` in place, in the stages from `from` on and in the deletions; never the other way round.
 * What needs a held change is held with it: the objects of a new Namespace, the new or changed objects of a
 * CustomResourceDefinition, and the deletion of a Namespace or definition that would take a held object along. Nothing
 * is deleted while something of the new revision waits: what stays as it was may still need what the revision drops.
 */
export function holdChanges(plan: Plan, rules: HoldRules, from = 0): void {
  const changes = plan.stages.slice(from).flatMap((stage) => stage.changes);
  for (const change of [...changes, ...plan.prune]) {
    if (!isPending(change)) continue;
    for (const changeClass of rules.classesOf(change)) {
      const hold = rules.hold(change, changeClass);
      if (hold) holdChange(change, { ...hold, class: changeClass });
    }
  }
  const all = plan.stages.flatMap((stage) => stage.changes);
  for (const base of all) if (base.hold) holdDependents(base, changes, rules);
  for (const change of plan.prune) if (isPending(change)) holdContainer(change, [...all, ...plan.prune]);
  const waiting = lastToGo(all.filter(({ hold }) => hold?.class === "Revision"));
  if (waiting) for (const change of plan.prune) if (isPending(change)) holdLeftover(change, waiting);
}

/** The held changes of a plan, in its order. */
export function heldChanges(plan: Plan): (Change & { hold: Hold })[] {
  const all = [...plan.stages.flatMap((stage) => stage.changes), ...plan.prune];
  return all.filter((change): change is Change & { hold: Hold } => change.hold !== undefined);
}

/** It would write or delete. */
export function isPending(change: Change): boolean {
  return change.action === "create" || change.action === "update" || change.action === "delete";
}

function holdChange(change: Change, hold: Hold): void {
  if (change.hold) return;
  change.action = "held";
  change.reason = hold.reason;
  change.hold = hold;
}

function holdDependents(base: Change, changes: readonly Change[], rules: HoldRules): void {
  const { hold, ref } = base;
  if (!hold || !(isNamespace(ref) || isCrd(ref))) return;
  const isThere = rules.exists(ref);
  if (isNamespace(ref) && isThere) return;
  for (const change of changes) {
    if (!isPending(change) || !needs(change, base)) continue;
    // The definition that is there still serves what is only put right.
    const classes = rules.classesOf(change);
    if (isThere && !classes.includes("Revision")) continue;
    const reason = `needs ${formatRef(ref)}, which is held: ${hold.reason}`;
    holdChange(change, { ...hold, class: classes[0] ?? hold.class, reason, isDependent: true });
  }
}

function needs(change: Change, base: Change): boolean {
  if (isNamespace(base.ref)) return change.ref.namespace === base.ref.name;
  const group = digString(base.manifest, "spec", "group");
  const kind = digString(dig(base.manifest, "spec", "names"), "kind");
  return change.ref.group === group && change.ref.kind === kind;
}

/** Deleting a Namespace deletes what is in it, deleting a definition all objects of its kind. */
function holdContainer(change: Change, all: readonly Change[]): void {
  const { ref } = change;
  const isInside = (other: Change): boolean => {
    if (isNamespace(ref)) return other.ref.namespace === ref.name;
    return isCrd(ref) && other.ref.group === ref.name.slice(ref.name.indexOf(".") + 1);
  };
  const inside = all.find((other) => other.hold && refKey(other.ref) !== refKey(ref) && isInside(other));
  if (!inside?.hold) return;
  const reason = `would delete ${formatRef(inside.ref)}, which is held: ${inside.hold.reason}`;
  holdChange(change, { ...inside.hold, class: "Prune", reason, isDependent: true });
}

/** Of several the one without a known time, else the one with the latest. */
function lastToGo(changes: readonly Change[]): Change | undefined {
  return changes.reduce<Change | undefined>((last, change) => {
    if (!last || last.hold?.until === undefined) return last ?? change;
    const { until } = change.hold ?? {};
    return until === undefined || Date.parse(until) > Date.parse(last.hold.until) ? change : last;
  }, undefined);
}

/** The ConfigMap that a held Deployment still mounts, the Deployment whose held successor is not there yet. */
function holdLeftover(change: Change, waiting: Change): void {
  const { hold } = waiting;
  if (!hold) return;
  const reason = `may be needed until ${formatRef(waiting.ref)} changes, which is held: ${hold.reason}`;
  holdChange(change, { ...hold, class: "Prune", reason, isDependent: true });
}
