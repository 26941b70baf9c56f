// One run of one delivery: variables, render, plan, apply, prune, health. It returns an outcome and writes no status.

import {
  type Delivery,
  type DeliveryOutcome,
  Failure,
  type InventoryEntry,
  type Manifest,
  type Plan,
  type RunFacts,
  type Variables,
  asFailure,
  dig,
  refKey,
} from "@plumbline/core/model";
import { type Desired, type Live, planDelivery } from "@plumbline/core/plan";
import { isUnchanged } from "@plumbline/core/render";
import { PlanGate } from "../gate/plan-gate.ts";
import type { Windows } from "../gate/windows.ts";
import type { Ports, Snapshot } from "../ports/index.ts";
import type { SourceRevision } from "../source/revision.ts";
import { keptObject } from "../watch/kept-object.ts";
import type { ManagedObjects } from "../watch/managed-objects.ts";
import type { NamedObjects } from "../watch/named-objects.ts";
import { isAsDesired } from "./as-desired.ts";
import { type ApplyContext, callOf, watchable } from "./apply-context.ts";
import { applyStages, isWrite } from "./apply-stages.ts";
import { type BuiltObjects, buildObjects } from "./build-objects.ts";
import type { DeliveryState, Rendered } from "./delivery-state.ts";
import { repairDelayMs } from "./fight.ts";
import { type HealthTarget, waitForHealth } from "./health-wait.ts";
import { ignoreRulesOf } from "./ignore-rules.ts";
import { newWarnings } from "./warnings.ts";
import { takeLastGood } from "./last-good.ts";
import { NewestBuilds } from "./newest-builds.ts";
import type { Ownership } from "./ownership.ts";
import { checkPruneGuard } from "./prune-guard.ts";
import { takeBuild } from "./kept-builds.ts";
import { pruneObjects } from "./prune-objects.ts";

export interface RunTools {
  ports: Ports;
  managed: ManagedObjects;
  named: NamedObjects;
  ownership: Ownership;
  override: readonly string[];
  customKinds: ReadonlySet<string>;
  /** Part of an inventory that one run may delete, from 0 to 1; undefined: all of it, as with Flux. */
  pruneGuard: number | undefined;
  /** Undefined where there is no such thing as a maintenance window. */
  windows: Windows | undefined;
  /** The run only waits from now on: others may go on meanwhile. */
  leavePlace: (state: DeliveryState) => void;
  /** Makes sure that nobody deletes the delivery object before what it applied is pruned. */
  ensureFinalizer: (state: DeliveryState) => Promise<void>;
  /**
   * Records the inventory before the first write, so that nothing is lost when the process dies in between: beside the
   * status, while the objects are still being validated. False when it has to stand in the status.
   */
  noteIntent: (state: DeliveryState, inventory: InventoryEntry[]) => Promise<boolean>;
  recordIntent: (state: DeliveryState, facts: RunFacts) => Promise<void>;
}

export interface RunInput {
  state: DeliveryState;
  delivery: Delivery;
  revision: SourceRevision;
  variables: Variables | undefined;
  signal: AbortSignal;
}

interface Running extends RunInput {
  tools: RunTools;
  facts: RunFacts;
  context: ApplyContext;
}

/** Never throws for what can go wrong in a run; rejects with the signal's reason when it was superseded or stopped. */
export async function runDelivery(input: RunInput, tools: RunTools): Promise<DeliveryOutcome> {
  const { state, delivery, revision } = input;
  const { ports } = tools;
  const startedMs = ports.clock.monotonic();
  const facts: RunFacts = {
    revision: revision.resolved.revision,
    digest: undefined,
    inventory: undefined,
    done: [],
    repairs: [],
    durationMs: 0,
    requestedAt: delivery.requestedAt,
  };
  if (state.run) state.run.facts = facts;
  const context: ApplyContext = {
    kube: ports.kube,
    dialect: ports.dialect,
    clock: ports.clock,
    managed: tools.managed,
    named: tools.named,
    key: state.key,
    delivery,
    call: callOf(delivery, state.key, input.signal),
    override: tools.override,
  };
  const running: Running = { ...input, tools, facts, context };
  let unhealthy = false;
  try {
    const targets = await applyRevision(running);
    unhealthy = true;
    const checkedHealth = await checkHealth(running, targets);
    facts.durationMs = ports.clock.monotonic() - startedMs;
    const held = state.held ?? [];
    if (held.some((change) => change.class !== "Drift")) return { ...facts, kind: "held", held, checkedHealth };
    return { ...facts, kind: "applied", checkedHealth };
  } catch (error) {
    if (input.signal.aborted) throw error;
    facts.durationMs = ports.clock.monotonic() - startedMs;
    await takeLastGood({ ...input, ports, context });
    return { ...facts, kind: "failed", failure: asFailure(error), unhealthy };
  }
}

