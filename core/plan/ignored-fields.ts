// Fields that are left to others: named by JSON Pointers, left out of comparisons, and sent so that they stay as they are.

import {
  type JsonObject,
  type JsonValue,
  type Manifest,
  dig,
  equalJson,
  isObject,
  own,
  setOwn,
} from "@plumbline/core/model";
import {
  type FieldSet,
  decodeFieldsV1,
  difference,
  emptySet,
  entriesOf,
  fieldElement,
  findEntry,
  keyFields,
  paths,
  union,
  valueElement,
} from "@plumbline/core/ownership";

/** The steps of a JSON Pointer; a list's items are counted from 0, as they stand in the object. */
export type Pointer = readonly string[];

/** An object as it is, and as the API server says that an apply of ours would make it. */
export interface Trial {
  live: Manifest;
  dryRun: Manifest;
  /** Who applies. */
  manager: string;
}

/** Undefined for a text that is no JSON Pointer (RFC 6901), and for the empty one, which is the whole object. */
export function parsePointer(text: string): Pointer | undefined {
  if (!text.startsWith("/") || /~(?![01])/.test(text)) return undefined;
  return text
    .slice(1)
    .split("/")
    .map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** Whether a field, spelled as in managedFields, is one of these or below one; it must stand at that place in all `objects`. */
export function isIgnored(
  elements: readonly string[],
  pointers: readonly Pointer[],
  objects: readonly Manifest[],
): boolean {
  return pointers.some((pointer) => covers(pointer, elements, objects));
}

function covers(pointer: Pointer, elements: readonly string[], objects: readonly Manifest[]): boolean {
  let at: (JsonValue | undefined)[] = [...objects];
  if (pointer.length > elements.length) return false;
  return pointer.every((token, i) => {
    const element = elements[i] ?? "";
    const isKnown = at.some((value) => value !== undefined);
    at = at.map((value) => childAt(value, token));
    if (element === fieldElement(token)) return true;
    return (
      isKnown &&
      at.every((item) => item === undefined || isItem(element, item)) &&
      at.some((item) => item !== undefined)
    );
  });
}

/**
 * True when an apply would change more than these fields: other values, or the ownership of other fields. Status and
 * metadata besides labels and annotations do not count, as with Flux. True as well where objects are nested too deep to be
 * compared.
 */
export function differsBeyond(pointers: readonly Pointer[], trial: Trial): boolean {
  try {
    return differs(pointers, trial);
  } catch (error) {
    if (error instanceof RangeError) return true; // the stack is at its end
    throw error;
  }
}

function differs(pointers: readonly Pointer[], { live, dryRun, manager }: Trial): boolean {
  if (!equalJson(lasting(live, pointers), lasting(dryRun, pointers))) return true;
  const [before, after] = [live, dryRun].map((object) => setOf(findEntry(object, manager, "Apply")?.fieldsV1));
  if (!before || !after) return false;
  const changed = [...paths(difference(before, after)), ...paths(difference(after, before))];
  return changed.some((elements) => !isIgnored(elements, pointers, [live, dryRun]));
}

/** The object without these fields; an item of a list becomes null, so that the others keep their places. */
export function withoutIgnored(object: Manifest, pointers: readonly Pointer[]): Manifest {
  return pointers.reduce<JsonValue>((value, pointer) => blanked(value, pointer), object) as Manifest; // a mapping stays one
}

function lasting(object: Manifest, pointers: readonly Pointer[]): JsonObject {
  const { metadata, status: _status, ...rest } = withoutIgnored(object, pointers);
  return {
    ...rest,
    metadata: { labels: dig(metadata, "labels") ?? {}, annotations: dig(metadata, "annotations") ?? {} },
  };
}

function blanked(value: JsonValue, [token, ...rest]: Pointer): JsonValue {
  const child = token === undefined ? undefined : childAt(value, token);
  if (token === undefined || child === undefined) return value;
  const below = rest.length > 0 ? blanked(child, rest) : undefined;
  if (Array.isArray(value)) return value.with(Number(token), below ?? null);
  return isObject(value) ? withKey(value, token, below) : value;
}

/**
 * What to send instead of `desired`, so that ignored fields stay as they are in the cluster: one that differs is left
 * out where somebody else has applied it, and is sent with its value of now where nobody else has. Items of keyed lists
 * are found by their key, wherever they stand.
 */
export function leavingIgnored(desired: Manifest, pointers: readonly Pointer[], trial: Trial): Manifest {
  const { live, dryRun, manager } = trial;
  const entries = entriesOf(live).filter(({ subresource }) => subresource === "");
  const others = entries.filter((entry) => entry.operation === "Apply" && entry.manager !== manager);
  const otherSets = others.map(({ fieldsV1 }) => setOf(fieldsV1));
  const all = entries.map(({ fieldsV1 }) => setOf(fieldsV1)).reduce(union, emptySet);
  let sent: JsonValue = desired;
  for (const pointer of pointers) {
    const value = valueAt(live, pointer);
    if (equalJson(value, valueAt(dryRun, pointer))) continue;
    const elements = elementsOf(pointer, live, all);
    const steps = elements && stepsTo(elements, sent);
    if (!steps) continue; // an item that Git does not have
    sent = withValue(sent, steps, otherSets.some((set) => hasField(set, elements)) ? undefined : value);
  }
  return sent as Manifest; // only what is below its top was changed
}

function setOf(fieldsV1: JsonValue | undefined): FieldSet {
  return decodeFieldsV1(fieldsV1);
}

/** Also where only something below the field is in the set. */
function hasField(set: FieldSet, elements: readonly string[]): boolean {
  let at: FieldSet | undefined = set;
  return elements.every((element) => {
    const node = at?.get(element);
    at = node?.children;
    return node !== undefined;
  });
}

function valueAt(value: JsonValue | undefined, pointer: Pointer): JsonValue | undefined {
  return pointer.reduce(childAt, value);
}

function childAt(value: JsonValue | undefined, token: string): JsonValue | undefined {
  if (Array.isArray(value)) return /^(?:0|[1-9]\d*)$/.test(token) ? value[Number(token)] : undefined;
  return isObject(value) ? own(value, token) : undefined;
}

/** The path as managedFields spell it, items by their key where `owned` tells it; undefined for an item that is not there. */
function elementsOf(pointer: Pointer, live: Manifest, owned: FieldSet): string[] | undefined {
  const elements: string[] = [];
  let at: JsonValue | undefined = live;
  let set = owned;
  for (const token of pointer) {
    const child: JsonValue | undefined = childAt(at, token);
    const element = Array.isArray(at) ? elementOf(child, token, set) : fieldElement(token);
    if (element === undefined) return undefined;
    elements.push(element);
    at = child;
    set = set.get(element)?.children ?? emptySet;
  }
  return elements;
}

/** An item of a list that nobody owns item by item has its place alone. */
function elementOf(item: JsonValue | undefined, index: string, owned: FieldSet): string | undefined {
  if (item === undefined) return undefined;
  return owned.size === 0 ? `i:${index}` : [...owned.keys()].find((element) => isItem(element, item));
}

/** Whether an element names this item by its value or its key. Fields of the key that the item leaves out have their defaults. */
function isItem(element: string, item: JsonValue): boolean {
  if (element.startsWith("v:")) return element === valueElement(item);
  const keys = keyFields(element);
  if (!keys || !isObject(item)) return false;
  const given = Object.entries(keys).filter(([key]) => Object.hasOwn(item, key));
  return given.length > 0 && given.every(([key, value]) => equalJson(item[key], value));
}

type Step = string | number;

/** Where that path is in another object; undefined where a list does not have the item. */
function stepsTo(elements: readonly string[], object: JsonValue): Step[] | undefined {
  const steps: Step[] = [];
  let at: JsonValue | undefined = object;
  for (const element of elements) {
    if (element.startsWith("f:")) {
      const key = element.slice(2);
      if (at !== undefined && !isObject(at)) return undefined;
      steps.push(key);
      at = at && own(at, key);
    } else {
      const index = Array.isArray(at) ? indexOfItem(at, element) : -1;
      if (index < 0) return undefined;
      steps.push(index);
      at = (at as JsonValue[])[index];
    }
  }
  return steps;
}

function indexOfItem(list: readonly JsonValue[], element: string): number {
  if (!element.startsWith("i:")) return list.findIndex((item) => isItem(element, item));
  const index = Number(element.slice(2));
  return index < list.length ? index : -1;
}

/** With that value there, or without any. Mappings on the way are made where they are missing. */
function withValue(
  value: JsonValue | undefined,
  [step, ...rest]: readonly Step[],
  next: JsonValue | undefined,
): JsonValue {
  const below = (child: JsonValue | undefined): JsonValue | undefined => {
    if (rest.length === 0) return next;
    return child === undefined && next === undefined ? undefined : withValue(child, rest, next);
  };
  if (typeof step === "number" && Array.isArray(value)) {
    const changed = below(value[step]);
    return changed === undefined ? value.toSpliced(step, 1) : value.with(step, changed);
  }
  const map = isObject(value) ? value : {};
  return typeof step === "string" ? withKey(map, step, below(own(map, step))) : map;
}

function withKey(map: JsonObject, key: string, value: JsonValue | undefined): JsonObject {
  const copy: JsonObject = {};
  for (const [name, kept] of Object.entries(map))
    if (name !== key) setOwn(copy, name, kept);
    else if (value !== undefined) setOwn(copy, name, value);
  if (value !== undefined && !Object.hasOwn(map, key)) setOwn(copy, key, value);
  return copy;
}
