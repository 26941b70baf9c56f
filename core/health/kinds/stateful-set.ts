// When a StatefulSet is healthy.

import type { Manifest } from "@plumbline/core/model";
import { integerAt, textAt } from "../fields.ts";
import { type Health, type HealthContext, current, inProgress } from "../health.ts";
import { failedPods } from "./failed-pods.ts";

/** With pods in the context, one that failed for good fails the set early, as Flux does. */
export function statefulSetRules(object: Manifest, context: HealthContext): Health {
  return failedPods(statefulSetStatus(object), context);
}

function statefulSetStatus(object: Manifest): Health {
  if (textAt(object, ["spec", "updateStrategy", "type"], "") === "OnDelete") {
    return current("StatefulSet is using the ondelete update strategy");
  }
  const wanted = integerAt(object, ["spec", "replicas"], 1);
  const existing = integerAt(object, ["status", "replicas"], 0);
  const ready = integerAt(object, ["status", "readyReplicas"], 0);
  if (wanted > existing) return inProgress(`Replicas: ${existing}/${wanted}`);
  if (wanted > ready) return inProgress(`Ready: ${ready}/${wanted}`);
  if (existing > wanted) return inProgress(`Pending termination: ${existing - wanted}`);
  const partition = integerAt(object, ["spec", "updateStrategy", "rollingUpdate", "partition"], -1);
  return partition === -1 ? revisionRule(object, wanted, existing) : partitionRule(object, wanted - partition);
}

function partitionRule(object: Manifest, beyond: number): Health {
  const updated = integerAt(object, ["status", "updatedReplicas"], 0);
  if (updated < beyond) return inProgress(`updated: ${updated}/${beyond}`);
  return current(`Partition rollout complete. updated: ${updated}`);
}

function revisionRule(object: Manifest, wanted: number, existing: number): Health {
  const now = integerAt(object, ["status", "currentReplicas"], 0);
  if (wanted > now) return inProgress(`current: ${now}/${wanted}`);
  const revision = textAt(object, ["status", "currentRevision"], "");
  if (revision !== textAt(object, ["status", "updateRevision"], "")) {
    return inProgress("Waiting for updated revision to match current");
  }
  return current(`All replicas scheduled as expected. Replicas: ${existing}`);
}
