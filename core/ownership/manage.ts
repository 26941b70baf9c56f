// Who owns which field after a write: server-side apply and plain updates.
// Facts: sigs.k8s.io/structured-merge-diff v6, merge/update.go; k8s.io/apimachinery pkg/util/managedfields/internal.

import { digString, equalJson, isObject, type JsonObject, type JsonValue, setOwn } from "@plumbline/core/model";
import { fieldType, itemType, type TypeNode } from "@plumbline/core/schema";
import { typeErrors } from "./check-type.ts";
import { type Comparison, compareValues, withoutChanges, withoutFields } from "./compare.ts";
import { fieldSetOf } from "./field-set-of.ts";
import {
  difference,
  emptySet,
  type FieldNode,
  type FieldSet,
  hasPath,
  insertPath,
  intersection,
  isEmpty,
  paths,
  recursiveDifference,
  union,
} from "./field-set.ts";
import { decodeManagedFields, encodeManagedFields, identityOf, type Ownership } from "./managed-fields.ts";
import { mergeValues } from "./merge.ts";
import { canonicalJson } from "./project.ts";
import { removeFields } from "./remove.ts";

/** How many update entries an object keeps before the oldest are put together. */
export const maxUpdateManagers = 10;
const ancientManager = "ancient-changes";
const beforeFirstApply = "before-first-apply";
export const lastAppliedAnnotation = "kubectl.kubernetes.io/last-applied-configuration";

/** Who writes, through which door. */
export interface Writer {
  readonly manager: string;
  /** Version of the request, as `apps/v1`. */
  readonly apiVersion: string;
  /** Empty for the object itself. */
  readonly subresource: string;
  /** RFC 3339, whole seconds, UTC; undefined leaves the time out, as a server does for the scale subresource. */
  readonly time: string | undefined;
  /** Paths (as `f:` elements) that this door never owns, for example `status` of the main resource. */
  readonly ignored?: FieldSet;
}

/** A field that another manager owns with another value. */
export interface OwnershipConflict {
  readonly owner: Ownership;
  readonly path: readonly string[];
}

export type ApplyResult =
  | { readonly kind: "applied"; readonly object: JsonObject }
  | { readonly kind: "conflict"; readonly conflicts: readonly OwnershipConflict[] }
  | { readonly kind: "invalid"; readonly errors: readonly string[]; readonly side: "patch" | "live" };

/** Entries by identity, in the order they were met. */
type Managers = ReadonlyMap<string, Ownership>;

const strippedFields: FieldSet = setOfPaths([
  ["apiVersion"],
  ["kind"],
  ["metadata"],
  ["metadata", "name"],
  ["metadata", "namespace"],
  ["metadata", "creationTimestamp"],
  ["metadata", "selfLink"],
  ["metadata", "uid"],
  ["metadata", "clusterName"],
  ["metadata", "generation"],
  ["metadata", "managedFields"],
  ["metadata", "resourceVersion"],
]);

/** A set of field names given as plain paths, for `Writer.ignored`. */
export function setOfPaths(list: readonly (readonly string[])[]): FieldSet {
  const set = new Map<string, FieldNode>();
  for (const path of list) {
    insertPath(
      set,
      path.map((name) => `f:${name}`),
    );
  }
  return set;
}

/**
 * Server-side apply of `applied` onto `live`. For an object that does not exist yet, `live` holds apiVersion, kind and
 * metadata name and namespace only. The result carries managedFields and may hold nulls that a server then drops.
 * `empty` is an object of the kind as a server writes it when nothing is set (`spec: {}` and so on): what stands there
 * is nobody's. Default: apiVersion and kind.
 */
