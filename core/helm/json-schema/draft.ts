// The drafts of JSON Schema that Helm knows, and where each has schemas inside schemas.

import { isObject, type JsonObject, type JsonValue, own } from "@plumbline/core/model";

/** The year of a draft; 4, 6 and 7 for the older ones. */
export type Draft = 4 | 6 | 7 | 2019 | 2020;

/** What a schema without `$schema` is read as. */
export const latestDraft: Draft = 2020;

const byPath = new Map<string, Draft>([
  ["json-schema.org/schema", 2020],
  ["json-schema.org/draft/2020-12/schema", 2020],
  ["json-schema.org/draft/2019-09/schema", 2019],
  ["json-schema.org/draft-07/schema", 7],
  ["json-schema.org/draft-06/schema", 6],
  ["json-schema.org/draft-04/schema", 4],
]);

/** The draft that a `$schema` names; undefined for any other address. */
export function draftNamed(address: string): Draft | undefined {
  return byPath.get(address.replace(/#$/, "").replace(/^https?:\/\//, ""));
}

export const metaschemaOf: Readonly<Record<Draft, string>> = {
  4: "http://json-schema.org/draft-04/schema",
  6: "http://json-schema.org/draft-06/schema",
  7: "http://json-schema.org/draft-07/schema",
  2019: "https://json-schema.org/draft/2019-09/schema",
  2020: "https://json-schema.org/draft/2020-12/schema",
};

/** `one`: a schema; `named`: a map of them; `list`: a list of them. */
type Holder = "one" | "named" | "list";

const holders: [keyword: string, holder: Holder, since: Draft][] = [
  ["definitions", "named", 4],
  ["not", "one", 4],
  ["allOf", "list", 4],
  ["anyOf", "list", 4],
  ["oneOf", "list", 4],
  ["properties", "named", 4],
  ["additionalProperties", "one", 4],
  ["patternProperties", "named", 4],
  ["items", "one", 4],
  ["items", "list", 4],
  ["additionalItems", "one", 4],
  ["dependencies", "named", 4],
  ["propertyNames", "one", 6],
  ["contains", "one", 6],
  ["if", "one", 7],
  ["then", "one", 7],
  ["else", "one", 7],
  ["$defs", "named", 2019],
  ["dependentSchemas", "named", 2019],
  ["unevaluatedProperties", "one", 2019],
  ["unevaluatedItems", "one", 2019],
  ["contentSchema", "one", 2019],
  ["prefixItems", "list", 2020],
];

/** Calls with each value that stands directly in a schema where a schema is expected, and the way to it. */
export function eachInner(schema: JsonObject, draft: Draft, found: (value: JsonValue, way: string[]) => void): void {
  for (const [keyword, holder, since] of holders) {
    const value = since <= draft ? own(schema, keyword) : undefined;
    if (value === undefined) continue;
    if (holder === "one") found(value, [keyword]);
    else if (holder === "list" && Array.isArray(value)) value.forEach((item, i) => found(item, [keyword, String(i)]));
    else if (holder === "named" && isObject(value)) {
      for (const name of Object.keys(value)) found(value[name] as JsonValue, [keyword, name]); // a key of its own
    }
  }
}

/** What a schema calls itself, without a fragment; empty when nothing does. */
export function idOf(schema: JsonObject, draft: Draft): string {
  return rawId(schema, draft).split("#", 1)[0] ?? "";
}

/** Beside a `$ref` everything else was ignored up to draft 7. */
export function rawId(schema: JsonObject, draft: Draft): string {
  if (draft < 2019 && Object.hasOwn(schema, "$ref")) return "";
  const id = own(schema, draft === 4 ? "id" : "$id");
  return typeof id === "string" ? id : "";
}
