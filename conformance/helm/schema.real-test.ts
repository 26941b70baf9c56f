// values.schema.json: the same verdict and the same words as Helm's validator, whatever the draft.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import { loadFiles, renderChart } from "@plumbline/core/helm";
import { Failure, type JsonObject, type JsonValue } from "@plumbline/core/model";
import { encodeText, mapFromJson } from "@plumbline/core/template";
import { type Oracle, startOracle } from "../template/oracle.ts";
import { functions } from "./engine.ts";
import { schemaRows } from "./rows/schemas.ts";

const runs = Number(process.env["PLUMBLINE_FUZZ_RUNS"] ?? 500);

const drafts = [
  undefined,
  "http://json-schema.org/draft-04/schema#",
  "http://json-schema.org/draft-06/schema#",
  "http://json-schema.org/draft-07/schema#",
  "https://json-schema.org/draft/2019-09/schema",
  "https://json-schema.org/draft/2020-12/schema",
];

const leaf: fc.Arbitrary<JsonValue> = fc.constantFrom<JsonValue[]>(
  "",
  "a",
  'it\'s "x"',
  0,
  1,
  1.5,
  -2,
  70000,
  true,
  null,
);
const value: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 2 },
    leaf,
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom("a", "b", "c/d"), tie("value"), { maxKeys: 3 }),
  ),
})).value;

const { schema } = fc.letrec<{ schema: JsonValue; keyword: JsonObject }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom<JsonValue[]>(
      true,
      false,
      { type: "string" },
      { $ref: "#/definitions/p" },
      { type: ["null", "integer"] },
    ),
    fc.array(tie("keyword"), { maxLength: 3 }).map((parts) => Object.assign({}, ...parts) as JsonObject), // JSON of ours
  ),
  keyword: fc.oneof(
    fc.constantFrom("string", "number", "integer", "object", "array", "null").map((type) => ({ type })),
    fc.array(leaf, { minLength: 1, maxLength: 3 }).map((choices) => ({ enum: [...new Set(choices)] })),
    fc.uniqueArray(fc.constantFrom("a", "b", "c/d"), { minLength: 1 }).map((required) => ({ required })),
    fc.dictionary(fc.constantFrom("a", "b", "c/d"), tie("schema")).map((properties) => ({ properties })),
    tie("schema").map((additionalProperties) => ({ additionalProperties })),
    tie("schema").map((inner) => ({ patternProperties: { "^[ab]$": inner } })),
    tie("schema").map((items) => ({ items })),
    tie("schema").map((not) => ({ not })),
    fc.array(tie("schema"), { minLength: 1, maxLength: 2 }).map((allOf) => ({ allOf })),
    fc.array(tie("schema"), { minLength: 1, maxLength: 2 }).map((anyOf) => ({ anyOf })),
    fc.array(tie("schema"), { minLength: 1, maxLength: 3 }).map((oneOf) => ({ oneOf })),
    fc.nat({ max: 3 }).map((minimum) => ({ minimum })),
    fc.constantFrom(1, 5000).map((maximum) => ({ maximum })),
    fc.constant({ multipleOf: 2 }),
    fc.nat({ max: 2 }).map((minLength) => ({ minLength })),
    fc.nat({ max: 2 }).map((maxLength) => ({ maxLength })),
    fc.constant({ pattern: "^[a-c]*$" }),
    fc.nat({ max: 2 }).map((minItems) => ({ minItems })),
    fc.nat({ max: 2 }).map((maxItems) => ({ maxItems })),
    fc.nat({ max: 2 }).map((minProperties) => ({ minProperties })),
    fc.nat({ max: 2 }).map((maxProperties) => ({ maxProperties })),
    fc.constant({ uniqueItems: true }),
    fc.constantFrom("email", "ipv4", "nonsense").map((format) => ({ format })),
    fc.array(tie("schema"), { minLength: 1, maxLength: 2 }).map((prefixItems) => ({ prefixItems })),
    fc.array(tie("schema"), { minLength: 1, maxLength: 2 }).map((items) => ({ items })),
    tie("schema").map((additionalItems) => ({ additionalItems })),
    tie("schema").map((contains) => ({ contains })),
    fc.record({ minContains: fc.nat({ max: 2 }), maxContains: fc.nat({ max: 2 }) }, { requiredKeys: [] }),
    tie("schema").map((propertyNames) => ({ propertyNames })),
    tie("schema").map((unevaluatedProperties) => ({ unevaluatedProperties })),
    tie("schema").map((unevaluatedItems) => ({ unevaluatedItems })),
    tie("schema").map((a) => ({ dependentSchemas: { a } })),
    tie("schema").map((a) => ({ dependencies: { a, b: ["a", "c/d"] } })),
    fc.constant<JsonObject>({ dependentRequired: { b: ["a"] } }),
    fc.array(tie("schema"), { minLength: 3, maxLength: 3 }).map((parts) => branches(parts)),
    fc.constantFrom("#", "#q", "#/properties/a").map(($ref) => ({ $ref })),
    fc.constant({ exclusiveMaximum: 1 }),
    // Now and then one that Helm takes in no draft.
    fc
      .tuple(fc.nat({ max: 20 }), fc.constantFrom("minLength", "type", "required", "properties"))
      .map(([n, keyword]): JsonObject => (n === 0 ? { [keyword]: -1 } : {})),
  ),
}));

