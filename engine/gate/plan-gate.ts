// Holds the changes of one run that must wait for windows: once when it is planned, and again between its stages.

import {
  type Change,
  type ChangeClass,
  type Delivery,
  dig,
  Failure,
  type HeldChange,
  isObject,
  type Manifest,
  metadataMap,
  type ObjectRef,
  type Overriding,
  type Plan,
  refKey,
} from "@plumbline/core/model";
import type { GateChange } from "@plumbline/core/gate";
import { heldChanges, holdChanges, isCrd, isNamespace, isPending } from "@plumbline/core/plan";
import type { ApplyContext } from "../delivery/apply-context.ts";
import type { Ports } from "../ports/index.ts";
import { overridingOf } from "./overriding.ts";
import type { Windows } from "./windows.ts";

export interface PlanGateInput {
  windows: Windows;
  ports: Ports;
  /** What is known of the delivery; its `object` is looked at anew between stages. */
  state: { object: Manifest };
  delivery: Delivery;
  context: ApplyContext;
  /** `sha256:<hex>` of the build that the plan carries out. */
  digest: string;
}

/** The gate of one run. */
export class PlanGate {
  readonly #input: PlanGateInput;
  readonly #labels = new Map<string, Record<string, string>>();
  readonly #there = new Set<string>();
  readonly #inventory: ReadonlySet<string>;
  /** Changes that were let go when the run was planned, by `refKey`. */
  readonly #letGo = new Set<string>();
  #isPlanned = false;
  #wasOverridden = false;

  constructor(input: PlanGateInput) {
    this.#input = input;
    this.#inventory = new Set(input.delivery.inventory.map(refKey));
  }

  /**
   * Marks in place what must wait in the stages from `from` on and in the deletions. The first time by the windows
   * alone; later what was let go waits only where a window says `atClose: Pause`, or when an override let it go that
   * has ended.
   */
  async hold(plan: Plan, from = 0): Promise<void> {
    const isOverridden = this.#overriding()?.state === "active";
    const isFirst = !this.#isPlanned;
    this.#isPlanned = true;
    this.#wasOverridden ||= isOverridden;
    if (isOverridden) return;
    if (!this.#input.windows.isEmpty) await this.#holdBy(plan, from, isFirst);
    const pending = [...plan.stages.flatMap((stage) => stage.changes), ...plan.prune].filter(isPending);
    if (isFirst) for (const { ref } of pending) this.#letGo.add(refKey(ref));
  }

  async #holdBy(plan: Plan, from: number, isFirst: boolean): Promise<void> {
    if (isFirst) await this.#look(plan);
    const finishes = (change: Change): boolean => !this.#wasOverridden && this.#letGo.has(refKey(change.ref));
    const { managed } = this.#input.context;
    holdChanges(
      plan,
      {
        classesOf: (change) => this.#classesOf(change),
        exists: (ref) => managed.get(refKey(ref))?.exists === true || this.#there.has(refKey(ref)),
        hold: (change, changeClass) => {
          const asked = this.#asked(change, changeClass);
          const decision = this.#input.windows.decide(asked);
          if (decision.go || (finishes(change) && !this.#input.windows.pauses(asked))) return undefined;
          const { reason, until, windows } = decision;
          return { reason, windows, ...(until !== undefined && { until }) };
        },
      },
      from,
    );
  }

  /** What waits, in the order of the plan. */
  heldOf(plan: Plan): HeldChange[] {
    return heldChanges(plan).map((change) => ({ ...change.hold, ref: change.ref, labels: this.#labelsOf(change) }));
  }

  #overriding(): Overriding | undefined {
    const { state, ports } = this.#input;
    return ports.windows && overridingOf(state.object, ports.windows, ports.clock.now());
  }

  #asked(change: Change, changeClass: ChangeClass): GateChange {
    return gateChange(this.#input, { ref: change.ref, labels: this.#labelsOf(change), class: changeClass });
  }

  #labelsOf(change: Change): Record<string, string> {
    return change.manifest ? metadataMap(change.manifest, "labels") : (this.#labels.get(refKey(change.ref)) ?? {});
  }

  /** Asks the API server for what the decisions need and nobody knows; mostly nothing. */
  async #look(plan: Plan): Promise<void> {
    const { windows, context } = this.#input;
    if (windows.usesLabels) {
      for (const change of plan.prune) {
        const live = change.action === "delete" ? await findServed(change.ref, context) : undefined;
        if (live) this.#labels.set(refKey(change.ref), metadataMap(live, "labels"));
      }
    }
    for (const change of plan.stages.flatMap((stage) => stage.changes)) {
      const { ref } = change;
      const isBase = isNamespace(ref) || isCrd(ref);
      if (!isBase || (change.action !== "create" && change.action !== "update")) continue;
      if (context.managed.get(refKey(ref))?.exists || !this.#mayBeHeld(change)) continue;
      if (await isThere(ref, context)) this.#there.add(refKey(ref));
    }
  }

  #mayBeHeld(change: Change): boolean {
    return this.#classesOf(change).some((each) => !this.#input.windows.decide(this.#asked(change, each)).go);
  }

  /**
   * What differs from the build that was written last is of a new revision; the rest was changed on the cluster. After
   * a restart that is known when the same build was applied before.
   */
  #classesOf(change: Change): readonly ChangeClass[] {
    const { context, state, digest } = this.#input;
    if (change.action === "delete") return ["Prune"];
    const key = refKey(change.ref);
    const baseline = context.managed.get(key)?.baseline;
    if (baseline) return [baseline.desiredHash === change.hash ? "Drift" : "Revision"];
    if (!this.#inventory.has(key)) return ["Revision"];
    return lastAppliedDigest(state.object) === digest ? ["Drift"] : ["Revision", "Drift"];
  }
}

/** What the account of the delivery may not read counts as absent: what needs it is then held with it. */
async function isThere(ref: ObjectRef, { kube, call }: ApplyContext): Promise<boolean> {
  try {
    return (await kube.find(ref, call)) !== undefined;
  } catch (error) {
    if (error instanceof Failure && error.reason === "AccessDenied") return false;
    throw error;
  }
}

/** The question to the windows about one object of a delivery. */
export function gateChange(
  { delivery, state }: Pick<PlanGateInput, "delivery" | "state">,
  change: Pick<HeldChange, "ref" | "labels" | "class">,
): GateChange {
  const { kind, namespace, name } = delivery.origin;
  const { ref, labels } = change;
  return {
    delivery: { kind, namespace, name, labels: metadataMap(state.object, "labels") },
    resource: { group: ref.group, kind: ref.kind, name: ref.name, labels },
    class: change.class,
  };
}

/** Of the last build that was applied in full, as far as the status tells, and nothing newer was begun. */
function lastAppliedDigest(object: Manifest): string | undefined {
  const attempted = dig(object, "status", "lastAttemptedRevision");
  if (attempted !== dig(object, "status", "lastAppliedRevision")) return undefined;
  const history = dig(object, "status", "history");
  const [last] = Array.isArray(history) ? history : [];
  if (!isObject(last) || last.lastReconciledStatus !== "ReconciliationSucceeded") return undefined;
  return typeof last.digest === "string" ? last.digest : undefined;
}

/** The object in whatever version its kind is served now. */
async function findServed(ref: ObjectRef, { kube, call }: ApplyContext): Promise<Manifest | undefined> {
  const kind =
    (await kube.discovery.find(ref, call)) ?? (await kube.discovery.find({ group: ref.group, kind: ref.kind }, call));
  return kind && (await kube.find({ ...ref, version: kind.version }, call));
}
