// DaemonSets: one pod, as there is one node.

import { dig, digString, isObject } from "@plumbline/core/model";
import type { World } from "../api/world.ts";
import type { StoredObject } from "../store/store.ts";
import { controlled, controllerOf, create, destroy, isTerminating, numberAt, setStatus } from "./actions.ts";
import { templateHash } from "./deployment.ts";
import { isReady, podOf } from "./replica-set.ts";
import type { Controller } from "./start.ts";

const revisionLabel = "controller-revision-hash";

export const daemonSetController: Controller = (world, event) => {
  if (event.resource === "apps/daemonsets") reconcile(world, event.state);
  if (event.resource !== "/pods") return;
  const owner = controllerOf(world, event.state.object, "apps/daemonsets");
  if (owner) reconcile(world, owner);
};

function reconcile(world: World, stale: StoredObject): void {
  const state = world.store.get("apps/daemonsets", stale.key);
  if (!state || state.uid !== stale.uid || isTerminating(state.object)) return;
  const revision = templateHash(dig(state.object, "spec", "template"));
  const pods = controlled(world, "/pods", state);
  const isUpdated = (pod: StoredObject): boolean =>
    digString(pod.object, "metadata", "labels", revisionLabel) === revision;
  if (pods.length === 0) createPod(world, state, revision);
  for (const pod of pods) if (!isUpdated(pod) && !isTerminating(pod.object)) destroy(world, pod);
  const alive = controlled(world, "/pods", state).filter((pod) => !isTerminating(pod.object));
  const ready = alive.filter(isReady).length;
  setStatus(world, state, {
    currentNumberScheduled: alive.length,
    numberMisscheduled: 0,
    desiredNumberScheduled: 1,
    numberReady: ready,
    observedGeneration: numberAt(state.object, "metadata", "generation"),
    updatedNumberScheduled: alive.filter(isUpdated).length,
    numberAvailable: ready,
    numberUnavailable: 1 - ready,
  });
}

function createPod(world: World, state: StoredObject, revision: string): void {
  const pod = podOf(state, { generateName: `${state.name}-` });
  const metadata = isObject(pod.metadata) ? pod.metadata : {};
  const labels = isObject(metadata.labels) ? metadata.labels : {};
  create(world, { ...pod, metadata: { ...metadata, labels: { ...labels, [revisionLabel]: revision } } });
}
