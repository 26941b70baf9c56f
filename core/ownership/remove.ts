// Takes fields out of a value, by a set of paths.
// Facts: sigs.k8s.io/structured-merge-diff v6, typed/remove.go.

import { type JsonObject, type JsonValue, own, setOwn } from "@plumbline/core/model";
import { fieldType, itemType, type TypeNode } from "@plumbline/core/schema";
import { below, type FieldSet, isEmpty } from "./field-set.ts";
import { fieldElement } from "./path-element.ts";
import { asList, asMap, itemElement, type Maybe, shapeOf } from "./typed-value.ts";

/** `value` without the fields and items of the set; an emptied map or list becomes null. */
export function removeFields(node: TypeNode, value: JsonValue, set: FieldSet): JsonValue {
  switch (shapeOf(node, value)) {
    case "scalar":
      return value;
    case "list":
      return removeItems(node, asList(value) ?? [], set) ?? null;
    case "map":
      return removeKeys(node, asMap(value) ?? {}, set) ?? null;
  }
}

function removeKeys(node: TypeNode, map: JsonObject, set: FieldSet): Maybe {
  if (node.mapType === "atomic") return undefined;
  const out: JsonObject = {};
  for (const key of Object.keys(map)) {
    const element = fieldElement(key);
    if (set.get(element)?.member) continue;
    const value = own(map, key) ?? null;
    const rest = below(set, element);
    const type = fieldType(node, key);
    setOwn(out, key, type && !isEmpty(rest) ? removeFields(type, value, rest) : value);
  }
  return Object.keys(out).length > 0 ? out : undefined;
}

function removeItems(node: TypeNode, items: JsonValue[], set: FieldSet): Maybe {
  if (node.listType === "atomic") return undefined;
  const out: JsonValue[] = [];
  for (const item of items) {
    const element = itemElement(node, item);
    if (set.get(element)?.member) continue;
    const rest = below(set, element);
    out.push(isEmpty(rest) ? item : removeFields(itemType(node), item, rest));
  }
  return out.length > 0 ? out : undefined;
}
