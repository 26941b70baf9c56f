// values.schema.json: JSON Schema of draft 4 to 2020-12 over the values of a chart and its subcharts.

import { Failure, type JsonValue } from "@plumbline/core/model";
import { decodeText, GoMap, isExhausted, jsonOf, limitExceeded, parseGoJson, typeOf } from "@plumbline/core/template";
import type { Chart } from "./chart.ts";
import { messageOf, valuesInvalid } from "./failure.ts";
import { checkValue } from "./json-schema/check.ts";
import { compileSchema } from "./json-schema/compile.ts";
import { explain } from "./json-schema/problem.ts";
import type { Schema } from "./json-schema/schema.ts";

/** Throws `ValuesInvalid` naming every chart whose values its schema refuses, with the path of each value. */
export function validateSchemas(chart: Chart, values: GoMap): void {
  const problems = withinStack(() => problemsOf(chart, values));
  if (problems === "") return;
  const intro = "values don't meet the specifications of the schema(s) in the following chart(s):\n";
  throw valuesInvalid(intro + problems, "values.schema.json");
}

function withinStack<T>(work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    if (isExhausted(thrown)) throw limitExceeded("the values or their schema nest too deeply to be checked");
    throw thrown;
  }
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

/** A schema ready to judge, or why it is none. */
type Prepared = Schema | string;

/** Charts are rendered again and again; the newest schemas are kept, up to so many characters of them. */
const maxKept = 1_000_000;
const kept = new Map<string, Prepared>();
let keptLength = 0;

function prepared(text: string): Prepared {
  const known = kept.get(text);
  if (known !== undefined) return known;
  const made = refusedOr(() => compileSchema("file:///values.schema.json", read(text)));
  if (keptLength > maxKept) {
    kept.clear();
    keptLength = 0;
  }
  kept.set(text, made);
  keptLength += text.length;
  return made;
}

/** Helm reads schemas as a stream: what ends too early and what comes after have words of their own there. */
function read(text: string): JsonValue {
  try {
    return parseGoJson(text);
  } catch (thrown) {
    const message = messageOf(thrown);
    const isCut = message === "unexpected end of JSON input" || /\b(?:tr?u?|fa?l?s?|nu?l?)$/.test(text);
    if (isCut) throw valuesInvalid(text.trim() === "" ? "EOF" : "unexpected EOF", "values.schema.json", thrown);
    if (!message.endsWith(" after top-level value")) throw thrown;
    throw valuesInvalid("invalid character after top-level value", "values.schema.json", thrown);
  }
}

/** The words of a refusal in place of what would have been made. */
function refusedOr<T>(make: () => T): T | string {
  try {
    return make();
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.reason !== "LimitExceeded") return thrown.message;
    throw thrown;
  }
}

/** What is wrong, in Helm's words; empty when nothing is. */
function validate(schemaBytes: Uint8Array, values: JsonValue): string {
  const schema = prepared(decodeText(schemaBytes));
  if (typeof schema === "string") return schema;
  const problem = checkValue(schema, values);
  return problem ? `${explain(problem)}\n` : "";
}
