// Items of keyed lists that another manager put in the place of ours: `port: 81` where Git says `port: 80`.

import { Failure, type JsonObject, type JsonValue, type Manifest, equalJson, isObject } from "@plumbline/core/model";

/** A list that the API server would not accept with our items and theirs. */
export interface RefusedList {
  /** Names of fields on the way, without indices: `["spec", "ports"]`. */
  path: readonly string[];
  desired: Manifest;
}

/**
 * The list that a refusal complains about because items of two managers came together in it: two of one name, or
 * several where the name may only be left out of a single one. Undefined for any other refusal.
 */
export function refusedList(error: unknown, desired: Manifest): RefusedList | undefined {
  if (!(error instanceof Failure) || !/\b(?:Duplicate|Required) value\b/.test(error.message)) return undefined;
  const list = /^(.*)\[\d+\][^[]*$/.exec(error.where?.field ?? "")?.[1];
  return list === undefined ? undefined : { path: list.replaceAll(/\[\d+\]/g, "").split("."), desired };
}

/** One manager's `fieldsV1`, without the items of that list that are not desired, and those items alone. */
export function splitItems(fields: JsonObject, list: RefusedList): { kept: JsonObject; moved: JsonObject } {
  return split(fields, list.desired, list.path);
}

function split(
  fields: JsonObject,
  at: JsonValue | undefined,
  path: readonly string[],
): { kept: JsonObject; moved: JsonObject } {
  const kept: JsonObject = {};
  const moved: JsonObject = {};
  for (const [key, below] of Object.entries(fields)) {
    const item = key.startsWith("k:") && Array.isArray(at) ? itemOf(key, at) : undefined;
    const isForeign = key.startsWith("k:") && Array.isArray(at) && item === undefined && path.length === 0;
    const child = key.startsWith("f:") ? childOf(key, at, path) : item && { at: item, path };
    if (isForeign) moved[key] = below;
    else if (!child || !isObject(below)) kept[key] = below;
    else {
      const parts = split(below, child.at, child.path);
      if (Object.keys(parts.moved).length > 0) moved[key] = parts.moved;
      if (Object.keys(parts.kept).length > 0 || Object.keys(below).length === 0) kept[key] = parts.kept;
    }
  }
  return { kept, moved };
}

function childOf(
  key: string,
  at: JsonValue | undefined,
  path: readonly string[],
): { at: JsonValue; path: readonly string[] } | undefined {
  const [next, ...rest] = path;
  const name = key.slice(2);
  const child = isObject(at) && Object.hasOwn(at, name) ? at[name] : undefined;
  return next === name && child !== undefined ? { at: child, path: rest } : undefined;
}

/** `k:{"port":80,"protocol":"TCP"}` names an item by some of its fields. */
function itemOf(key: string, items: readonly JsonValue[]): JsonValue | undefined {
  const wanted: unknown = JSON.parse(key.slice(2));
  if (typeof wanted !== "object" || wanted === null) return undefined;
  return items.find(
    (item) =>
      isObject(item) && Object.entries(wanted).every(([name, value]) => equalJson(item[name], value as JsonValue)), // parsed JSON
  );
}
