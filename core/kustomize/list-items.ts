// Items of associative lists: found, replaced and removed by the values of their keys.

import { kindFailure } from "./node-kinds.ts";
import { MapNode, Scalar, isEmptyMap, isMissingOrNull, textOf, type SeqNode, type Tree } from "./tree.ts";

/** The values of the merge keys that name one item. */
export interface ItemKey {
  keys: readonly string[];
  values: readonly string[];
}

function fieldMatches(item: Tree, key: string, value: string | undefined): boolean {
  if (isMissingOrNull(item)) return false;
  if (key === "") {
    if (!(item instanceof Scalar)) throw kindFailure("ScalarNode", item);
    return item.value === (value ?? "");
  }
  if (!(item instanceof MapNode)) throw kindFailure("MappingNode", item);
  const field = item.get(key);
  return field !== undefined && (value === undefined || value === "" || textOf(field) === value);
}

function matchesAll(item: Tree, { keys, values }: ItemKey): boolean {
  let matched = false;
  for (let i = 0; i < keys.length; i++) {
    if (i < values.length) matched = fieldMatches(item, keys[i] as string, values[i]);
    if (!matched) return false;
  }
  return true;
}

/** kyaml's `ElementSetter`: replaces, appends or (without element) removes the items with these key values. */
export function setElement(list: SeqNode, element: Tree | undefined, wanted: ItemKey): void {
  const { keys, values } = wanted;
  const forMappings = (keys[0] ?? "") !== "" && (values[0] ?? "") !== "";
  const items: Tree[] = [];
  let found = false;
  for (const item of list.items) {
    if (isMissingOrNull(item) || isEmptyMap(item)) continue;
    if (forMappings && !(item instanceof MapNode)) {
      items.push(item);
    } else if (!matchesAll(item, wanted)) {
      if (values.length > 0) items.push(item);
    } else {
      found = true;
      if (element !== undefined) items.push(element);
    }
  }
  if (element !== undefined && !isMissingOrNull(element) && !found) items.push(element);
  list.items = items;
}
