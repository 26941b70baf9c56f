// Desired objects, inventory and what is known of the cluster -> Plan. Pure: it asks nobody and writes nothing.

import {
  type Change,
  type InventoryEntry,
  type Manifest,
  type ObjectControls,
  type ObjectRef,
  type Plan,
  type Stage,
  refKey,
} from "@plumbline/core/model";
import { compareRefs, stageOf } from "./order.ts";

export interface Desired {
  ref: ObjectRef;
  manifest: Manifest;
  /** Hash of the manifest as it will be sent. */
  hash: string;
  controls: ObjectControls;
  /** Paths of fields that its kind does not have: they are not sent. */
  dropped?: readonly string[];
}

/** What is known of an object in the cluster. */
export type Live =
  | { exists: false }
  | {
      exists: true;
      /** True when it is known to be just as the desired object with this hash would make it. */
      cleanFor: (hash: string) => boolean;
      /** True when others change it back again and again, so that it is put right more and more seldom. */
      isFoughtOver?: (hash: string) => boolean;
      controls: ObjectControls;
    };

export interface PlanInput {
  desired: readonly Desired[];
  inventory: readonly InventoryEntry[];
  /** Keyed by `refKey`. Undefined: nothing is known; the object is then written, which is safe. */
  live: (key: string) => Live | undefined;
  /** Who keeps an object that others want too; undefined: it is ours to write. */
  keptBy?: (key: string) => string | undefined;
  prune: boolean;
  /** `group/Kind` keys of the stage between classes and everything else. */
  customKinds?: ReadonlySet<string>;
}

const STAGES: readonly Stage["name"][] = ["definitions", "classes", "custom", "objects"];
const WAITED: ReadonlySet<Stage["name"]> = new Set(["definitions", "classes"]);

/** The whole plan; stages without objects are left out. */
export function planDelivery(input: PlanInput): Plan {
  const custom = input.customKinds ?? new Set();
  const byStage = new Map<Stage["name"], Change[]>(STAGES.map((name) => [name, []]));
  const sorted = [...input.desired].sort((a, b) => compareRefs(a.ref, b.ref));
  for (const desired of sorted) {
    const key = refKey(desired.ref);
    byStage.get(stageOf(desired.ref, custom))?.push(planObject(desired, input.live(key), input.keptBy?.(key)));
  }
  const stages = STAGES.map((name): Stage => ({ name, wait: WAITED.has(name), changes: byStage.get(name) ?? [] }));
  return { stages: stages.filter((stage) => stage.changes.length > 0), prune: input.prune ? planPrune(input) : [] };
}

function planObject(desired: Desired, live: Live | undefined, keeper: string | undefined): Change {
  const { ref, manifest, hash, controls } = desired;
  const change = (action: Change["action"], reason: string): Change => ({ ref, action, reason, manifest, hash });
  if (controls.disabled) return change("skip", "reconcile: disabled in Git");
  if (controls.ssa === "Ignore") return change("skip", "ssa: Ignore in Git");
  if (keeper !== undefined) return change("skip", `kept by ${keeper}, which wants it too`);
  if (!live) return change("update", "nothing is known of it yet");
  if (!live.exists) return change("create", "new");
  if (live.controls.disabled) return change("skip", "reconcile: disabled on the object in the cluster");
  if (live.controls.ssa === "Ignore") return change("skip", "ssa: Ignore on the object in the cluster");
  if (controls.ssa === "IfNotPresent") return change("skip", "ssa: IfNotPresent and it is present");
  if (live.cleanFor(hash)) return change("keep", "as desired");
  if (live.isFoughtOver?.(hash)) return change("skip", "fought over: put right at growing intervals");
  return change("update", "changed");
}

/** Deletions in the reverse order of writing. */
function planPrune(input: PlanInput): Change[] {
  const wanted = new Set(input.desired.map((desired) => refKey(desired.ref)));
  const stale = input.inventory.filter((entry) => !wanted.has(refKey(entry)));
  return stale
    .sort((a, b) => compareRefs(b, a))
    .map((ref): Change => {
      const live = input.live(refKey(ref));
      if (live?.exists && (live.controls.keep || live.controls.disabled)) {
        const reason = live.controls.keep ? "prune: disabled on the object" : "reconcile: disabled on the object";
        return { ref, action: "skip", reason };
      }
      return { ref, action: "delete", reason: "no longer in Git" };
    });
}
