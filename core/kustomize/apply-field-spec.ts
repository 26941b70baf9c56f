// Following a field spec through a resource and changing what stands at its end.

import { buildFailure } from "./failures.ts";
import type { FieldSpec, PathStep } from "./field-spec.ts";
import { MapNode, NULL_TAG, Scalar, SeqNode, isNull, withEntry, type Tree } from "./tree.ts";

/** What to make where the field is absent or null: a mapping, or a scalar with this tag. */
export type Creation = { kind: "mapping" } | { kind: "scalar"; tag: string };

export interface FieldEdit {
  /** The new value; the same value for no change. */
  set: (tree: Tree) => Tree;
  /** Only for specs with `create`. */
  create?: Creation;
}

const NUMBER = /^[+-]?[0-9]+$/;

/**
 * kustomize's field spec filter: lists along the path are entered, absent fields are made when the spec and the edit
 * say so. Returns the same tree when nothing changed. Throws `Failure` when the path leads through a scalar.
 */
export function applyFieldSpec(tree: Tree, spec: FieldSpec, edit: FieldEdit): Tree {
  return follow(tree, 0, { spec, edit });
}

interface Walk {
  spec: FieldSpec;
  edit: FieldEdit;
}

function follow(tree: Tree, at: number, walk: Walk): Tree {
  if (at === walk.spec.steps.length) return walk.edit.set(tree);
  if (tree instanceof MapNode) return enterMap(tree, at, walk);
  if (tree instanceof SeqNode) return enterList(tree, at, walk);
  if (isNull(tree)) return tree;
  throw specFailure(walk.spec, "expected sequence or mapping node");
}

function specFailure(spec: FieldSpec, message: string): Error {
  return buildFailure(
    `considering field '${spec.path}': ${message}`,
    { field: spec.path },
    "Correct the object, or the field spec that names this path.",
  );
}

function enterList(list: SeqNode, at: number, walk: Walk): Tree {
  let items: Tree[] | undefined;
  for (let i = 0; i < list.items.length; i++) {
    const before = list.items[i] as Tree;
    const after = follow(before, at, walk);
    if (after === before) continue;
    items ??= list.items.slice();
    items[i] = after;
  }
  return items ? new SeqNode(items) : list;
}

function enterMap(map: MapNode, at: number, walk: Walk): Tree {
  const step = walk.spec.steps[at] as PathStep;
  const name = step.name.trim();
  if (step.name === "") throw specFailure(walk.spec, "cannot set or create an empty field name");
  if (NUMBER.test(name) || name === "-" || name === "*") {
    throw specFailure(walk.spec, `wrong node kind: expected SequenceNode but got MappingNode at ${name}`);
  }
  const creation = creationAt(at, walk);
  const field = map.get(name);
  const found = field === undefined ? creation && fresh(creation) : revived(field, step, creation);
  if (found === undefined) return map;
  const after = follow(found, at + 1, walk);
  return after === field ? map : withEntry(map, name, after);
}

function creationAt(at: number, { spec, edit }: Walk): Creation | undefined {
  if (!spec.create || !edit.create || spec.steps[at]?.list) return undefined;
  return at === spec.steps.length - 1 ? edit.create : { kind: "mapping" };
}

function fresh(creation: Creation): Tree {
  return creation.kind === "mapping" ? new MapNode() : new Scalar("", "");
}

/** A null turns into what the path says should stand there. */
function revived(field: Tree, step: PathStep, creation: Creation | undefined): Tree {
  if (!(field instanceof Scalar) || field.tag !== NULL_TAG) return field;
  if (step.list) return new SeqNode();
  if (!creation) return field;
  return creation.kind === "mapping" ? new MapNode() : new Scalar(field.value, creation.tag, field.quoted);
}
