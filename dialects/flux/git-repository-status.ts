// The status of a GitRepository after a fetch, as Flux v2.9 writes it.

import {
  type Artifact,
  dig,
  digString,
  type Failure,
  isObject,
  type JsonObject,
  type Manifest,
  own,
  type Reason,
  type SourceOutcome,
} from "@plumbline/core/model";
import { type Conditions, conditionsFrom } from "@plumbline/core/report";
import { failureText } from "./failure-text.ts";

export interface GitRepositoryRun {
  /** The object as it was last seen; its recorded status is what the new one starts from. */
  object: Manifest;
  /** What the fetch was made from. */
  source: { origin: { generation: number }; ignore: string | undefined };
  outcome: SourceOutcome;
  /** RFC 3339, whole seconds. */
  at: string;
}

/** Conditions that tell of trouble: each is there only while it holds. */
const troubles = ["StorageOperationFailed", "FetchFailed", "IncludeUnavailable", "ArtifactOutdated"];

/**
 * The whole new `status`; undefined when there is none to write. A fetch without an artifact is one whose artifact is
 * still being packed: Reconciling, and not yet Ready. observedGeneration moves only on success or when it ended for
 * good (`retry: "never"`, a Stalled condition). A failure leaves the last good artifact in place.
 */
export function gitRepositoryStatus(run: GitRepositoryRun): JsonObject | undefined {
  const { object, outcome, at } = run;
  if (outcome.kind === "finalized") return undefined;
  const recorded = isObject(object.status) ? object.status : {};
  const { generation } = run.source.origin;
  const status: JsonObject = { ...recorded };
  if (outcome.requestedAt !== undefined) status.lastHandledReconcileAt = outcome.requestedAt;
  const conditions = conditionsFrom(own(recorded, "conditions"), { generation, at });
  if (outcome.kind === "suspended") {
    reportSuspended(conditions, status, generation);
  } else if (outcome.kind === "failed") {
    reportFailure({ ...run, failure: outcome.failure, conditions, status });
  } else if (outcome.artifact) {
    reportStored(outcome.artifact, conditions);
    Object.assign(status, observed(run, outcome.artifact, status), { observedGeneration: generation });
  } else {
    reportPacking(outcome.revision, conditions, status);
  }
  const list = conditions.list();
  if (list.length > 0 || Array.isArray(own(recorded, "conditions"))) status.conditions = list;
  status.observedGeneration ??= -1;
  return status;
}

/** A Ready source stays so for its present spec, which says no more than: stand still. */
function reportSuspended(conditions: Conditions, status: JsonObject, generation: number): void {
  const ready = conditions.get("Ready");
  if (ready?.status !== "True") return;
  conditions.set({ type: "Ready", status: "True", reason: ready.reason, message: ready.message });
  status.observedGeneration = generation;
}

function reportStored(artifact: Artifact, conditions: Conditions): void {
  const message = `stored artifact for revision '${artifact.revision}'`;
  conditions.remove(...troubles, "SourceVerified", "Reconciling", "Stalled");
  conditions.set({ type: "ArtifactInStorage", status: "True", reason: "Succeeded", message });
  conditions.set({ type: "Ready", status: "True", reason: "Succeeded", message });
}

/** The artifact, and what it was made with; a repacked artifact of the same content keeps its time. */
function observed(run: GitRepositoryRun, artifact: Artifact, status: JsonObject): JsonObject {
  for (const field of [
    "includedArtifacts",
    "observedIgnore",
    "observedInclude",
    "observedRecurseSubmodules",
    "observedSparseCheckout",
    "sourceVerificationMode",
  ]) {
    delete status[field];
  }
  const before = own(status, "artifact");
  const isSame = dig(before, "digest") === artifact.digest && dig(before, "revision") === artifact.revision;
  const written: JsonObject = {
    digest: artifact.digest,
    lastUpdateTime: (isSame ? digString(before, "lastUpdateTime") : undefined) ?? artifact.lastUpdateTime,
    path: artifact.path,
    revision: artifact.revision,
    size: artifact.sizeBytes,
    url: artifact.url,
    ...(artifact.metadata && { metadata: artifact.metadata }),
  };
  return { artifact: written, ...(run.source.ignore !== undefined && { observedIgnore: run.source.ignore }) };
}

function reportPacking(revision: string, conditions: Conditions, status: JsonObject): void {
  const message = `building artifact: new upstream revision '${revision}'`;
  conditions.remove("FetchFailed", "Stalled");
  conditions.set({ type: "Reconciling", status: "True", reason: "Progressing", message });
  conditions.set({ type: "Ready", status: "Unknown", reason: "Progressing", message });
  if (digString(status, "artifact", "revision") !== undefined) {
    const outdated = `new upstream revision '${revision}'`;
    conditions.set({ type: "ArtifactOutdated", status: "True", reason: "NewRevision", message: outdated });
  }
}

const storageReasons = new Set<Reason>(["StorageOperationFailed", "ArchiveOperationFailed"]);

interface FailureReport extends GitRepositoryRun {
  failure: Failure;
  conditions: Conditions;
  status: JsonObject;
}

function reportFailure(report: FailureReport): void {
  const { failure, conditions, status } = report;
  const { reason } = failure;
  const { generation } = report.source.origin;
  const message = failureText(failure, report.object);
  conditions.remove(...troubles.slice(0, 2));
  const type = storageReasons.has(reason) ? "StorageOperationFailed" : "FetchFailed";
  conditions.set({ type, status: "True", reason, message });
  conditions.set({ type: "Ready", status: "False", reason, message });
  if (failure.retry === "never") {
    conditions.remove("Reconciling");
    conditions.set({ type: "Stalled", status: "True", reason, message });
    status.observedGeneration = generation;
    return;
  }
  conditions.remove("Stalled");
  const retried = whatIsRetried(status, generation);
  conditions.set({ type: "Reconciling", status: "True", reason: "ProgressingWithRetry", message: retried });
}

function whatIsRetried(status: JsonObject, generation: number): string {
  if (digString(status, "artifact", "revision") === undefined) return "building artifact";
  const before = dig(status, "observedGeneration");
  if (before === generation) return "reconciliation in progress";
  return `processing object: new generation ${typeof before === "number" ? before : -1} -> ${generation}`;
}
