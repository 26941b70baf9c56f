// Which fields of a live object differ from what is desired, and who wrote it last: for the report of a repair.

import { type JsonObject, type JsonValue, type Manifest, digString, equalJson, isObject } from "@plumbline/core/model";

/** A report names this many fields. */
const MAX_FIELDS = 20;
/** Keys by which items of well-known lists are found. */
const ITEM_KEYS = ["name", "key", "containerPort", "port", "mountPath", "ip", "type", "uid"];

/** Paths such as `spec.template.spec.containers[name="web"].image`; values are never part of it. Fields that only the live object has do not count: others may own them. */
export function changedFields(desired: Manifest, live: Manifest): string[] {
  const found: string[] = [];
  compare(desired, live, "", found);
  return found;
}

function compare(desired: JsonValue, live: JsonValue | undefined, path: string, found: string[]): void {
  if (found.length >= MAX_FIELDS || desired === null || equalJson(desired, live)) return;
  if (isObject(desired) && isObject(live)) {
    for (const [key, value] of Object.entries(desired)) compare(value, live[key], joined(path, key), found);
  } else if (Array.isArray(desired) && Array.isArray(live)) {
    compareItems(desired, live, path, found);
  } else if (!isObject(desired) || Object.keys(desired).length > 0 || live === undefined) {
    found.push(path);
  }
}

function compareItems(desired: JsonValue[], live: JsonValue[], path: string, found: string[]): void {
  const key = ITEM_KEYS.find((name) => desired.every((item) => isObject(item) && Object.hasOwn(item, name)));
  if (key === undefined) {
    found.push(path);
    return;
  }
  for (const item of desired as JsonObject[]) {
    const match = live.find((other) => isObject(other) && equalJson(other[key], item[key]));
    compare(item, match, `${path}[${key}=${JSON.stringify(item[key])}]`, found);
  }
}

function joined(path: string, key: string): string {
  if (path === "") return key;
  return /^[\w-]+$/.test(key) ? `${path}.${key}` : `${path}["${key}"]`;
}

/** Field managers other than ours that wrote the object outside of subresources, the latest first. */
export function otherManagers(live: Manifest, ours: string): string[] {
  const managed = isObject(live.metadata) ? live.metadata.managedFields : undefined;
  if (!Array.isArray(managed)) return [];
  const entries = managed
    .filter(isObject)
    .filter(
      (entry) => (entry.subresource ?? "") !== "status" && !(entry.manager === ours && entry.operation === "Apply"),
    );
  const byTime = entries.sort((a, b) => ((digString(a, "time") ?? "") < (digString(b, "time") ?? "") ? 1 : -1));
  return [...new Set(byTime.map((entry) => digString(entry, "manager") ?? ""))].filter((name) => name !== "");
}
