// Is this object what it was asked to be? The rules of kstatus, as Flux applies them.

import { type Manifest, gvkOf } from "@plumbline/core/model";
import { generalRules, readyRule } from "./general-rules.ts";
import { type Health, type HealthContext, type KindRules, current } from "./health.ts";
import { customResourceDefinitionRules } from "./kinds/custom-resource-definition.ts";
import { daemonSetRules } from "./kinds/daemon-set.ts";
import { deploymentRules } from "./kinds/deployment.ts";
import { jobRules } from "./kinds/job.ts";
import { persistentVolumeClaimRules } from "./kinds/persistent-volume-claim.ts";
import { podRules } from "./kinds/pod.ts";
import { replicaSetRules } from "./kinds/replica-set.ts";
import { serviceRules } from "./kinds/service.ts";
import { statefulSetRules } from "./kinds/stateful-set.ts";

const alwaysReady: KindRules = () => current("Resource is always ready");

/** Rules by `group/kind`; the core group has none. */
const kinds = new Map<string, KindRules>([
  ["Service", serviceRules],
  ["Pod", podRules],
  ["Secret", alwaysReady],
  ["ConfigMap", alwaysReady],
  ["PersistentVolumeClaim", persistentVolumeClaimRules],
  ["apps/StatefulSet", statefulSetRules],
  ["apps/DaemonSet", daemonSetRules],
  ["extensions/DaemonSet", daemonSetRules],
  ["apps/Deployment", deploymentRules],
  ["extensions/Deployment", deploymentRules],
  ["apps/ReplicaSet", replicaSetRules],
  ["extensions/ReplicaSet", replicaSetRules],
  ["policy/PodDisruptionBudget", () => current("AllowedDisruptions has been computed.")],
  ["batch/CronJob", alwaysReady],
  ["apiextensions.k8s.io/CustomResourceDefinition", customResourceDefinitionRules],
]);

/**
 * The health of a live object (with its status) by kstatus' rules (cli-utils 1.4) and Flux's own for Jobs (a Job must
 * complete). Kinds without rules are healthy unless a Ready, Reconciling or Stalled condition says otherwise. Never
 * throws: a malformed object is `Unknown`, with the reason as its message. `NotFound` is for callers that found none.
 */
export function healthOf(object: Manifest, context: HealthContext = {}): Health {
  try {
    const { group, kind } = gvkOf(object);
    const key = group === "" ? kind : `${group}/${kind}`;
    if (key === "batch/Job") return jobRules(object);
    return generalRules(object) ?? kinds.get(key)?.(object, context) ?? readyRule(object);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { status: "Unknown", message: error.message };
  }
}
