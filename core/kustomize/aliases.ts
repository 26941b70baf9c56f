// Changing scalars: what kyaml's setters do to text, tag and quotes, and scalars that stand in several places.

import { buildFailure } from "./failures.ts";
import { MapNode, STR_TAG, Scalar, SeqNode, isNull, type Share, type Tree, withEntry } from "./tree.ts";

/** The shared scalars that a transform changed in one resource, to be brought to their other places. */
export type SharedChanges = Map<Share, Scalar>;

/** A scalar with new text and tag in the place of another: quotes stay, and so does what it shares its place with. */
export function overwrite(old: Tree, next: { value: string; tag: string }, changes: SharedChanges): Scalar {
  const share = old instanceof Scalar ? old.share : undefined;
  const scalar = new Scalar(next.value, next.tag, old instanceof Scalar && old.quoted, share);
  if (share) changes.set(share, scalar);
  return scalar;
}

/** Puts changed shared scalars in all places of the tree. */
export function propagate<T extends Tree>(tree: T, changes: SharedChanges): T {
  return changes.size === 0 ? tree : (replaceShared(tree, changes) as T);
}

function replaceShared(tree: Tree, changes: SharedChanges): Tree {
  if (tree instanceof Scalar) return (tree.share && changes.get(tree.share)) ?? tree;
  if (tree instanceof SeqNode) {
    const items = tree.items.map((item) => replaceShared(item, changes));
    return items.every((item, i) => item === tree.items[i]) ? tree : new SeqNode(items);
  }
  const values = tree.values.map((value) => replaceShared(value, changes));
  return values.every((value, i) => value === tree.values[i]) ? tree : new MapNode(tree.keys, values, tree.quotedKeys);
}

/** kyaml's `SetScalar`: new text whose type is resolved later; a null stays unless `tag` says what to make of it. */
export function setScalarText(tree: Tree, next: { value: string; tag: string }, changes: SharedChanges): Tree {
  if (!(tree instanceof Scalar)) {
    const kind = tree instanceof MapNode ? "MappingNode" : "SequenceNode";
    throw buildFailure(`wrong node kind: expected ScalarNode but got ${kind}`, {}, "Point at a text or number.");
  }
  if (tree.value === next.value && tree.tag === next.tag) return tree;
  return overwrite(tree, next, changes);
}

/** kyaml's `SetEntry` on a mapping; a new entry gets `share`, so that its other places follow later changes. */
export function setEntry(
  tree: Tree,
  entry: { key: string; value: string; share: Share | undefined },
  changes: SharedChanges,
): Tree {
  if (isNull(tree)) return tree;
  if (!(tree instanceof MapNode)) {
    const kind = tree instanceof Scalar ? "ScalarNode" : "SequenceNode";
    throw buildFailure(`wrong node kind: expected MappingNode but got ${kind}`, {}, "Make the field a mapping.");
  }
  const existing = tree.get(entry.key);
  if (existing === undefined) {
    return withEntry(tree, entry.key, new Scalar(entry.value, STR_TAG, false, entry.share));
  }
  if (existing instanceof Scalar && existing.value === entry.value && existing.tag === STR_TAG) return tree;
  return withEntry(tree, entry.key, overwrite(existing, { value: entry.value, tag: STR_TAG }, changes));
}
