// A delivery is being deleted: what becomes of its objects.

import { type Change, type Delivery, type Done, type Plan, refKey, sleep } from "@plumbline/core/model";
import { compareRefs } from "@plumbline/core/plan";
import { PlanGate } from "../gate/plan-gate.ts";
import { type ApplyContext, callOf } from "./apply-context.ts";
import type { DeliveryState } from "./delivery-state.ts";
import { pruneObjects } from "./prune-objects.ts";
import type { RunTools } from "./run-delivery.ts";

/** How often the deletion of the last objects is looked at under `WaitForTermination`. */
const TERMINATION_POLL_MS = 1000;

/**
 * Deletes the inventory when the policy says so; returns when the finalizer can go, unless `state.held` then says what
 * waits for a window. Rejects when a deletion failed, so that it is tried again. When the service account is gone, nothing can be deleted with its rights: the objects stay,
 * as with Flux, because a namespace must not hang in termination.
 */
export async function finalizeDelivery(
  state: DeliveryState,
  delivery: Delivery,
  tools: RunTools,
  signal: AbortSignal,
): Promise<void> {
  state.held = [];
  if (!deletesObjects(delivery)) return;
  const { ports, managed, named, override } = tools;
  const call = callOf(delivery, state.key, signal);
  const context: ApplyContext = { ...ports, managed, named, override, key: state.key, delivery, call };
  if (await isAccountGone(context)) {
    ports.log.error("objects are left behind: the service account is gone", {
      kustomization: state.key,
      serviceAccount: delivery.serviceAccount,
      objects: delivery.inventory.length,
    });
    return;
  }
  const refs = [...delivery.inventory].sort((a, b) => compareRefs(b, a));
  const changes = refs.map((ref): Change => ({ ref, action: "delete", reason: "its Kustomization is being deleted" }));
  await tools.ownership.keepForTakers(state, delivery, changes);
  const plan: Plan = { stages: [], prune: changes };
  if (tools.windows) {
    const gate = new PlanGate({ windows: tools.windows, ports, state, delivery, context, digest: "" });
    await gate.hold(plan);
    state.held = gate.heldOf(plan);
    state.heldRevision = undefined;
  }
  const done: Done[] = [];
  const { failure } = await pruneObjects(changes, context, done);
  if (failure) throw failure;
  if (delivery.deletionPolicy !== "WaitForTermination") return;
  tools.leavePlace(state);
  await waitUntilGone(done, context);
}

function deletesObjects(delivery: Delivery): boolean {
  if (delivery.suspended || delivery.inventory.length === 0) return false;
  if (delivery.deletionPolicy === "MirrorPrune") return delivery.prune;
  return delivery.deletionPolicy !== "Orphan";
}

async function isAccountGone({ delivery, kube }: ApplyContext): Promise<boolean> {
  if (!delivery.serviceAccount) return false;
  const { namespace } = delivery.origin;
  return !(await kube.find({
    group: "",
    version: "v1",
    kind: "ServiceAccount",
    namespace,
    name: delivery.serviceAccount,
  }));
}

/** Gives up silently at the timeout: the finalizer must not hang. */
async function waitUntilGone(done: readonly Done[], context: ApplyContext): Promise<void> {
  const deadline = context.clock.monotonic() + context.delivery.timeoutMs;
  const left = new Map(done.map(({ ref }) => [refKey(ref), ref]));
  while (left.size > 0 && context.clock.monotonic() < deadline) {
    for (const [key, ref] of left) if (!(await context.kube.find(ref, context.call))) left.delete(key);
    if (left.size > 0) await sleep(context.clock, TERMINATION_POLL_MS, context.call.signal);
  }
}
