// Paths with dots, as vars and replacements write them: `spec.ports.[name=web].port`, `args.0`, `labels.[a.b/c]`.

import { buildFailure } from "./failures.ts";
import { splitPath } from "./field-spec.ts";
import { compilePattern } from "./go-pattern.ts";
import { MapNode, Scalar, SeqNode, isNull, textOf, type Tree } from "./tree.ts";

/** Splits at dots, but not inside brackets; brackets stay only around `key=value`. */
export function splitFieldPath(path: string): string[] {
  const parts = splitPath(path, ".");
  const result: string[] = [];
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i] as string;
    if (!part.startsWith("[") || part.endsWith("]")) {
      result.push(part);
      continue;
    }
    const bracketed = [part];
    while (i < parts.length - 1 && !(bracketed.at(-1) as string).endsWith("]")) bracketed.push(parts[++i] as string);
    const joined = bracketed.join(".");
    result.push(joined.includes("=") ? joined : joined.replace(/^[[\]]+|[[\]]+$/g, ""));
  }
  return result;
}

const INTEGER = /^[+-]?[0-9]+$/;
const INDEX = /^\+?[0-9]+$/;

function isBracketed(part: string): boolean {
  return part.startsWith("[") && part.endsWith("]");
}

function splitBracket(part: string): [name: string, value: string] {
  const inner = part.slice(1, -1);
  const at = inner.indexOf("=");
  if (at >= 0) return [inner.slice(0, at), inner.slice(at + 1)];
  throw pathFailure(part, "a list path element must contain fieldName=fieldValue");
}

function pathFailure(path: string, message: string): Error {
  return buildFailure(`${path}: ${message}`, { field: path }, "Correct the field path.");
}

/** What stands at a path; undefined when it is absent. Throws `Failure` when the path does not fit the structure. */
export function lookUp(tree: Tree, path: readonly string[]): Tree | undefined {
  let at: Tree | undefined = tree;
  for (const raw of path) {
    const part = raw.trim();
    if (part === "") continue;
    at = step(at, part);
    if (at === undefined) return undefined;
  }
  return at;
}

function step(tree: Tree, part: string): Tree | undefined {
  if (INTEGER.test(part) || part === "-") {
    if (isNull(tree)) return undefined;
    if (!(tree instanceof SeqNode)) throw pathFailure(part, "wrong node kind: expected SequenceNode");
    if (part !== "-" && Number(part) < 0) throw pathFailure(part, "array index cannot be negative");
    return part === "-" ? tree.items.at(-1) : tree.items[Number(part)];
  }
  if (part === "*") throw pathFailure(part, "wildcard is not supported here");
  if (isBracketed(part)) return matchItem(tree, part);
  if (isNull(tree)) return undefined;
  if (!(tree instanceof MapNode)) throw pathFailure(part, "wrong node kind: expected MappingNode");
  return tree.get(part);
}

function matchItem(tree: Tree, part: string): Tree | undefined {
  const [name, value] = splitBracket(part);
  if (isNull(tree)) return undefined;
  if (!(tree instanceof SeqNode)) throw pathFailure(part, "wrong node kind: expected SequenceNode");
  if (name === "") return tree.items.find((item) => textOf(item) === value);
  return tree.items.find((item) => {
    const field = item instanceof MapNode ? item.get(name) : undefined;
    return field !== undefined && textOf(field) === value;
  });
}

/** A place in a tree that can be read and written; the containers are changed in place. */
export interface Slot {
  /** Keys and indices from the root. */
  readonly path: readonly (string | number)[];
  get(): Tree;
  set(tree: Tree): void;
}

export type CreateKind = "scalar" | "mapping" | "sequence" | undefined;

function freshTree(kind: CreateKind): Tree {
  return kind === "mapping" ? new MapNode() : kind === "sequence" ? new SeqNode() : new Scalar("", "");
}

