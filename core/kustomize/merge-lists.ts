// Associative lists in a strategic merge: which items belong together, and where new ones go.

import type { Schema } from "./openapi-schema.ts";
import { setElement, type ItemKey } from "./list-items.ts";
import { kindFailure } from "./node-kinds.ts";
import { MapNode, Scalar, SeqNode, isEmptyMap, isMissingOrNull, isNilOrEmpty, textOf, type Tree } from "./tree.ts";

/** The first item whose keys have exactly these values. */
function findElement(list: Tree | undefined, { keys, values }: ItemKey): Tree | undefined {
  if (!(list instanceof SeqNode)) return undefined;
  if ((keys[0] ?? "") === "") return list.items.find((item) => textOf(item) === (values[0] ?? ""));
  if (keys.length !== values.length) return undefined;
  return list.items.find(
    (item) =>
      item instanceof MapNode &&
      keys.every((key, i) => {
        const field = item.get(key);
        return field !== undefined && textOf(field) === values[i];
      }),
  );
}

/** Of several merge keys only those count that some item uses; all of them when none does. */
function usedKeys(all: readonly (readonly string[])[], { keys, values }: ItemKey): ItemKey {
  const used = new Set<string>();
  for (const row of all) row.forEach((value, i) => value !== "" && used.add(keys[i] as string));
  if (used.size === 0) return { keys, values };
  return {
    keys: keys.filter((key) => used.has(key)),
    values: values.filter((value, i) => value !== "" || used.has(keys[i] as string)),
  };
}

function keyRows(sources: readonly (Tree | undefined)[], keys: readonly string[]): string[][] {
  const rows: string[][] = [];
  const seen = new Set<string>();
  for (const source of sources) {
    if (!(source instanceof SeqNode)) continue;
    for (const item of source.items) {
      const row = keys.map((key) => {
        const field = item instanceof MapNode ? item.get(key) : undefined;
        return isNilOrEmpty(field) ? "" : textOf(field);
      });
      const mark = JSON.stringify(row);
      if (row.length === 0 || seen.has(mark)) continue;
      seen.add(mark);
      rows.push(row);
    }
  }
  return rows;
}

function scalarRows(sources: readonly (Tree | undefined)[]): string[][] {
  const values = new Set<string>();
  for (const source of sources) if (source instanceof SeqNode) source.items.forEach((item) => values.add(textOf(item)));
  return [...values].map((value) => [value]);
}

/** Rows that agree where both say something are one row: `[80, ""]` and `[80, TCP]`. */
function joinRows(rows: string[][]): void {
  for (let i = 0; i < rows.length; i++) {
    for (let j = 0; j < rows.length; j++) {
      const joined = joinRow(rows[i] as string[], rows[j] as string[]);
      if (joined) rows[i] = rows[j] = joined;
    }
  }
}

function joinRow(a: readonly string[], b: readonly string[]): string[] | undefined {
  let common = false;
  const joined: string[] = [];
  for (let i = 0; i < a.length; i++) {
    const x = a[i] as string;
    const y = b[i] as string;
    if (x === y) common = true;
    else if (x !== "" && y !== "") return undefined;
    joined.push(x === "" ? y : x);
  }
  return common ? joined : undefined;
}

/** How one list is merged. */
export interface ListMerge {
  readonly schema: Schema;
  /** Merges an item of the destination with its counterpart in the patch. */
  readonly mergeItem: (pair: [Tree | undefined, Tree | undefined], schema: Schema | undefined) => Tree | undefined;
  /** New items go to the end; otherwise they come first. */
  readonly appendLists: boolean;
}

/** Merges the patch's items into the destination's. */
export function mergeLists(sources: [SeqNode, Tree | undefined], merge: ListMerge): Tree {
  const keys = merge.schema.mergeKeys;
  const ordered = merge.appendLists ? sources : [sources[1], sources[0]];
  return keys.length > 0
    ? mergeItems(sources, { keys, rows: keyRows(ordered, keys) }, merge)
    : mergeItems(sources, { keys: [""], rows: scalarRows(ordered) }, merge);
}

interface ItemPlan {
  keys: readonly string[];
  rows: string[][];
}

function mergeItems(sources: [SeqNode, Tree | undefined], plan: ItemPlan, merge: ListMerge): Tree {
  const dest = sources[0];
  const added = new SeqNode();
  const elements = merge.schema.elements();
  if (plan.keys.length > 1) joinRows(plan.rows);
  let last: ItemKey = { keys: [], values: [] };
  for (const values of plan.rows) {
    last = usedKeys(plan.rows, { keys: plan.keys, values });
    const exact = usedKeys([last.values], last);
    const value = merge.mergeItem([findElement(dest, exact), findElement(sources[1], exact)], elements);
    if (value === undefined || isMissingOrNull(value) || isEmptyMap(value)) {
      setElement(dest, undefined, last);
      continue;
    }
    completeKeys(value, last);
    setElement(added, value, last);
  }
  if (plan.rows.length === 0) return dest;
  if (merge.appendLists) return appendItems(dest, added, last.keys);
  return appendItems(added, dest, last.keys);
}

function completeKeys(item: Tree, { keys, values }: ItemKey): void {
  if (item instanceof Scalar) return;
  keys.forEach((key, i) => {
    if (item instanceof MapNode && item.get(key) !== undefined) return;
    const value = values[i] ?? "";
    if (value === "") return;
    if (!(item instanceof MapNode)) throw kindFailure("MappingNode", item);
    item.keys.push(key);
    item.values.push(new Scalar(value, ""));
  });
}

function appendItems(into: SeqNode, from: SeqNode, keys: readonly string[]): SeqNode {
  for (const item of from.items) {
    if (keys[0] === "") {
      setElement(into, item, { keys: [""], values: [textOf(item)] });
      continue;
    }
    const values: string[] = [];
    for (const key of keys) {
      const field = item instanceof MapNode ? item.get(key) : undefined;
      if (field === undefined) into.items.push(item);
      else values.push(textOf(field));
    }
    // With several keys kyaml removes first, so that the item moves to the end.
    if (keys.length > 1) setElement(into, undefined, { keys, values });
    setElement(into, item, { keys, values });
  }
  return into;
}