/** `if`, `then` and `else`, by a way that makes no thenable of a literal. */
const branches = (parts: JsonValue[]): JsonObject =>
  Object.fromEntries(["if", "then", "else"].map((keyword, i) => [keyword, parts[i] ?? true]));

const conditional = JSON.parse(
  '{"if": {"required": ["a"]}, "then": {"required": ["b"]}, "else": {"required": ["c"]}}',
) as JsonObject; // JSON of ours

/** Helm's words for the chart c without what stands around them; undefined when it is content. */
function ourWords(schemaText: string, values: JsonObject): string | undefined {
  const files = { "Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0\n", "values.schema.json": schemaText };
  const chart = loadFiles(Object.entries(files).map(([name, text]) => ({ name, data: encodeText(text) })));
  try {
    renderChart(chart, mapFromJson(values), { name: "r", namespace: "n" }, { functions });
    return undefined;
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    return thrown.message.slice(thrown.message.indexOf("c:\n") + 3);
  }
}

/** Go walks over properties in random order; the place of a wrong name may then be that of what was looked at later. */
const sorted = (text: string | undefined): string | undefined =>
  text
    ?.replaceAll(/at '.*': invalid propertyName/g, "invalid propertyName")
    .replaceAll(/properties ('.*') not allowed/g, (_, names: string) => names.split(", ").sort().join())
    .split("\n")
    .sort()
    .join("\n");