function kindForPart(next: string | undefined, last: CreateKind): CreateKind {
  if (next === undefined || next === "") return last;
  return isBracketed(next) || INDEX.test(next) ? "sequence" : "mapping";
}

/**
 * Every place that a path matches: `*` stands for all items, `[key=regex]` for those that match. With `create`, absent
 * parts are made. The tree is changed in place: hand in a copy.
 */
export function matchSlots(root: Slot, path: readonly string[], create: CreateKind): Slot[] {
  const [part, ...rest] = path;
  if (part === undefined) return [root];
  if (INDEX.test(part)) return matchIndex(root, { part, rest, create });
  if (isBracketed(part)) return matchItems(root, { part, rest, create });
  if (part === "*") return listSlots(root, part).flatMap((slot) => matchSlots(slot, rest, create));
  return matchField(root, { part, rest, create });
}

interface PathMatch {
  part: string;
  rest: readonly string[];
  create: CreateKind;
}

function listOf(slot: Slot, part: string): SeqNode | undefined {
  const tree = slot.get();
  if (isNull(tree)) return undefined;
  if (tree instanceof SeqNode) return tree;
  throw pathFailure(part, `wrong node kind: expected SequenceNode`);
}

function itemSlot(parent: Slot, list: SeqNode, at: number): Slot {
  return { path: [...parent.path, at], get: () => list.items[at] as Tree, set: (tree) => void (list.items[at] = tree) };
}

function listSlots(slot: Slot, part: string): Slot[] {
  const list = listOf(slot, part);
  return list ? list.items.map((_, i) => itemSlot(slot, list, i)) : [];
}

function matchIndex(slot: Slot, { part, rest, create }: PathMatch): Slot[] {
  const list = listOf(slot, part);
  const index = Number(part);
  const length = list?.items.length ?? 0;
  if (list && index === length && create) list.items.push(freshTree(kindForPart(rest[0], create)));
  else if (index >= length) throw pathFailure(part, `index ${part} specified but only ${length} elements found`);
  return matchSlots(itemSlot(slot, list as SeqNode, index), rest, create);
}

/** The text that a regular expression of a path sees: quotes count. */
function writtenText(tree: Tree | undefined): string {
  if (!(tree instanceof Scalar)) return "";
  return tree.quoted ? JSON.stringify(tree.value) : tree.value.trim();
}

function matchItems(slot: Slot, { part, rest, create }: PathMatch): Slot[] {
  const [name, pattern] = splitBracket(part);
  const matches = compilePattern(pattern);
  const find = (): Slot[] =>
    listSlots(slot, part).flatMap((item) => {
      const tree = item.get();
      if (name === "") return matches(writtenText(tree)) ? [item] : [];
      const field = tree instanceof MapNode ? tree.get(name) : undefined;
      if (field === undefined || !matches(writtenText(field))) return [];
      return matchSlots(item, rest, create);
    });
  const found = find();
  if (found.length > 0 || !create) return found;
  const value = new Scalar(pattern, "");
  listOf(slot, part)?.items.push(name === "" ? value : new MapNode([name], [value]));
  return find();
}

function fieldSlot(parent: Slot, map: MapNode, name: string): Slot {
  return {
    path: [...parent.path, name],
    get: () => map.get(name) as Tree,
    set: (tree) => void (map.values[map.keys.indexOf(name)] = tree),
  };
}

function matchField(slot: Slot, { part, rest, create }: PathMatch): Slot[] {
  const tree = slot.get();
  if (!(tree instanceof MapNode)) {
    if (isNull(tree)) return [];
    throw pathFailure(part, "wrong node kind: expected MappingNode");
  }
  if (tree.get(part) === undefined) {
    if (!create) return [];
    tree.keys.push(part);
    tree.values.push(freshTree(kindForPart(rest[0], create)));
  }
  return matchSlots(fieldSlot(slot, tree, part), rest, create);
}
