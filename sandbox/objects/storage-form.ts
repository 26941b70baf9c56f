// Brings what a client sent into the form in which a resource is stored.

import { formatApiVersion, type JsonObject } from "@plumbline/core/model";
import { badRequest, Refusal } from "../api/refusal.ts";
import type { Resource } from "../api/registry.ts";
import type { FieldValidation } from "../api/world.ts";
import { type Conversion, DecodeError, toStored, toTyped } from "./convert.ts";
import { defaultCustom, dropNulls, pruneCustom } from "./custom.ts";

/** Typed, pruned and defaulted; `unknown` names what was dropped. Throws 400 when a value is of the wrong kind. */
export function storageForm(resource: Resource, object: JsonObject): Conversion {
  try {
    if (!resource.custom) return toStored(resource.type, object);
    const { value, unknown } = pruneCustom(resource.type, object);
    const defaulted = defaultCustom(resource.type, dropNulls(resource.type, value));
    return { value: defaulted as JsonObject, unknown }; // an object stays an object
  } catch (thrown) {
    if (thrown instanceof DecodeError) throw cannotHandle(resource, thrown.message);
    throw thrown;
  }
}

/** An object of the kind with nothing set, as the server's types write it. */
export function emptyForm(resource: Resource): JsonObject {
  const names = { apiVersion: formatApiVersion(resource), kind: resource.kind };
  return resource.custom ? names : toTyped(resource.type, names).value;
}

export function cannotHandle(resource: Resource, why: string): Refusal {
  const { kind, version } = resource;
  return badRequest(`${kind} in version ${JSON.stringify(version)} cannot be handled as a ${kind}: ${why}`);
}

/** What a request's fieldValidation makes of fields that the type does not have: an error, warnings, or nothing. */
export function checkUnknown(resource: Resource, unknown: readonly string[], validation: FieldValidation): string[] {
  if (unknown.length === 0 || validation === "Ignore") return [];
  const complaints = unknown.map((path) => `unknown field ${JSON.stringify(path)}`);
  if (validation === "Warn") return complaints;
  const why = `strict decoding error: ${complaints.join(", ")}`;
  throw cannotHandle(resource, why);
}
