// Is an object just as we would make it, and if not, where? Answered from its managedFields alone, asking nobody.

import { type JsonObject, type JsonValue, type Manifest, equalJson, gvkOf, isObject } from "@plumbline/core/model";
import { builtinType, itemType, type TypeNode } from "@plumbline/core/schema";
import { asStored, childType, withFieldDefaults } from "./server-defaults.ts";

/** Never part of fieldsV1: they name the object. */
const IDENTITY = new Set(["apiVersion", "kind"]);

/** One field in which an object is not as we would make it. */
export interface FieldDifference {
  /** As managedFields spell it: `["f:spec", "f:containers", "k:{\"name\":\"web\"}", "f:image"]`. */
  elements: string[];
  /**
   * `value`: ours, and somebody gave it another value. `unowned`: desired, and not (or no longer) ours. `dropped`: ours,
   * and no longer desired.
   */
  kind: "value" | "unowned" | "dropped";
  desired: JsonValue | undefined;
  live: JsonValue | undefined;
}

/**
 * True only if the fields of `desired` are exactly those that `fieldsV1` (our own entry of the live object) lists, and
 * every value is equal in `live`, or differs by what an API server adds to values of built-in kinds that are owned as a
 * whole. A false answer costs one apply that changes nothing, so every doubt is a false.
 */
export function matchesDesired(desired: Manifest, live: Manifest, fieldsV1: JsonObject): boolean {
  return fieldDifferences(desired, live, fieldsV1, 1).length === 0;
}

/** What `matchesDesired` finds, at most `limit` fields of it. */
export function fieldDifferences(
  desired: Manifest,
  live: Manifest,
  fieldsV1: JsonObject,
  limit = Infinity,
): FieldDifference[] {
  const stripped: JsonObject = {};
  for (const [key, value] of Object.entries(desired)) if (!IDENTITY.has(key)) stripped[key] = value;
  if (isObject(stripped.metadata)) {
    const { name: _name, namespace: _namespace, ...metadata } = stripped.metadata;
    if (Object.keys(metadata).length === 0) delete stripped.metadata;
    else stripped.metadata = metadata;
  }
  const search: Search = { found: [], limit };
  compare({ desired: stripped, live, type: builtinType(gvkOf(desired)) }, fieldsV1, search);
  return search.found;
}

interface Search {
  found: FieldDifference[];
  limit: number;
}

/** One place in both objects, with its type where that is known. */
interface Place {
  desired: JsonValue | undefined;
  live: JsonValue | undefined;
  type: TypeNode | undefined;
  element?: string;
  parent?: Place;
}

function report(search: Search, kind: FieldDifference["kind"], place: Place): void {
  if (search.found.length >= search.limit) return;
  const elements: string[] = [];
  for (let at: Place | undefined = place; at; at = at.parent)
    if (at.element !== undefined) elements.unshift(at.element);
  search.found.push({ elements, kind, desired: place.desired, live: place.live });
}

function compare(place: Place, fields: JsonObject, search: Search): void {
  if (search.found.length >= search.limit) return;
  const { desired, live } = place;
  if (desired === undefined) return report(search, "dropped", place);
  const children = Object.keys(fields).filter((key) => key !== ".");
  if (children.length === 0) {
    if (!isSameLeaf(place)) report(search, "value", place);
  } else if (children[0]?.startsWith("f:")) {
    if (isObject(desired) && isObject(live)) compareMaps({ ...place, desired, live }, fields, search);
    else report(search, "value", place);
  } else if (Array.isArray(desired) && Array.isArray(live)) {
    compareItems({ ...place, desired, live }, fields, search);
  } else {
    report(search, "value", place);
  }
}

/** An empty value that was sent counts as existence only: the API server fills it with defaults. */
function isSameLeaf({ desired, live, type }: Place): boolean {
  if (desired === undefined) return false;
  const isEmptyMap = isObject(desired) && Object.keys(desired).length === 0;
  if (isEmptyMap) return isObject(live);
  return equalJson(desired, live) || (type !== undefined && equalJson(asStored(type, desired), live));
}

type Maps = Place & { desired: JsonObject; live: JsonObject };

function compareMaps(place: Maps, fields: JsonObject, search: Search): void {
  const { desired, live, type } = place;
  const at = (key: string, value: JsonValue | undefined): Place => ({
    desired: value,
    live: Object.hasOwn(live, key) ? live[key] : undefined,
    type: childType(type, key),
    element: `f:${key}`,
    parent: place,
  });
  for (const [key, value] of Object.entries(desired)) {
    if (value !== null && !Object.hasOwn(fields, `f:${key}`)) report(search, "unowned", at(key, value));
  }
  const filled = withFieldDefaults(type, desired);
  for (const [child, below] of Object.entries(fields)) {
    if (child === ".") continue;
    const key = child.slice(2);
    const isSent = child.startsWith("f:") && Object.hasOwn(desired, key) && desired[key] !== null;
    const next = at(key, isSent ? filled[key] : undefined);
    if (!isObject(below) || (isSent && next.live === undefined)) report(search, "value", next);
    else compare(next, below, search);
  }
}

type Lists = Place & { desired: JsonValue[]; live: JsonValue[] };

function compareItems(place: Lists, fields: JsonObject, search: Search): void {
  const { desired, live, type } = place;
  const items = type && itemType(type);
  const known = new Set<number>();
  for (const [child, below] of Object.entries(fields)) {
    if (child === ".") continue;
    const isWanted = finder(child);
    const index = desired.findIndex(isWanted);
    if (index >= 0) known.add(index);
    const next = { desired: desired[index], live: live.find(isWanted), type: items, element: child, parent: place };
    if (!isObject(below) || (index >= 0 && next.live === undefined)) report(search, "value", next);
    else compare(next, below, search);
  }
  desired.forEach((item, index) => {
    if (known.has(index)) return;
    report(search, "unowned", { desired: item, live: undefined, type: items, element: `i:${index}`, parent: place });
  });
}

/** Tells the item that an element of fieldsV1 names; an index is nothing that can be found again. */
function finder(element: string): (item: JsonValue) => boolean {
  if (element.startsWith("v:")) {
    const value = JSON.parse(element.slice(2)) as JsonValue;
    return (item) => equalJson(item, value);
  }
  if (!element.startsWith("k:")) return () => false;
  const keys = Object.entries(JSON.parse(element.slice(2)) as JsonObject);
  return (item) => isObject(item) && keys.every(([key, value]) => equalJson(item[key], value));
}
