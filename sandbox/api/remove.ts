// DELETE: grace, finalizers, propagation, preconditions.
// Facts: k8s.io/apiserver pkg/registry/rest/delete.go and registry/generic/registry/store.go.

import { dig, digString, isObject, type JsonObject, type JsonValue, formatTime } from "@plumbline/core/model";
import type { StoredObject } from "../store/store.ts";
import { refuseImmortal } from "./namespace-lifecycle.ts";
import { writeOptions } from "./options.ts";
import { conflict, invalid, invalidValue, unsupportedValue } from "./refusal.ts";
import type { Resource } from "./registry.ts";
import { existingState, storeObject } from "./storage.ts";
import type { Answer, ResourceCall, World } from "./world.ts";
import { isFinished, metadataOf } from "./write.ts";

export const foregroundFinalizer = "foregroundDeletion";
export const orphanFinalizer = "orphan";
/** Holds a CustomResourceDefinition until its objects are gone. */
export const crdCleanupFinalizer = "customresourcecleanup.apiextensions.k8s.io";

export interface DeleteOptions {
  readonly dryRun: boolean;
  readonly propagation: "Foreground" | "Background" | "Orphan" | undefined;
  readonly graceSeconds: number | undefined;
  readonly preconditions: { uid?: string; resourceVersion?: string };
}

/** Reads DeleteOptions from the query and the body; throws a `Refusal` for values no server takes. */
export function deleteOptions(call: ResourceCall, body: JsonObject): DeleteOptions {
  const target = { group: "meta.k8s.io", plural: "", kind: "DeleteOptions" };
  const policy = digString(body, "propagationPolicy") ?? call.query.get("propagationPolicy") ?? "";
  const policies = ["Background", "Foreground", "Orphan"] as const;
  const propagation = policies.find((known) => known === policy);
  if (policy !== "" && !propagation) {
    const allowed = ["Foreground", "Background", "Orphan", "nil"];
    throw invalid(target, "", [unsupportedValue("propagationPolicy", JSON.stringify(policy), allowed)]);
  }
  const grace = body.gracePeriodSeconds ?? numberQuery(call.query, "gracePeriodSeconds");
  if (typeof grace === "number" && grace < 0) {
    throw invalid(target, "", [
      invalidValue("gracePeriodSeconds", String(grace), "must be greater than or equal to 0"),
    ]);
  }
  const orphan = body.orphanDependents;
  const byOrphan = orphan === true ? "Orphan" : orphan === false ? "Background" : undefined;
  const dryRun =
    writeOptions(call, "DeleteOptions").dryRun || (Array.isArray(body.dryRun) && body.dryRun.includes("All"));
  return {
    dryRun,
    propagation: propagation ?? byOrphan,
    graceSeconds: typeof grace === "number" ? grace : undefined,
    preconditions: readPreconditions(body.preconditions),
  };
}

function numberQuery(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  return text === null ? undefined : Number(text);
}

function readPreconditions(value: JsonValue | undefined): { uid?: string; resourceVersion?: string } {
  const uid = digString(value, "uid");
  const resourceVersion = digString(value, "resourceVersion");
  return { ...(uid === undefined ? {} : { uid }), ...(resourceVersion === undefined ? {} : { resourceVersion }) };
}

/** Deletes one object, or marks it as to be deleted. */
export function remove(world: World, call: ResourceCall, options: DeleteOptions): Answer {
  const { resource, name } = call;
  const current = existingState(world, call);
  if (resource.id === "/namespaces") refuseImmortal(name);
  checkPreconditions(resource, current, options);
  const marked = deletionState(world, resource, { current, options });
  if (marked && !isFinished(marked)) {
    const isRepeat = metadataOf(current.object).deletionTimestamp !== undefined;
    const stored = options.dryRun || isRepeat ? marked : storeObject(world, resource, marked);
    return { code: options.propagation === "Background" ? 202 : 200, body: stored };
  }
  if (!options.dryRun) {
    const removed = world.store.remove(resource.id, current.key);
    if (resource.id === "/pods" && removed) return { code: 200, body: markedPod(world, removed.object) };
    if (returnsObject.has(resource.id)) return { code: 200, body: current.object };
  }
  return { code: 200, body: success(resource, current) };
}

