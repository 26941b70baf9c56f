// Validation of a whole custom resource: its schema, then its CEL rules.

import { dig, isObject, type JsonObject } from "@plumbline/core/model";
import type { Cause } from "../api/refusal.ts";
import type { Resource } from "../api/registry.ts";
import { evaluateRules } from "./rules.ts";
import { validateSchema } from "./validate-custom.ts";

/** Complaints about a custom resource; `previous` is undefined for a create. */
export function validateCustomObject(
  resource: Resource,
  object: JsonObject,
  previous: JsonObject | undefined,
): Cause[] {
  const schema = dig(resource.custom?.entry, "schema", "openAPIV3Schema");
  if (!isObject(schema)) return [];
  const { metadata: _metadata, apiVersion: _apiVersion, kind: _kind, ...body } = object;
  const { required, ...rest } = schema;
  const own = ["metadata", "apiVersion", "kind"];
  const needed = Array.isArray(required) ? required.filter((key) => typeof key === "string" && !own.includes(key)) : [];
  const causes = validateSchema({ ...rest, required: needed }, body, "");
  if (!hasRules(schema)) return causes;
  if (causes.some(({ reason }) => blocking.has(reason))) return [...causes, notChecked];
  return [...causes, ...evaluateRules(resource.type, object, previous)];
}

/** Mistakes after which rules would only stumble. */
const blocking = new Set([
  "FieldValueRequired",
  "FieldValueNotSupported",
  "FieldValueTooLong",
  "FieldValueTooMany",
  "FieldValueTypeInvalid",
]);

const notChecked: Cause = {
  reason: "FieldValueInvalid",
  message:
    "Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation",
  field: "<nil>",
};

const ruleful = new WeakMap<JsonObject, boolean>();

function hasRules(schema: JsonObject): boolean {
  const known = ruleful.get(schema);
  if (known !== undefined) return known;
  const found = JSON.stringify(schema).includes('"x-kubernetes-validations"');
  ruleful.set(schema, found);
  return found;
}
