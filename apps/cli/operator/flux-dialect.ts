// Flux's objects as the engine's dialect: reading, status, events in Flux's words.

import {
  cleanText,
  type Delivery,
  type DeliveryOutcome,
  dig,
  digString,
  type Done,
  formatFailure,
  formatRef,
  formatTime,
  isObject,
  type JsonObject,
  type Manifest,
  metadataMap,
  type NamedRef,
  type Repair,
  type SourceOutcome,
} from "@plumbline/core/model";
import { statusPatch } from "@plumbline/core/report";
import {
  fluxControllerWarning,
  formatDuration,
  gitRepositoryStatus,
  kustomizationStatus,
  objectControls,
  readGitRepository,
  readKustomization,
  requestAnnotation,
  runSteps,
} from "@plumbline/dialects/flux";
import type { Dialect, EventText, Written } from "@plumbline/engine/ports";

const OWNER = "kustomize.toolkit.fluxcd.io";
const SOURCE = "source.toolkit.fluxcd.io";
/** Kubernetes refuses events whose message is longer than this. */
const MAX_EVENT_MESSAGE = 1024;

export const fluxDialect: Dialect = {
  sourceKind: { group: "source.toolkit.fluxcd.io", kind: "GitRepository", version: "v1" },
  deliveryKind: { group: OWNER, kind: "Kustomization", version: "v1" },
  finalizer: "finalizers.fluxcd.io",
  managers: {
    apply: "kustomize-controller",
    deliveryStatus: "gotk-kustomize-controller",
    sourceStatus: "source-controller",
  },
  ownerSelector: `${OWNER}/name`,
  ownerLabels: (delivery) => ({ [`${OWNER}/name`]: delivery.name, [`${OWNER}/namespace`]: delivery.namespace }),
  ownerOf: (object): NamedRef | undefined => {
    const labels = metadataMap(object, "labels");
    const name = labels[`${OWNER}/name`];
    const namespace = labels[`${OWNER}/namespace`];
    return name === undefined || namespace === undefined ? undefined : { kind: "Kustomization", namespace, name };
  },
  readSource: readGitRepository,
  readDelivery,
  requestOf: (object) => metadataMap(object, "annotations")[requestAnnotation],
  readControls: objectControls,
  rivalWarning: fluxControllerWarning,
  writeSource,
  writeDelivery,
  repairEvents,
};

function written(object: Manifest, status: JsonObject | undefined, events: EventText[]): Written {
  const recorded = isObject(object.status) ? object.status : undefined;
  const patch = status && statusPatch(recorded, status);
  const body = patch?.status;
  return { status: isObject(body) ? body : undefined, events: events.map(shortened) };
}

function shortened(event: EventText): EventText {
  const message = cleanText(event.message);
  return {
    ...event,
    message: message.length <= MAX_EVENT_MESSAGE ? message : `${message.slice(0, MAX_EVENT_MESSAGE - 1)}…`,
  };
}

function generationOf(object: Manifest): number {
  const found = isObject(object.metadata) ? object.metadata.generation : undefined;
  return typeof found === "number" ? found : 0;
}

function writeSource(object: Manifest, outcome: SourceOutcome, nowMs: number): Written {
  const spec = isObject(object.spec) ? object.spec : {};
  const ignore = typeof spec.ignore === "string" ? spec.ignore : undefined;
  const source = { origin: { generation: generationOf(object) }, ignore };
  const status = gitRepositoryStatus({ object, source, outcome, at: formatTime(nowMs) });
  const result = written(object, status, sourceEvents(object, outcome));
  return { ...result, events: isNews(object, result.status, outcome) ? result.events : [] };
}

/** A poll that found nothing new, or the same failure again, is no event. */
function isNews(object: Manifest, patch: JsonObject | undefined, outcome: SourceOutcome): boolean {
  if (!patch) return false;
  if (outcome.kind === "fetched") return patch.artifact !== undefined || isFailing(object);
  return readyMessage(object) !== readyMessage({ status: patch });
}

