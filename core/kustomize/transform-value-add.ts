// ValueAddTransformer: one value put into fields, or into one part of a path that a field holds.

import { setScalarText } from "./aliases.ts";
import { buildFailure } from "./failures.ts";
import { lookUp } from "./field-path.ts";
import { splitPath } from "./field-spec.ts";
import type { SelectorSettings } from "./kustomization.ts";
import { selectResources } from "./selector.ts";
import { moveResource } from "./transform-namespace.ts";
import { mapResources, type Transform } from "./transform.ts";
import { MapNode, Scalar, SeqNode, isNull, textOf, withEntry, type Tree } from "./tree.ts";

export interface ValueAddTarget {
  selector: Partial<SelectorSettings>;
  fieldPath: string;
  /** Above 0: the value becomes this part of the path in the field. */
  filePathPosition: number | bigint;
}

export interface ValueAddSettings {
  value: string;
  targets: readonly Partial<ValueAddTarget>[];
  file: string;
}

export function valueAddTransform({ value, targets, file }: ValueAddSettings): Transform {
  const where = { file };
  if (targets.length === 0) throw buildFailure("must specify at least one target", where, "Add a target.");
  for (const { fieldPath = "", filePathPosition = 0 } of targets) {
    if (fieldPath === "") throw buildFailure("fieldPath cannot be empty", where, "Name the field.");
    if (filePathPosition < 0) {
      throw buildFailure(`value of FilePathPosition (${filePathPosition}) cannot be negative`, where, "Use 0 or more.");
    }
  }
  return {
    name: "ValueAddTransformer",
    run: (resources) => {
      let result = resources;
      for (const { selector, fieldPath = "", filePathPosition = 0 } of targets) {
        const selected = selector ? selectResources(result, selector) : undefined;
        const path = splitPath(fieldPath).length > 0 ? fieldPath.split(/(?<!\\)\//).map(unescapeSlash) : [];
        const position = Number(filePathPosition);
        result = mapResources(result, (resource, changes) => {
          if (selected && !selected.has(resource)) return resource;
          if (fieldPath === "metadata/namespace") {
            return moveResource(resource, { namespace: value, fieldSpecs: [] }, changes);
          }
          const set = (tree: Tree): Tree => {
            const next = position > 0 ? insertPathPart(textOf(tree), position - 1, value) : value;
            return setScalarText(tree, { value: next, tag: "" }, changes);
          };
          return resource.withTree(createAt(resource.tree, path, set));
        });
      }
      return result;
    },
  };
}

function unescapeSlash(part: string): string {
  return part.replaceAll("\\/", "/");
}

/** kyaml's `LookupCreate` for a scalar: absent fields and `[key=value]` items are made. */
function createAt(tree: Tree, path: readonly string[], set: (tree: Tree) => Tree): Tree {
  const [raw, ...rest] = path;
  if (raw === undefined) return set(tree);
  const part = raw.trim();
  if (part === "") return createAt(tree, rest, set);
  if (part.startsWith("[") && part.endsWith("]")) return createItem(tree, part, (item) => createAt(item, rest, set));
  if (/^[0-9]+$/.test(part) || part === "-") {
    const item = lookUp(tree, [part]);
    if (item === undefined || !(tree instanceof SeqNode)) return tree;
    return new SeqNode(tree.items.map((each) => (each === item ? createAt(each, rest, set) : each)));
  }
  if (isNull(tree)) return tree;
  if (!(tree instanceof MapNode)) {
    throw buildFailure("wrong node kind: expected MappingNode", { field: part }, "Correct the fieldPath.");
  }
  return withEntry(tree, part, createAt(tree.get(part) ?? freshFor(rest[0]), rest, set));
}

function freshFor(next: string | undefined): Tree {
  if (next === undefined) return new Scalar("", "");
  return next.startsWith("[") || /^[0-9]+$/.test(next) ? new SeqNode() : new MapNode();
}

function createItem(tree: Tree, part: string, change: (item: Tree) => Tree): Tree {
  if (!(tree instanceof SeqNode)) {
    throw buildFailure("wrong node kind: expected SequenceNode", { field: part }, "Correct the fieldPath.");
  }
  const found = lookUp(tree, [part]);
  if (found) return new SeqNode(tree.items.map((item) => (item === found ? change(item) : item)));
  const [name = "", value = ""] = part.slice(1, -1).split("=", 2);
  const fresh = name === "" ? new Scalar(value, "") : new MapNode([name], [new Scalar(value, "")]);
  return new SeqNode([...tree.items, change(fresh)]);
}

/** Puts a part into a file path at a position; beyond its end means at its end. An absolute path stays absolute. */
export function insertPathPart(path: string, position: number, part: string): string {
  const absolute = path.startsWith("/");
  const parts = path.split("/").filter((each) => each !== "");
  parts.splice(Math.min(position, parts.length), 0, part);
  return (absolute ? "/" : "") + parts.join("/");
}
