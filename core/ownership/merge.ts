// Merges an applied configuration into a live value.
// Facts: sigs.k8s.io/structured-merge-diff v6, typed/merge.go.

import { type JsonObject, type JsonValue, own, setOwn } from "@plumbline/core/model";
import { fieldType, itemType, type TypeNode } from "@plumbline/core/schema";
import { asList, asMap, itemElement, type Maybe, shapeOf } from "./typed-value.ts";

/** `live` with everything that `applied` says; nothing is removed. Undefined when nothing is left to say. */
export function mergeValues(node: TypeNode, live: Maybe, applied: Maybe): Maybe {
  const shape = shapeOf(node, applied === undefined ? live : applied);
  if (shape === "list") {
    const left = asList(live) ?? [];
    const right = asList(applied) ?? [];
    const isLeaf = node.listType === "atomic" || left.length + right.length === 0;
    return isLeaf ? pickRight(live, applied) : mergeItems(node, left, right);
  }
  if (shape === "map") {
    const left = asMap(live) ?? {};
    const right = asMap(applied) ?? {};
    const isLeaf = node.mapType === "atomic" || Object.keys(left).length + Object.keys(right).length === 0;
    return isLeaf ? pickRight(live, applied) : mergeKeys(node, left, right);
  }
  return pickRight(live, applied);
}

function pickRight(live: Maybe, applied: Maybe): Maybe {
  return applied === undefined ? live : applied;
}

function mergeKeys(node: TypeNode, live: JsonObject, applied: JsonObject): Maybe {
  const out: JsonObject = {};
  const take = (key: string): void => {
    const type = fieldType(node, key);
    if (!type) return;
    const merged = mergeValues(type, own(live, key), own(applied, key));
    if (merged !== undefined) setOwn(out, key, merged);
  };
  for (const key of Object.keys(live)) take(key);
  for (const key of Object.keys(applied)) if (!Object.hasOwn(live, key)) take(key);
  return Object.keys(out).length > 0 ? out : undefined;
}

interface Indexed {
  readonly elements: readonly string[];
  readonly items: readonly JsonValue[];
  readonly byElement: ReadonlyMap<string, JsonValue>;
}

/** Items that stand twice are not merged with: they count as null. */
function indexItems(node: TypeNode, items: readonly JsonValue[]): Indexed {
  const elements: string[] = [];
  const byElement = new Map<string, JsonValue>();
  for (const item of items) {
    const element = itemElement(node, item);
    byElement.set(element, byElement.has(element) ? null : item);
    elements.push(element);
  }
  return { elements, items, byElement };
}

/**
 * Shared items take the applied order, items that only live has keep their place between them: the walk over both
 * lists that the server does, step for step.
 */
function mergeItems(node: TypeNode, liveItems: JsonValue[], appliedItems: JsonValue[]): Maybe {
  const live = indexItems(node, liveItems);
  const applied = indexItems(node, appliedItems);
  const type = itemType(node);
  const out: JsonValue[] = [];
  const emit = (left: Maybe, right: Maybe): void => {
    const merged = mergeValues(type, left, right);
    if (merged !== undefined) out.push(merged);
  };
  const shared = applied.elements.filter((element) => live.byElement.has(element));
  const merged = new Set<string>();
  let nextShared = 0;
  let l = 0;
  let r = 0;
  const takeApplied = (element: string): void => {
    merged.add(element);
    emit(live.byElement.get(element), applied.byElement.get(element));
    r++;
  };
  while (l < live.elements.length || r < applied.elements.length) {
    const left = live.elements[l];
    const right = applied.elements[r];
    if (left !== undefined && right !== undefined) {
      if (left === right) {
        takeApplied(right);
        l++;
        nextShared++;
        continue;
      }
      const wanted = shared[nextShared];
      if (applied.byElement.has(left) && wanted !== undefined && wanted !== left) {
        l++;
        continue;
      }
    }
    if (left !== undefined) {
      if (!applied.byElement.has(left)) {
        emit(live.items[l], undefined);
        l++;
        continue;
      }
      if (merged.has(left)) l++;
    }
    if (right !== undefined) {
      takeApplied(right);
      if (shared[nextShared] === right) nextShared++;
    }
  }
  return out.length > 0 ? out : undefined;
}