export function applyObject(
  node: TypeNode,
  live: JsonObject,
  request: { applied: JsonObject; writer: Writer; force: boolean; empty?: JsonObject },
): ApplyResult {
  const { applied, writer, force, empty = seedOf(live) } = request;
  const bare = withoutManagedFields(live);
  const patchErrors = typeErrors(node, applied, "refuse");
  if (patchErrors.length > 0) return { kind: "invalid", errors: patchErrors, side: "patch" };
  const liveErrors = typeErrors(node, bare, "allow");
  if (liveErrors.length > 0) return { kind: "invalid", errors: liveErrors, side: "live" };
  const known = managersOf(live);
  const managers = known.size > 0 ? known : startTracking(node, { from: empty, to: bare }, writer);
  const first = applyTyped({ node, live: bare, applied, managers, writer, force });
  if (first.kind === "applied" || writer.manager !== "kubectl") return finishApply(first, applied, writer);
  const blocking = conflictsBeyondLastApplied(node, bare, { conflicts: first.conflicts, writer });
  if (blocking.length > 0) return { kind: "conflict", conflicts: blocking };
  return finishApply(applyTyped({ node, live: bare, applied, managers, writer, force: true }), applied, writer);
}

/** The first apply of an object that nobody tracked: what stands there belongs to `before-first-apply`. */
function startTracking(node: TypeNode, change: { from: JsonObject; to: JsonObject }, writer: Writer): Managers {
  return updateManagers({ node, ...change, managers: new Map() }, { ...writer, manager: beforeFirstApply });
}

interface ApplyInput {
  readonly node: TypeNode;
  readonly live: JsonObject;
  readonly applied: JsonObject;
  readonly managers: Managers;
  readonly writer: Writer;
  readonly force: boolean;
}
type Applied =
  | { kind: "applied"; object: JsonObject; managers: Managers }
  | { kind: "conflict"; conflicts: OwnershipConflict[] };

function applyTyped({ node, live, applied, managers, writer, force }: ApplyInput): Applied {
  const ignored = writer.ignored ?? emptySet;
  const self: Ownership = {
    ...entryOf(writer, "Apply"),
    fields: recursiveDifference(fieldSetOf(node, applied), ignored),
  };
  const id = identityOf(self);
  const last = managers.get(id);
  const next = new Map(managers).set(id, { ...self, time: last?.time });
  const merged = mergeValues(node, live, applied) ?? null;
  const pruned = prune(node, merged, { last: last?.fields ?? emptySet, managers: next });
  const comparison = withoutFields(compareValues(node, live, pruned), ignored);
  const conflicts = force ? [] : conflictsWith(next, { id, comparison });
  if (conflicts.length > 0) return { kind: "conflict", conflicts };
  const object = isObject(pruned) ? pruned : {};
  const owners = takeChanges(next, { id, comparison });
  const mine = owners.get(id);
  if (mine) {
    const fields = difference(mine.fields, strippedFields);
    if (isEmpty(fields)) owners.delete(id);
    else owners.set(id, { ...mine, fields, time: equalJson(live, object) ? mine.time : writer.time });
  }
  return { kind: "applied", object, managers: owners };
}

/** Removes what the applier applied last time, does not apply now, and nobody else owns. */
function prune(
  node: TypeNode,
  merged: JsonValue,
  { last, managers }: { last: FieldSet; managers: Managers },
): JsonValue {
  if (isEmpty(last)) return merged;
  const named = (set: FieldSet): FieldSet => withNamedParents(node, set);
  const setOf = (value: JsonValue): FieldSet => named(fieldSetOf(node, value));
  const all = setOf(merged);
  const lastNamed = named(last);
  let owned = emptySet;
  for (const entry of managers.values()) owned = union(owned, entry.fields);
  const withoutLast = removeFields(node, merged, lastNamed);
  const kept = union(setOf(withoutLast), named(owned));
  const withOwned = removeFields(node, merged, difference(all, kept));
  return removeFields(node, merged, intersection(difference(all, setOf(withOwned)), lastNamed));
}

/** The set with the declared fields that lead to its members as members too; keys of maps are not added. */
function withNamedParents(node: TypeNode | undefined, set: FieldSet): FieldSet {
  const out = new Map<string, FieldNode>();
  for (const [element, { member, children }] of set) {
    if (!children) {
      out.set(element, { member, children });
      continue;
    }
    const name = element.slice(2);
    const isField = element.startsWith("f:");
    const isDeclared = isField && node?.fields?.has(name) === true;
    const type = node && (isField ? fieldType(node, name) : itemType(node));
    out.set(element, { member: member || isDeclared, children: withNamedParents(type, children) });
  }
  return out;
}

