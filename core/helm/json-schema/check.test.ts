// Values held against schemas; conformance/helm/schema.real-test.ts compares verdicts and words with Helm's validator.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Failure, type JsonValue } from "@plumbline/core/model";
import { checkValue } from "./check.ts";
import { compileSchema } from "./compile.ts";
import { explain } from "./problem.ts";

function problems(schema: JsonValue, value: JsonValue): string | undefined {
  const problem = checkValue(compileSchema("file:///values.schema.json", schema), value);
  return problem && explain(problem);
}

const refusal = (schema: JsonValue): string => {
  try {
    compileSchema("file:///values.schema.json", schema);
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown.message;
    throw thrown;
  }
  throw new assert.AssertionError({ message: "the schema was taken" });
};

const draft7 = "http://json-schema.org/draft-07/schema#";

test("problems are told with their path, what was got and what is wanted", () => {
  const schema = {
    required: ["x", "y"],
    additionalProperties: false,
    properties: { a: { type: ["string", "null"] }, b: { minimum: 70_000 }, c: { enum: ["v", 1, null] } },
  };
  assert.equal(
    problems(schema, { a: 1, b: 1.5, c: "it's", d: 1, e: 2 }),
    "- at '': missing properties 'x', 'y'\n" +
      "- at '/a': got number, want null or string\n" +
      "- at '/b': minimum: got 1.5, want 70,000\n" +
      "- at '/c': value must be one of 'v', 1, <nil>\n" +
      "- at '': additional properties 'd', 'e' not allowed",
  );
});

test("problems of alternatives stand below them, those of a reference in its place", () => {
  const schema = {
    $defs: { p: { type: "integer" } },
    anyOf: [{ required: ["a"] }, { properties: { "b/c": { $ref: "#/$defs/p" } } }],
  };
  assert.equal(
    problems(schema, { "b/c": 12_345_678.5 }),
    "- at '': 'anyOf' failed\n  - at '': missing property 'a'\n  - at '/b~1c': got number, want integer",
  );
});

test("large numbers have a power of ten, and multiples are those of decimals", () => {
  assert.equal(problems({ $schema: draft7, maximum: 1 }, 12_345_678), "- at '': maximum: got 1.2345678×10⁰⁷, want 1");
  assert.equal(problems({ multipleOf: 0.1 }, 0.3), undefined);
});

test("what no schema looked at is refused where it may not be", () => {
  const schema = { allOf: [{ properties: { a: true } }], unevaluatedProperties: false };
  assert.equal(problems(schema, { a: 1 }), undefined);
  assert.equal(problems(schema, { a: 1, b: 1 }), "- at '/b': false schema");
});

describe("schemas that are none", () => {
  const metaschema = "https://json-schema.org/draft/2020-12/schema#";
  const rows: [name: string, schema: JsonValue, message: string][] = [
    [
      "an address that leads nowhere",
      { $ref: "#/$defs/a" },
      'json-pointer in "file:///values.schema.json#/$defs/a" not found',
    ],
    [
      "an address elsewhere",
      { $ref: "http://example.com/a.json#/b" },
      'failing loading "http://example.com/a.json": nothing is fetched for a schema',
    ],
    [
      "a keyword with a value of the wrong kind",
      { properties: { a: { minLength: "1" } } },
      `"file:///values.schema.json#" is not valid against metaschema: jsonschema validation failed with '${metaschema}'\n` +
        "- at '': 'allOf' failed\n  - at '/properties/a': 'allOf' failed\n" +
        "    - at '/properties/a/minLength': got string, want integer",
    ],
    [
      "an expression that RE2 does not know",
      { $schema: "http://json-schema.org/draft-06/schema#", patternProperties: { "a(?=b)": {} } },
      'invalid regex "a(?=b)" at "file:///values.schema.json#/patternProperties": ' +
        "error parsing regexp: invalid or unsupported Perl syntax: `(?=`",
    ],
  ];
  for (const [name, schema, message] of rows) {
    test(`${name} is refused in Helm's words`, () => assert.equal(refusal(schema), message));
  }
});

describe("hostile schemas and values end soon", () => {
  const times = <T>(n: number, make: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => make(i));
  const nest = (n: number, around: (inner: JsonValue) => JsonValue, leaf: JsonValue): JsonValue =>
    times(n, (i) => i).reduce<JsonValue>((inner) => around(inner), leaf);
  const long = `${"a".repeat(50_000)}!`;
  const doubled = Object.fromEntries(
    times(40, (i) => [`d${i}`, { allOf: [{ $ref: `#/$defs/d${i + 1}` }, { $ref: `#/$defs/d${i + 1}` }] }]),
  );

  test("expressions take no longer than the text is", () => {
    assert.match(problems({ pattern: "^(a+)+$" }, long) ?? "", /does not match pattern '\^\(a\+\)\+\$'$/);
    assert.equal(problems({ patternProperties: { "^(a|aa)+$": false } }, { [long]: 1 }), undefined);
  });

  test("the items of 100,000 are compared with each other in one go", () => {
    const items = times(100_000, (i) => i);
    assert.equal(problems({ uniqueItems: true }, items), undefined);
    assert.equal(problems({ uniqueItems: true }, [...items, 70_000]), "- at '': items at 70,000 and 100,000 are equal");
  });

  test("a schema that comes back to itself is refused as Helm does", () => {
    assert.equal(
      problems({ $ref: "#" }, {}),
      "- at '': both /$ref and  resolve to \"file:///values.schema.json#\" causing reference cycle",
    );
  });

  const limited: [name: string, schema: JsonValue, value: JsonValue][] = [
    [
      "schemas that double at each reference",
      { $defs: { ...doubled, d40: { type: "string" } }, $ref: "#/$defs/d0" },
      1,
    ],
    ["values deeper than any chart's", { properties: { a: { $ref: "#" } } }, nest(1200, (a) => ({ a }), 1)],
    ["schemas deeper than any chart's", nest(1200, (x) => ({ allOf: [x] }), { type: "string" }), 1],
    ["more schemas than any chart has", { allOf: times(50_000, () => ({ not: {} })) }, 1],
    ["many choices for many items", { items: { enum: times(3000, (i) => `v${i}`) } }, times(3000, () => "w")],
    ["more to say than anyone reads", { anyOf: times(200, () => ({ pattern: "^b" })) }, long],
  ];
  for (const [name, schema, value] of limited) {
    test(`${name} pass a limit`, () => {
      assert.throws(() => problems(schema, value), { reason: "LimitExceeded" });
    });
  }

  const formats =
    "json-pointer relative-json-pointer uuid duration period ipv4 ipv6 hostname email " +
    "date time date-time uri iri uri-reference uri-template semver regex";
  const parts = ["a", "1", ":", "/", ".", "a.", "a@", "1:", "(", "[", "%41", "{", "{a}", "~", "é", "-0."];
  const starts = [
    "",
    "P",
    "P1Y",
    "00:00:00.",
    "1.1.1-",
    "http://",
    "http://a:",
    "/",
    "a@[IPv6:",
    "2020-01-01T00:00:00.",
  ];
  for (const format of formats.split(" ")) {
    test(`texts of 10,000 characters are read once as ${format}`, () => {
      const schema = compileSchema("file:///values.schema.json", { $schema: draft7, items: { format } });
      const texts = starts.flatMap((start) => parts.map((part) => start + part.repeat(10_000 / part.length)));
      const problem = checkValue(schema, texts);
      assert.ok(problem && problem.causes.length > 0);
    });
  }
});
