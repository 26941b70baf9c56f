// Claims and volumes: bound at once, and let go when they are deleted.

import { dig, isObject } from "@plumbline/core/model";
import { hasFinalizer, isTerminating, removeFinalizer, setStatus } from "./actions.ts";
import type { Controller } from "./start.ts";

const finalizers: Readonly<Record<string, string>> = {
  "/persistentvolumeclaims": "kubernetes.io/pvc-protection",
  "/persistentvolumes": "kubernetes.io/pv-protection",
};

export const protectionController: Controller = (world, event) => {
  const finalizer = finalizers[event.resource];
  if (finalizer === undefined || event.type === "DELETED") return;
  const { state } = event;
  if (isTerminating(state.object)) {
    if (hasFinalizer(state.object, finalizer)) removeFinalizer(world, state, finalizer);
    return;
  }
  const phase = dig(state.object, "status", "phase");
  if (event.resource !== "/persistentvolumeclaims" || phase !== "Pending") return;
  const capacity = dig(state.object, "spec", "resources", "requests");
  const accessModes = dig(state.object, "spec", "accessModes") ?? [];
  setStatus(world, state, { phase: "Bound", accessModes, capacity: isObject(capacity) ? capacity : {} });
};
