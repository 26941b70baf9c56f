// ReplicaSets: as many pods as they ask for.

import { dig, isObject, type JsonObject } from "@plumbline/core/model";
import type { World } from "../api/world.ts";
import type { StoredObject } from "../store/store.ts";
import {
  conditionStatus,
  controlled,
  controllerReference,
  controllerOf,
  create,
  destroy,
  isTerminating,
  numberAt,
  setStatus,
} from "./actions.ts";
import type { Controller } from "./start.ts";

export const replicaSetController: Controller = (world, event) => {
  if (event.resource === "apps/replicasets") reconcile(world, event.state);
  if (event.resource !== "/pods") return;
  const owner = controllerOf(world, event.state.object, "apps/replicasets");
  if (owner) reconcile(world, owner);
};

export function isReady(pod: StoredObject): boolean {
  return conditionStatus(pod.object, "Ready") === "True" && !isTerminating(pod.object);
}

/** A pod of a workload's template. */
export function podOf(owner: StoredObject, name: JsonObject): JsonObject {
  const template = dig(owner.object, "spec", "template");
  const metadata = dig(template, "metadata");
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      ...(isObject(metadata) ? metadata : {}),
      ...name,
      namespace: owner.namespace,
      ownerReferences: [controllerReference(owner.object)],
    },
    spec: dig(template, "spec") ?? {},
  };
}

function reconcile(world: World, stale: StoredObject): void {
  const state = world.store.get("apps/replicasets", stale.key);
  if (!state || state.uid !== stale.uid || isTerminating(state.object)) return;
  const wanted = numberAt(state.object, "spec", "replicas");
  const pods = controlled(world, "/pods", state).filter((pod) => !isTerminating(pod.object));
  for (let i = pods.length; i < wanted; i++) create(world, podOf(state, { generateName: `${state.name}-` }));
  const surplus = pods
    .toSorted((a, b) => Number(isReady(a)) - Number(isReady(b)))
    .slice(0, Math.max(0, pods.length - wanted));
  for (const pod of surplus) destroy(world, pod);
  writeStatus(world, state);
}

function writeStatus(world: World, state: StoredObject): void {
  const pods = controlled(world, "/pods", state).filter((pod) => !isTerminating(pod.object));
  const ready = pods.filter(isReady).length;
  setStatus(world, state, {
    replicas: pods.length,
    fullyLabeledReplicas: pods.length,
    readyReplicas: ready,
    availableReplicas: ready,
    observedGeneration: numberAt(state.object, "metadata", "generation"),
  });
}