function conflictsWith(
  managers: Managers,
  { id, comparison }: { id: string; comparison: Comparison },
): OwnershipConflict[] {
  const changed = union(comparison.modified, comparison.added);
  const found: OwnershipConflict[] = [];
  for (const [other, owner] of managers) {
    if (other === id) continue;
    for (const path of paths(intersection(owner.fields, changed))) found.push({ owner, path });
  }
  return found;
}

/** Everyone but the writer loses the fields that changed or went away; who has none left is forgotten. */
function takeChanges(
  managers: Managers,
  { id, comparison }: { id: string; comparison: Comparison },
): Map<string, Ownership> {
  const lost = union(union(comparison.modified, comparison.added), comparison.removed);
  const out = new Map<string, Ownership>();
  for (const [other, entry] of managers) {
    const fields = other === id ? entry.fields : difference(entry.fields, lost);
    if (!isEmpty(fields)) out.set(other, { ...entry, fields });
  }
  return out;
}

function finishApply(result: Applied, applied: JsonObject, writer: Writer): ApplyResult {
  if (result.kind === "conflict") return result;
  const object = writer.manager === "kubectl" ? withLastApplied(result.object, applied) : result.object;
  return { kind: "applied", object: withManagers(object, result.managers) };
}

/**
 * Ownership after a create, update or patch from `live` (for a create undefined or the empty object of the kind) to
 * `next`; gives `next` with its managedFields. When the request itself brings managedFields they are taken, and an empty list starts anew.
 */
export function trackUpdate(
  node: TypeNode,
  live: JsonObject | undefined,
  { next, writer }: { next: JsonObject; writer: Writer },
): JsonObject {
  const bare = withoutManagedFields(next);
  const managers = writer.subresource === "" ? givenManagers(live, next) : managersOf(live);
  const isCreate = digString(live, "metadata", "uid") === undefined;
  if (managers.size === 0 && !isCreate) return bare;
  const from = live ? withoutManagedFields(live) : seedOf(next);
  try {
    return withManagers(bare, capUpdates(updateManagers({ node, from, to: bare, managers }, writer)));
  } catch (thrown) {
    if (thrown instanceof TypeError) return bare; // as the server: items that cannot be told apart are not tracked
    throw thrown;
  }
}

function seedOf(next: JsonObject): JsonObject {
  const seed: JsonObject = {};
  if (next.apiVersion !== undefined) seed.apiVersion = next.apiVersion;
  if (next.kind !== undefined) seed.kind = next.kind;
  return seed;
}

function givenManagers(live: JsonObject | undefined, next: JsonObject): Managers {
  const given = isObject(next.metadata) ? next.metadata.managedFields : undefined;
  if (Array.isArray(given) && isReset(given)) return new Map();
  const sent = managersOf(next);
  return sent.size > 0 ? sent : managersOf(live);
}

/** An empty list, or one empty entry, asks for ownership to be forgotten. */
function isReset(given: JsonValue[]): boolean {
  if (given.length === 0) return true;
  const [only] = given;
  return given.length === 1 && isObject(only) && Object.keys(only).length === 0;
}

function managersOf(object: JsonObject | undefined): Managers {
  const list = isObject(object?.metadata) ? object.metadata.managedFields : undefined;
  try {
    return new Map(decodeManagedFields(list).map((entry) => [identityOf(entry), entry]));
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return new Map(); // as the server: unreadable ownership is no ownership
    throw thrown;
  }
}

interface UpdateInput {
  readonly node: TypeNode;
  readonly from: JsonObject;
  readonly to: JsonObject;
  readonly managers: Managers;
}

function updateManagers({ node, from, to, managers }: UpdateInput, writer: Writer): Managers {
  const comparison = withoutFields(compareValues(node, from, to), writer.ignored ?? emptySet);
  const out = takeChanges(managers, { id: "", comparison });
  const changed = difference(union(comparison.modified, comparison.added), strippedFields);
  if (isEmpty(changed)) return out;
  const self = { ...entryOf(writer, "Update"), fields: changed };
  const id = identityOf(self);
  const previous = out.get(id);
  out.set(id, { ...self, fields: previous ? union(changed, previous.fields) : changed });
  return out;
}

