// The tree that transforms work on: a YAML document without anchors, comments and positions.

import { compareUtf8, plainTag, type YamlNode } from "@plumbline/core/yaml";
import type { JsonValue } from "@plumbline/core/model";

/**
 * One identity for scalars that stand in several places of one resource: kustomize's label and annotation transforms
 * put the same node in each of them, so that a later change of one changes all. Reproduced in `aliases.ts`.
 */
export interface Share {
  readonly key: string;
}

/** A scalar: never changed after it was made. */
export class Scalar {
  readonly value: string;
  /** Short YAML tag; empty when the text is still to be resolved. */
  readonly tag: string;
  /** Written in quotes or as a block: stays a string whatever the text says. */
  readonly quoted: boolean;
  readonly share: Share | undefined;

  constructor(value: string, tag: string, quoted = false, share?: Share) {
    this.value = value;
    this.tag = tag;
    this.quoted = quoted;
    this.share = share;
  }
}

/** A text written as a folded block (`>`): go-yaml's way of writing such a block can double its line breaks. */
export class FoldedScalar extends Scalar {}

/** A mapping in document order. Changed in place only by the code that made it (see `cloneTree`). */
export class MapNode {
  keys: string[];
  values: Tree[];
  /** Keys whose plain text would not be a string (`"1"`, `"true"`) but that were quoted. */
  quotedKeys: Set<string> | undefined;

  constructor(keys: string[] = [], values: Tree[] = [], quotedKeys?: Set<string>) {
    this.keys = keys;
    this.values = values;
    this.quotedKeys = quotedKeys;
  }

  get(key: string): Tree | undefined {
    const at = this.keys.indexOf(key);
    return at < 0 ? undefined : this.values[at];
  }
}

export class SeqNode {
  items: Tree[];

  constructor(items: Tree[] = []) {
    this.items = items;
  }
}

export type Tree = Scalar | MapNode | SeqNode;

export const NULL_TAG = "!!null";
export const STR_TAG = "!!str";

export function isNull(tree: Tree): boolean {
  return tree instanceof Scalar && tree.tag === NULL_TAG;
}

/** kyaml's `IsMissingOrNull`. */
export function isMissingOrNull(tree: Tree | undefined): boolean {
  return tree === undefined || isNull(tree);
}

export function isEmptyMap(tree: Tree | undefined): boolean {
  return tree instanceof MapNode && tree.keys.length === 0;
}

/** kyaml's `IsNilOrEmpty`: absent, null, an empty mapping or an empty list. */
export function isNilOrEmpty(tree: Tree | undefined): boolean {
  if (tree === undefined || isNull(tree) || isEmptyMap(tree)) return true;
  return tree instanceof SeqNode && tree.items.length === 0;
}

/** kyaml's node `Value`: the text of a scalar, empty for collections. */
export function textOf(tree: Tree | undefined): string {
  return tree instanceof Scalar ? tree.value : "";
}

/** A string node as kyaml makes it from a Go string. */
export function stringScalar(value: string, quoted = false): Scalar {
  return new Scalar(value, STR_TAG, quoted);
}

const repeatedEntries = new WeakMap<Tree, { file: string; line: number }>();

/** Remembers where an entry stands whose key the mapping has already: writing it will be refused. */
export function markRepeated(value: Tree, place: { file: string; line: number }): void {
  repeatedEntries.set(value, place);
}

/** Where such an entry stands; undefined for all others, and when a change has made a new value of it. */
export function placeOfRepeated(value: Tree): { file: string; line: number } | undefined {
  return repeatedEntries.get(value);
}

/** Follows keys through mappings; undefined where the path ends early. */
export function digTree(tree: Tree | undefined, ...path: string[]): Tree | undefined {
  let at = tree;
  for (const key of path) {
    if (!(at instanceof MapNode)) return undefined;
    at = at.get(key);
  }
  return at;
}

/** A copy of a mapping with one entry set, replacing it in place or appending it. */
export function withEntry(map: MapNode, key: string, value: Tree): MapNode {
  const at = map.keys.indexOf(key);
  if (at < 0) return new MapNode([...map.keys, key], [...map.values, value], map.quotedKeys);
  if (map.values[at] === value) return map;
  const values = map.values.slice();
  values[at] = value;
  return new MapNode(map.keys, values, map.quotedKeys);
}

/** A copy of a mapping without an entry. */
export function withoutEntry(map: MapNode, key: string): MapNode {
  const at = map.keys.indexOf(key);
  if (at < 0) return map;
  return new MapNode(map.keys.toSpliced(at, 1), map.values.toSpliced(at, 1), map.quotedKeys);
}

/** Copies mappings and lists so that they may be changed in place; scalars are shared. */
export function cloneTree<T extends Tree>(tree: T): T {
  if (tree instanceof Scalar) return tree;
  if (tree instanceof SeqNode) return new SeqNode(tree.items.map(cloneTree)) as T;
  const map: MapNode = tree as MapNode;
  return new MapNode(map.keys.slice(), map.values.map(cloneTree), map.quotedKeys) as T;
}

/** A key that YAML would read as something other than a string when it stands without quotes. */
export function needsKeyQuotes(key: string): boolean {
  return plainTag(key) !== STR_TAG;
}

const QUOTED_STYLES = new Set(["single", "double", "literal", "folded"]);

/** True when the node was written in a way that makes its text a string. */
export function isQuotedStyle(node: YamlNode): boolean {
  return QUOTED_STYLES.has(node.style);
}

/** Builds a tree from plain values; strings that would read as another type count as quoted. */
export function treeOf(value: JsonValue): Tree {
  if (value === null) return new Scalar("null", NULL_TAG);
  if (typeof value === "string") return new Scalar(value, STR_TAG, needsQuotes(value));
  if (typeof value === "boolean") return new Scalar(String(value), "!!bool");
  if (typeof value === "number" || typeof value === "bigint") return numberScalar(value);
  if (Array.isArray(value)) return new SeqNode(value.map(treeOf));
  const keys = Object.keys(value).sort(compareUtf8);
  const quoted = keys.filter(needsKeyQuotes);
  const values = keys.map((key) => treeOf(value[key] as JsonValue));
  return new MapNode(keys, values, quoted.length > 0 ? new Set(quoted) : undefined);
}

function numberScalar(value: number | bigint): Scalar {
  const text = String(value);
  return new Scalar(text, /^-?[0-9]+$/.test(text) ? "!!int" : "!!float");
}

function needsQuotes(text: string): boolean {
  return text.includes("\n") || plainTag(text) !== STR_TAG;
}
