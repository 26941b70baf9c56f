// `$patch` directives of strategic merge patches.

import { buildFailure } from "./failures.ts";
import { setElement } from "./list-items.ts";
import { kindFailure } from "./node-kinds.ts";
import { MapNode, SeqNode, isMissingOrNull, textOf, type Tree } from "./tree.ts";

export type Directive = "merge" | "replace" | "delete";
const PATCH_KEY = "$patch";

/** Reads and removes the `$patch` directive of a patch's mapping or list. */
export function directiveOf(patch: Tree | undefined, strict: boolean): Directive {
  if (patch === undefined) return "merge";
  if (patch instanceof SeqNode) return visitSequenceDirective(patch);
  if (!(patch instanceof MapNode)) {
    if (!strict) return "merge";
    throw kindFailure("MappingNode", patch);
  }
  const directive = patch.get(PATCH_KEY);
  if (isMissingOrNull(directive)) return "merge";
  const text = textOf(directive);
  if (!isDirective(text)) {
    if (!strict) return "merge";
    throw unknownDirective(text);
  }
  removeKey(patch, PATCH_KEY);
  return text;
}

function isDirective(text: string): text is Directive {
  return text === "merge" || text === "replace" || text === "delete";
}

function unknownDirective(text: string): Error {
  return buildFailure(
    `unknown patch strategy '${text}'`,
    { field: PATCH_KEY },
    "Use one of merge, replace, delete for $patch.",
  );
}

/** Reads and removes a directive item (`- $patch: replace`) of a list. */
function visitSequenceDirective(list: SeqNode): Directive {
  const item = list.items.find((entry) => entry instanceof MapNode && entry.get(PATCH_KEY) !== undefined);
  if (!(item instanceof MapNode) || item.keys.length > 1) return "merge";
  const text = textOf(item.get(PATCH_KEY));
  if (!isDirective(text)) throw unknownDirective(text);
  setElement(list, undefined, { keys: [PATCH_KEY], values: [text] });
  return text;
}

export function removeKey(map: MapNode, key: string): void {
  const at = map.keys.indexOf(key);
  if (at < 0) return;
  map.keys.splice(at, 1);
  map.values.splice(at, 1);
}