/** What its health depends on, and no more: a thousand runs may wait for that at once, and their objects are large. */
async function applyRevision(running: Running): Promise<HealthTarget[]> {
  const { tools, state, delivery } = running;
  // A look at what was applied before is nothing to tell, however long it takes: a start or a commit has a thousand.
  if (state.run) state.run.isStarted = running.delivery.inventory.length === 0;
  await tools.ensureFinalizer(state);
  const { rendered, desired } = await render(running);
  NewestBuilds.remember(state, rendered);
  try {
    const plan = await applyRendered(running, rendered, desired);
    return delivery.wait ? ownTargets(plan) : delivery.healthChecks.map(checkTarget);
  } finally {
    tools.ownership.release(state);
  }
}

async function applyRendered(running: Running, rendered: Rendered, desired: Desired[] | undefined): Promise<Plan> {
  const { delivery, facts, context, tools, state, revision } = running;
  facts.digest = rendered.digest;
  const warnings = newWarnings(running, desired);
  if (warnings.length > 0) facts.warnings = warnings;
  if (delivery.inventoryFailure && delivery.prune) throw delivery.inventoryFailure;
  await watchKinds(running, rendered);
  await tools.ownership.settle(state, rendered.objects, context.call);
  const plan = makePlan(running, rendered, desired);
  await tools.ownership.keepForTakers(state, delivery, plan.prune);
  const old = delivery.inventory;
  const known = new Set(old.map(refKey));
  const planned = await withManifests(running, plan, rendered, desired);
  if (state.run && hasWork(planned)) state.run.isStarted = true;
  const guard = { share: tools.pruneGuard, sha256: tools.ports.sha256 };
  await checkPruneGuard(
    planned,
    rendered.objects.map(({ ref }) => ref),
    context,
    guard,
  );
  const gate =
    tools.windows && new PlanGate({ ...running, windows: tools.windows, ports: tools.ports, digest: rendered.digest });
  await gate?.hold(planned);
  note(running, "planned", planned);
  /** A held creation is no part of the inventory, a held deletion stays in it. */
  const isThere = ({ key }: { key: string }): boolean =>
    known.has(key) || !state.held?.some(({ ref }) => refKey(ref) === key);
  const takeHeld = (): void => {
    state.held = gate?.heldOf(planned) ?? [];
    state.heldRevision = revision.resolved.revision;
  };
  takeHeld();
  const added = rendered.objects.filter((object) => !known.has(object.key) && isThere(object)).map(({ ref }) => ref);
  const inventory = [...old, ...added];
  const noted = added.length > 0 && writes(planned) ? tools.noteIntent(state, inventory) : Promise.resolve(false);
  noted.catch(() => undefined); // told before the first write, if it comes to that
  const announce = async (): Promise<void> => {
    try {
      if (!(await noted)) await tools.recordIntent(state, { ...facts, inventory });
    } catch (error) {
      throw isTooLarge(error) ? inventoryTooLarge(inventory.length, error) : error;
    }
  };
  const beforeFirstWrite = async (): Promise<void> => {
    if (added.length > 0) await announce();
    facts.inventory = inventory; // also without any that are new: an earlier run may have announced them, and told nothing
  };
  const beforeStage = async (index: number): Promise<void> => {
    if (index > 0) await gate?.hold(planned, index);
    takeHeld();
  };
  await applyStages(planned, context, { done: facts.done, beforeFirstWrite, beforeStage });
  takeBuild(state, rendered, state.held ?? [], tools.managed); // before pruning and health: from now on repairs must restore this revision
  await tools.ownership.keepForTakers(state, delivery, planned.prune); // once more: the stages may have taken minutes
  await beforeStage(planned.stages.length);
  const pruned = await pruneObjects(planned.prune, context, facts.done);
  const handed = [...state.handing.values()].map(({ ref }) => ref);
  const written = rendered.objects.filter(isThere).map((object) => object.ref);
  facts.inventory = [...written, ...handed, ...pruned.survivors];
  if (pruned.failure) throw pruned.failure;
  note(running, "applied");
  return planned;
}

