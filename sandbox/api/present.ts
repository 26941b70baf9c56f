// Shows a stored object in the version and shape a request asks for.

import { formatApiVersion, isObject, type JsonObject } from "@plumbline/core/model";
import { convertVersion } from "../kinds/versions.ts";
import { defaultCustom, pruneCustom } from "../objects/custom.ts";
import { toTyped } from "../objects/convert.ts";
import type { Resource } from "./registry.ts";

/** The object in the version of the resource that was asked. */
export function presented(resource: Resource, object: JsonObject): JsonObject {
  const apiVersion = formatApiVersion(resource);
  if (object.apiVersion === apiVersion && object.kind === resource.kind) return object;
  if (!resource.custom) return toTyped(resource.type, convertVersion(resource, object)).value;
  const { value } = pruneCustom(resource.type, { ...object, apiVersion, kind: resource.kind });
  const defaulted = defaultCustom(resource.type, value);
  return isObject(defaulted) ? defaulted : value;
}

/** apiVersion, kind and metadata alone. */
export function partialObject(object: JsonObject): JsonObject {
  return { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata: object.metadata ?? {} };
}

const listedObjects = new WeakMap<JsonObject, JsonObject>();

/** An item of a list of built-in objects: a server leaves kind and apiVersion to the list. Made once per state. */
export function listed(object: JsonObject): JsonObject {
  const known = listedObjects.get(object);
  if (known) return known;
  const { apiVersion: _apiVersion, kind: _kind, ...rest } = object;
  listedObjects.set(object, rest);
  return rest;
}
