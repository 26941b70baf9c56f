// The answer of a health check, and the context it may need.

import type { Manifest } from "@plumbline/core/model";

export type HealthStatus = "Current" | "InProgress" | "Failed" | "Terminating" | "Unknown" | "NotFound";

export interface Health {
  status: HealthStatus;
  /** One line for people; the words are kstatus'. */
  message: string;
  /** The answer changes with time alone: ask again after this many milliseconds. */
  recheckAfterMs?: number;
}

export interface HealthContext {
  /** Wall-clock time, milliseconds since the epoch; without it an unschedulable Pod is never taken for failed. */
  now?: number;
  /** The Pods that a StatefulSet or ReplicaSet selects: a failed one fails it early. */
  pods?: readonly Manifest[];
}

/** The rules of one kind; called after the general rules found nothing. Throws `TypeError` for malformed objects. */
export type KindRules = (object: Manifest, context: HealthContext) => Health;

export function current(message: string): Health {
  return { status: "Current", message };
}

export function inProgress(message: string): Health {
  return { status: "InProgress", message };
}

export function failed(message: string): Health {
  return { status: "Failed", message };
}
