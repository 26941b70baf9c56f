// Sets of field paths as managedFields writes them (fieldsV1), with the set operations of server-side apply.
// Facts: sigs.k8s.io/structured-merge-diff v6, package fieldpath.

import type { JsonObject, JsonValue } from "@plumbline/core/model";
import { isObject } from "@plumbline/core/model";
import { canonicalElement, compareElements } from "./path-element.ts";

/**
 * A set of paths as a tree. Keys are path elements in their canonical text (`f:spec`, `k:{"name":"x"}`, `v:1`, `i:0`).
 * Sets are values: operations share parts and never change their arguments.
 */
export type FieldSet = ReadonlyMap<string, FieldNode>;

export interface FieldNode {
  /** The path that ends here is in the set. */
  readonly member: boolean;
  /** Paths that go on from here; never an empty map. */
  readonly children: FieldSet | undefined;
}

export const emptySet: FieldSet = new Map();
const leaf: FieldNode = { member: true, children: undefined };

/** Nesting that fieldsV1 may have; deeper input is cut, as no object may nest as deep. */
export const maxFieldDepth = 200;

/** Reads a fieldsV1 value. Elements of unknown kinds are left out, as Kubernetes does; throws SyntaxError on bad keys. */
export function decodeFieldsV1(fields: JsonValue | undefined): FieldSet {
  return isObject(fields) ? decodeLevel(fields, maxFieldDepth) : emptySet;
}

function decodeLevel(fields: JsonObject, depth: number): FieldSet {
  const set = new Map<string, FieldNode>();
  for (const key of Object.keys(fields)) {
    if (key === ".") continue;
    const element = canonicalElement(key);
    if (element === undefined) continue;
    const below = fields[key];
    const children = isObject(below) && depth > 0 ? decodeLevel(below, depth - 1) : emptySet;
    const member = children.size === 0 || (isObject(below) && Object.hasOwn(below, "."));
    set.set(element, member && children.size === 0 ? leaf : { member, children });
  }
  return set;
}

/** Writes a set as a fieldsV1 value, elements in Kubernetes' order. */
export function encodeFieldsV1(set: FieldSet): JsonObject {
  const out: JsonObject = {};
  for (const key of sortedKeys(set)) {
    const node = set.get(key);
    if (!node) continue;
    out[key] = node.children ? { ...(node.member ? { ".": {} } : {}), ...encodeFieldsV1(node.children) } : {};
  }
  return out;
}

function sortedKeys(set: FieldSet): string[] {
  return [...set.keys()].sort(compareElements);
}

/** Adds a path to a set under construction; the empty path is no member of any set. */
export function insertPath(set: Map<string, FieldNode>, path: readonly string[]): void {
  let at = set;
  for (let i = 0; i < path.length; i++) {
    const key = path[i] ?? "";
    const node = at.get(key);
    if (i === path.length - 1) {
      if (!node?.member) at.set(key, node ? { member: true, children: node.children } : leaf);
      return;
    }
    let children = node?.children as Map<string, FieldNode> | undefined;
    if (!children) {
      children = new Map();
      at.set(key, { member: node?.member ?? false, children });
    }
    at = children;
  }
}

export function isEmpty(set: FieldSet): boolean {
  for (const node of set.values()) if (node.member || (node.children && !isEmpty(node.children))) return false;
  return true;
}

/** Whether the path itself is a member. */
export function hasPath(set: FieldSet, path: readonly string[]): boolean {
  let at: FieldSet | undefined = set;
  let node: FieldNode | undefined;
  for (const key of path) {
    node = at?.get(key);
    at = node?.children;
  }
  return node?.member ?? false;
}

/** What goes on below an element: the empty set when nothing does. */
export function below(set: FieldSet, element: string): FieldSet {
  return set.get(element)?.children ?? emptySet;
}

function put(out: Map<string, FieldNode>, key: string, member: boolean, children: FieldSet | undefined): void {
  const kept = children && children.size > 0 ? children : undefined;
  if (member || kept) out.set(key, { member, children: kept });
}

export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (a.size === 0) return b;
  if (b.size === 0) return a;
  const out = new Map(a);
  for (const [key, right] of b) {
    const left = a.get(key);
    if (!left) out.set(key, right);
    else put(out, key, left.member || right.member, union(left.children ?? emptySet, right.children ?? emptySet));
  }
  return out;
}

export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  const out = new Map<string, FieldNode>();
  for (const [key, left] of a) {
    const right = b.get(key);
    if (!right) continue;
    const children = left.children && right.children ? intersection(left.children, right.children) : undefined;
    put(out, key, left.member && right.member, children);
  }
  return out;
}

/** Members of `a` that are no members of `b`; what lies below a member of `b` stays. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  if (b.size === 0) return a;
  const out = new Map<string, FieldNode>();
  for (const [key, left] of a) {
    const right = b.get(key);
    if (!right) {
      out.set(key, left);
      continue;
    }
    const children = left.children && right.children ? difference(left.children, right.children) : left.children;
    put(out, key, left.member && !right.member, children);
  }
  return out;
}

/** As `difference`, but a member of `b` takes everything below it along. */
export function recursiveDifference(a: FieldSet, b: FieldSet): FieldSet {
  const out = new Map<string, FieldNode>();
  for (const [key, left] of a) {
    const right = b.get(key);
    if (!right) out.set(key, left);
    else if (!right.member) {
      const children = left.children && recursiveDifference(left.children, right.children ?? emptySet);
      put(out, key, left.member, children);
    }
  }
  return out;
}

export function equalSets(a: FieldSet, b: FieldSet): boolean {
  if (a.size !== b.size) return false;
  for (const [key, left] of a) {
    const right = b.get(key);
    if (!right || left.member !== right.member) return false;
    if (!equalSets(left.children ?? emptySet, right.children ?? emptySet)) return false;
  }
  return true;
}

/** Paths of all members, parents first, in Kubernetes' order. */
export function paths(set: FieldSet): string[][] {
  const found: string[][] = [];
  collectPaths(set, [], found);
  return found;
}

function collectPaths(set: FieldSet, prefix: readonly string[], found: string[][]): void {
  const keys = sortedKeys(set);
  for (const key of keys) if (set.get(key)?.member) found.push([...prefix, key]);
  for (const key of keys) {
    const children = set.get(key)?.children;
    if (children) collectPaths(children, [...prefix, key], found);
  }
}