function entryOf(writer: Writer, operation: Ownership["operation"]): Omit<Ownership, "fields"> {
  const { apiVersion, subresource, time } = writer;
  return { manager: writer.manager === "" ? "unknown" : writer.manager, operation, apiVersion, subresource, time };
}

/** Puts the oldest update entries of a version together until there are few enough. */
function capUpdates(managers: Managers): Managers {
  const updaters = [...managers].filter(([, entry]) => entry.operation === "Update");
  let count = updaters.length;
  if (count <= maxUpdateManagers) return managers;
  updaters.sort(([idA, a], [idB, b]) => compareText(a.time ?? "", b.time ?? "") || compareText(idA, idB));
  const out = new Map(managers);
  const firstOfVersion = new Map<string, string>();
  for (const [id, entry] of updaters) {
    if (count <= maxUpdateManagers) break;
    const first = firstOfVersion.get(entry.apiVersion);
    if (first === undefined) {
      firstOfVersion.set(entry.apiVersion, id);
      continue;
    }
    const bucket = { ...entry, manager: ancientManager, subresource: "" };
    const bucketId = identityOf(bucket);
    const collected = out.get(bucketId) ?? out.get(first);
    if (!out.has(bucketId)) out.delete(first);
    out.delete(id);
    out.set(bucketId, { ...bucket, fields: union(entry.fields, collected?.fields ?? emptySet) });
    count--;
  }
  return out;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Conflicts that are not merely about fields which client-side apply of the same user had written. */
function conflictsBeyondLastApplied(
  node: TypeNode,
  live: JsonObject,
  { conflicts, writer }: { conflicts: readonly OwnershipConflict[]; writer: Writer },
): readonly OwnershipConflict[] {
  const last = lastAppliedOf(live);
  if (!last || last.apiVersion !== writer.apiVersion || typeErrors(node, last, "refuse").length > 0) return conflicts;
  const mine = withoutChanges(fieldSetOf(node, last), compareValues(node, last, live));
  return conflicts.filter(({ path }) => !hasPath(mine, path));
}

function lastAppliedOf(object: JsonObject): JsonObject | undefined {
  const text = digString(object, "metadata", "annotations", lastAppliedAnnotation);
  if (text === undefined || text === "") return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    return isObject(parsed) ? parsed : undefined;
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return undefined;
    throw thrown;
  }
}

/** kubectl's own annotation follows what kubectl applies, when the object has one. */
function withLastApplied(object: JsonObject, applied: JsonObject): JsonObject {
  const present = digString(object, "metadata", "annotations", lastAppliedAnnotation);
  if (present === undefined || present === "") return object;
  return setAnnotation(object, `${canonicalJson(setAnnotation(applied, undefined))}\n`);
}

function setAnnotation(object: JsonObject, value: string | undefined): JsonObject {
  const metadata = isObject(object.metadata) ? object.metadata : {};
  const annotations: JsonObject = isObject(metadata.annotations) ? { ...metadata.annotations } : {};
  if (value === undefined) delete annotations[lastAppliedAnnotation];
  else annotations[lastAppliedAnnotation] = value;
  if (Object.keys(annotations).length > 0) return { ...object, metadata: { ...metadata, annotations } };
  const { annotations: _empty, ...rest } = metadata;
  return { ...object, metadata: rest };
}

function withoutManagedFields(object: JsonObject): JsonObject {
  if (!isObject(object.metadata) || !Object.hasOwn(object.metadata, "managedFields")) return object;
  const { managedFields: _dropped, ...metadata } = object.metadata;
  return { ...object, metadata };
}

function withManagers(object: JsonObject, managers: Managers): JsonObject {
  if (managers.size === 0) return object;
  const metadata: JsonObject = isObject(object.metadata) ? { ...object.metadata } : {};
  setOwn(metadata, "managedFields", encodeManagedFields([...managers.values()]));
  return { ...object, metadata };
}
