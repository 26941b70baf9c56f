// What holds for objects of every kind: deletion, generations, the Reconciling, Stalled and Ready conditions.

import { type Manifest, dig, digString } from "@plumbline/core/model";
import { conditionsOf, generationAt } from "./fields.ts";
import { type Health, current, failed, inProgress } from "./health.ts";

/** The rules before those of the kind; undefined when they decide nothing. */
export function generalRules(object: Manifest): Health | undefined {
  const deleted = dig(object, "metadata", "deletionTimestamp");
  if (deleted !== undefined && typeof deleted !== "string") {
    throw new TypeError("metadata.deletionTimestamp is not a text");
  }
  if (deleted) return { status: "Terminating", message: "Resource scheduled for deletion" };
  const behind = generationRule(object);
  if (behind) return behind;
  for (const condition of conditionsOf(object)) {
    if (condition.status !== "True") continue;
    if (condition.type === "Reconciling") return inProgress(condition.message);
    if (condition.type === "Stalled") return failed(condition.message);
  }
  return undefined;
}

function generationRule(object: Manifest): Health | undefined {
  const wanted = generationAt(object, "metadata", "generation");
  if (wanted === undefined) return undefined;
  const observed = generationAt(object, "status", "observedGeneration");
  if (observed === undefined || observed === wanted) return undefined;
  const kind = digString(object, "kind") ?? "";
  return inProgress(`${kind} generation is ${wanted}, but latest observed generation is ${observed}`);
}

/** The rule after those of the kind: a Ready condition, else everything is fine. */
export function readyRule(object: Manifest): Health {
  for (const condition of conditionsOf(object)) {
    if (condition.type !== "Ready") continue;
    if (condition.status === "True") return current("Resource is Ready");
    if (condition.status === "False" || condition.status === "Unknown") return inProgress(condition.message);
  }
  return current("Resource is current");
}
