// values.schema.json: JSON Schema of draft 4 to 2020-12 over the values of a chart and its subcharts.

import { type Schema, type SchemaDraft, Validator } from "@cfworker/json-schema";
import { isObject, type JsonValue } from "@plumbline/core/model";
import { decodeText, GoMap, jsonOf, parseGoJson, typeOf } from "@plumbline/core/template";
import type { Chart } from "./chart.ts";
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
    const errors = validate(chart.schema, jsonOf(values));
    if (errors.length > 0) text += `${chart.metadata.name}:\n${errors.join("\n")}\n`;
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

function validate(schemaBytes: Uint8Array, values: JsonValue): string[] {
  const schema = parseGoJson(decodeText(schemaBytes));
  if (schema === true) return [];
  if (!isObject(schema)) throw valuesInvalid("values.schema.json is not a schema", "values.schema.json");
  const result = checked(schema, values);
  // A parent only repeats what its children say.
  const leaves = result.errors.filter(
    ({ instanceLocation, keyword }) =>
      !wrappers.has(keyword) ||
      !result.errors.some((other) => other.instanceLocation.startsWith(`${instanceLocation}/`)),
  );
  const shown = leaves.length > 0 ? leaves : result.errors;
  return shown.map(({ instanceLocation, error }) => `- at '${instanceLocation.replace(/^#/, "")}': ${error}`);
}

function checked(schema: { [key: string]: JsonValue }, values: JsonValue): ReturnType<Validator["validate"]> {
  try {
    return new Validator(schema as Schema, draftOf(schema), false).validate(values); // the validator checks its shape
  } catch (thrown) {
    // References lead nowhere: nothing is fetched for a schema.
    const [, address] = /^Unresolved \$ref "([^"]*)"/.exec(messageOf(thrown)) ?? [];
    if (address !== undefined)
      throw valuesInvalid(`failing loading ${JSON.stringify(address)}`, "values.schema.json", thrown);
    throw valuesInvalid(messageOf(thrown), "values.schema.json", thrown);
  }
}

const wrappers = new Set(["properties", "items", "additionalProperties", "patternProperties", "$ref", "allOf"]);

function draftOf(schema: { [key: string]: JsonValue }): SchemaDraft {
  const id = typeof schema.$schema === "string" ? schema.$schema : "";
  if (id.includes("draft-04")) return "4";
  if (id.includes("draft-06") || id.includes("draft-07")) return "7";
  return id.includes("2019-09") ? "2019-09" : "2020-12";
}