/** Of the API server (3 MiB) or of etcd (1.5 MiB). */
function isTooLarge(error: unknown): boolean {
  return error instanceof Failure && /too large/i.test(error.message);
}

function inventoryTooLarge(count: number, cause: unknown): Failure {
  return new Failure({
    reason: "ReconciliationFailed",
    message: `the inventory of ${count} objects does not fit into the status of one Kustomization: ${asFailure(cause).message}`,
    hint: "Split it into several Kustomizations; nothing of this revision was written",
    where: { field: "status.inventory" },
    cause,
  });
}

function writes(plan: Plan): boolean {
  return plan.stages.some(({ changes }) => changes.some(isWrite));
}

function hasWork(plan: Plan): boolean {
  const isWork = ({ action }: { action: string }): boolean =>
    action !== "keep" && action !== "skip" && action !== "held";
  return plan.prune.some(isWork) || plan.stages.some(({ changes }) => changes.some(isWork));
}

/** Renders, or reuses the last build when nothing that it read has changed. */
async function render(running: Running): Promise<{ rendered: Rendered; desired: Desired[] | undefined }> {
  const { revision, variables, delivery, tools, state } = running;
  const hash = tools.ports.sha256(JSON.stringify(variables ?? null));
  const last = state.applied;
  return await revision.with(async (snapshot) => {
    const isSame = last?.generation === delivery.origin.generation && last.variables === hash;
    if (last && isSame && isUnchanged(last.trace, snapshot)) {
      note(running, "reused");
      return { rendered: { ...last, revision }, desired: undefined };
    }
    const { trace, digest, desired } = await build(running, snapshot);
    note(running, "rendered");
    const objects = desired.map(({ ref, hash: objectHash, controls }) => ({
      key: refKey(ref),
      ref,
      hash: objectHash,
      controls,
    }));
    const rendered: Rendered = {
      revision,
      generation: delivery.origin.generation,
      variables: hash,
      trace,
      digest,
      objects,
    };
    return { rendered, desired };
  });
}

function build(
  { delivery, variables, tools, signal }: RunInput & { tools: RunTools },
  snapshot: Snapshot,
): Promise<BuiltObjects> {
  return buildObjects({ delivery, variables, ports: tools.ports, signal }, snapshot);
}

/** What the watches know counts in the plan, so they come first; kinds that are yet to be defined follow in their stage. */
async function watchKinds(running: Running, rendered: Rendered): Promise<void> {
  const refs = rendered.objects.map(({ ref }) => ref);
  const { tools, context, delivery, signal } = running;
  const watched = await watchable(refs, tools.ports.kube, signal);
  await tools.managed.ensure(watched, { ...context.call, timeoutMs: delivery.timeoutMs });
}

function makePlan(running: Running, rendered: Rendered, desired: Desired[] | undefined): Plan {
  const { delivery, tools } = running;
  const manifests = new Map(desired?.map((one) => [refKey(one.ref), one.manifest]));
  const list = rendered.objects.map(({ key, ref, hash, controls }) => ({
    ref,
    hash,
    controls,
    manifest: manifests.get(key) ?? {},
  }));
  return planDelivery({
    desired: list,
    inventory: delivery.inventory,
    prune: delivery.prune,
    customKinds: tools.customKinds,
    keptBy: (key) => running.state.lost.get(key)?.owner,
    live: (key) => liveFacts(key, manifests.get(key), running),
  });
}

/** What is known without asking: a baseline, or the object as the watch brought it after a restart. */
function liveFacts(key: string, manifest: Manifest | undefined, running: Running): Live | undefined {
  const { context, delivery } = running;
  const tracked = context.managed.get(key);
  if (!tracked?.exists || context.managed.isBlind(tracked.ref, context.call.impersonate)) return undefined;
  const { baseline } = tracked;
  const live = tracked.live === undefined ? undefined : keptObject(tracked.live);
  const controls = live
    ? context.dialect.readControls(live)
    : { ssa: "Override" as const, force: false, keep: false, disabled: false };
  return {
    exists: true,
    controls,
    isFoughtOver: (hash) => baseline?.desiredHash === hash && isDamped(key, running),
    cleanFor: (hash) => {
      if (baseline) return baseline.desiredHash === hash && baseline.fingerprint === tracked.fingerprint;
      if (!live || !manifest || !isAsDesired(manifest, live, { ...context, ignored: ignoreRulesOf(delivery) }))
        return false;
      context.managed.adopt(tracked, hash);
      return true;
    },
  };
}

