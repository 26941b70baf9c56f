// Creates and updates: from what a client sent to what the store keeps.
// Facts: k8s.io/apiserver pkg/registry/rest/{create,update}.go and pkg/endpoints/handlers.

import {
  dig,
  digString,
  equalJson,
  formatApiVersion,
  isObject,
  type JsonObject,
  formatTime,
} from "@plumbline/core/model";
import { type FieldSet, setOfPaths, trackUpdate, type Writer } from "@plumbline/core/ownership";
import { refuseEscalation } from "../access/escalation.ts";
import { prepareCreate } from "../kinds/create.ts";
import { countsGenerations, isNewGeneration } from "../kinds/generation.ts";
import { prepareUpdate } from "../kinds/update.ts";
import { validateBuiltin, validateMetadata } from "../kinds/validate.ts";
import { validateCustomObject } from "../objects/validate-object.ts";
import { emptyForm, storageForm } from "../objects/storage-form.ts";
import { type StoredObject, storeKey } from "../store/store.ts";
import { admitNamespace } from "./namespace-lifecycle.ts";
import { alreadyExists, badRequest, type Cause, changedMeanwhile, conflict, invalid, invalidValue } from "./refusal.ts";
import type { Resource } from "./registry.ts";
import { storeObject } from "./storage.ts";
import type { ResourceCall, World } from "./world.ts";

/** One write that is under way. */
export interface WriteContext {
  readonly world: World;
  readonly call: ResourceCall;
  readonly dryRun: boolean;
}

export function metadataOf(object: JsonObject): JsonObject {
  return isObject(object.metadata) ? object.metadata : {};
}

/** Which fields the door of a request never owns. */
export function ignoredFields(resource: Resource, subresource: string): FieldSet {
  if (subresource === "status") return setOfPaths(resource.custom ? [["metadata"], ["spec"]] : [["spec"]]);
  return setOfPaths(resource.hasStatus ? [["status"]] : []);
}

export function writerOf(context: WriteContext, manager: string): Writer {
  const { resource, subresource } = context.call;
  return {
    manager,
    apiVersion: formatApiVersion(resource),
    subresource,
    time: subresource === "scale" ? undefined : formatTime(context.world.clock.now()),
    ignored: ignoredFields(resource, subresource),
  };
}

/** Checks apiVersion, kind and namespace of a body against its address, and gives it a name if it wants one. */
export function addressed(context: WriteContext, body: JsonObject): JsonObject {
  const { resource, namespace, name } = context.call;
  const metadata: JsonObject = { ...metadataOf(body) };
  const ownNamespace = digString(metadata, "namespace") ?? "";
  if (resource.namespaced) {
    if (ownNamespace !== "" && ownNamespace !== namespace) {
      throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
    }
    metadata.namespace = namespace;
  } else {
    if (ownNamespace !== "")
      throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
    delete metadata.namespace;
  }
  const ownName = digString(metadata, "name") ?? "";
  if (name !== "" && ownName !== "" && ownName !== name) {
    throw badRequest(`the name of the object (${ownName}) does not match the name on the URL (${name})`);
  }
  if (ownName === "" && name !== "") metadata.name = name;
  const prefix = digString(metadata, "generateName") ?? "";
  if (!metadata.name && prefix !== "") metadata.name = `${prefix.slice(0, 58)}${context.world.suffix(5)}`;
  return { ...body, apiVersion: formatApiVersion(resource), kind: resource.kind, metadata };
}

/**
 * Stores a new object, or pretends to. `manager` tracks its fields as an update; undefined when an apply has done so.
 */
export function createObject(context: WriteContext, body: JsonObject, manager: string | undefined): JsonObject {
  const { world, call } = context;
  const { resource, namespace } = call;
  admitNamespace(world, { ...call, name: digString(body, "metadata", "name") ?? "" }, "create");
  const { resourceVersion, ...given } = metadataOf(body);
  if (typeof resourceVersion === "string" && resourceVersion !== "") {
    throw badRequest("resourceVersion should not be set on objects to be created");
  }
  let object = storageForm(resource, { ...body, metadata: given }).value;
  if (manager !== undefined)
    object = trackUpdate(resource.type, emptyForm(resource), { next: object, writer: writerOf(context, manager) });
  const metadata: JsonObject = { ...metadataOf(object) };
  for (const key of ["deletionTimestamp", "deletionGracePeriodSeconds", "selfLink"]) delete metadata[key];
  metadata.uid = world.uuid();
  metadata.creationTimestamp = formatTime(world.clock.now());
  if (countsGenerations(resource)) metadata.generation = 1;
  else delete metadata.generation;
  const prepared: JsonObject = { ...object, metadata };
  if (resource.hasStatus) delete prepared.status;
  prepareCreate(resource, prepared, world);
  const stored = storageForm(resource, prepared).value;
  validate(resource, stored, undefined);
  refuseEscalation(world, call, stored);
  const name = digString(stored, "metadata", "name") ?? "";
  if (world.store.get(resource.id, storeKey(namespace, name))) throw alreadyExists(resource, name);
  return context.dryRun ? stored : storeObject(world, resource, stored);
}

/** Finalizers of an object that is to be deleted can only be removed. */
function newFinalizers(object: JsonObject, previous: JsonObject | undefined): Cause[] {
  if (dig(previous, "metadata", "deletionTimestamp") === undefined) return [];
  const [before, after] = [dig(previous, "metadata", "finalizers"), dig(object, "metadata", "finalizers")];
  const known = new Set(Array.isArray(before) ? before : []);
  const added = (Array.isArray(after) ? after : []).filter((name) => !known.has(name));
  if (added.length === 0) return [];
  const list = `[]string{${added.map((name) => JSON.stringify(name)).join(", ")}}`;
  const message = `Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers ${list}`;
  return [{ reason: "FieldValueForbidden", message, field: "metadata.finalizers" }];
}