function readyMessage(object: Manifest): string | undefined {
  return conditionMessage(object, "Ready");
}

function conditionMessage(object: Manifest, type: string): string | undefined {
  return digString(conditionOf(object, type), "message");
}

function conditionOf(object: Manifest, type: string): JsonObject | undefined {
  const conditions = isObject(object.status) ? object.status.conditions : undefined;
  if (!Array.isArray(conditions)) return undefined;
  const found = conditions.find((condition) => isObject(condition) && condition.type === type);
  return isObject(found) ? found : undefined;
}

function isFailing(object: Manifest): boolean {
  return conditionOf(object, "Ready")?.status === "False";
}

function sourceEvents(object: Manifest, outcome: SourceOutcome): EventText[] {
  if (outcome.kind === "failed") {
    return [{ type: "Warning", reason: outcome.failure.reason, message: formatFailure(outcome.failure) }];
  }
  if (outcome.kind !== "fetched" || !outcome.artifact) return [];
  const { revision, digest } = outcome.artifact;
  const annotations = { [`${SOURCE}/revision`]: revision, [`${SOURCE}/digest`]: digest };
  if (dig(object, "status", "artifact", "revision") === revision && isFailing(object)) {
    return [{ type: "Normal", reason: "Succeeded", message: `stored artifact for commit '${revision}'`, annotations }];
  }
  const what =
    outcome.commitSubject === undefined ? `revision '${outcome.revision}'` : `commit '${outcome.commitSubject}'`;
  return [{ type: "Normal", reason: "NewArtifact", message: `stored artifact for ${what}`, annotations }];
}

function writeDelivery(object: Manifest, outcome: DeliveryOutcome, nowMs: number): Written {
  const delivery = deliveryFacts(object);
  const told =
    outcome.kind === "progressing" ? { ...outcome, step: progressText(outcome, delivery.timeoutMs) } : outcome;
  const status = kustomizationStatus({ object, delivery, outcome: told, at: formatTime(nowMs) });
  const { status: patch } = written(object, status, []);
  const events = [
    ...deliveryEvents(object, outcome, patch, delivery),
    ...noticeEvents(object, outcome, patch),
    ...warningEvents(outcome),
  ];
  return { status: patch, events: events.map(shortened) };
}

function progressText(outcome: Extract<DeliveryOutcome, { kind: "progressing" }>, timeoutMs: number): string {
  const step = outcome.step === runSteps.checking ? runSteps.checking : runSteps.detecting;
  return `${step} for revision ${outcome.revision ?? ""} with a timeout of ${formatDuration(timeoutMs)}`;
}

/** An object is read when it comes and for each status that is written of it; nobody changes one in place. */
const readAlready = new WeakMap<Manifest, Delivery>();

function readDelivery(object: Manifest): Delivery {
  const known = readAlready.get(object);
  if (known) return known;
  const delivery = readKustomization(object);
  readAlready.set(object, delivery);
  return delivery;
}

/** A Kustomization that cannot be read still gets a status. */
function deliveryFacts(
  object: Manifest,
): Pick<Delivery, "timeoutMs" | "intervalMs"> & { origin: { generation: number } } {
  try {
    return readDelivery(object);
  } catch {
    return { origin: { generation: generationOf(object) }, timeoutMs: 0, intervalMs: 0 };
  }
}

