// When a Deployment is healthy.

import type { Manifest } from "@plumbline/core/model";
import { conditionsOf, integerAt } from "../fields.ts";
import { type Health, current, failed, inProgress } from "../health.ts";

/** The API server's way to say that there is no deadline. */
const NO_DEADLINE = 2 ** 31 - 1;

export function deploymentRules(object: Manifest): Health {
  let progressing = integerAt(object, ["spec", "progressDeadlineSeconds"], NO_DEADLINE) === NO_DEADLINE;
  let available = false;
  for (const { type, status, reason } of conditionsOf(object)) {
    if (type === "Progressing") {
      if (reason === "ProgressDeadlineExceeded") return failed("Progress deadline exceeded");
      if (status === "True" && reason === "NewReplicaSetAvailable") progressing = true;
    } else if (type === "Available" && status === "True") {
      available = true;
    }
  }
  const behind = replicaRules(object);
  if (behind) return behind;
  if (!progressing) return inProgress("ReplicaSet not Available");
  if (!available) return inProgress("Deployment not Available");
  return current(`Deployment is available. Replicas: ${integerAt(object, ["status", "replicas"], 0)}`);
}

function replicaRules(object: Manifest): Health | undefined {
  const wanted = integerAt(object, ["spec", "replicas"], 1);
  const existing = integerAt(object, ["status", "replicas"], 0);
  const updated = integerAt(object, ["status", "updatedReplicas"], 0);
  const ready = integerAt(object, ["status", "readyReplicas"], 0);
  const available = integerAt(object, ["status", "availableReplicas"], 0);
  if (wanted > existing) return inProgress(`Replicas: ${existing}/${wanted}`);
  if (wanted > updated) return inProgress(`Updated: ${updated}/${wanted}`);
  if (existing > wanted) return inProgress(`Pending termination: ${existing - wanted}`);
  if (updated > available) return inProgress(`Available: ${available}/${updated}`);
  if (wanted > ready) return inProgress(`Ready: ${ready}/${wanted}`);
  return undefined;
}
