// Garbage collection: what only deleted objects owned goes too.
// Facts: k8s.io/kubernetes pkg/controller/garbagecollector.

import { dig, digString, isObject, type JsonObject } from "@plumbline/core/model";
import { foregroundFinalizer, orphanFinalizer } from "../api/remove.ts";
import type { World } from "../api/world.ts";
import type { StoredObject } from "../store/store.ts";
import { storeKey } from "../store/store.ts";
import { change, destroy, hasFinalizer, isTerminating, removeFinalizer } from "./actions.ts";
import type { Controller } from "./start.ts";

export const garbageController: Controller = (world, event) => {
  const { state } = event;
  if (event.type === "DELETED") {
    for (const dependent of dependentsOf(world, state)) collect(world, dependent);
    for (const owner of ownersOf(world, state.object)) finishForeground(world, owner);
    return;
  }
  if (isTerminating(state.object)) {
    if (hasFinalizer(state.object, orphanFinalizer)) orphan(world, state);
    if (hasFinalizer(state.object, foregroundFinalizer)) finishForeground(world, state);
  }
  if (references(state.object).length > 0) collect(world, state);
};

function references(object: JsonObject): JsonObject[] {
  const list = dig(object, "metadata", "ownerReferences");
  return Array.isArray(list) ? list.filter(isObject) : [];
}

function dependentsOf(world: World, owner: StoredObject): StoredObject[] {
  return world.store
    .dependents(owner.uid)
    .filter(({ namespace }) => owner.namespace === "" || namespace === owner.namespace);
}

function ownerOf(world: World, object: JsonObject, reference: JsonObject): StoredObject | undefined {
  const resource = world.registry.ofKind(digString(reference, "apiVersion") ?? "", digString(reference, "kind") ?? "");
  if (!resource) return undefined;
  const namespace = resource.namespaced ? (digString(object, "metadata", "namespace") ?? "") : "";
  const found = world.store.get(resource.id, storeKey(namespace, digString(reference, "name") ?? ""));
  return found?.uid === reference.uid ? found : undefined;
}

function ownersOf(world: World, object: JsonObject): StoredObject[] {
  return references(object).flatMap((reference) => ownerOf(world, object, reference) ?? []);
}

/** Deletes an object none of whose owners is left; the check is made anew, as things may have changed. */
function collect(world: World, stale: StoredObject): void {
  const { object } = stale;
  const resource = world.registry.ofKind(digString(object, "apiVersion") ?? "", digString(object, "kind") ?? "");
  const state = resource && world.store.get(resource.id, stale.key);
  if (!state || state.uid !== stale.uid || isTerminating(state.object)) return;
  const owners = references(state.object);
  if (owners.length === 0 || owners.some((reference) => !isKnownKind(world, reference))) return;
  if (ownersOf(world, state.object).length === 0) destroy(world, state);
}

/** An owner of a kind that the sandbox does not serve is not known to be gone. */
function isKnownKind(world: World, reference: JsonObject): boolean {
  return (
    world.registry.ofKind(digString(reference, "apiVersion") ?? "", digString(reference, "kind") ?? "") !== undefined
  );
}

function orphan(world: World, owner: StoredObject): void {
  for (const dependent of dependentsOf(world, owner)) {
    change(world, dependent, {
      edit: (object) => {
        const ownerReferences = references(object).filter((reference) => reference.uid !== owner.uid);
        return { ...object, metadata: { ...(isObject(object.metadata) ? object.metadata : {}), ownerReferences } };
      },
    });
  }
  removeFinalizer(world, owner, orphanFinalizer);
}

/** Foreground deletion: dependents that block first, then the owner. */
function finishForeground(world: World, stale: StoredObject): void {
  const resource = world.registry.ofKind(
    digString(stale.object, "apiVersion") ?? "",
    digString(stale.object, "kind") ?? "",
  );
  const owner = resource && world.store.get(resource.id, stale.key);
  if (!owner || owner.uid !== stale.uid || !hasFinalizer(owner.object, foregroundFinalizer)) return;
  const dependents = dependentsOf(world, owner);
  for (const dependent of dependents)
    if (!isTerminating(dependent.object)) destroy(world, dependent, { propagation: "Foreground" });
  const blocking = dependentsOf(world, owner).some(({ object }) =>
    references(object).some((reference) => reference.uid === owner.uid && reference.blockOwnerDeletion === true),
  );
  if (!blocking) removeFinalizer(world, owner, foregroundFinalizer);
}