describe("values.schema.json beside Helm's validator", () => {
  let oracle: Oracle;
  before(async () => {
    oracle = await startOracle();
  });
  after(() => oracle.close());

  const compare = (whole: JsonValue, data: JsonObject): Promise<void> => compareText(JSON.stringify(whole), data);

  const compareText = async (text: string, data: JsonObject): Promise<void> => {
    const theirs = await oracle.run({ mode: "schema", name: "", template: "", schema: text, data });
    const ours = ourWords(text, data);
    assert.equal(sorted(ours), sorted(theirs.error), `${text} ${JSON.stringify(data)}`);
  };

  const rows: [JsonValue, JsonObject][] = [
    ...schemaRows,
    [{ dependencies: { a: ["b", "c"] } }, { a: 1 }],
    [
      { $schema: "http://json-schema.org/draft-07/schema#", dependencies: { a: ["b"], b: { required: ["z"] } } },
      { a: 1, b: 2 },
    ],
    [{ dependentRequired: { a: ["b"] }, dependentSchemas: { a: { maxProperties: 0 } } }, { a: 1 }],
    [{ propertyNames: { maxLength: 1 } }, { abc: 1 }],
    [{ properties: { a: { prefixItems: [{ type: "string" }], items: { type: "null" } } } }, { a: [1, 2, null] }],
    [
      { $schema: drafts[3] as string, properties: { a: { items: [{ type: "string" }], additionalItems: false } } },
      { a: [1, 2] },
    ],
    [{ properties: { a: { contains: { type: "string" } } } }, { a: [1, 2] }],
    [{ properties: { a: { contains: { type: "string" }, minContains: 2, maxContains: 3 } } }, { a: ["x", 1] }],
    [{ properties: { a: { contains: { type: "string" }, maxContains: 1 } } }, { a: ["x", "y"] }],
    [conditional, { a: 1 }],
    [conditional, {}],
    [{ properties: { a: { exclusiveMinimum: 5, exclusiveMaximum: 4 } } }, { a: 4.5 }],
    [{ $schema: drafts[1] as string, properties: { a: { minimum: 5, exclusiveMinimum: true } } }, { a: 5 }],
    [{ properties: { a: { const: "x" }, b: { const: [1] }, c: { enum: [[1], {}] } } }, { a: 1, b: 2, c: 3 }],
    [{ $defs: { "a/b": { type: "string" } }, properties: { x: { $ref: "#/$defs/a~1b" } } }, { x: 1 }],
    [
      { properties: { x: { $ref: "#/$defs/y" } }, $defs: { y: { required: ["a"], maxProperties: 0 } } },
      { x: { b: 1 } },
    ],
    [{ properties: { x: { $ref: "#", type: "object", required: ["q"] } } }, { x: { x: 1 } }],
    [{ properties: { a: { format: "email" } } }, { a: "nobody" }],
    [{ properties: { format: { format: "ipv4", enum: [{ format: "x" }] } } }, { format: { format: "x" } }],
    [{ properties: { a: { maximum: 1234567.5 }, b: { minLength: 1200 } } }, { a: 98765432, b: "x" }],
  ];

  it(`answers ${rows.length} rows as Helm does`, async () => {
    const wrong: string[] = [];
    for (const [whole, data] of rows) {
      await compare(whole, data).catch((thrown: unknown) => wrong.push(String(thrown)));
    }
    assert.deepEqual(wrong, []);
  });

  const broken = [
    "",
    " \n",
    "{",
    "{}x",
    "{} {}",
    "{}\n",
    "nul",
    "nul ",
    "[1",
    '{"a":}',
    '{"a" 1}',
    "tru3",
    '"x',
    "{}}",
    '{"a": t',
  ];
  it(`answers ${broken.length} texts that are no JSON as Helm does`, async () => {
    for (const text of broken) await compareText(text, {});
  });

  it(`answers ${runs} generated schemas as Helm does`, async () => {
    const data = fc.dictionary(fc.constantFrom("a", "b", "c/d"), value, { maxKeys: 3 });
    const property = fc.asyncProperty(fc.constantFrom(...drafts), schema, data, async (draft, inner, values) => {
      const isAnchored = draft === undefined || /20(?:19|20)/.test(draft);
      const named = { [isAnchored ? "$anchor" : draft.includes("draft-04") ? "id" : "$id"]: isAnchored ? "q" : "#q" };
      const whole: JsonObject = {
        properties: { a: inner, b: inner },
        definitions: { p: { type: "integer", maximum: 5 }, q: { ...named, minProperties: 1 } },
      };
      // Draft 4 knows no schemas that are true or false.
      const isOld = draft?.includes("draft-04") && /true|false/.test(JSON.stringify(inner));
      if (draft !== undefined && !isOld) whole.$schema = draft;
      await compare(whole, values);
    });
    await fc.assert(property, { numRuns: runs });
  });
});
