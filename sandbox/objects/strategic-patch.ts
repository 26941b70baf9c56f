// Strategic merge patch: merges lists by their merge keys, with directives.
// Facts: k8s.io/apimachinery pkg/util/strategicpatch.

import { equalJson, isObject, type JsonObject, type JsonValue, own, setOwn } from "@plumbline/core/model";
import { type Field, fieldType, itemType, type TypeNode } from "@plumbline/core/schema";

const orderPrefix = "$setElementOrder/";
const deletePrefix = "$deleteFromPrimitiveList/";
const retainKeys = "$retainKeys";
const directive = "$patch";

/** Applies a strategic merge patch to an object of a built-in type. Throws RangeError for an unknown directive. */
export function strategicPatch(node: TypeNode, target: JsonObject, patch: JsonObject): JsonObject {
  return mergeMap(node, target, patch);
}

function mergeMap(node: TypeNode, target: JsonObject, patch: JsonObject): JsonObject {
  const { [directive]: command, ...rest } = patch;
  if (command === "replace") return withoutNulls(rest);
  if (command === "delete") return {};
  if (command !== undefined && command !== "merge")
    throw new RangeError(`Unknown patch type found: ${JSON.stringify(command)}`);
  let out: JsonObject = { ...target };
  const kept = own(patch, retainKeys);
  if (Array.isArray(kept)) out = Object.fromEntries(Object.entries(out).filter(([key]) => kept.includes(key)));
  for (const key of Object.keys(rest)) {
    const value = own(rest, key) ?? null;
    if (key === retainKeys || key.startsWith(orderPrefix)) continue;
    if (key.startsWith(deletePrefix)) {
      deletePrimitives(out, key.slice(deletePrefix.length), value);
      continue;
    }
    if (value === null) {
      delete out[key];
      continue;
    }
    setOwn(
      out,
      key,
      mergeField(node, key, { target: own(out, key), patch: value, order: own(rest, orderPrefix + key) }),
    );
  }
  for (const key of Object.keys(rest)) {
    const name = key.slice(orderPrefix.length);
    if (key.startsWith(orderPrefix) && !Object.hasOwn(rest, name))
      orderOnly(node, out, { name, order: own(rest, key) });
  }
  return out;
}

interface Merge {
  readonly target: JsonValue | undefined;
  readonly patch: JsonValue;
  readonly order: JsonValue | undefined;
}

function mergeField(node: TypeNode, key: string, { target, patch, order }: Merge): JsonValue {
  const field = node.fields?.get(key);
  const type = fieldType(node, key);
  if (isObject(patch)) {
    if (patch[directive] === "replace") return mergeMap(node, {}, patch);
    return type ? mergeMap(type, isObject(target) ? target : {}, patch) : patch;
  }
  if (!Array.isArray(patch) || !type || !field || !mergesLists(field)) return patch;
  return mergeList(type, field.patchMergeKey, { target: Array.isArray(target) ? target : [], patch, order });
}

function mergesLists(field: Field): boolean {
  return field.patchStrategy === "merge" || field.patchStrategy === "merge,retainKeys";
}

function withoutNulls(map: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(map).filter(([, value]) => value !== null));
}

function deletePrimitives(out: JsonObject, key: string, values: JsonValue): void {
  const list = own(out, key);
  if (Array.isArray(list) && Array.isArray(values)) {
    setOwn(
      out,
      key,
      list.filter((item) => !values.some((value) => equalJson(value, item))),
    );
  }
}

interface ListMerge {
  readonly target: JsonValue[];
  readonly patch: JsonValue[];
  readonly order: JsonValue | undefined;
}

function mergeList(list: TypeNode, mergeKey: string | undefined, { target, patch, order }: ListMerge): JsonValue {
  if (mergeKey === undefined) {
    const added = patch.filter((item) => !target.some((present) => equalJson(present, item)));
    return ordered([...target, ...added], order, (item) => JSON.stringify(item));
  }
  const keyOf = (item: JsonValue): string => JSON.stringify(isObject(item) ? (own(item, mergeKey) ?? null) : item);
  if (patch.some((item) => isObject(item) && item[directive] === "replace")) {
    return patch.filter((item) => !(isObject(item) && item[directive] === "replace"));
  }
  let out = [...target];
  for (const item of patch) {
    if (!isObject(item)) continue;
    const key = keyOf(item);
    if (item[directive] === "delete") {
      out = out.filter((present) => keyOf(present) !== key);
      continue;
    }
    const at = out.findIndex((present) => keyOf(present) === key);
    const present = out[at];
    const merged = mergeMap(itemType(list), isObject(present) ? present : {}, item);
    if (at < 0) out.push(merged);
    else out[at] = merged;
  }
  return ordered(out, order, keyOf);
}

function orderOnly(
  node: TypeNode,
  out: JsonObject,
  { name, order }: { name: string; order: JsonValue | undefined },
): void {
  const list = own(out, name);
  const mergeKey = node.fields?.get(name)?.patchMergeKey;
  if (!Array.isArray(list)) return;
  const keyOf = (item: JsonValue): string =>
    JSON.stringify(mergeKey !== undefined && isObject(item) ? (own(item, mergeKey) ?? null) : item);
  setOwn(out, name, ordered(list, order, keyOf));
}

/** Items that the order names stand in its order; others stay after the item they followed. */
function ordered(list: JsonValue[], order: JsonValue | undefined, keyOf: (item: JsonValue) => string): JsonValue[] {
  if (!Array.isArray(order)) return list;
  const rank = new Map(order.map((item, i) => [keyOf(item), i]));
  const named = list.filter((item) => rank.has(keyOf(item)));
  named.sort((a, b) => (rank.get(keyOf(a)) ?? 0) - (rank.get(keyOf(b)) ?? 0));
  const out: JsonValue[] = [];
  let next = 0;
  for (const item of list) {
    const sorted = rank.has(keyOf(item)) ? named[next++] : item;
    if (sorted !== undefined) out.push(sorted);
  }
  return out;
}
