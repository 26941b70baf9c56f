// Takes over the fields that kubectl users and older managers own, so that what Git removes really goes away.

import {
  type JsonObject,
  type JsonValue,
  type Manifest,
  digString,
  isObject,
  metadataMap,
} from "@plumbline/core/model";
import { type RefusedList, splitItems } from "./list-items.ts";

export interface TakeoverRules {
  /** Our field manager. */
  manager: string;
  /** Further managers whose fields become ours (`--override-manager`). */
  override: readonly string[];
  /** A list of which the items of others become ours too, where Git does not have them. */
  list?: RefusedList;
}

/** Annotations and labels that older tools left and that would bring back removed fields. */
const OLD_ANNOTATIONS = [
  "kubectl.kubernetes.io/last-applied-configuration",
  "kustomize.toolkit.fluxcd.io/checksum",
  "fluxcd.io/sync-checksum",
];
const OLD_LABELS = ["fluxcd.io/sync-gc-mark"];

function isAbsorbed(entry: JsonObject, rules: TakeoverRules): boolean {
  if (typeof entry.subresource === "string" && entry.subresource !== "") return false;
  const manager = typeof entry.manager === "string" ? entry.manager : "";
  const startsWithOne = (prefixes: readonly string[]): boolean => prefixes.some((prefix) => manager.startsWith(prefix));
  if (startsWithOne(["kubectl", ...rules.override])) return true;
  return entry.operation === "Update" && startsWithOne(["before-first-apply", rules.manager]);
}

/** True when somebody whose fields we absorb has written the object, or left the annotation of `kubectl apply`. */
export function needsTakeover(live: Manifest, rules: TakeoverRules): boolean {
  return takeoverPatch(live, rules).length > 0;
}

/** Names of those whose fields would be taken over; `kubectl apply` for its annotation alone. */
export function takenOverManagers(live: Manifest, rules: TakeoverRules): string[] {
  const managed = isObject(live.metadata) ? live.metadata.managedFields : undefined;
  const absorbed = (Array.isArray(managed) ? managed.filter(isObject) : []).filter((entry) => isAbsorbed(entry, rules));
  const names = absorbed.map((entry) => digString(entry, "manager") ?? "");
  if (names.length === 0 && needsTakeover(live, rules)) return ["kubectl apply"];
  return [...new Set(names)];
}

/**
 * A JSON patch (RFC 6902) that hands the absorbed managers' fields to us; empty when there is nothing to take over. It
 * tests the resourceVersion first, so that it never overwrites managedFields it has not seen.
 */
export function takeoverPatch(live: Manifest, rules: TakeoverRules): JsonObject[] {
  const operations = [
    ...removals("annotations", metadataMap(live, "annotations"), OLD_ANNOTATIONS),
    ...removals("labels", metadataMap(live, "labels"), OLD_LABELS),
  ];
  const entries = mergedEntries(live, rules);
  if (entries) operations.push({ op: "replace", path: "/metadata/managedFields", value: entries });
  const resourceVersion = digString(live, "metadata", "resourceVersion");
  if (operations.length === 0 || resourceVersion === undefined) return operations;
  return [...operations, { op: "replace", path: "/metadata/resourceVersion", value: resourceVersion }];
}

function removals(field: string, present: Record<string, string>, keys: string[]): JsonObject[] {
  const found = keys.filter((key) => Object.hasOwn(present, key));
  return found.map((key) => ({
    op: "remove",
    path: `/metadata/${field}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`,
  }));
}

function mergedEntries(live: Manifest, rules: TakeoverRules): JsonValue[] | undefined {
  const managed = isObject(live.metadata) ? live.metadata.managedFields : undefined;
  if (!Array.isArray(managed)) return undefined;
  const entries = managed.filter(isObject);
  const isOurs = (entry: JsonObject): boolean =>
    entry.manager === rules.manager && entry.operation === "Apply" && (entry.subresource ?? "") === "";
  const absorbed = entries.filter((entry) => !isOurs(entry) && isAbsorbed(entry, rules));
  const rest = entries.filter((entry) => !isOurs(entry) && !absorbed.includes(entry));
  const { others, moved } = withoutItems(rest, rules);
  if (absorbed.length === 0 && moved.length === 0) return undefined;
  const first = entries.find(isOurs) ?? absorbed[0] ?? moved[0];
  const merged = [...entries.filter(isOurs), ...absorbed, ...moved].reduce<JsonObject>(
    (fields, entry) => (isObject(entry.fieldsV1) ? unionFields(fields, entry.fieldsV1) : fields),
    {},
  );
  const ours: JsonObject = { ...first, manager: rules.manager, operation: "Apply", fieldsV1: merged };
  return [...others, ours];
}

/** Only what was written by updates: another applier that wants such an item is a conflict to be told. */
function withoutItems(
  entries: readonly JsonObject[],
  { list }: TakeoverRules,
): { others: readonly JsonObject[]; moved: JsonObject[] } {
  if (!list) return { others: entries, moved: [] };
  const others: JsonObject[] = [];
  const moved: JsonObject[] = [];
  for (const entry of entries) {
    const isUpdate = entry.operation === "Update" && (entry.subresource ?? "") === "";
    const parts = isUpdate && isObject(entry.fieldsV1) ? splitItems(entry.fieldsV1, list) : undefined;
    if (!parts || Object.keys(parts.moved).length === 0) others.push(entry);
    else {
      moved.push({ ...entry, fieldsV1: parts.moved });
      if (Object.keys(parts.kept).length > 0) others.push({ ...entry, fieldsV1: parts.kept });
    }
  }
  return { others, moved };
}

/** fieldsV1 is a trie of field names, so the union of two sets is the deep merge of their objects. */
function unionFields(a: JsonObject, b: JsonObject): JsonObject {
  const union: JsonObject = { ...a };
  for (const [key, value] of Object.entries(b)) {
    const known = Object.hasOwn(union, key) ? union[key] : undefined;
    union[key] = isObject(known) && isObject(value) ? unionFields(known, value) : value;
  }
  return union;
}
