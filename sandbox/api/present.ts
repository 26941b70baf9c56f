// Shows a stored object in the version and shape a request asks for.

import { formatApiVersion, isObject, type JsonObject } from "@plumbline/core/model";
import { convertVersion } from "../kinds/versions.ts";
import { defaultCustom, pruneCustom } from "../objects/custom.ts";
import type { Resource } from "./registry.ts";

/** The object in the version of the resource that was asked. */
export function presented(resource: Resource, object: JsonObject): JsonObject {
  const apiVersion = formatApiVersion(resource);
  if (object.apiVersion === apiVersion && object.kind === resource.kind) return object;
  if (!resource.custom) return convertVersion(resource, object);
  const { value } = pruneCustom(resource.type, { ...object, apiVersion, kind: resource.kind });
  const defaulted = defaultCustom(resource.type, value);
  return isObject(defaulted) ? defaulted : value;
}

/** apiVersion, kind and metadata alone. */
export function partialObject(object: JsonObject): JsonObject {
  return { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata: object.metadata ?? {} };
}
