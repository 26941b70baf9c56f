// A delivery whose dependency is held waits with it: it has not failed, and what it applied last stays good.

import { type Delivery, formatRef, type HeldChange } from "@plumbline/core/model";
import type { DeliveryState } from "./delivery-state.ts";
import { isBehindOnly } from "./dependencies.ts";

/** The first of these dependencies that has not applied `revision` because something of it is held. */
export function heldDependency(
  delivery: Delivery,
  dependencies: readonly (DeliveryState | undefined)[],
  revision: string | undefined,
): DeliveryState | undefined {
  return dependencies.find(
    (state) =>
      state?.delivery &&
      state.held?.some((change) => change.class !== "Drift") &&
      isBehindOnly(delivery, state.delivery, revision),
  );
}

/** Makes `state` say that it waits for `dependency`. */
export function holdBehind(state: DeliveryState, delivery: Delivery, dependency: DeliveryState): HeldChange[] {
  const held = (dependency.held ?? []).slice(0, 1).map((first): HeldChange => {
    const name = formatRef(dependency.delivery?.origin ?? delivery.origin);
    const reason = `its dependency ${name} is held: ${first.reason}`;
    return { ...first, ref: delivery.origin, labels: {}, reason, windows: [], isDependent: true };
  });
  state.held = held;
  state.heldRevision = dependency.heldRevision;
  state.failure = undefined;
  return held;
}

/** Nothing keeps it back any more but what its own runs find. */
export function leaveBehind(state: DeliveryState): void {
  if (state.held?.some(({ windows }) => windows.length === 0)) state.held = [];
}
