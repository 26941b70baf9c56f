// Objects of every built-in kind with random fields: right ones, empty ones, unknown ones, and now and then a wrong one.

import type { JsonObject, JsonValue, Manifest } from "@plumbline/core/model";
import { builtinResources, builtinType, itemType, type TypeNode } from "@plumbline/core/schema";

/** Alpha fields that are other ones in the version of the types that Flux is built with. */
const alpha = new Set(["nodeAllocatableResourceMappings", "nodeAllocatableResourceClaimStatuses"]);

/** In [0, 1). */
export type Random = () => number;

const maxDepth = 9;
const fieldShare = 0.45;
const fewFields = 3;

/** A generator whose numbers depend on the seed alone (mulberry32). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function pick<T>(random: Random, values: readonly T[]): T {
  return values[Math.floor(random() * values.length)] as T;
}

const quantities: readonly JsonValue[] = [
  "1",
  "0",
  "500m",
  "0.5",
  "1024Mi",
  "1Gi",
  "1e3",
  "1500M",
  "100.5k",
  1,
  0,
  0.5,
  2000,
];
const texts: readonly JsonValue[] = ["", "a", "web", "TCP", "0", "true"];
const bytes: readonly JsonValue[] = ["", "YQ==", "YWJj\n", "YWJjZA==", "YR=="];
const times: readonly JsonValue[] = [
  "2026-01-02T03:04:05.678901Z",
  "2026-01-02T03:04:05Z",
  "2026-01-02T03:04:05+02:00",
];
const ports: readonly JsonValue[] = [80, "http", 0, ""];

function scalar(random: Random, type: TypeNode): JsonValue {
  if (type.format === "quantity") return pick(random, quantities);
  if (type.format === "int-or-string") return pick(random, ports);
  if (type.format === "byte") return pick(random, bytes);
  if (type.format === "date-time") return pick(random, times);
  switch (type.type) {
    case "integer":
      return pick(random, [0, 1, 80, 420]);
    case "number":
      return pick(random, [0, 1, 1.5]);
    case "boolean":
      return random() < 0.5;
    case "string":
      return pick(random, texts);
    default:
      return pick<JsonValue>(random, [{}, { a: 1 }, { b: "x" }]);
  }
}

function value(random: Random, type: TypeNode, depth: number): JsonValue {
  const chance = random();
  if (chance < 0.02) return null;
  if (chance < 0.021) return pick<JsonValue>(random, [{}, [], "x", 1, true]);
  if (type.type === "array") {
    const count = depth > maxDepth ? 0 : Math.floor(random() * fewFields);
    return Array.from({ length: count }, () => value(random, itemType(type), depth + 1));
  }
  if (type.type !== "object") return scalar(random, type);
  const result: JsonObject = {};
  if (type.extra && !type.fields) {
    for (const key of ["a", "n/b"]) if (random() < fieldShare) result[key] = value(random, type.extra, depth + 1);
    return result;
  }
  const share = depth > maxDepth ? 0 : Math.min(fieldShare, fewFields / (type.fields?.size ?? 1));
  for (const [name, field] of type.fields ?? [])
    if (random() < share && !alpha.has(name)) result[name] = value(random, field.type, depth + 1);
  if (random() < 0.02) result.unknownField = "x";
  return result;
}

/** `rounds` objects of each kind. */
export function generatedObjects(random: Random, rounds: number): Manifest[] {
  return Array.from({ length: rounds }, () => builtinResources())
    .flat()
    .flatMap((resource): Manifest[] => {
      const type = builtinType(resource);
      const object = type ? value(random, type, 0) : undefined;
      if (typeof object !== "object" || object === null || Array.isArray(object)) return [];
      const apiVersion = resource.group === "" ? resource.version : `${resource.group}/${resource.version}`;
      const metadata = { name: "a", ...(object.metadata as JsonObject | undefined) };
      return [{ ...object, apiVersion, kind: resource.kind, metadata }];
    });
}
