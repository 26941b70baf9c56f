// One Kustomization of a live cluster, compared with what its source says now.

import {
  asFailure,
  type Change,
  dig,
  digString,
  type Delivery,
  Failure,
  formatRef,
  type JsonValue,
  type Manifest,
  type Reason,
  refKey,
  refOf,
} from "@plumbline/core/model";
import { fluxControllerWarning, readKustomization } from "@plumbline/dialects/flux";
import type { KubeClient } from "@plumbline/edges/kube";
import {
  explainChange,
  type ExplainRules,
  ignoreRulesOf,
  mapWide,
  type Preview,
  previewDelivery,
  type PreviewTools,
  readVariables,
} from "@plumbline/engine/preview";
import type { NamedObjects } from "@plumbline/engine/watch";
import { conditionOf } from "../print/condition.ts";
import { isHidden } from "../print/object-diff.ts";
import type { KeptObject, KustomizationComparison, ObjectChange, Problem, Verdict } from "./comparison.ts";
import { tryOnServer } from "./server-dry-run.ts";
import type { SourceRevisions } from "./source-revisions.ts";

export interface CompareTools {
  client: KubeClient;
  named: NamedObjects;
  sources: SourceRevisions;
  preview: PreviewTools;
  serverDryRun: boolean;
  signal: AbortSignal;
}

/** Dry-runs of one Kustomization on their way at once. */
const WIDTH = 8;
const MASKED = "***";
/** Specs that this version does not carry out. */
const UNSUPPORTED = new Set<Reason>(["UnsupportedField", "InvalidSpec", "URLInvalid"]);
/** Failures that a run would end with as well; all others only say that nothing could be found out. */
const OF_THE_RUN = new Set<Reason>(["BuildFailed", "ArtifactFailed", "PruneFailed", "ReconciliationFailed"]);

/** Never rejects for what concerns this Kustomization alone. */
export async function compareKustomization(object: Manifest, tools: CompareTools): Promise<KustomizationComparison> {
  const result = emptyComparison(object);
  try {
    const delivery = readKustomization(object);
    if (delivery.suspended) return { ...result, verdict: "suspended" };
    const files = await tools.sources.files(delivery.source);
    result.revision = files.revision;
    const variables = await readVariables(delivery, tools.named, tools.signal);
    const snapshot = await files.open();
    try {
      const { signal, preview } = tools;
      const found = await previewDelivery({ delivery, snapshot, variables, signal }, preview);
      return await withPlan(result, { delivery, preview: found }, tools);
    } finally {
      snapshot.release();
    }
  } catch (error) {
    const failure = asFailure(error);
    return { ...result, verdict: verdictOf(failure), problem: problemOf(failure) };
  }
}

function emptyComparison(object: Manifest): KustomizationComparison {
  const ready = conditionOf(object, "Ready");
  const entries = dig(object, "status", "inventory", "entries");
  const { namespace, name } = refOf(object);
  return {
    namespace,
    name,
    verdict: "same",
    revision: undefined,
    appliedRevision: digString(object, "status", "lastAppliedRevision"),
    objects: Array.isArray(entries) ? entries.length : 0,
    changes: [],
    kept: [],
    problem: undefined,
    failsWithFlux: ready.status === "False",
    fluxMessage: ready.status === "False" ? ready.message : undefined,
    notes: [],
  };
}

function verdictOf({ reason }: Failure): Verdict {
  if (UNSUPPORTED.has(reason)) return "unsupported";
  return OF_THE_RUN.has(reason) ? "fails" : "unknown";
}

function problemOf(failure: Failure): Problem {
  const { reason, message, hint, where } = failure;
  const place = [where?.file, where?.object, where?.field].filter((part) => part !== undefined && part !== "");
  const rest = place.filter((part) => !message.includes(part ?? "")).join(": ");
  return { reason, message: rest === "" ? message : `${rest}: ${message}`, hint };
}

interface Planned {
  delivery: Delivery;
  preview: Preview;
}

async function withPlan(
  result: KustomizationComparison,
  { delivery, preview }: Planned,
  tools: CompareTools,
): Promise<KustomizationComparison> {
  const { plan, live } = preview;
  const all = [...plan.stages.flatMap((stage) => stage.changes), ...plan.prune];
  const kept = all
    .filter(({ action }) => action === "skip")
    .map(({ ref, reason }): KeptObject => ({ object: formatRef(ref), why: reason }));
  const compared = { ...result, objects: all.length, kept, notes: notesOn(result, all) };
  const writing = all.filter(({ action }) => action === "create" || action === "update" || action === "delete");
  let judged: readonly Change[] = writing;
  if (tools.serverDryRun) {
    try {
      judged = await judgedByServer(writing, { delivery, preview }, tools);
    } catch (error) {
      const failure = asFailure(error);
      return { ...compared, verdict: verdictOf(failure), problem: problemOf(failure) };
    }
  }
  const rules = { ...tools.preview, ignored: ignoreRulesOf(delivery) };
  const changes = judged.map((change) => changeOf(change, live.get(refKey(change.ref)), rules));
  return { ...compared, verdict: changes.length > 0 ? "changes" : "same", changes };
}

/** The changes that the API server does not answer with the object as it is. Throws what it refuses, all together. */
async function judgedByServer(
  changes: readonly Change[],
  { delivery, preview }: Planned,
  tools: CompareTools,
): Promise<Change[]> {
  const refusals: string[] = [];
  const kept = await mapWide(changes, WIDTH, async (change) => {
    if (!change.manifest) return change;
    try {
      const answer = await tryOnServer(change.manifest, { ...tools, delivery, live: preview.live, changes });
      return answer === "same" ? undefined : change;
    } catch (error) {
      refusals.push(refusalText(change, asFailure(error)));
      return undefined;
    }
  });
  if (refusals.length === 0) return kept.filter((change) => change !== undefined);
  throw new Failure({ reason: "ReconciliationFailed", message: refusals.sort().join("; ") });
}

function refusalText({ ref }: Change, { message }: Failure): string {
  const object = formatRef(ref);
  return message.includes(object) ? message : `${object}: ${message}`;
}

function changeOf(change: Change, live: Manifest | undefined, rules: ExplainRules): ObjectChange {
  const { rule, why, fields } = explainChange(change, live, rules);
  const mask = (path: string, value: JsonValue | undefined): JsonValue | undefined =>
    value !== undefined && isHidden(change.ref.kind, path.slice(1)) ? MASKED : value;
  return {
    object: formatRef(change.ref),
    action: change.action as ObjectChange["action"], // the others were left out
    rule,
    why,
    fields: fields.map((field) => ({
      ...field,
      live: mask(field.path, field.live),
      desired: mask(field.path, field.desired),
    })),
  };
}

function notesOn({ revision, appliedRevision }: KustomizationComparison, changes: readonly Change[]): string[] {
  const notes: string[] = [];
  if (appliedRevision !== undefined && appliedRevision !== revision) {
    notes.push(`Flux has applied ${appliedRevision}; the source is newer, and so are some of the changes`);
  }
  for (const { manifest, ref, action } of changes) {
    const warning = manifest && action !== "skip" ? fluxControllerWarning(manifest) : undefined;
    if (warning !== undefined) notes.push(`${formatRef(ref)} ${warning}`);
  }
  return notes;
}
