// Whether a delivery has nothing to do at its interval.

import { type Delivery, refKey } from "@plumbline/core/model";
import type { KubeCall } from "../ports/kube.ts";
import type { ManagedObjects } from "../watch/managed-objects.ts";
import type { DeliveryState } from "./delivery-state.ts";
import type { Ownership } from "./ownership.ts";

export interface QuietContext {
  /** Of its source. */
  newest: string | undefined;
  call: KubeCall;
  managed: ManagedObjects;
  ownership: Ownership;
}

/** At its interval, a delivery with nothing to do asks nobody: changes come by watch. */
export function isQuiet(state: DeliveryState, delivery: Delivery, context: QuietContext): boolean {
  const { newest, call, managed, ownership } = context;
  const held = new Set(state.held?.map(({ ref }) => refKey(ref)));
  if ([...state.suspects.keys()].some((each) => !held.has(each))) return false;
  if (state.failure || !state.applied) return false;
  if (ownership.hasForeignOwner(state)) return false;
  if (state.applied.generation !== delivery.origin.generation) return false;
  if (newest !== state.applied.revision.resolved.revision) return false;
  if (delivery.requestedAt !== delivery.handledRequestAt) return false;
  if (state.applied.objects.some(({ ref }) => managed.isBlind(ref, call.impersonate))) return false;
  if (!delivery.wait) return delivery.healthChecks.length === 0;
  const waited = state.applied.objects.filter(({ key }) => !held.has(key));
  return waited.every(({ key }) => managed.get(key)?.health.status === "Current");
}
