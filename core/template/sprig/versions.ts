// sprig's semver and semverCompare, and the Version value with its methods.

import { callFailure, define } from "../define.ts";
import { maxUint64 } from "../number-syntax.ts";
import { type Callable, exact, GoInt, GoObject, type GoType, int, uint64Type, type Value } from "../value.ts";
import { compareVersions, formatVersion, matchesRange, type Range, type Version } from "@plumbline/core/semver";
import { parseConstraint, parseVersion } from "./semver.ts";

// Charts ask the same few questions on every page.
const constraints = new Map<string, Range>();
const cacheSize = 256;

function cachedConstraint(text: string): Range {
  const known = constraints.get(text);
  if (known) return known;
  const parsed = parseConstraint(text);
  if (constraints.size >= cacheSize) constraints.clear();
  constraints.set(text, parsed);
  return parsed;
}

const versionOf = (value: Value): Version => (value as GoObject).inner as Version; // only methods of these types get here
const number = (n: bigint): GoInt => new GoInt(exact(n), uint64Type);

const valueMethods = new Map<string, Callable>();
const pointerMethods = new Map<string, Callable>();

const text = (value: GoObject): string => formatVersion(versionOf(value));
const json = (value: GoObject): string => text(value);

const pointerType: GoType = { name: "*semver.Version", kind: "ptr", methods: pointerMethods, text, json };
const structType: GoType = { name: "semver.Version", kind: "struct", methods: valueMethods, text, json };

const noFields: ReadonlyMap<string, Value> = new Map();

/** A version as `semver "1.2.3"` returns it: `*semver.Version`. */
export const versionValue = (version: Version): GoObject => new GoObject(pointerType, noFields, version);

function next(version: Version, changed: Partial<Version>): GoObject {
  const bare = { ...version, prerelease: "", metadata: "", ...changed };
  if ([bare.major, bare.minor, bare.patch].some((n) => n > maxUint64)) {
    throw callFailure("version increment would overflow uint64");
  }
  const original = (version.original.startsWith("v") ? "v" : "") + formatVersion(bare);
  return new GoObject(structType, noFields, { ...bare, original });
}

type Read = (version: Version) => Value;

const readers: [string, Read][] = [
  ["Major", (v) => number(v.major)],
  ["Minor", (v) => number(v.minor)],
  ["Patch", (v) => number(v.patch)],
  ["Prerelease", (v) => v.prerelease],
  ["Metadata", (v) => v.metadata],
  ["String", formatVersion],
  ["IncPatch", (v) => next(v, v.prerelease === "" ? { patch: v.patch + 1n } : {})],
  ["IncMinor", (v) => next(v, { patch: 0n, minor: v.minor + 1n })],
  ["IncMajor", (v) => next(v, { patch: 0n, minor: 0n, major: v.major + 1n })],
];

for (const [name, read] of readers) {
  const method: Callable = {
    parameters: [],
    result: name.startsWith("Inc") ? structType : uint64Type,
    call: ([receiver]) => read(versionOf(receiver)),
  };
  valueMethods.set(name, method);
  pointerMethods.set(name, method);
}
pointerMethods.set("Original", {
  parameters: [],
  result: uint64Type,
  call: ([receiver]) => versionOf(receiver).original,
});

const comparisons: [string, (order: number) => Value][] = [
  ["Compare", (order) => int(order)],
  ["Equal", (order) => order === 0],
  ["LessThan", (order) => order < 0],
  ["LessThanEqual", (order) => order <= 0],
  ["GreaterThan", (order) => order > 0],
  ["GreaterThanEqual", (order) => order >= 0],
];
for (const [name, answer] of comparisons) {
  pointerMethods.set(name, {
    parameters: [pointerType],
    result: uint64Type,
    call: ([receiver, other]) => {
      if (other === null) throw callFailure("runtime error: invalid memory address or nil pointer dereference");
      return answer(compareVersions(versionOf(receiver), versionOf(other)));
    },
  });
}

export const versionFunctions: [string, Callable][] = [
  ["semver", define(["string"], pointerType, (version) => versionValue(parseVersion(version)))],
  [
    "semverCompare",
    define(["string", "string"], "bool", (constraint, version) => {
      const parsed = cachedConstraint(constraint);
      return matchesRange(parsed, parseVersion(version));
    }),
  ],
];
