// Carries out the stages of a plan: validate a stage, write it in order, wait where the next one needs it.

import {
  type Change,
  type Done,
  type Manifest,
  Failure,
  type Plan,
  type Stage,
  asFailure,
  digString,
  formatRef,
  refKey,
  sleep,
} from "@plumbline/core/model";
import { isCrd } from "@plumbline/core/plan";
import { type ApplyContext, mapWide, sameKind, watchable } from "./apply-context.ts";
import { applyDesired } from "./apply-desired.ts";
import { waitForHealth } from "./health-wait.ts";
import { takeOver } from "./take-over.ts";
import { type Validated, validateStage } from "./validate-stage.ts";

/** Objects of one kind that are written at once; kinds follow one another in the order of the plan. */
const WIDTH = 4;
/** How long definitions and classes may take to be ready (as Flux). */
const DEFINITIONS_TIMEOUT_MS = 60_000;
/** How long discovery may take to show a new kind, and how often it is asked. */
const SERVED_TIMEOUT_MS = 10_000;
const SERVED_POLL_MS = 100;
/** How often an object that is being deleted is looked at before it is made anew. */
const GONE_POLL_MS = 500;

export interface ApplyProgress {
  /** Gets every object that was really written, also when a later one fails. */
  done: Done[];
  /** Called before the first write of the plan, when the objects of its stage have been found valid. */
  beforeFirstWrite: () => Promise<void>;
  /** Called before each stage is looked at: changes of it may be held by now. */
  beforeStage: (index: number) => Promise<void>;
}

/** Throws Failure. */
export async function applyStages(plan: Plan, context: ApplyContext, progress: ApplyProgress): Promise<void> {
  let announced = false;
  for (const [index, stage] of plan.stages.entries()) {
    await progress.beforeStage(index);
    let written: Validated[] = [];
    const changes = stage.changes.filter(isWrite);
    if (changes.length > 0) {
      const refs = changes.map((change) => change.ref);
      const watched = await watchable(refs, context.kube, context.call.signal);
      await context.managed.ensure(watched, { ...context.call, timeoutMs: context.delivery.timeoutMs });
      const validated = await validateStage(changes, context);
      if (validated.length > 0 && !announced) await progress.beforeFirstWrite();
      announced ||= validated.length > 0;
      await writeInOrder(validated, context, progress.done);
      written = validated;
    }
    if (stage.wait) await waitForStage(stage, context);
    for (const { change, manifest } of written) if (isCrd(change.ref)) await waitUntilServed(manifest, context);
  }
}

export function isWrite(change: Change): boolean {
  return change.action === "create" || change.action === "update";
}

async function writeInOrder(validated: readonly Validated[], context: ApplyContext, done: Done[]): Promise<void> {
  let from = 0;
  while (from < validated.length) {
    const first = validated[from] as Validated;
    let to = from + 1;
    while (to < validated.length && sameKind(first.change.ref, (validated[to] as Validated).change.ref)) to++;
    await mapWide(validated.slice(from, to), WIDTH, async (one) => {
      const result = await write(one, context);
      if (result) done.push({ ref: one.change.ref, did: result });
    });
    from = to;
  }
}

async function write(one: Validated, context: ApplyContext): Promise<Done["did"] | undefined> {
  const { change, manifest } = one;
  const { managed } = context;
  managed.writing(change.ref, context.key);
  try {
    if (one.recreate) await deleteAndWait(change, context);
    if (one.takeover) await takeOver(change.ref, undefined, context, one.list);
    const { object, created } = await applyDesired(manifest, context);
    managed.wrote(object, context.key, change.hash ?? "");
    if (one.recreate) return "recreated";
    if (created) return "created";
    return digString(object, "metadata", "resourceVersion") === one.before ? undefined : "configured";
  } catch (error) {
    managed.gaveUp(change.ref);
    const failure = asFailure(error, "ReconciliationFailed");
    if (context.call.signal?.aborted || failure.message.includes(formatRef(change.ref))) throw failure;
    const message = `${formatRef(change.ref)} apply failed: ${failure.message}`;
    throw new Failure({
      reason: failure.reason,
      message,
      where: { object: formatRef(change.ref) },
      retry: failure.retry,
      cause: error,
    });
  }
}

async function deleteAndWait(change: Change, context: ApplyContext): Promise<void> {
  const { kube, clock } = context;
  await kube.delete(change.ref, { ...context.call, propagationPolicy: "Background" });
  const deadline = clock.monotonic() + context.delivery.timeoutMs;
  while (await kube.find(change.ref, context.call)) {
    if (clock.monotonic() > deadline) {
      throw new Failure({
        reason: "ReconciliationFailed",
        message: `${formatRef(change.ref)}: deleted in order to be recreated, but it does not go away`,
        hint: "Look at its finalizers: kubectl get -o yaml",
        where: { object: formatRef(change.ref), field: "metadata.finalizers" },
      });
    }
    await sleep(clock, GONE_POLL_MS, context.call.signal);
  }
}

/** Established is not yet served: discovery follows a moment later, and objects of the new kind need it. */
async function waitUntilServed(crd: Manifest, context: ApplyContext): Promise<void> {
  const kind = { group: digString(crd, "spec", "group") ?? "", kind: digString(crd, "spec", "names", "kind") ?? "" };
  const deadline = context.clock.monotonic() + SERVED_TIMEOUT_MS;
  for (;;) {
    await context.kube.discovery.refresh(context.call);
    if (await context.kube.discovery.find(kind, context.call)) return;
    if (context.clock.monotonic() > deadline) return; // objects of it fail with an error that names the kind
    await sleep(context.clock, SERVED_POLL_MS, context.call.signal);
  }
}

async function waitForStage(stage: Stage, context: ApplyContext): Promise<void> {
  const targets = stage.changes
    .filter((change) => change.action !== "skip" && change.action !== "held")
    .map((change) => ({ key: refKey(change.ref), ref: change.ref, mayVanish: false }));
  await waitForHealth(targets, context, { timeoutMs: DEFINITIONS_TIMEOUT_MS, reason: "ReconciliationFailed" });
}
