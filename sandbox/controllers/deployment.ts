// Deployments: a ReplicaSet per template, the old ones scaled down when the new one is ready.

import { dig, digString, isObject, type JsonObject } from "@plumbline/core/model";
import { canonicalJson } from "@plumbline/core/ownership";
import type { World } from "../api/world.ts";
import type { StoredObject } from "../store/store.ts";
import {
  change,
  controlled,
  controllerReference,
  controllerOf,
  create,
  isTerminating,
  numberAt,
  setStatus,
} from "./actions.ts";
import { type Condition, withConditions } from "./conditions.ts";
import type { Controller } from "./start.ts";

const revisionKey = "deployment.kubernetes.io/revision";
const hashLabel = "pod-template-hash";

export const deploymentController: Controller = (world, event) => {
  if (event.resource === "apps/deployments") reconcile(world, event.state);
  if (event.resource !== "apps/replicasets") return;
  const owner = controllerOf(world, event.state.object, "apps/deployments");
  if (owner) reconcile(world, owner);
};

const hashAlphabet = "bcdfghjklmnpqrstvwxz2456789";

/** A short name for a template: the same template has the same name. */
export function templateHash(template: unknown): string {
  let hash = 0x811c9dc5;
  for (const char of canonicalJson(isObject(template) ? template : {}))
    hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193);
  let rest = hash >>> 0;
  let text = "";
  for (let i = 0; i < 8; i++) {
    text += hashAlphabet[rest % hashAlphabet.length];
    rest = Math.floor(rest / hashAlphabet.length) + i;
  }
  return text;
}

function reconcile(world: World, stale: StoredObject): void {
  const state = world.store.get("apps/deployments", stale.key);
  if (!state || state.uid !== stale.uid || isTerminating(state.object)) return;
  const wanted = numberAt(state.object, "spec", "replicas");
  const hash = templateHash(dig(state.object, "spec", "template"));
  const sets = controlled(world, "apps/replicasets", state);
  const isNew = (set: StoredObject): boolean => digString(set.object, "metadata", "labels", hashLabel) === hash;
  const current = sets.find(isNew);
  if (!current && dig(state.object, "spec", "paused") !== true) return createSet(world, state, { hash, sets });
  if (current) scale(world, current, wanted);
  const isReady = current !== undefined && numberAt(current.object, "status", "availableReplicas") >= wanted;
  if (isReady) for (const set of sets) if (!isNew(set)) scale(world, set, 0);
  writeStatus(world, state, { current, wanted });
}

function revisionOf(object: JsonObject): number {
  return Number(digString(object, "metadata", "annotations", revisionKey) ?? 0);
}

function createSet(world: World, state: StoredObject, { hash, sets }: { hash: string; sets: StoredObject[] }): void {
  const { object } = state;
  const template = dig(object, "spec", "template");
  const metadata = dig(template, "metadata");
  const labels = isObject(metadata) && isObject(metadata.labels) ? metadata.labels : {};
  const hashed = { ...labels, [hashLabel]: hash };
  const selector = dig(object, "spec", "selector");
  const matchLabels = isObject(selector) && isObject(selector.matchLabels) ? selector.matchLabels : {};
  const revision = String(Math.max(0, ...sets.map((set) => revisionOf(set.object))) + 1);
  const wanted = numberAt(object, "spec", "replicas");
  create(world, {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: {
      name: `${state.name}-${hash}`,
      namespace: state.namespace,
      labels: hashed,
      annotations: {
        "deployment.kubernetes.io/desired-replicas": String(wanted),
        "deployment.kubernetes.io/max-replicas": String(wanted + Math.max(1, Math.ceil(wanted / 4))),
        [revisionKey]: revision,
      },
      ownerReferences: [controllerReference(object)],
    },
    spec: {
      replicas: wanted,
      selector: { ...(isObject(selector) ? selector : {}), matchLabels: { ...matchLabels, [hashLabel]: hash } },
      template: {
        ...(isObject(template) ? template : {}),
        metadata: { ...(isObject(metadata) ? metadata : {}), labels: hashed },
      },
    },
  });
  annotate(world, state, revision);
}

function annotate(world: World, state: StoredObject, revision: string): void {
  if (digString(state.object, "metadata", "annotations", revisionKey) === revision) return;
  // Through the status door, as the real controller does: it makes no new generation.
  change(world, state, {
    subresource: "status",
    edit: (object) => {
      const metadata = isObject(object.metadata) ? object.metadata : {};
      const annotations = isObject(metadata.annotations) ? metadata.annotations : {};
      return { ...object, metadata: { ...metadata, annotations: { ...annotations, [revisionKey]: revision } } };
    },
  });
}

function scale(world: World, set: StoredObject, replicas: number): void {
  if (numberAt(set.object, "spec", "replicas") === replicas) return;
  change(world, set, {
    edit: (object) => ({ ...object, spec: { ...(isObject(object.spec) ? object.spec : {}), replicas } }),
  });
}

function writeStatus(
  world: World,
  stale: StoredObject,
  { current, wanted }: { current: StoredObject | undefined; wanted: number },
): void {
  const state = world.store.get("apps/deployments", stale.key);
  if (!state) return;
  const sets = controlled(world, "apps/replicasets", state);
  const sum = (...path: string[]): number => sets.reduce((total, set) => total + numberAt(set.object, ...path), 0);
  const available = sum("status", "availableReplicas");
  const total = sum("status", "replicas");
  const updated = numberAt(current?.object, "status", "replicas");
  const isComplete = updated === wanted && total === wanted && available >= wanted;
  const conditions = [availability(available, wanted), progress(current?.name ?? "", isComplete)];
  setStatus(world, state, {
    observedGeneration: numberAt(state.object, "metadata", "generation"),
    replicas: total,
    updatedReplicas: updated,
    readyReplicas: sum("status", "readyReplicas"),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, Math.max(total, wanted) - available),
    conditions: withConditions(world, state.object, { conditions, updateTimes: true }),
  });
}

function availability(available: number, wanted: number): Condition {
  const needed = wanted - Math.floor(wanted / 4);
  const isAvailable = available >= needed;
  return {
    type: "Available",
    status: isAvailable ? "True" : "False",
    reason: isAvailable ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
    message: isAvailable ? "Deployment has minimum availability." : "Deployment does not have minimum availability.",
  };
}

function progress(set: string, isComplete: boolean): Condition {
  return {
    type: "Progressing",
    status: "True",
    reason: isComplete ? "NewReplicaSetAvailable" : "ReplicaSetUpdated",
    message: `ReplicaSet "${set}" ${isComplete ? "has successfully progressed" : "is progressing"}.`,
  };
}
