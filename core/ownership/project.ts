// The part of a live object that one manager owns, as a text to hash: the drift filter.
//
// Rules (tried on a real API server): list items stand in live order, items of keyed lists are found by key, items of
// sets by value, atomic values count whole; a leaf that was sent as an empty map or list counts as existing or not.

import { isObject, type JsonObject, type JsonValue, own, setOwn } from "@plumbline/core/model";
import { type FieldNode, type FieldSet, decodeFieldsV1 } from "./field-set.ts";
import { elementValue, keyElement, keyFields, valueElement } from "./path-element.ts";

/**
 * A canonical text of the fields of `object` that `fieldsV1` names; two objects give the same text exactly when a
 * watcher with this ownership need not look again. `sent` is what the owner applied: it tells which leaves were empty.
 * Without it every leaf counts whole.
 * @throws SyntaxError when fieldsV1 holds a key that is no path element
 */
export function projectOwned(object: JsonObject, fieldsV1: JsonValue, sent?: JsonObject): string {
  return projectSet(object, decodeFieldsV1(fieldsV1), sent);
}

/** `projectOwned` for a set that is already decoded. */
export function projectSet(object: JsonObject, set: FieldSet, sent?: JsonObject): string {
  return projectChildren(object, set, sent);
}

const absent = "-";
const present = "+";

function projectNode(value: JsonValue | undefined, node: FieldNode, sent: JsonValue | undefined): string {
  if (value === undefined) return absent;
  if (node.children) return `${node.member ? present : ""}${projectChildren(value, node.children, sent)}`;
  return isEmptyContainer(sent) ? present : canonicalJson(value);
}

function isEmptyContainer(value: JsonValue | undefined): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return isObject(value) && Object.keys(value).length === 0;
}

function projectChildren(value: JsonValue, set: FieldSet, sent: JsonValue | undefined): string {
  if (Array.isArray(value)) return projectItems(value, set, Array.isArray(sent) ? sent : []);
  if (!isObject(value)) return canonicalJson(value);
  const sentMap = isObject(sent) ? sent : undefined;
  const parts: string[] = [];
  for (const [element, node] of set) {
    const key = element.slice(2);
    const below = projectNode(own(value, key), node, sentMap && own(sentMap, key));
    parts.push(`${JSON.stringify(key)}:${below}`);
  }
  return `{${parts.sort().join(",")}}`;
}

/** Owned items in the order they stand in the live list, then what is missing. */
function projectItems(items: JsonValue[], set: FieldSet, sent: JsonValue[]): string {
  const index = itemIndex(set);
  const parts: string[] = [];
  const seen = new Set<string>();
  const sentByElement = new Map<string, JsonValue>();
  for (const item of sent) {
    const element = index.find(item);
    if (element !== undefined) sentByElement.set(element, item);
  }
  for (const item of items) {
    const element = index.find(item);
    const node = element === undefined ? undefined : set.get(element);
    if (element === undefined || !node) continue;
    seen.add(element);
    parts.push(`${element}=${projectNode(item, node, sentByElement.get(element))}`);
  }
  const missing = [...set.keys()].filter((element) => !seen.has(element)).sort();
  return `[${[...parts, ...missing.map((element) => `${element}=${absent}`)].join(",")}]`;
}

/** Finds the owned element of a list item; one lookup per shape of key, not one per owned item. */
function itemIndex(set: FieldSet): { find: (item: JsonValue) => string | undefined } {
  const shapes = new Map<string, string[]>();
  let hasValues = false;
  for (const element of set.keys()) {
    const fields = keyFields(element);
    if (fields) shapes.set(Object.keys(fields).join("\0"), Object.keys(fields));
    else if (element.startsWith("v:")) {
      elementValue(element);
      hasValues = true;
    }
  }
  // A longer key is the more exact one: an item that omits a key field is another item.
  const byLength = [...shapes.values()].sort((a, b) => b.length - a.length);
  const find = (item: JsonValue): string | undefined => {
    if (!isObject(item)) return hasValues ? known(set, valueElement(item)) : undefined;
    for (const names of byLength) {
      const fields: JsonObject = {};
      for (const name of names) {
        const value = own(item, name);
        if (value !== undefined) setOwn(fields, name, value);
      }
      const element = known(set, keyElement(fields));
      if (element !== undefined) return element;
    }
    return undefined;
  };
  return { find };
}

function known(set: FieldSet, element: string): string | undefined {
  return set.has(element) ? element : undefined;
}

/** JSON with sorted keys. */
export function canonicalJson(value: JsonValue): string {
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonicalJson(own(value, key) ?? null)}`).join(",")}}`;
}
