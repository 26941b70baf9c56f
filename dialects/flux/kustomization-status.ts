// The status of a Kustomization after a run, as Flux v2.9 writes it.

import {
  type Delivery,
  type DeliveryOutcome,
  equalJson,
  type Failure,
  isObject,
  type JsonObject,
  type Manifest,
  type Notice,
  own,
  type Reason,
} from "@plumbline/core/model";
import { type Conditions, conditionsFrom } from "@plumbline/core/report";
import { formatDuration } from "./duration.ts";
import { failureText } from "./failure-text.ts";
import { recordRun } from "./history.ts";
import { encodeInventory } from "./inventory.ts";

/** The steps of a run, in Flux's words. */
export const runSteps = {
  fetching: "Fetching manifests",
  building: "Building manifests",
  detecting: "Detecting drift",
  checking: "Running health checks",
} as const;

/** What a Reconciling condition says: `Building manifests for revision main@sha1:… with a timeout of 9m30s`. */
export function stepMessage(step: keyof typeof runSteps, revision: string, timeoutMs: number): string {
  return `${runSteps[step]} for revision ${revision} with a timeout of ${formatDuration(timeoutMs)}`;
}

export interface KustomizationRun {
  /** The object as it was last seen; its recorded status is what the new one starts from. */
  object: Manifest;
  /** What the run was made from: its generation is the one that is reported. */
  delivery: Pick<Delivery, "timeoutMs"> & { origin: { generation: number } };
  outcome: DeliveryOutcome;
  /** RFC 3339, whole seconds. */
  at: string;
}

/**
 * The whole new `status`; undefined when there is nothing to tell. observedGeneration moves only when the run succeeded
 * or ended for good (`retry: "never"`, a Stalled condition); Reconciling and Stalled are there only while they hold.
 */
export function kustomizationStatus(run: KustomizationRun): JsonObject | undefined {
  const { object, outcome, at } = run;
  if (outcome.kind === "finalized") return undefined;
  const recorded = isObject(object.status) ? object.status : {};
  const { generation } = run.delivery.origin;
  const status: JsonObject = { ...recorded };
  if (outcome.requestedAt !== undefined) status.lastHandledReconcileAt = outcome.requestedAt;
  if (outcome.inventory) status.inventory = { entries: encodeInventory(outcome.inventory) };
  const conditions = conditionsFrom(own(recorded, "conditions"), { generation, at });
  if (outcome.kind === "progressing") reportProgress(conditions, outcome.step);
  else if (outcome.kind === "applied") reportApplied({ ...run, status, conditions, outcome });
  else if (outcome.kind === "held") reportHeld({ ...run, status, conditions, outcome });
  else if (outcome.kind === "failed") reportFailure({ ...run, status, conditions, outcome });
  else if (outcome.kind === "suspended") reportSuspended({ ...run, status, conditions, outcome });
  if (outcome.notices) reportNotices(conditions, outcome.notices, outcome.keptNotices);
  const list = conditions.list();
  if (list.length > 0 || Array.isArray(own(recorded, "conditions"))) status.conditions = list;
  status.observedGeneration ??= -1;
  const foundNothing = outcome.kind === "applied" && outcome.done.length === 0;
  return foundNothing && isSameButForTheRun(recorded, status) ? undefined : status;
}

/**
 * A run that found everything as it was says nothing: when it ran and how long it took is no state, and a start of the
 * program would write as many statuses as there are objects.
 */
function isSameButForTheRun(recorded: JsonObject, status: JsonObject): boolean {
  return equalJson(withoutRun(recorded), withoutRun(status));
}

function withoutRun(status: JsonObject): JsonObject {
  const conditions = Array.isArray(status.conditions) ? status.conditions.filter(isObject) : [];
  const [newest] = Array.isArray(status.history) ? status.history.filter(isObject) : [];
  return {
    ...status,
    conditions: conditions.map(({ message, lastTransitionTime: _time, ...rest }) =>
      rest.type === "Healthy" ? rest : { ...rest, message: message ?? "" },
    ),
    history: [newest?.digest ?? "", newest?.lastReconciledStatus ?? "", newest?.metadata ?? {}],
  };
}

interface Report<Kind extends DeliveryOutcome["kind"]> extends KustomizationRun {
  status: JsonObject;
  conditions: Conditions;
  outcome: Extract<DeliveryOutcome, { kind: Kind }>;
}

/** Whatever depends on it asks whether it is Ready for its present spec, and that says no more than: stand still. */
function reportSuspended({ status, conditions, delivery }: Report<"suspended">): void {
  if (conditions.get("Ready")?.status !== "True") return;
  conditions.remove("Reconciling");
  status.observedGeneration = delivery.origin.generation;
}

function reportProgress(conditions: Conditions, step: string): void {
  conditions.remove("Stalled");
  conditions.set({ type: "Ready", status: "Unknown", reason: "Progressing", message: "Reconciliation in progress" });
  conditions.set({ type: "Reconciling", status: "True", reason: "Progressing", message: step });
  if (step.startsWith(runSteps.checking)) {
    conditions.set({ type: "Healthy", status: "Unknown", reason: "Progressing", message: step });
  }
}

