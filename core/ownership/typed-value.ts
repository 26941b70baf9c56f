// Values seen through their type: which alternative of a type a value takes, and how list items are told apart.
// Facts: sigs.k8s.io/structured-merge-diff v6, typed/helpers.go.

import { isObject, type JsonObject, type JsonValue, own, setOwn } from "@plumbline/core/model";
import { itemType, type TypeNode } from "@plumbline/core/schema";
import { keyElement, valueElement } from "./path-element.ts";

/** Absent is undefined; null is a value. */
export type Maybe = JsonValue | undefined;
export type Shape = "map" | "list" | "scalar";

/** The shape in which a type takes a value: an open type takes the value's own, the absent or null is a map there. */
export function shapeOf(node: TypeNode, value: Maybe): Shape {
  switch (node.type) {
    case "object":
      return "map";
    case "array":
      return "list";
    case "":
      if (node.format === "quantity") return "scalar";
      if (value === undefined || value === null || isObject(value)) return "map";
      return Array.isArray(value) ? "list" : "scalar";
    default:
      return "scalar";
  }
}

export function asMap(value: Maybe): JsonObject | undefined {
  return isObject(value) ? value : undefined;
}

export function asList(value: Maybe): JsonValue[] | undefined {
  return Array.isArray(value) ? value : undefined;
}

/**
 * The path element of an item of a set or keyed list.
 * @throws TypeError when the item cannot be told apart (no key, or a list in a set)
 */
export function itemElement(list: TypeNode, item: JsonValue): string {
  if (list.listKeys.length > 0) return keyedElement(list, item);
  if (isObject(item)) throw new TypeError("associative list without keys has an element that's a map type");
  if (Array.isArray(item)) throw new TypeError("not supported: associative list with lists as elements");
  if (item === null) throw new TypeError("associative list without keys has an element that's an explicit null");
  return valueElement(item);
}

function keyedElement(list: TypeNode, item: JsonValue): string {
  if (item === null) throw new TypeError("associative list with keys may not have a null element");
  if (!isObject(item)) throw new TypeError("associative list with keys may not have non-map elements");
  const type = itemType(list);
  const key: JsonObject = {};
  for (const name of list.listKeys) {
    const value = own(item, name) ?? type.fields?.get(name)?.default;
    if (value !== undefined) setOwn(key, name, value);
  }
  if (Object.keys(key).length === 0) {
    const names = `["${list.listKeys.join('" "')}"]`;
    throw new TypeError(
      `associative list with keys has an element that omits all key fields ${names} (and doesn't have default values for any key fields)`,
    );
  }
  return keyElement(key);
}
