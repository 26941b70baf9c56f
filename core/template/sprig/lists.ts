// sprig's list functions. All but sortAlpha make new lists.

import { callFailure, define, defineWithContext } from "../define.ts";
import { listSteps } from "../call-cost.ts";
import { takeVisited } from "../limits.ts";
import { deepEqual, isTrue } from "../truth.ts";
import {
  type Callable,
  type CallContext,
  compareStrings,
  GoBytes,
  GoSlice,
  kindOf,
  sliceOfSlicesType,
  sliceType,
  stringSliceType,
  type Value,
} from "../value.ts";
import { byteItems } from "./byte-items.ts";
import { toInt64, toText } from "./cast.ts";
import { toStrings } from "./strings.ts";

const nilSlice = (): GoSlice => new GoSlice([], sliceType, true);

/** The elements of a list, or Go's refusal. */
function itemsOf(list: Value, refusal: (kind: string) => string): Value[] {
  if (list instanceof GoSlice) return list.items;
  if (list instanceof GoBytes) return byteItems(list.bytes);
  if (list === null || list === undefined) {
    throw callFailure("runtime error: invalid memory address or nil pointer dereference");
  }
  throw callFailure(refusal(kindOf(list)));
}

const forVerb =
  (verb: string) =>
  (kind: string): string =>
    `Cannot ${verb} on type ${kind}`;

type ListBody = (items: Value[]) => Value;

/** `name` and `mustName` do the same: the one panics, the other returns its error, and both say the same. */
function both(name: string, callable: Callable): [string, Callable][] {
  return [
    [name, callable],
    [`must${name[0]?.toUpperCase() ?? ""}${name.slice(1)}`, callable],
  ];
}

const ofList = (name: string, result: "any" | "slice", body: ListBody): [string, Callable][] =>
  both(
    name,
    define(["any"], result, (list) => body(itemsOf(list, forVerb(`find ${name}`)))),
  );

const push = define(["any", "any"], "slice", (list, value) => {
  return new GoSlice([...itemsOf(list, forVerb("push")), value]);
});

export const listFunctions: [string, Callable][] = [
  ["list", define(["...any"], "slice", (...values) => new GoSlice(values))],
  ["tuple", define(["...any"], "slice", (...values) => new GoSlice(values))],
  ...both("append", push),
  ...both("push", push),
  ...both(
    "prepend",
    define(["any", "any"], "slice", (list, value) => new GoSlice([value, ...itemsOf(list, forVerb("prepend"))])),
  ),
  ...ofList("first", "any", (items) => items[0] ?? null),
  ...ofList("last", "any", (items) => items.at(-1) ?? null),
  ...ofList("rest", "slice", (items) => (items.length === 0 ? nilSlice() : new GoSlice(items.slice(1)))),
  ...ofList("initial", "slice", (items) => (items.length === 0 ? nilSlice() : new GoSlice(items.slice(0, -1)))),
  ...ofList("reverse", "slice", (items) => new GoSlice(items.toReversed())),
  ...both(
    "compact",
    define(["any"], "slice", (list) => new GoSlice(itemsOf(list, forVerb("compact")).filter((item) => !isEmpty(item)))),
  ),
  ...both("uniq", defineWithContext(["any"], "slice", uniq)),
  ...both("without", defineWithContext(["any", "...any"], "slice", without)),
  ...both(
    "has",
    defineWithContext(["any", "any"], "bool", (context, needle, list) => {
      if (list === null || list === undefined) return false;
      return includes(context, itemsOf(list, forVerb("find has")), needle);
    }),
  ),
  ...both("slice", defineWithContext(["any", "...any"], "any", slice)),
  ...both("chunk", defineWithContext(["int", "any"], sliceOfSlicesType, chunk)),
  ["concat", defineWithContext(["...any"], "any", concat)],
  ["sortAlpha", defineWithContext(["any"], "strings", sortAlpha)],
];

/** sprig's `empty`: zero values, and nil; never a struct. */
export function isEmpty(value: Value): boolean {
  return !isTrue(value);
}

function includes(context: CallContext, items: readonly Value[], needle: Value): boolean {
  context.spend(items.length);
  return items.some((item) => {
    const isEqual = deepEqual(needle, item);
    context.spend(takeVisited());
    return isEqual;
  });
}

function uniq(context: CallContext, list: Value): GoSlice {
  const kept: Value[] = [];
  const seen = new Set<Value>();
  for (const item of itemsOf(list, forVerb("find uniq"))) {
    // Strings and float64 are equal exactly when they are the same; NaN never is.
    const isPlain =
      typeof item === "string" || typeof item === "boolean" || (typeof item === "number" && item === item);
    if (isPlain ? seen.has(item) : includes(context, kept, item)) continue;
    if (isPlain) seen.add(item);
    kept.push(item);
  }
  return new GoSlice(kept);
}

function without(context: CallContext, list: Value, ...omitted: Value[]): GoSlice {
  return new GoSlice(itemsOf(list, forVerb("find without")).filter((item) => !includes(context, omitted, item)));
}

function slice(context: CallContext, list: Value, ...indices: Value[]): Value {
  const items = itemsOf(list, (kind) => `list should be type of slice or array but ${kind}`);
  if (items.length === 0) return null;
  const start = indices.length > 0 ? Number(toInt64(indices[0])) : 0;
  const end = indices.length > 1 ? Number(toInt64(indices[1])) : items.length;
  if (start < 0 || start > end || end > items.length) {
    throw callFailure("reflect.Value.Slice: slice index out of bounds");
  }
  if (list instanceof GoBytes) return new GoBytes(list.bytes.subarray(start, end));
  context.spend(listSteps(end - start));
  return list instanceof GoSlice ? new GoSlice(items.slice(start, end), list.type) : null;
}

function chunk(context: CallContext, size: number, list: Value): GoSlice {
  const items = itemsOf(list, (kind) => `Cannot chunk type ${kind}`);
  const count = Math.floor((items.length - 1) / size) + 1;
  if (count === 0) return new GoSlice([], sliceOfSlicesType);
  if (size <= 0) throw callFailure("runtime error: makeslice: len out of range");
  context.spend(count * 80 + items.length);
  const chunks: GoSlice[] = [];
  for (let at = 0; at < items.length; at += size) chunks.push(new GoSlice(items.slice(at, at + size)));
  return new GoSlice(chunks, sliceOfSlicesType);
}

function concat(context: CallContext, ...lists: Value[]): GoSlice {
  const all: Value[] = [];
  for (const list of lists) {
    const items = itemsOf(list, (kind) => `Cannot concat type ${kind} as list`);
    context.spend(2 * listSteps(items.length));
    for (const item of items) all.push(item);
  }
  return all.length === 0 ? nilSlice() : new GoSlice(all);
}

// A []string is sorted in place: whoever holds it sees it sorted, as in Go.
function sortAlpha(context: CallContext, list: Value): GoSlice {
  if (!(list instanceof GoSlice) && !(list instanceof GoBytes)) return new GoSlice([toText(list)], stringSliceType);
  const strings = toStrings(list);
  context.spend(strings.items.length * 16);
  strings.items.sort((a, b) => compareStrings(toText(a), toText(b)));
  return strings;
}
