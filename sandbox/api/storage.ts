// Between the version a request speaks and the version the store keeps.

import { formatApiVersion, type JsonObject } from "@plumbline/core/model";
import { convertVersion } from "../kinds/versions.ts";
import { type StoredObject, storeKey } from "../store/store.ts";
import { presented } from "./present.ts";
import { notFound } from "./refusal.ts";
import type { Resource } from "./registry.ts";
import type { ResourceCall, World } from "./world.ts";

/** Resources whose stored version is not the one asked, by store id. */
const storedVersions: Readonly<Record<string, string>> = {
  "/events": "v1",
  "autoscaling/horizontalpodautoscalers": "autoscaling/v2",
};

/** The stored object of a call in the call's version; undefined when there is none. */
export function currentState(world: World, call: ResourceCall): StoredObject | undefined {
  const found = world.store.get(call.resource.id, storeKey(call.namespace, call.name));
  if (!found) return undefined;
  const object = presented(call.resource, found.object);
  return object === found.object ? found : { ...found, object };
}

/** As `currentState`; throws 404. */
export function existingState(world: World, call: ResourceCall): StoredObject {
  const found = currentState(world, call);
  if (!found) throw notFound(call.resource, call.name);
  return found;
}

/** Stores an object of a resource; gives it back in the resource's version. */
export function storeObject(world: World, resource: Resource, object: JsonObject): JsonObject {
  return presented(resource, world.store.put(resource.id, toStorage(world, resource, object)).object);
}

function toStorage(world: World, resource: Resource, object: JsonObject): JsonObject {
  const version = resource.custom
    ? formatApiVersion({ group: resource.group, version: resource.custom.storageVersion })
    : storedVersions[resource.id];
  if (version === undefined || version === object.apiVersion) return object;
  if (resource.custom) return { ...object, apiVersion: version };
  const stored = world.registry.ofKind(version, resource.kind);
  return stored ? convertVersion(stored, object) : object;
}
