// status.history of a Kustomization: the last few built states, newest first.

import { dig, isObject, type JsonArray, type JsonObject, type JsonValue } from "@plumbline/core/model";
import { formatDuration } from "./duration.ts";

/** As many as Flux keeps. */
export const longestHistory = 5;

export interface HistoryRecord {
  /** `sha256:<hex>` of the built manifests. */
  digest: string;
  /** The reason of the Ready condition that the run ended with. */
  status: string;
  /** RFC 3339, whole seconds. */
  at: string;
  durationMs: number;
  metadata: Record<string, string>;
}

/**
 * The history with one run more. A run whose digest and status are in it already counts there and moves to the front;
 * any other one is a new entry.
 */
export function recordRun(recorded: JsonValue | undefined, run: HistoryRecord): JsonArray {
  const history = Array.isArray(recorded) ? recorded.filter(isObject) : [];
  const known = history.find((entry) => entry.digest === run.digest && entry.lastReconciledStatus === run.status);
  const count = dig(known, "totalReconciliations");
  const entry: JsonObject = {
    digest: run.digest,
    firstReconciled: known?.firstReconciled ?? run.at,
    lastReconciled: run.at,
    lastReconciledDuration: formatDuration(run.durationMs),
    lastReconciledStatus: run.status,
    totalReconciliations: (typeof count === "number" ? count : 0) + 1,
    metadata: run.metadata,
  };
  return [entry, ...history.filter((other) => other !== known)].slice(0, longestHistory);
}