/** A pod that goes at once is shown with the marks it would have had. */
function markedPod(world: World, object: JsonObject): JsonObject {
  const metadata: JsonObject = { ...metadataOf(object) };
  if (metadata.deletionTimestamp === undefined && typeof metadata.generation === "number") metadata.generation += 1;
  metadata.deletionTimestamp ??= formatTime(world.clock.now());
  metadata.deletionGracePeriodSeconds = 0;
  return { ...object, metadata };
}

/** Kinds whose deletion answers with the object as it was. */
const returnsObject = new Set([
  "/pods",
  "/services",
  "/serviceaccounts",
  "/persistentvolumes",
  "/persistentvolumeclaims",
  "/podtemplates",
  "/resourcequotas",
]);

function success(resource: Resource, { name, uid }: StoredObject): JsonObject {
  const group = resource.group === "" ? {} : { group: resource.group };
  const details = { name, ...group, kind: resource.plural, uid };
  return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", details };
}

function checkPreconditions(resource: Resource, current: StoredObject, { preconditions }: DeleteOptions): void {
  const { uid, resourceVersion } = preconditions;
  const target = { group: resource.group, plural: resource.kind, kind: resource.kind };
  if (uid !== undefined && uid !== current.uid) {
    const why = `the UID in the precondition (${uid}) does not match the UID in record (${current.uid}). The object might have been deleted and then recreated`;
    throw conflict(target, current.name, why);
  }
  if (resourceVersion !== undefined && resourceVersion !== String(current.revision)) {
    const why = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${current.revision}). The object might have been modified`;
    throw conflict(target, current.name, why);
  }
}

/** The object with its deletion marks; undefined when nothing holds it and it may go at once. */
function deletionState(
  world: World,
  resource: Resource,
  { current, options }: { current: StoredObject; options: DeleteOptions },
): JsonObject | undefined {
  const { object } = current;
  const grace = gracePeriod(resource, object, options);
  const finalizers = finalizersAfter(object, options);
  if (resource.plural === "customresourcedefinitions" && !finalizers.includes(crdCleanupFinalizer)) {
    finalizers.push(crdCleanupFinalizer);
  }
  const isHeld = finalizers.length > 0 || isHeldNamespace(object);
  if (!isHeld && grace === 0) return undefined;
  const metadata: JsonObject = { ...metadataOf(object) };
  if (finalizers.length > 0) metadata.finalizers = finalizers;
  else delete metadata.finalizers;
  if (metadata.deletionTimestamp === undefined) {
    metadata.deletionTimestamp = formatTime(world.clock.now() + grace * 1000);
    if (resource.id !== "/namespaces") metadata.deletionGracePeriodSeconds = grace;
    if (typeof metadata.generation === "number") metadata.generation += 1;
  } else if (grace === 0 && typeof metadata.deletionGracePeriodSeconds === "number") {
    metadata.deletionGracePeriodSeconds = 0;
  }
  const next: JsonObject = { ...object, metadata };
  if (resource.id === "/namespaces")
    next.status = { ...(isObject(object.status) ? object.status : {}), phase: "Terminating" };
  return next;
}

function isHeldNamespace(object: JsonObject): boolean {
  const finalizers = dig(object, "spec", "finalizers");
  return object.kind === "Namespace" && Array.isArray(finalizers) && finalizers.length > 0;
}

/** Only pods have a grace period, and only those that run somewhere. */
function gracePeriod(resource: Resource, object: JsonObject, options: DeleteOptions): number {
  if (resource.id !== "/pods" || !digString(object, "spec", "nodeName")) return 0;
  const phase = digString(object, "status", "phase");
  if (phase === "Succeeded" || phase === "Failed") return 0;
  const own = dig(object, "spec", "terminationGracePeriodSeconds");
  return options.graceSeconds ?? (typeof own === "number" ? own : 30);
}

function finalizersAfter(object: JsonObject, { propagation }: DeleteOptions): JsonValue[] {
  const present = metadataOf(object).finalizers;
  const others = (Array.isArray(present) ? present : []).filter(
    (name) => name !== foregroundFinalizer && name !== orphanFinalizer,
  );
  if (propagation === "Foreground") return [...others, foregroundFinalizer];
  if (propagation === "Orphan") return [...others, orphanFinalizer];
  return propagation === undefined && Array.isArray(present) ? [...present] : others;
}
