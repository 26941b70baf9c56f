// The kinds of nodes in kustomize's words.

import { buildFailure } from "./failures.ts";
import { MapNode, SeqNode, type Tree } from "./tree.ts";

export function nodeKind(tree: Tree): string {
  return tree instanceof MapNode ? "MappingNode" : tree instanceof SeqNode ? "SequenceNode" : "ScalarNode";
}

export function kindFailure(expected: string, found: Tree): Error {
  return buildFailure(
    `wrong node kind: expected ${expected} but got ${nodeKind(found)}`,
    {},
    "Give the patch the same structure as the object.",
  );
}
