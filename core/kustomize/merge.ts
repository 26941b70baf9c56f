// Strategic merge as kyaml's merge2 does it, corner cases included: lists merge by the keys the schema names.

import { compareUtf8, plainTag } from "@plumbline/core/yaml";
import { directiveOf, removeKey } from "./merge-directives.ts";
import { mergeLists } from "./merge-lists.ts";
import { kindFailure, nodeKind } from "./node-kinds.ts";
import type { OpenApi, Schema } from "./openapi-schema.ts";
import type { SharedChanges } from "./aliases.ts";
import {
  MapNode,
  NULL_TAG,
  STR_TAG,
  Scalar,
  SeqNode,
  isMissingOrNull,
  isNull,
  needsKeyQuotes,
  textOf,
  type Tree,
} from "./tree.ts";

export interface MergeContext {
  readonly openApi: OpenApi;
  readonly changes: SharedChanges;
  /** True for `helmCharts` values, where new list items would go to the end. */
  readonly appendLists?: boolean;
}

/** The destination and the patch; either may be absent. */
type Sources = [dest: Tree | undefined, origin: Tree | undefined];

/** A null of the destination that stays although kyaml drops nulls. */
class KeptNull extends Scalar {}

/**
 * Merges a patch into a tree. Both are changed in place: hand in copies. Undefined when the patch deletes everything.
 * Throws `Failure` when the kinds of nodes differ or a directive is unknown.
 */
export function mergePatch(dest: Tree, patch: Tree, context: MergeContext): Tree | undefined {
  return walk([dest, patch], undefined, context);
}

function walk(sources: Sources, known: Schema | undefined, context: MergeContext): Tree | undefined {
  const schema = known ?? schemaOfSources(sources, context);
  const first = isMissingOrNull(sources[0]) ? sources[1] : sources[0];
  if (first === undefined || isNull(first)) return walkMap(sources, schema, context);
  const kind = nodeKind(first);
  const second = sources[1];
  if (second !== undefined && second !== first && !isNull(second) && nodeKind(second) !== kind) {
    throw kindFailure(kind, second);
  }
  if (first instanceof MapNode) return walkMap(sources, schema, context);
  if (first instanceof Scalar) return sources[1] ?? sources[0];
  const associative = schema !== undefined && schema.strategy.split(",").includes("merge");
  if (!associative) return sources[1] ?? sources[0];
  return walkList(sources, schema, context);
}

function schemaOfSources(sources: Sources, context: MergeContext): Schema | undefined {
  for (const source of sources) {
    if (!(source instanceof MapNode)) continue;
    const kind = textOf(source.get("kind"));
    const apiVersion = textOf(source.get("apiVersion"));
    if (kind === "" || apiVersion === "") continue;
    const schema = context.openApi.schemaOf(apiVersion, kind);
    if (schema) return schema;
  }
  return undefined;
}

function walkMap(sources: Sources, schema: Schema | undefined, context: MergeContext): Tree | undefined {
  const dest = visitMap(sources);
  sources[0] = dest;
  if (!(dest instanceof MapNode)) return dest;
  const origin = sources[1] instanceof MapNode ? sources[1] : undefined;
  const names = origin ? new Set([...dest.keys, ...origin.keys]) : new Set(dest.keys);
  for (const name of [...names].sort(compareUtf8)) {
    const before = dest.get(name);
    const fromOrigin = origin?.get(name);
    const value = walk([before, fromOrigin], schema?.field(name), context);
    const quotedKey = (value === fromOrigin ? origin : dest)?.quotedKeys?.has(name) === true;
    setField(dest, { name, value, quotedKey }, context.changes);
  }
  return dest;
}

function visitMap([dest, origin]: Sources): Tree | undefined {
  if (isMissingOrNull(dest)) {
    if (directiveOf(origin, false) === "delete") return undefined;
    if (origin === undefined && dest !== undefined && textOf(dest) !== "") return new KeptNull(textOf(dest), NULL_TAG);
    return origin;
  }
  if (origin !== undefined && isNull(origin)) return undefined;
  const directive = directiveOf(origin, true);
  if (directive === "delete") return undefined;
  return directive === "replace" ? origin : dest;
}

interface FieldValue {
  name: string;
  value: Tree | undefined;
  quotedKey: boolean;
}

/** kyaml's `FieldSetter` on a mapping: null removes, an existing field keeps its quotes. */
function setField(map: MapNode, field: FieldValue, changes: SharedChanges): void {
  const { name, value } = field;
  const at = map.keys.indexOf(name);
  if (value === undefined || (isNull(value) && !(value instanceof KeptNull))) {
    if (at >= 0) removeKey(map, name);
    return;
  }
  if (at >= 0) {
    const existing = map.values[at] as Tree;
    map.values[at] = existing === value ? asText(value, changes) : settle(existing, value, changes);
    return;
  }
  map.keys.push(name);
  map.values.push(asText(value, changes));
  if (field.quotedKey && needsKeyQuotes(name)) (map.quotedKeys ??= new Set()).add(name);
}

/** What a replacement made, whose type is still open, becomes a text where it stays through a merge. */
function asText(value: Tree, changes: SharedChanges): Tree {
  if (!(value instanceof Scalar) || value.tag !== "" || value.quoted || value.value === "") return value;
  if (plainTag(value.value) === STR_TAG) return value;
  const text = new Scalar(value.value, "", true, value.share);
  if (value.share) changes.set(value.share, text);
  return text;
}

function settle(existing: Tree, value: Tree, changes: SharedChanges): Tree {
  if (!(value instanceof Scalar)) return value;
  const share = existing instanceof Scalar ? existing.share : undefined;
  const scalar = new Scalar(value.value, value.tag, existing instanceof Scalar && existing.quoted, share);
  if (share) changes.set(share, scalar);
  return scalar;
}

function walkList(sources: Sources, schema: Schema, context: MergeContext): Tree | undefined {
  const dest = visitList(sources);
  sources[0] = dest;
  if (!(dest instanceof SeqNode)) return dest;
  const mergeItem = (pair: Sources, items: Schema | undefined): Tree | undefined => walk(pair, items, context);
  return mergeLists([dest, sources[1]], { schema, mergeItem, appendLists: context.appendLists ?? false });
}

function visitList([dest, origin]: Sources): Tree | undefined {
  if (isMissingOrNull(dest)) return origin;
  if (origin !== undefined && isNull(origin)) return undefined;
  const directive = directiveOf(origin, true);
  if (directive === "delete") return undefined;
  return directive === "replace" ? origin : dest;
}