function validate(resource: Resource, object: JsonObject, previous: JsonObject | undefined): void {
  const causes = resource.custom
    ? [...validateMetadata(resource, object), ...validateCustomObject(resource, object, previous)]
    : validateBuiltin(resource, object, previous);
  const name = digString(object, "metadata", "name") ?? "";
  causes.push(...newFinalizers(object, previous));
  if (causes.length > 0) throw invalid(resource, name, causes);
}

/** The parts of a new state that only the server writes stay as they were. */
function keepSystemFields(previous: JsonObject, next: JsonObject): JsonObject {
  const before = metadataOf(previous);
  const metadata: JsonObject = { ...metadataOf(next) };
  for (const key of [
    "uid",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "generation",
    "selfLink",
  ]) {
    const value = before[key];
    if (value === undefined) delete metadata[key];
    else metadata[key] = value;
  }
  return { ...next, metadata };
}

/** Only the status of a status update is taken; of a custom resource nothing else at all. */
function restrict(
  resource: Resource,
  subresource: string,
  { previous, next }: { previous: JsonObject; next: JsonObject },
): JsonObject {
  if (subresource === "status") {
    const { status } = next;
    const managedFields = metadataOf(next).managedFields;
    const metadata: JsonObject = resource.custom ? { ...metadataOf(previous) } : { ...metadataOf(next) };
    if (managedFields !== undefined) metadata.managedFields = managedFields;
    const labels = metadataOf(previous).labels;
    if (!resource.custom && labels !== undefined) metadata.labels = labels;
    const { status: _old, ...rest } = previous;
    return { ...rest, metadata, ...(status === undefined ? {} : { status }) };
  }
  if (!resource.hasStatus) return next;
  const { status: _sent, ...rest } = next;
  return previous.status === undefined ? rest : { ...rest, status: previous.status };
}

/**
 * Stores a new state of an object, or pretends to. A state that changes nothing is not stored and makes no new
 * resourceVersion. The last finalizer's removal from an object that is to be deleted removes the object.
 */
export function updateObject(
  context: WriteContext,
  current: StoredObject,
  { next: given, manager }: { next: JsonObject; manager: string | undefined },
): JsonObject {
  const { world, call } = context;
  const { resource, subresource } = call;
  checkPreconditions(resource, current, given);
  let next = storageForm(resource, keepSystemFields(current.object, given)).value;
  if (manager !== undefined) {
    next = trackUpdate(resource.type, current.object, { next, writer: writerOf(context, manager) });
  }
  next = restrict(resource, subresource, { previous: current.object, next });
  const isMain = subresource === "" || subresource === "scale";
  if (isMain) prepareUpdate(resource, { previous: current.object, next, world });
  if (isMain && isNewGeneration(resource, current.object, next)) {
    const generation = Number(metadataOf(current.object).generation ?? 0) + 1;
    next = { ...next, metadata: { ...metadataOf(next), generation } };
  }
  const stored = withVersion(storageForm(resource, next).value, current);
  validate(resource, stored, current.object);
  if (isSame(stored, current.object)) return current.object;
  refuseEscalation(world, call, stored);
  if (context.dryRun) return stored;
  if (!isFinished(stored)) return storeObject(world, resource, stored);
  world.store.remove(resource.id, current.key);
  return stored;
}

function withVersion(object: JsonObject, current: StoredObject): JsonObject {
  return { ...object, metadata: { ...metadataOf(object), resourceVersion: String(current.revision) } };
}

function checkPreconditions(resource: Resource, current: StoredObject, next: JsonObject): void {
  const metadata = metadataOf(next);
  const uid = digString(metadata, "uid") ?? "";
  if (uid !== "" && uid !== current.uid) {
    const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${current.uid}`;
    throw conflict(resource, current.name, why);
  }
  const version = digString(metadata, "resourceVersion") ?? "";
  if (version !== "" && version !== String(current.revision)) throw conflict(resource, current.name, changedMeanwhile);
  const name = digString(metadata, "name") ?? "";
  if (name !== current.name) {
    throw invalid(resource, current.name, [invalidValue("metadata.name", JSON.stringify(name), "field is immutable")]);
  }
}

/** Equal but for the times of managedFields. */
function isSame(a: JsonObject, b: JsonObject): boolean {
  return equalJson(withoutTimes(a), withoutTimes(b));
}

function withoutTimes(object: JsonObject): JsonObject {
  const { managedFields, ...metadata } = metadataOf(object);
  if (!Array.isArray(managedFields)) return { ...object, metadata };
  const entries = managedFields.map((entry) => {
    if (!isObject(entry)) return entry;
    const { time: _time, ...rest } = entry;
    return rest;
  });
  return { ...object, metadata: { ...metadata, managedFields: entries } };
}

/** To be deleted, and nothing holds it any more. */
export function isFinished(object: JsonObject): boolean {
  if (dig(object, "metadata", "deletionTimestamp") === undefined) return false;
  const finalizers = dig(object, "metadata", "finalizers");
  const holders = dig(object, "spec", "finalizers");
  const grace = dig(object, "metadata", "deletionGracePeriodSeconds");
  if (typeof grace === "number" && grace > 0) return false;
  const isHeld = object.kind === "Namespace" && Array.isArray(holders) && holders.length > 0;
  return !isHeld && (!Array.isArray(finalizers) || finalizers.length === 0);
}
