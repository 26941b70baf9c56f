// A workload that is not ready yet and has Pods that failed for good has failed.

import { type Manifest, digString } from "@plumbline/core/model";
import { conditionsOf } from "../fields.ts";
import { type Health, type HealthContext, failed } from "../health.ts";
import { podHealth } from "./pod.ts";

/** Turns an InProgress answer into Failed when the context has failed Pods that no autoscaler or rollout explains. */
export function failedPods(health: Health, context: HealthContext): Health {
  if (health.status !== "InProgress" || !context.pods) return health;
  const count = context.pods.filter((pod) => isFailed(pod, context)).length;
  return count === 0 ? health : failed(`${count} pods have failed`);
}

function isFailed(pod: Manifest, context: HealthContext): boolean {
  if (digString(pod, "metadata", "deletionTimestamp") !== undefined) return false;
  if (podHealth(pod, context).status !== "Failed") return false;
  return !conditionsOf(pod).some(
    ({ type, status, reason }) => type === "PodScheduled" && status === "False" && reason === "Unschedulable",
  );
}