/** Who asks for a run by hand gets the object put right at once, fight or not. */
function isDamped(key: string, { state, delivery, tools }: Running): boolean {
  if (delivery.requestedAt !== delivery.handledRequestAt) return false;
  return repairDelayMs(state.fights.get(key), tools.ports.clock.monotonic(), delivery.intervalMs) > 0;
}

/** A reused build has no objects at hand: they are made again when something of them must be written after all. */
async function withManifests(
  running: Running,
  plan: Plan,
  rendered: Rendered,
  desired: Desired[] | undefined,
): Promise<Plan> {
  if (desired || !writes(plan)) return plan;
  const again = await rendered.revision.with((snapshot) => build(running, snapshot));
  return makePlan(running, rendered, again.desired);
}

async function checkHealth(running: Running, targets: readonly HealthTarget[]): Promise<boolean> {
  const { delivery, state, context, tools } = running;
  const held = new Set(state.held?.map(({ ref }) => refKey(ref)));
  const others = targets.filter((target) => !isItself(target, delivery) && !held.has(target.key));
  if (others.length === 0) return false;
  if (state.run) state.run.waiting = state.run.isStarted = true;
  const onWait = (): void => tools.leavePlace(state);
  await waitForHealth(others, context, { timeoutMs: delivery.timeoutMs, reason: "HealthCheckFailed", onWait });
  note(running, "healthy");
  return true;
}

function ownTargets(plan: Plan): HealthTarget[] {
  const changes = plan.stages
    .flatMap((stage) => stage.changes)
    .filter(({ action }) => action !== "skip" && action !== "held");
  return changes.map(({ ref, manifest }) => ({
    key: refKey(ref),
    ref,
    mayVanish:
      ref.kind === "Job" && manifest !== undefined && dig(manifest, "spec", "ttlSecondsAfterFinished") !== undefined,
  }));
}

function checkTarget(check: Delivery["healthChecks"][number]): HealthTarget {
  const slash = check.apiVersion.indexOf("/");
  const group = slash < 0 ? "" : check.apiVersion.slice(0, slash);
  const ref = {
    group,
    version: check.apiVersion.slice(slash + 1),
    kind: check.kind,
    namespace: check.namespace,
    name: check.name,
  };
  return { key: refKey(ref), ref, mayVanish: false };
}

/** A delivery that applies its own object must not wait for itself. */
function isItself({ ref }: HealthTarget, { origin }: Delivery): boolean {
  return (
    ref.kind === origin.kind &&
    ref.group === origin.group &&
    ref.name === origin.name &&
    ref.namespace === origin.namespace
  );
}

/** The desired objects of what is applied now, built again; for repairs. */
export async function appliedObjects(
  input: RunInput,
  tools: RunTools,
): Promise<Map<string, { manifest: Manifest; hash: string }>> {
  const { desired } = await input.revision.with((snapshot) => build({ ...input, tools }, snapshot));
  return new Map(desired.map(({ ref, manifest, hash }) => [refKey(ref), { manifest, hash }]));
}

function note(running: Running, step: "rendered" | "reused" | "applied" | "healthy"): void;
function note(running: Running, step: "planned", plan: Plan): void;
function note(running: Running, step: "rendered" | "reused" | "applied" | "healthy" | "planned", plan?: Plan): void {
  const { ports } = running.tools;
  const base = { key: running.state.key, revision: running.revision.resolved.revision, atMs: ports.clock.monotonic() };
  if (plan) ports.onEvent({ ...base, type: "planned", plan });
  else if (step !== "planned") ports.onEvent({ ...base, type: "delivery", step });
}

/** A superseded run ends with this reason. */
export function supersededBy(what: string): Failure {
  return new Failure({ reason: "HealthCheckCanceled", message: `New reconciliation triggered by ${what}` });
}
