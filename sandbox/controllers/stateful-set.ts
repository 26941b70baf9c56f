// StatefulSets: numbered pods, one after the other, each with its claims.

import { dig, digString, isObject, type JsonObject } from "@plumbline/core/model";
import type { World } from "../api/world.ts";
import { type StoredObject, storeKey } from "../store/store.ts";
import { controlled, controllerOf, create, destroy, isTerminating, numberAt, setStatus } from "./actions.ts";
import { templateHash } from "./deployment.ts";
import { isReady, podOf } from "./replica-set.ts";
import type { Controller } from "./start.ts";

const revisionLabel = "controller-revision-hash";

export const statefulSetController: Controller = (world, event) => {
  if (event.resource === "apps/statefulsets") reconcile(world, event.state);
  if (event.resource !== "/pods") return;
  const owner = controllerOf(world, event.state.object, "apps/statefulsets");
  if (owner) reconcile(world, owner);
};

function revisionOf(state: StoredObject): string {
  return `${state.name}-${templateHash(dig(state.object, "spec", "template"))}`;
}

function reconcile(world: World, stale: StoredObject): void {
  const state = world.store.get("apps/statefulsets", stale.key);
  if (!state || state.uid !== stale.uid || isTerminating(state.object)) return;
  const wanted = numberAt(state.object, "spec", "replicas");
  const isParallel = digString(state.object, "spec", "podManagementPolicy") === "Parallel";
  const pods = new Map(controlled(world, "/pods", state).map((pod) => [pod.name, pod]));
  for (let i = 0; i < wanted; i++) {
    const name = `${state.name}-${i}`;
    const pod = pods.get(name);
    if (!pod) createPod(world, state, name);
    if ((!pod || !isReady(pod)) && !isParallel) break;
  }
  const ordinal = (pod: StoredObject): number => Number(pod.name.slice(state.name.length + 1));
  for (const pod of pods.values()) if (ordinal(pod) >= wanted && !isTerminating(pod.object)) destroy(world, pod);
  replaceOldest(world, state, { pods: [...pods.values()].filter((pod) => ordinal(pod) < wanted) });
  writeStatus(world, state);
}

function createPod(world: World, state: StoredObject, name: string): void {
  createClaims(world, state, name);
  const pod = podOf(state, { name });
  const metadata = isObject(pod.metadata) ? pod.metadata : {};
  const labels = isObject(metadata.labels) ? metadata.labels : {};
  const own = { [revisionLabel]: revisionOf(state), "statefulset.kubernetes.io/pod-name": name };
  create(world, {
    ...pod,
    metadata: { ...metadata, labels: { ...labels, ...own } },
    spec: withClaims(state, pod, name),
  });
}

function claimTemplates(state: StoredObject): JsonObject[] {
  const templates = dig(state.object, "spec", "volumeClaimTemplates");
  return Array.isArray(templates) ? templates.filter(isObject) : [];
}

function createClaims(world: World, state: StoredObject, pod: string): void {
  for (const template of claimTemplates(state)) {
    const name = `${digString(template, "metadata", "name")}-${pod}`;
    if (world.store.get("/persistentvolumeclaims", storeKey(state.namespace, name))) continue;
    const labels = dig(state.object, "spec", "selector", "matchLabels");
    const metadata = { name, namespace: state.namespace, labels: isObject(labels) ? labels : {} };
    create(world, { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata, spec: template.spec ?? {} });
  }
}

function withClaims(state: StoredObject, pod: JsonObject, name: string): JsonObject {
  const spec = isObject(pod.spec) ? pod.spec : {};
  const volumes = Array.isArray(spec.volumes) ? spec.volumes : [];
  const claims = claimTemplates(state).map((template) => {
    const volume = digString(template, "metadata", "name") ?? "";
    return { name: volume, persistentVolumeClaim: { claimName: `${volume}-${name}` } };
  });
  return {
    ...spec,
    hostname: name,
    subdomain: digString(state.object, "spec", "serviceName") ?? "",
    volumes: [...volumes, ...claims],
  };
}

/** A rolling update ends the highest pod of the old revision when all are ready. */
function replaceOldest(world: World, state: StoredObject, { pods }: { pods: StoredObject[] }): void {
  const revision = revisionOf(state);
  const old = pods.filter((pod) => digString(pod.object, "metadata", "labels", revisionLabel) !== revision);
  if (old.length === 0 || pods.some((pod) => isTerminating(pod.object))) return;
  if (digString(state.object, "spec", "updateStrategy", "type") === "OnDelete") return;
  const last = old.toSorted((a, b) => b.name.length - a.name.length || (a.name < b.name ? 1 : -1))[0];
  if (last) destroy(world, last);
}

function writeStatus(world: World, state: StoredObject): void {
  const pods = controlled(world, "/pods", state).filter((pod) => !isTerminating(pod.object));
  const revision = revisionOf(state);
  const updated = pods.filter((pod) => digString(pod.object, "metadata", "labels", revisionLabel) === revision).length;
  const ready = pods.filter(isReady).length;
  const isDone = updated === numberAt(state.object, "spec", "replicas") && ready === updated;
  const before = digString(state.object, "status", "currentRevision");
  setStatus(world, state, {
    observedGeneration: numberAt(state.object, "metadata", "generation"),
    replicas: pods.length,
    readyReplicas: ready,
    availableReplicas: ready,
    currentReplicas: isDone ? updated : pods.length - updated,
    updatedReplicas: updated,
    currentRevision: isDone ? revision : (before ?? revision),
    updateRevision: revision,
    collisionCount: 0,
  });
}
