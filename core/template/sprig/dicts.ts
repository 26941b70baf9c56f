// sprig's dictionaries: read, change in place, merge (mergo), copy (copystructure), dig.

import { callFailure, define } from "../define.ts";
import { added, Visits } from "../limits.ts";
import {
  type Callable,
  GoBytes,
  GoMap,
  GoSlice,
  mapType,
  sortedKeys,
  stringSliceType,
  typeOf,
  type Value,
} from "../value.ts";
import { toText } from "./cast.ts";
import { isEmpty } from "./lists.ts";

export const dictFunctions: [string, Callable][] = [
  ["dict", define(["...any"], "map", dict)],
  ["get", define(["map", "string"], "any", (map, key) => (map.entries.has(key) ? map.entries.get(key) : ""))],
  ["set", define(["map", "string", "any"], "map", set)],
  ["unset", define(["map", "string"], "map", unset)],
  ["hasKey", define(["map", "string"], "bool", (map, key) => map.entries.has(key))],
  ["pluck", define(["string", "...map"], "slice", pluck)],
  [
    "keys",
    define(
      ["...map"],
      "strings",
      (...maps) =>
        new GoSlice(
          maps.flatMap((map) => keysOf(map)),
          stringSliceType,
        ),
    ),
  ],
  ["values", define(["map"], "slice", (map) => new GoSlice(keysOf(map).map((key) => map.entries.get(key))))],
  ["pick", define(["map", "...string"], "map", (map, ...keys) => filterMap(map, new Set(keys), true))],
  ["omit", define(["map", "...string"], "map", (map, ...keys) => filterMap(map, new Set(keys), false))],
  ["merge", define(["map", "...map"], "any", (to, ...from) => mergeAll(to, from, false))],
  ["mustMerge", define(["map", "...map"], "any", (to, ...from) => mergeAll(to, from, false))],
  ["mergeOverwrite", define(["map", "...map"], "any", (to, ...from) => mergeAll(to, from, true))],
  ["mustMergeOverwrite", define(["map", "...map"], "any", (to, ...from) => mergeAll(to, from, true))],
  ["deepCopy", define(["any"], "any", copyOrRefuse)],
  ["mustDeepCopy", define(["any"], "any", copyOrRefuse)],
  ["dig", define(["...any"], "any", dig)],
];

// Go gives keys in random order; sorted is one of those orders.
function keysOf(map: GoMap): string[] {
  added(map.entries.size);
  return sortedKeys(map.entries);
}

function dict(...pairs: Value[]): GoMap {
  const entries = new Map<string, Value>();
  for (let i = 0; i < pairs.length; i += 2) {
    entries.set(toText(pairs[i]), i + 1 < pairs.length ? pairs[i + 1] : "");
  }
  return new GoMap(entries);
}

function set(map: GoMap, key: string, value: Value): GoMap {
  if (map.isNil) throw callFailure("assignment to entry in nil map");
  map.entries.set(key, value);
  return asPlain(map);
}

function unset(map: GoMap, key: string): GoMap {
  map.entries.delete(key);
  return asPlain(map);
}

/** Passing a named map to a map[string]interface{} parameter gives it that type; the entries stay shared. */
const asPlain = (map: GoMap): GoMap => (map.type === mapType ? map : new GoMap(map.entries, mapType, map.isNil));

function pluck(key: string, ...maps: GoMap[]): GoSlice {
  return new GoSlice(maps.filter((map) => map.entries.has(key)).map((map) => map.entries.get(key)));
}

function filterMap(map: GoMap, keys: ReadonlySet<string>, keep: boolean): GoMap {
  const entries = new Map<string, Value>();
  for (const [key, value] of map.entries) if (keys.has(key) === keep) entries.set(key, value);
  return new GoMap(entries);
}

function mergeAll(to: GoMap, from: GoMap[], overwrite: boolean): GoMap {
  let target = asPlain(to);
  for (const source of from) {
    if (target.isNil && !source.isNil) target = new GoMap(new Map());
    mergeInto(target, source, overwrite, new Visits());
  }
  return target;
}

// mergo's deepMerge on maps: values of the target win unless they are empty or `overwrite` is set.
function mergeInto(target: GoMap, source: GoMap, overwrite: boolean, visits: Visits): void {
  visits.count();
  added(source.entries.size);
  const targetIsEmpty = target.entries.size === 0;
  for (const [key, value] of source.entries) {
    const known = target.entries.get(key);
    const isPresent = target.entries.has(key) && known !== null;
    if (value === null || value === undefined) {
      if (overwrite) target.entries.set(key, value);
      continue;
    }
    if (value instanceof GoMap && known instanceof GoMap && !known.isNil) mergeInto(known, value, overwrite, visits);
    if (isList(value) && (overwrite || (targetIsEmpty && !isPresent))) target.entries.set(key, value);
    if (isPresent && !isEmpty(known) && (isList(value) || (value instanceof GoMap && known instanceof GoMap))) continue;
    if (overwrite || !isPresent || isEmpty(known)) target.entries.set(key, value);
  }
}

const isList = (value: Value): boolean => value instanceof GoSlice || value instanceof GoBytes;

function copyOrRefuse(value: Value): Value {
  if (value === null) throw callFailure("reflect: call of reflect.Value.Type on zero Value");
  return deepCopy(value);
}

/** Maps and lists are copied at every level; everything else cannot change. */
export function deepCopy(value: Value, visits: Visits = new Visits()): Value {
  visits.count();
  if (value instanceof GoMap) {
    if (value.isNil) return value;
    visits.made(value.entries.size);
    const entries = new Map<string, Value>();
    for (const [key, item] of value.entries) entries.set(key, deepCopy(item, visits));
    return new GoMap(entries, value.type);
  }
  if (value instanceof GoSlice) {
    visits.made(value.items.length);
    const items = value.items.map((item) => deepCopy(item, visits));
    return new GoSlice(items, value.type, value.isNil);
  }
  return value;
}

function dig(...parts: Value[]): Value {
  if (parts.length < 3) throw callFailure("dig needs at least three arguments");
  let map = asMap(parts.at(-1));
  const fallback = parts.at(-2);
  const keys = parts.slice(0, -2).map(asKey);
  for (const [i, key] of keys.entries()) {
    if (!map.entries.has(key)) return fallback;
    const found = map.entries.get(key);
    if (i === keys.length - 1) return found;
    map = asMap(found);
  }
  return fallback;
}

function asMap(value: Value): GoMap {
  if (value instanceof GoMap && value.type === mapType) return value;
  throw notA("map[string]interface {}", value);
}

function asKey(value: Value): string {
  if (typeof value === "string") return value;
  throw notA("string", value);
}

const notA = (wanted: string, value: Value): Error =>
  callFailure(`interface conversion: interface {} is ${typeOf(value)?.name ?? "nil"}, not ${wanted}`);
