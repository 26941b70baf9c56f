// Which fields differ between two values of one type.
// Facts: sigs.k8s.io/structured-merge-diff v6, typed/compare.go.

import { equalJson, type JsonObject, type JsonValue, own } from "@plumbline/core/model";
import { fieldType, itemType, type TypeNode } from "@plumbline/core/schema";
import { difference, type FieldNode, type FieldSet, insertPath, recursiveDifference } from "./field-set.ts";
import { fieldElement } from "./path-element.ts";
import { asList, asMap, itemElement, type Maybe, type Shape, shapeOf } from "./typed-value.ts";

export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

interface Walk {
  readonly added: Map<string, FieldNode>;
  readonly modified: Map<string, FieldNode>;
  readonly removed: Map<string, FieldNode>;
  readonly path: string[];
}

/** Compares two valid values of a type. */
export function compareValues(node: TypeNode, from: JsonValue, to: JsonValue): Comparison {
  const walk: Walk = { added: new Map(), modified: new Map(), removed: new Map(), path: [] };
  visit(walk, node, { from, to });
  return walk;
}

/** Takes fields (and what lies below them) out of a comparison. */
export function withoutFields(comparison: Comparison, ignored: FieldSet): Comparison {
  if (ignored.size === 0) return comparison;
  return {
    added: recursiveDifference(comparison.added, ignored),
    modified: recursiveDifference(comparison.modified, ignored),
    removed: recursiveDifference(comparison.removed, ignored),
  };
}

/** Takes every field that differs out of a set. */
export function withoutChanges(set: FieldSet, comparison: Comparison): FieldSet {
  return difference(difference(difference(set, comparison.modified), comparison.added), comparison.removed);
}

interface Pair {
  readonly from: Maybe;
  readonly to: Maybe;
}

function visit(walk: Walk, node: TypeNode, pair: Pair): void {
  const isLeaf = shapesOf(node, pair).map((shape) => visitAs(walk, node, { ...pair, shape }));
  if (isLeaf.at(-1) === true) return;
  if (pair.from === undefined) insertPath(walk.added, walk.path);
  else if (pair.to === undefined) insertPath(walk.removed, walk.path);
}

/** One shape, or both when an open type changes its shape. */
function shapesOf(node: TypeNode, { from, to }: Pair): Shape[] {
  if (to === undefined) return [shapeOf(node, from)];
  const right = shapeOf(node, to);
  if (from === undefined) return [right];
  const left = shapeOf(node, from);
  return left === right ? [right] : [left, right];
}

/** True when the pair was handled as one leaf. */
function visitAs(walk: Walk, node: TypeNode, { from, to, shape }: Pair & { shape: Shape }): boolean {
  if (shape === "scalar") return leaf(walk, from, to);
  if (shape === "list") {
    const left = asList(from) ?? [];
    const right = asList(to) ?? [];
    if (node.listType === "atomic" || left.length + right.length === 0) return leaf(walk, from, to);
    visitItems(walk, node, [left, right]);
    return false;
  }
  const left = asMap(from) ?? {};
  const right = asMap(to) ?? {};
  if (node.mapType === "atomic" || Object.keys(left).length + Object.keys(right).length === 0) {
    return leaf(walk, from, to);
  }
  visitKeys(walk, node, [left, right]);
  return false;
}

function leaf(walk: Walk, from: Maybe, to: Maybe): boolean {
  if (from === undefined) insertPath(walk.added, walk.path);
  else if (to === undefined) insertPath(walk.removed, walk.path);
  else if (!equalJson(from, to)) insertPath(walk.modified, walk.path);
  return true;
}

function visitKeys(walk: Walk, node: TypeNode, [from, to]: [JsonObject, JsonObject]): void {
  for (const key of new Set([...Object.keys(from), ...Object.keys(to)])) {
    const type = fieldType(node, key);
    if (type) visitBelow(walk, type, { element: fieldElement(key), from: own(from, key), to: own(to, key) });
  }
}

function visitBelow(walk: Walk, node: TypeNode, child: Pair & { element: string }): void {
  walk.path.push(child.element);
  visit(walk, node, child);
  walk.path.pop();
}

/** Duplicates of a key (only old objects have them) count as one thing that is equal or not. */
function visitItems(walk: Walk, node: TypeNode, [from, to]: [JsonValue[], JsonValue[]]): void {
  const left = groupItems(node, from);
  const right = groupItems(node, to);
  const type = itemType(node);
  for (const element of new Set([...left.keys(), ...right.keys()])) {
    const l = left.get(element) ?? [];
    const r = right.get(element) ?? [];
    if (l.length <= 1 && r.length <= 1) visitBelow(walk, type, { element, from: l[0], to: r[0] });
    else if (l.length >= 2 && r.length >= 2) {
      if (!equalJson(l, r)) insertPath(walk.modified, [...walk.path, element]);
    } else if (l.length >= 2) {
      if (r.length > 0) visitBelow(walk, type, { element, from: undefined, to: r[0] });
      insertPath(walk.removed, [...walk.path, element]);
    } else {
      if (l.length > 0) visitBelow(walk, type, { element, from: l[0], to: undefined });
      insertPath(walk.added, [...walk.path, element]);
    }
  }
}

function groupItems(node: TypeNode, items: JsonValue[]): Map<string, JsonValue[]> {
  const groups = new Map<string, JsonValue[]>();
  for (const item of items) {
    const element = itemElement(node, item);
    const group = groups.get(element);
    if (group) group.push(item);
    else groups.set(element, [item]);
  }
  return groups;
}
