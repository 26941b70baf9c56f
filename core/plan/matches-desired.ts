// Is an object just as we would make it? Answered from its managedFields alone, without asking the API server.

import { type JsonObject, type JsonValue, type Manifest, equalJson, isObject } from "@plumbline/core/model";

/** Never part of fieldsV1: they name the object. */
const IDENTITY = new Set(["apiVersion", "kind"]);

/**
 * True only if the fields of `desired` are exactly those that `fieldsV1` (our own entry of the live object) lists, and
 * every value is equal in `live`. A false answer costs one apply that changes nothing, so every doubt is a false:
 * quantities in another spelling, list keys that the API server defaulted.
 */
export function matchesDesired(desired: Manifest, live: Manifest, fieldsV1: JsonObject): boolean {
  const stripped: JsonObject = {};
  for (const [key, value] of Object.entries(desired)) if (!IDENTITY.has(key)) stripped[key] = value;
  if (isObject(stripped.metadata)) {
    const { name: _name, namespace: _namespace, ...metadata } = stripped.metadata;
    if (Object.keys(metadata).length === 0) delete stripped.metadata;
    else stripped.metadata = metadata;
  }
  return matches(stripped, live, fieldsV1);
}

function matches(desired: JsonValue | undefined, live: JsonValue | undefined, fields: JsonObject): boolean {
  const children = Object.keys(fields).filter((key) => key !== ".");
  if (children.length === 0) return matchesLeaf(desired, live);
  if (children[0]?.startsWith("f:")) return matchesMap(desired, live, fields, children);
  return Array.isArray(desired) && Array.isArray(live) && matchesItems(desired, live, fields, children);
}

/** An empty value that was sent counts as existence only: the API server fills it with defaults. */
function matchesLeaf(desired: JsonValue | undefined, live: JsonValue | undefined): boolean {
  const isEmptyMap = isObject(desired) && Object.keys(desired).length === 0;
  return isEmptyMap ? isObject(live) : desired !== undefined && equalJson(desired, live);
}

function matchesMap(
  desired: JsonValue | undefined,
  live: JsonValue | undefined,
  fields: JsonObject,
  children: string[],
): boolean {
  if (!isObject(desired) || !isObject(live)) return false;
  const sent = Object.keys(desired).filter((key) => desired[key] !== null);
  if (sent.length !== children.length) return false;
  return children.every((child) => {
    const key = child.slice(2);
    const below = fields[child];
    if (!child.startsWith("f:") || !Object.hasOwn(desired, key) || !Object.hasOwn(live, key) || !isObject(below))
      return false;
    return matches(desired[key], live[key], below);
  });
}

function matchesItems(desired: JsonValue[], live: JsonValue[], fields: JsonObject, children: string[]): boolean {
  if (desired.length !== children.length) return false;
  return children.every((child) => {
    const below = fields[child];
    if (!isObject(below)) return false;
    if (child.startsWith("v:")) return includesValue(desired, live, child.slice(2));
    if (!child.startsWith("k:")) return false;
    const keys = JSON.parse(child.slice(2)) as JsonObject;
    return matches(findItem(desired, keys), findItem(live, keys), below);
  });
}

function includesValue(desired: JsonValue[], live: JsonValue[], text: string): boolean {
  const value = JSON.parse(text) as JsonValue;
  const has = (list: JsonValue[]): boolean => list.some((item) => equalJson(item, value));
  return has(desired) && has(live);
}

function findItem(items: JsonValue[], keys: JsonObject): JsonValue | undefined {
  return items.find(
    (item) => isObject(item) && Object.entries(keys).every(([key, value]) => equalJson(item[key], value)),
  );
}
