// values.schema.json: JSON Schema of draft 4 to 2020-12 over the values of a chart and its subcharts.

import { type OutputUnit, type Schema, Validator } from "@cfworker/json-schema";
import { isObject, type JsonObject, type JsonValue, setOwn } from "@plumbline/core/model";
import { decodeText, GoMap, jsonOf, parseGoJson, quote, typeOf } from "@plumbline/core/template";
import type { Chart } from "./chart.ts";
import { type Draft, explainSchema } from "./explain-schema.ts";
import { messageOf, valuesInvalid } from "./failure.ts";

/** Throws `ValuesInvalid` naming every chart whose values its schema refuses, with the path of each value. */
export function validateSchemas(chart: Chart, values: GoMap): void {
  const problems = problemsOf(chart, values);
  if (problems === "") return;
  const intro = "values don't meet the specifications of the schema(s) in the following chart(s):\n";
  throw valuesInvalid(intro + problems, "values.schema.json");
}

function problemsOf(chart: Chart, values: GoMap): string {
  let text = "";
  if (chart.schema) {
    const problems = validate(chart.schema, jsonOf(values));
    if (problems !== "") text += `${chart.metadata.name}:\n${problems}`;
  }
  for (const subchart of chart.dependencies) {
    const own = values.entries.get(subchart.metadata.name);
    if (own === undefined || own === null) continue;
    if (own instanceof GoMap) text += problemsOf(subchart, own);
    else {
      const type = typeOf(own)?.name ?? "nil";
      text += `${subchart.metadata.name}:\ninvalid type for values: expected object (map), got ${type}\n`;
    }
  }
  return text;
}

/** A schema as it is used: read, with its validator. */
interface Prepared {
  schema: JsonObject | boolean;
  draft: Draft;
  validator: Validator | undefined;
}

/** Charts are rendered again and again; the newest schemas are kept, up to so many characters of them. */
const maxKept = 1_000_000;
const kept = new Map<string, Prepared>();
let keptLength = 0;

function prepared(text: string): Prepared {
  const known = kept.get(text);
  if (known) return known;
  const schema = parseGoJson(text);
  if (schema !== true && schema !== false && !isObject(schema)) {
    throw valuesInvalid("values.schema.json is not a schema", "values.schema.json");
  }
  const draft = isObject(schema) ? draftOf(schema) : 2020;
  const usable = isObject(schema) && draft >= 2019 ? withoutFormats(schema) : schema;
  const names = { 4: "4", 6: "7", 7: "7", 2019: "2019-09", 2020: "2020-12" } as const;
  // The validator checks the shape of a schema itself.
  const validator = isObject(usable) ? new Validator(usable as Schema, names[draft], false) : undefined;
  if (keptLength > maxKept) {
    kept.clear();
    keptLength = 0;
  }
  kept.set(text, { schema, draft, validator });
  keptLength += text.length;
  return { schema, draft, validator };
}

/** Problems, each on lines of its own, with what Helm says where that is known. */
function validate(schemaBytes: Uint8Array, values: JsonValue): string {
  try {
    const { schema, draft, validator } = prepared(decodeText(schemaBytes));
    if (schema === true) return "";
    const result = validator?.validate(values);
    if (result?.valid) return "";
    const words = isObject(schema) ? explainSchema(schema, draft, values) : "- at '': false schema\n";
    return words ?? ownWords(result?.errors ?? []);
  } catch (thrown) {
    // References lead nowhere: nothing is fetched for a schema.
    const [, address] = /^Unresolved \$ref "([^"]*)"/.exec(messageOf(thrown)) ?? [];
    if (address === undefined) throw valuesInvalid(messageOf(thrown), "values.schema.json", thrown);
    return `failing loading ${quote(address.split("#", 1)[0] ?? "")}: nothing is fetched for a schema\n`;
  }
}

/** For what only the validator knows, such as formats. */
function ownWords(errors: readonly OutputUnit[]): string {
  // A parent only repeats what its children say.
  const leaves = errors.filter(
    ({ instanceLocation, keyword }) =>
      !wrappers.has(keyword) || !errors.some((other) => other.instanceLocation.startsWith(`${instanceLocation}/`)),
  );
  const shown = leaves.length > 0 ? leaves : errors;
  return shown
    .map(({ instanceLocation, error }) => `- at '${instanceLocation.replace(/^#/, "")}': ${error}\n`)
    .join("");
}

const wrappers = new Set(["properties", "items", "additionalProperties", "patternProperties", "$ref", "allOf"]);

/** From 2019 on a format says what a text is meant to be, and refuses nothing. */
function withoutFormats(schema: JsonValue): JsonValue {
  if (Array.isArray(schema)) return schema.map(withoutFormats);
  if (!isObject(schema)) return schema;
  const copy: JsonObject = {};
  for (const key of Object.keys(schema)) {
    const value = schema[key] as JsonValue; // a key of its own
    if (key === "format" && typeof value === "string") continue;
    setOwn(copy, key, plainData.has(key) ? value : withoutFormats(value));
  }
  return copy;
}

const plainData = new Set(["const", "enum", "default", "examples"]);

function draftOf(schema: JsonObject): Draft {
  const id = typeof schema.$schema === "string" ? schema.$schema : "";
  if (id.includes("draft-04")) return 4;
  if (id.includes("draft-06")) return 6;
  if (id.includes("draft-07")) return 7;
  return id.includes("2019-09") ? 2019 : 2020;
}