function deliveryEvents(
  object: Manifest,
  outcome: DeliveryOutcome,
  patch: JsonObject | undefined,
  delivery: { intervalMs: number },
): EventText[] {
  if (outcome.kind === "failed") {
    const isRepeated = !patch || readyMessage(object) === readyMessage({ status: patch });
    if (isRepeated) return [];
    const isWaiting = outcome.failure.reason === "DependencyNotReady";
    const message = readyMessage({ status: patch }) ?? formatFailure(outcome.failure);
    const type = isWaiting ? "Normal" : "Warning";
    const reason = digString(conditionOf({ status: patch }, "Ready"), "reason") ?? outcome.failure.reason;
    return [{ type, reason, message, annotations: revisionOf(outcome) }];
  }
  if ((outcome.kind !== "applied" && outcome.kind !== "held") || !patch) return [];
  const annotations = revisionOf(outcome);
  const progress = progressMessages(object, outcome, patch);
  const events = progress.map((message): EventText => {
    return { type: "Normal", reason: "Progressing", message, annotations };
  });
  if (outcome.kind === "held") return events;
  const isAsked = patch.lastHandledReconcileAt !== undefined || patch.observedGeneration !== undefined;
  if (events.length === 0 && !isAsked && wasReady(object)) return [];
  const finished = `Reconciliation finished in ${formatDuration(outcome.durationMs)}, next run in ${formatDuration(delivery.intervalMs)}`;
  const told = { ...annotations, [`${OWNER}/commit_status`]: "update" };
  events.push({ type: "Normal", reason: "ReconciliationSucceeded", message: finished, annotations: told });
  return events;
}

/** A thousand applications of one repository move to each of its commits: for those it does not touch that is no news. */
function wasReady(object: Manifest): boolean {
  return conditionOf(object, "Ready")?.status === "True";
}

function revisionOf({ revision }: { revision: string | undefined }): Record<string, string> {
  return revision === undefined ? {} : { [`${OWNER}/revision`]: revision };
}

/** What was written, what was deleted, and health where that is news: after trouble, or of another revision. */
function progressMessages(
  object: Manifest,
  outcome: Extract<DeliveryOutcome, { kind: "applied" | "held" }>,
  patch: JsonObject,
): string[] {
  const { done, revision, checkedHealth } = outcome;
  const lists = [done.filter(({ did }) => did !== "deleted"), done.filter(({ did }) => did === "deleted")];
  const messages = lists.filter((list) => list.length > 0).map(changeList);
  const wasHealthy = conditionOf(object, "Healthy")?.status === "True";
  const isOther = digString(object, "status", "lastAppliedRevision") !== revision && done.length > 0;
  const health = checkedHealth && (!wasHealthy || isOther) ? conditionMessage({ status: patch }, "Healthy") : undefined;
  return health === undefined ? messages : [...messages, health];
}

function warningEvents({ kind, warnings = [] }: DeliveryOutcome): EventText[] {
  if (kind === "progressing" || kind === "noted") return [];
  return warnings.map((warning): EventText => ({ type: "Warning", ...warning }));
}

/** Notices that are events too; that others give way is not worth one. */
const toldNotices = ["Contested", "Held", "Override"] as const;

/** A notice is told once, and again when it says something else; that nothing is held any more is told too. */
function noticeEvents(object: Manifest, outcome: DeliveryOutcome, patch: JsonObject | undefined): EventText[] {
  if (!patch?.conditions || !outcome.notices) return [];
  const notices = outcome.notices;
  return toldNotices.flatMap((type): EventText[] => {
    const before = conditionMessage(object, type);
    if (before === conditionMessage({ status: patch }, type)) return [];
    const found = notices.filter((notice) => notice.type === type);
    if (found.length === 0 && type === "Held") {
      return [{ type: "Normal", reason: "Released", message: "Nothing waits for a maintenance window any more" }];
    }
    return found.map(({ status, message }) => {
      const isQuiet = type === "Held" || (type === "Override" && status === undefined);
      return { type: isQuiet ? "Normal" : "Warning", reason: type, message };
    });
  });
}

function changeList(done: readonly Done[]): string {
  return done.map(({ ref, did }) => `${formatRef(ref)} ${did}`).join("\n");
}

function repairEvents(repair: Repair): EventText[] {
  const who = repair.managers.length > 0 ? ` by ${repair.managers.join(", ")}` : "";
  const fields = repair.fields.length > 0 ? ` (${repair.fields.join(", ")})` : "";
  const what = repair.what === "deleted" ? "was deleted and recreated" : `was changed${who} and put right${fields}`;
  return [shortened({ type: "Normal", reason: "DriftCorrected", message: `${formatRef(repair.ref)} ${what}` })];
}
