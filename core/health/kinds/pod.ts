// When a Pod is healthy.

import { type JsonValue, type Manifest, dig, digString, isObject } from "@plumbline/core/model";
import { type Condition, conditionsOf, findCondition, textAt } from "../fields.ts";
import { generalRules } from "../general-rules.ts";
import { type Health, type HealthContext, current, failed, inProgress } from "../health.ts";

/** How long a Pod may stay unschedulable before it counts as failed. */
export const SCHEDULE_WINDOW_MS = 15_000;

/** The general rules, then those of Pods. */
export function podHealth(pod: Manifest, context: HealthContext): Health {
  return generalRules(pod) ?? podRules(pod, context);
}

export function podRules(object: Manifest, context: HealthContext): Health {
  const conditions = conditionsOf(object);
  const phase = textAt(object, ["status", "phase"], "");
  switch (phase) {
    case "Succeeded":
      return current("Pod has completed successfully");
    case "Failed":
      return current("Pod has completed, but not successfully");
    case "Running":
      return runningRule(object, conditions);
    case "Pending":
      return pendingRule(object, conditions, context.now);
    case "":
      return inProgress("Pod phase not available");
    default:
      throw new TypeError(`unknown phase ${phase}`);
  }
}

function runningRule(object: Manifest, conditions: readonly Condition[]): Health {
  if (findCondition(conditions, "Ready", "True")) return current("Pod is Ready");
  const looping = crashLooping(object);
  if (looping.length > 0) return failed(`Containers in CrashLoop state: ${looping.join(",")}`);
  return inProgress("Pod is running but is not Ready");
}

function crashLooping(object: Manifest): string[] {
  const statuses: JsonValue | undefined = dig(object, "status", "containerStatuses");
  if (!Array.isArray(statuses)) return [];
  const looping = statuses.filter(
    (status) => isObject(status) && digString(status, "state", "waiting", "reason") === "CrashLoopBackOff",
  );
  return looping.flatMap((status) => digString(status, "name") ?? []);
}

function pendingRule(object: Manifest, conditions: readonly Condition[], now: number | undefined): Health {
  const unscheduled = findCondition(conditions, "PodScheduled", "False");
  if (unscheduled?.reason !== "Unschedulable") return inProgress("Pod is in the Pending phase");
  if (now === undefined) return inProgress("Pod has not been scheduled");
  const created = Date.parse(textAt(object, ["metadata", "creationTimestamp"], ""));
  const leftMs = Number.isNaN(created) ? 0 : created + SCHEDULE_WINDOW_MS - now;
  if (leftMs > 0) return { ...inProgress("Pod has not been scheduled"), recheckAfterMs: leftMs };
  return failed("Pod could not be scheduled");
}