function reportApplied(report: Report<"applied">): void {
  const { status, conditions, outcome } = report;
  const revision = outcome.revision ?? "";
  conditions.remove("Reconciling", "Stalled");
  conditions.set({
    type: "Ready",
    status: "True",
    reason: "ReconciliationSucceeded",
    message: `Applied revision: ${revision}`,
  });
  if (outcome.checkedHealth) {
    const message = `Health check passed in ${formatDuration(outcome.durationMs)}`;
    conditions.set({ type: "Healthy", status: "True", reason: "Succeeded", message });
  } else {
    conditions.remove("Healthy");
  }
  status.observedGeneration = report.delivery.origin.generation;
  status.lastAttemptedRevision = revision;
  status.lastAppliedRevision = revision;
  delete status.lastAppliedOriginRevision;
  addHistory(report, "ReconciliationSucceeded");
}

/** Held is neither failed nor done: Ready speaks of the last revision that was applied in full. */
function reportHeld(report: Report<"held">): void {
  const { status, conditions, outcome } = report;
  const applied = typeof status.lastAppliedRevision === "string" ? status.lastAppliedRevision : undefined;
  conditions.remove("Reconciling", "Stalled");
  if (applied === undefined) {
    const message = "No revision has been applied in full yet: changes wait for a maintenance window";
    conditions.set({ type: "Ready", status: "Unknown", reason: "MaintenanceWindow", message });
  } else {
    const message = `Applied revision: ${applied}`;
    conditions.set({ type: "Ready", status: "True", reason: "ReconciliationSucceeded", message });
  }
  if (outcome.checkedHealth && conditions.get("Healthy")?.status !== "True") {
    const message = `Health check passed in ${formatDuration(outcome.durationMs)}`;
    conditions.set({ type: "Healthy", status: "True", reason: "Succeeded", message });
  }
  status.observedGeneration = report.delivery.origin.generation;
  if (outcome.revision !== undefined) status.lastAttemptedRevision = outcome.revision;
}

/** Conditions of ours that Flux does not know; each is there only while it holds. */
const noticeTypes = ["Contested", "HandingOver", "Held", "Override"] as const;

function reportNotices(conditions: Conditions, notices: readonly Notice[], kept: readonly Notice["type"][] = []): void {
  for (const type of noticeTypes) {
    const found = notices.filter((notice) => notice.type === type);
    const [first] = found;
    const message = found.map((notice) => notice.message).join(". ");
    if (first) conditions.set({ type, status: first.status ?? "True", reason: first.reason, message });
    else if (!kept.includes(type)) conditions.remove(type);
  }
}

/** In which step each reason is met; those that are not listed come before the first step. */
const stepOfReason: Partial<Record<Reason, keyof typeof runSteps>> = {
  ArtifactFailed: "fetching",
  InvalidPath: "fetching",
  BuildFailed: "building",
  YamlInvalid: "building",
  LimitExceeded: "building",
  ReconciliationFailed: "detecting",
  PruneFailed: "detecting",
  PruneGuarded: "detecting",
  Conflict: "detecting",
  AccessDenied: "detecting",
  HealthCheckFailed: "checking",
  HealthCheckCanceled: "checking",
};

/** Runs that end so were applied, at least in part: they stand in the history. */
const historicReasons = new Set<Reason>(["ReconciliationFailed", "PruneFailed", "HealthCheckFailed"]);

/** What the API server says to an object has many reasons, and one word in a Kustomization: whatever was built was not applied. */
const ofTheApiServer = new Set<Reason>([
  "NotFound",
  "Conflict",
  "AccessDenied",
  "ClusterUnreachable",
  "Internal",
  "UsageError",
]);

function reasonOf({ failure, digest }: { failure: Failure; digest: string | undefined }): Reason {
  return digest !== undefined && ofTheApiServer.has(failure.reason) ? "ReconciliationFailed" : failure.reason;
}

function reportFailure(report: Report<"failed">): void {
  const { status, conditions, outcome } = report;
  const { failure, revision } = outcome;
  const reason = reasonOf(outcome);
  const step = stepOfReason[reason];
  const text = failureText(failure, report.object);
  const unhealthy = outcome.unhealthy && failure.reason !== "HealthCheckCanceled";
  const message = unhealthy ? `health check failed after ${formatDuration(outcome.durationMs)}: ${text}` : text;
  conditions.set({ type: "Ready", status: "False", reason, message });
  if (unhealthy) conditions.set({ type: "Healthy", status: "False", reason, message: text });
  if (revision !== undefined && step !== undefined && step !== "fetching") status.lastAttemptedRevision = revision;
  if (failure.retry === "never") {
    conditions.remove("Reconciling");
    conditions.set({ type: "Stalled", status: "True", reason, message });
    status.observedGeneration = report.delivery.origin.generation;
  } else {
    retryLater(report, step, failure);
  }
  if (historicReasons.has(reason)) addHistory(report, reason);
}

function retryLater(report: Report<"failed">, step: keyof typeof runSteps | undefined, failure: Failure): void {
  const { conditions, outcome } = report;
  conditions.remove("Stalled");
  const before = conditions.get("Reconciling");
  const message =
    step === undefined || outcome.revision === undefined
      ? before?.message
      : stepMessage(step, outcome.revision, report.delivery.timeoutMs);
  if (message === undefined || failure.reason === "DependencyNotReady") return conditions.remove("Reconciling");
  conditions.set({ type: "Reconciling", status: "True", reason: "ProgressingWithRetry", message });
}

function addHistory(report: Report<"applied"> | Report<"failed">, reason: string): void {
  const { status, outcome, at } = report;
  if (outcome.digest === undefined) return;
  status.history = recordRun(own(status, "history"), {
    digest: outcome.digest,
    status: reason,
    at,
    durationMs: outcome.durationMs,
    metadata: outcome.revision === undefined ? {} : { revision: outcome.revision },
  });
}
