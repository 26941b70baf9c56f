// What controllers do to objects, through the same checks as everybody's writes.

import { dig, digString, isObject, type JsonObject, type JsonValue } from "@plumbline/core/model";
import { administrator } from "../access/users.ts";
import { Refusal } from "../api/refusal.ts";
import type { Resource } from "../api/registry.ts";
import { type DeleteOptions, remove } from "../api/remove.ts";
import { currentState } from "../api/storage.ts";
import type { ResourceCall, World } from "../api/world.ts";
import { addressed, createObject, updateObject } from "../api/write.ts";
import type { StoredObject } from "../store/store.ts";

export const controllerManager = "kube-controller-manager";

function callFor(resource: Resource, ref: { namespace: string; name: string; subresource?: string }): ResourceCall {
  const { namespace, name, subresource = "" } = ref;
  return {
    resource,
    namespace,
    name,
    subresource,
    query: new URLSearchParams(),
    user: administrator,
    agent: controllerManager,
  };
}

/**
 * Runs a write. A refusal is no failure of the sandbox: the object went, or its namespace is going; the event that
 * tells so brings the controller here again.
 */
function attempt<T>(write: () => T): T | undefined {
  try {
    return write();
  } catch (thrown) {
    if (thrown instanceof Refusal) return undefined;
    throw thrown;
  }
}

function resourceOf(world: World, object: JsonObject): Resource | undefined {
  return world.registry.ofKind(digString(object, "apiVersion") ?? "", digString(object, "kind") ?? "");
}

/** Creates an object as a controller; undefined when it is refused. */
export function create(world: World, object: JsonObject): JsonObject | undefined {
  const resource = resourceOf(world, object);
  if (!resource) return undefined;
  const namespace = digString(object, "metadata", "namespace") ?? "";
  const call = callFor(resource, { namespace, name: "" });
  const context = { world, call, dryRun: false };
  return attempt(() => createObject(context, addressed(context, object), controllerManager));
}

/** Rewrites the stored object by a function of its present state; undefined when it is gone or refused. */
export function change(
  world: World,
  state: StoredObject,
  { subresource = "", edit }: { subresource?: string; edit: (object: JsonObject) => JsonObject },
): JsonObject | undefined {
  const resource = resourceOf(world, state.object);
  if (!resource) return undefined;
  const call = callFor(resource, { namespace: state.namespace, name: state.name, subresource });
  const current = currentState(world, call);
  if (!current || current.uid !== state.uid) return undefined;
  return attempt(() =>
    updateObject({ world, call, dryRun: false }, current, { next: edit(current.object), manager: controllerManager }),
  );
}

/** Writes the status of an object. */
export function setStatus(world: World, state: StoredObject, status: JsonObject): void {
  change(world, state, { subresource: "status", edit: (object) => ({ ...object, status }) });
}

/** Deletes an object as a controller. */
export function destroy(world: World, state: StoredObject, options: Partial<DeleteOptions> = {}): void {
  const resource = resourceOf(world, state.object);
  if (!resource) return;
  const call = callFor(resource, { namespace: state.namespace, name: state.name });
  const preconditions = { uid: state.uid };
  attempt(() =>
    remove(world, call, {
      dryRun: false,
      propagation: "Background",
      graceSeconds: undefined,
      preconditions,
      ...options,
    }),
  );
}

export function removeFinalizer(world: World, state: StoredObject, name: string): void {
  change(world, state, {
    edit: (object) => {
      const metadata = isObject(object.metadata) ? object.metadata : {};
      const finalizers = Array.isArray(metadata.finalizers) ? metadata.finalizers : [];
      return { ...object, metadata: { ...metadata, finalizers: finalizers.filter((item) => item !== name) } };
    },
  });
}

export function isTerminating(object: JsonObject): boolean {
  return dig(object, "metadata", "deletionTimestamp") !== undefined;
}

export function hasFinalizer(object: JsonObject, name: string): boolean {
  const finalizers = dig(object, "metadata", "finalizers");
  return Array.isArray(finalizers) && finalizers.includes(name);
}

/** The owner reference that a controller puts into what it creates. */
export function controllerReference(owner: JsonObject): JsonObject {
  return {
    apiVersion: digString(owner, "apiVersion") ?? "",
    kind: digString(owner, "kind") ?? "",
    name: digString(owner, "metadata", "name") ?? "",
    uid: digString(owner, "metadata", "uid") ?? "",
    controller: true,
    blockOwnerDeletion: true,
  };
}

/** uid of the controlling owner, or undefined. */
export function controllerUid(object: JsonObject): string | undefined {
  const owners = dig(object, "metadata", "ownerReferences");
  if (!Array.isArray(owners)) return undefined;
  const controller = owners.find((owner) => dig(owner, "controller") === true);
  return digString(controller, "uid");
}

/** The controlling owner of an object, when it is of this resource and still there. */
export function controllerOf(world: World, object: JsonObject, resource: string): StoredObject | undefined {
  const uid = controllerUid(object);
  const owner = uid === undefined ? undefined : world.store.byUid(uid);
  return owner?.resource === resource ? owner : undefined;
}

/** Objects of a resource that an owner controls, oldest first. */
export function controlled(world: World, resource: string, owner: StoredObject): StoredObject[] {
  const owned = world.store.dependents(owner.uid).filter((state) => state.resource === resource);
  return owned.filter(({ object }) => controllerUid(object) === owner.uid);
}

export function numberAt(object: JsonValue | undefined, ...path: string[]): number {
  const value = dig(object, ...path);
  return typeof value === "number" ? value : 0;
}

export function conditionStatus(object: JsonObject, type: string): string | undefined {
  const conditions = dig(object, "status", "conditions");
  if (!Array.isArray(conditions)) return undefined;
  return digString(
    conditions.find((item) => dig(item, "type") === type),
    "status",
  );
}
