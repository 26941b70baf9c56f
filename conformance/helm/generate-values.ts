// Value sets for a chart, made from its own defaults: some leaves changed, some tables filled, some keys deleted.

import fc from "fast-check";
import { isObject, type JsonObject, type JsonValue, setOwn } from "@plumbline/core/model";

type Path = string[];

function leafPaths(value: JsonValue, path: Path = []): Path[] {
  if (!isObject(value) || Object.keys(value).length === 0) return path.length === 0 ? [] : [path];
  return Object.keys(value).flatMap((key) => leafPaths(value[key] as JsonValue, [...path, key]));
}

function at(value: JsonValue, path: Path): JsonValue {
  return path.reduce<JsonValue>((inner, key) => (isObject(inner) ? (inner[key] ?? null) : null), value);
}

const texts = fc.constantFrom("changed", "", "a: b", "1", "true", "multi\nline", "{{ .Release.Name }}", "-dash", "é");
const scalars: fc.Arbitrary<JsonValue> = fc.oneof(
  fc.boolean(),
  fc.integer({ min: -5, max: 5000 }),
  texts,
  fc.constant(null),
);
const labels: fc.Arbitrary<JsonValue> = fc.constantFrom<JsonValue[]>({ one: "1" }, { "a/b": "c", d: "e" }, {});

/** Mostly of the default's own type, so that the chart gets through; now and then of another. */
function replacement(value: JsonValue): fc.Arbitrary<JsonValue> {
  const same: fc.Arbitrary<JsonValue> =
    typeof value === "boolean"
      ? fc.constant(!value)
      : typeof value === "number"
        ? fc.integer({ min: 0, max: 70000 })
        : typeof value === "string"
          ? texts
          : Array.isArray(value)
            ? fc.constantFrom<JsonValue[]>([], ["item"], [{ name: "n", value: "v" }])
            : isObject(value)
              ? labels
              : fc.oneof(scalars, labels);
  return fc.oneof({ weight: 9, arbitrary: same }, { weight: 1, arbitrary: scalars });
}

/** `count` sets of values; the same seed gives the same sets. */
export function generatedValues(defaults: JsonObject, count: number, seed: number): JsonObject[] {
  const paths = leafPaths(defaults);
  if (paths.length === 0) return [];
  const change = fc
    .constantFrom(...paths)
    .chain((path) => replacement(at(defaults, path)).map((value) => ({ path, value })));
  const sets = fc.array(change, { minLength: 1, maxLength: 6 });
  return fc.sample(sets, { numRuns: count, seed }).map((changes) => {
    const values: JsonObject = {};
    for (const { path, value } of changes) put(values, path, value);
    return values;
  });
}

function put(values: JsonObject, path: Path, value: JsonValue): void {
  const [key = "", ...rest] = path;
  if (rest.length === 0) return setOwn(values, key, value);
  const inner = isObject(values[key]) ? values[key] : {};
  setOwn(values, key, inner);
  put(inner, rest, value);
}
