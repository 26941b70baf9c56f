// What a run of one delivery would do, from files and live objects alone: nothing is written and no dry-run sent.

import {
  type Clock,
  type Change,
  type Delivery,
  type Manifest,
  type ObjectRef,
  type Plan,
  type Variables,
  refKey,
} from "@plumbline/core/model";
import { type Desired, type Live, planDelivery } from "@plumbline/core/plan";
import { type AsDesiredRules, isAsDesired } from "../delivery/as-desired.ts";
import { desiredObjects } from "../delivery/desired-objects.ts";
import { ignoreRulesOf } from "../delivery/ignore-rules.ts";
import { renderDelivery } from "../delivery/render-delivery.ts";
import type { Dialect, Kube, Snapshot } from "../ports/index.ts";

export interface PreviewTools {
  kube: Kube;
  dialect: Dialect;
  sha256: (text: string) => string;
  clock: Clock;
  /** Further managers whose fields are taken over. */
  override: readonly string[];
  customKinds: ReadonlySet<string>;
  /** Those of the objects that exist, by `refKey`; whatever version they were asked for in. */
  readLive: (refs: readonly ObjectRef[]) => Promise<ReadonlyMap<string, Manifest>>;
}

export interface PreviewInput {
  delivery: Delivery;
  snapshot: Snapshot;
  variables: Variables | undefined;
  signal: AbortSignal;
}

export interface Preview {
  /** Deletions are only those that a run would really carry out or leave out: objects that are gone are not in it. */
  plan: Plan;
  /** By `refKey`. */
  live: ReadonlyMap<string, Manifest>;
}

/** Throws Failure where the run would fail before its first write. */
export async function previewDelivery(input: PreviewInput, tools: PreviewTools): Promise<Preview> {
  const { delivery, snapshot, variables, signal } = input;
  const { manifests } = await renderDelivery(snapshot, delivery, {
    variables,
    sha256: tools.sha256,
    clock: tools.clock,
  });
  const desired = await desiredObjects(manifests, { ...tools, delivery, signal });
  if (delivery.inventoryFailure && delivery.prune) throw delivery.inventoryFailure;
  const wanted = new Set(desired.map(({ ref }) => refKey(ref)));
  const stale = delivery.prune ? delivery.inventory.filter((entry) => !wanted.has(refKey(entry))) : [];
  const live = await tools.readLive([...desired.map(({ ref }) => ref), ...stale]);
  const byKey = new Map(desired.map((one) => [refKey(one.ref), one]));
  const rules = { ...tools, ignored: ignoreRulesOf(delivery) };
  const plan = planDelivery({
    desired,
    inventory: delivery.inventory.filter((entry) => live.has(refKey(entry))),
    prune: delivery.prune,
    customKinds: tools.customKinds,
    live: (key) => liveFacts(live.get(key), byKey.get(key), rules),
  });
  return { plan: { ...plan, prune: plan.prune.map((change) => ownedOnly(change, live, input, tools)) }, live };
}

function liveFacts(live: Manifest | undefined, desired: Desired | undefined, rules: AsDesiredRules): Live {
  if (!live) return { exists: false };
  return {
    exists: true,
    controls: rules.dialect.readControls(live),
    cleanFor: () => desired !== undefined && isAsDesired(desired.manifest, live, rules),
  };
}

/** As in a run: what carries the labels of somebody else, or none, is not deleted. */
function ownedOnly(
  change: Change,
  live: ReadonlyMap<string, Manifest>,
  { delivery }: PreviewInput,
  { dialect }: PreviewTools,
): Change {
  const object = live.get(refKey(change.ref));
  const owner = object && dialect.ownerOf(object);
  const isOurs = owner?.name === delivery.origin.name && owner.namespace === delivery.origin.namespace;
  if (isOurs || change.action !== "delete") return change;
  const reason = owner ? `its labels name ${owner.kind}/${owner.namespace}/${owner.name}` : "it has no owner labels";
  return { ref: change.ref, action: "skip", reason };
}
