// Is an object just as we would make it? Answered from its managedFields alone, without asking the API server.

import { type JsonObject, type JsonValue, type Manifest, equalJson, gvkOf, isObject } from "@plumbline/core/model";
import { builtinType, itemType, type TypeNode } from "@plumbline/core/schema";
import { asStored, childType, withFieldDefaults } from "./server-defaults.ts";

/** Never part of fieldsV1: they name the object. */
const IDENTITY = new Set(["apiVersion", "kind"]);

/**
 * True only if the fields of `desired` are exactly those that `fieldsV1` (our own entry of the live object) lists, and
 * every value is equal in `live`, or differs by what an API server adds to values of built-in kinds that are owned as a
 * whole. A false answer costs one apply that changes nothing, so every doubt is a false.
 */
export function matchesDesired(desired: Manifest, live: Manifest, fieldsV1: JsonObject): boolean {
  const stripped: JsonObject = {};
  for (const [key, value] of Object.entries(desired)) if (!IDENTITY.has(key)) stripped[key] = value;
  if (isObject(stripped.metadata)) {
    const { name: _name, namespace: _namespace, ...metadata } = stripped.metadata;
    if (Object.keys(metadata).length === 0) delete stripped.metadata;
    else stripped.metadata = metadata;
  }
  return matches({ desired: stripped, live, type: builtinType(gvkOf(desired)) }, fieldsV1);
}

/** One place in both objects, with its type where that is known. */
interface Place {
  desired: JsonValue | undefined;
  live: JsonValue | undefined;
  type: TypeNode | undefined;
}

function matches(place: Place, fields: JsonObject): boolean {
  const { desired, live, type } = place;
  const children = Object.keys(fields).filter((key) => key !== ".");
  if (children.length === 0) return matchesLeaf(place);
  if (children[0]?.startsWith("f:")) return matchesMap(place, fields, children);
  const items = type && itemType(type);
  return Array.isArray(desired) && Array.isArray(live) && matchesItems({ desired, live, items }, fields, children);
}

/** An empty value that was sent counts as existence only: the API server fills it with defaults. */
function matchesLeaf({ desired, live, type }: Place): boolean {
  if (desired === undefined) return false;
  const isEmptyMap = isObject(desired) && Object.keys(desired).length === 0;
  if (isEmptyMap) return isObject(live);
  return equalJson(desired, live) || (type !== undefined && equalJson(asStored(type, desired), live));
}

function matchesMap({ desired, live, type }: Place, fields: JsonObject, children: string[]): boolean {
  if (!isObject(desired) || !isObject(live)) return false;
  const sent = Object.keys(desired).filter((key) => desired[key] !== null);
  if (sent.length !== children.length) return false;
  const filled = withFieldDefaults(type, desired);
  return children.every((child) => {
    const key = child.slice(2);
    const below = fields[child];
    if (!child.startsWith("f:") || !Object.hasOwn(desired, key) || !Object.hasOwn(live, key) || !isObject(below))
      return false;
    return matches({ desired: filled[key], live: live[key], type: childType(type, key) }, below);
  });
}

interface Lists {
  desired: JsonValue[];
  live: JsonValue[];
  items: TypeNode | undefined;
}

function matchesItems({ desired, live, items }: Lists, fields: JsonObject, children: string[]): boolean {
  if (desired.length !== children.length) return false;
  return children.every((child) => {
    const below = fields[child];
    if (!isObject(below)) return false;
    if (child.startsWith("v:")) return includesValue(desired, live, child.slice(2));
    if (!child.startsWith("k:")) return false;
    const keys = JSON.parse(child.slice(2)) as JsonObject;
    return matches({ desired: findItem(desired, keys), live: findItem(live, keys), type: items }, below);
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
