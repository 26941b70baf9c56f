// The set of fields that a value mentions.
// Facts: sigs.k8s.io/structured-merge-diff v6, typed/tofieldset.go.

import { isObject, type JsonObject, type JsonValue, own } from "@plumbline/core/model";
import { fieldType, itemType, type TypeNode } from "@plumbline/core/schema";
import { type FieldNode, type FieldSet, insertPath } from "./field-set.ts";
import { fieldElement } from "./path-element.ts";
import { asList, asMap, itemElement, shapeOf } from "./typed-value.ts";

/** Every leaf field and list item that `value` mentions; the value must be valid for the type. */
export function fieldSetOf(node: TypeNode, value: JsonValue): FieldSet {
  const set = new Map<string, FieldNode>();
  collect({ set, path: [] }, node, value);
  return set;
}

interface Walk {
  readonly set: Map<string, FieldNode>;
  readonly path: string[];
}

function collect(walk: Walk, node: TypeNode, value: JsonValue): void {
  switch (shapeOf(node, value)) {
    case "scalar":
      return insertPath(walk.set, walk.path);
    case "list":
      if (node.listType === "atomic") return insertPath(walk.set, walk.path);
      return collectItems(walk, node, asList(value) ?? []);
    case "map":
      if (node.mapType === "atomic") return insertPath(walk.set, walk.path);
      return collectKeys(walk, node, asMap(value) ?? {});
  }
}

function collectKeys(walk: Walk, node: TypeNode, map: JsonObject): void {
  for (const key of Object.keys(map)) {
    const value = own(map, key) ?? null;
    walk.path.push(fieldElement(key));
    const type = fieldType(node, key);
    if (type) collect(walk, type, value);
    const isDeclared = node.fields?.has(key) === true;
    if (value === null || (isObject(value) && Object.keys(value).length === 0) || !isDeclared) {
      insertPath(walk.set, walk.path);
    }
    walk.path.pop();
  }
}

function collectItems(walk: Walk, node: TypeNode, items: JsonValue[]): void {
  const elements = items.map((item) => itemElement(node, item));
  const seen = new Set<string>();
  const duplicates = new Set<string>();
  for (const element of elements) (seen.has(element) ? duplicates : seen).add(element);
  for (const [i, element] of elements.entries()) {
    walk.path.push(element);
    if (!duplicates.has(element)) collect(walk, itemType(node), items[i] ?? null);
    insertPath(walk.set, walk.path);
    walk.path.pop();
  }
}
