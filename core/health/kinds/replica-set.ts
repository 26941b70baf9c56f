// When a ReplicaSet is healthy.

import type { Manifest } from "@plumbline/core/model";
import { conditionsOf, findCondition, integerAt } from "../fields.ts";
import { type Health, type HealthContext, current, inProgress } from "../health.ts";
import { failedPods } from "./failed-pods.ts";

/** With pods in the context, one that failed for good fails the set early, as Flux does. */
export function replicaSetRules(object: Manifest, context: HealthContext): Health {
  return failedPods(replicaSetStatus(object), context);
}

function replicaSetStatus(object: Manifest): Health {
  if (findCondition(conditionsOf(object), "ReplicaFailure", "True")) {
    return inProgress("Replica Failure condition. Check Pods");
  }
  const wanted = integerAt(object, ["spec", "replicas"], 1);
  const existing = integerAt(object, ["status", "replicas"], 0);
  const ready = integerAt(object, ["status", "readyReplicas"], 0);
  const available = integerAt(object, ["status", "availableReplicas"], 0);
  const labelled = integerAt(object, ["status", "fullyLabeledReplicas"], 0);
  if (wanted > labelled) return inProgress(`Labelled: ${labelled}/${wanted}`);
  if (wanted > available) return inProgress(`Available: ${available}/${wanted}`);
  if (wanted > ready) return inProgress(`Ready: ${ready}/${wanted}`);
  if (existing > wanted) return inProgress(`Pending termination: ${existing - wanted}`);
  return current(`ReplicaSet is available. Replicas: ${existing}`);
}
