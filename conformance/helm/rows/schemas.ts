// Rows of schemas and values: expressions, formats, addresses, and schemas that are none.

import type { JsonObject, JsonValue } from "@plumbline/core/model";

type Row = [schema: JsonValue, values: JsonObject];

const draft = (n: number): string =>
  n < 10
    ? `http://json-schema.org/draft-0${n}/schema#`
    : `https://json-schema.org/draft/${n === 2019 ? "2019-09" : "2020-12"}/schema`;
const drafts = [4, 6, 7, 2019, 2020];

/** RE2's syntax and meaning, not JavaScript's. */
const expressions =
  String.raw`^\d+$ \pL \p{Greek}+$ (?i)AB ^ab\z a(?=b) (?<!a)b (a)\1 \p{L [[:alpha:]]+ \x{1F600} ^(a+)+$ a{1001}
  (a{100}){100} [a a) (?P<n>a) (?<n>a) \cA \u0061 ^\w+$ ^.$ x*+ (?s)^.$ (?m)^b$ \Qa.b\E [\d-z] \b \/ a\ [^\S\n] \h $^ * a** (?
  \- \_`
    .split(/\s+/)
    .concat("");
const texts = ["ab", "AB", "123", "٣", "ß", "é", "😀", "a.b", "a\nb", "\u0001", "", "z", "ab\n"];

const expressionRows: Row[] = expressions.flatMap((pattern): Row[] => [
  [
    { properties: Object.fromEntries(texts.map((_, i) => [`t${i}`, { pattern }])) },
    Object.fromEntries(texts.map((text, i) => [`t${i}`, text])),
  ],
  [{ patternProperties: { [pattern]: false } }, Object.fromEntries(texts.map((text) => [text, 1]))],
  [{ $schema: draft(4), patternProperties: { [pattern]: { type: "null" } } }, { ab: 1 }],
  [{ $schema: draft(6), properties: { a: { patternProperties: { [pattern]: false } } } }, { a: { ab: 1 } }],
  [{ $schema: draft(7), properties: { a: { format: "regex" } } }, { a: pattern }],
]);

const formatted: Record<string, string[]> = {
  "json-pointer": ["", "/a~0", "a", "/~2", "/~", "/a/b~1/~"],
  "relative-json-pointer": ["0", "01", "1#", "a", "1/a", "2a", ""],
  uuid: [
    "2eb8aa08-aa98-11ea-b4aa-73b441d16380",
    "2eb8aa08",
    "2eb8aa08-aa98-11ea-b4aa-73b441d1638",
    "zeb8aa08-aa98-11ea-b4aa-73b441d16380",
    "a-b-c-d-e-f",
  ],
  duration: [
    "P1D",
    "P",
    "PT",
    "P1",
    "P1DT",
    "P1DT1H1H",
    "PT1M1H",
    "P1W",
    "PW",
    "PxW",
    "P1X",
    "1D",
    "P1DT1HT1S",
    "P1H",
    "P1Dé",
    "PT1H2M3S",
  ],
  period: [
    "P1D/2020-01-01T00:00:00Z",
    "x",
    "2020-01-01T00:00:00Z/P1D",
    "2020-01-01T00:00:00Z/P",
    "a/b",
    "P/2020-01-01T00:00:00Z",
    "2020-01-01T00:00:00Z/2020-01-01T00:00:00Z",
  ],
  ipv4: [
    "1.2.3.4",
    "1.2.3",
    "01.2.3.4",
    "256.1.1.1",
    "a.1.1.1",
    "1.1.1.-1",
    "1.1.1.+1",
    "1.1.1.99999999999999999999",
    "1.1.1.",
    "1.2.3.4.5",
  ],
  ipv6: [
    "::1",
    "1",
    "::",
    "1:2:3:4:5:6:7:8",
    "1:2:3:4:5:6:7:8:9",
    "::ffff:1.2.3.4",
    "1.2.3.4:5",
    "fe80::1%eth0",
    "1::2::3",
    "12345::",
    ":1",
    "1:",
    "1:2",
    "::1.2.3",
    "1::1.2.3.256",
    "g::",
    "1:2:3:4:5:6:7::8",
    "1:2:3:4:5:6:7::",
    "::1.02.3.4",
    "%a:",
  ],
  hostname: ["a.b", "-a", "a-", "a..b", "a_b", "a.", "é.b", "x".repeat(64), "a.".repeat(127), ""],
  email: [
    "a@b",
    "a",
    "@b",
    '"a b"@c',
    '"a"b"@c',
    ".a@b",
    "a.@b",
    "a..b@c",
    "é@b",
    "a@[1.2.3.4]",
    "a@[1.2]",
    "a@[IPv6:::1]",
    "a@[IPv6:x]",
    "a@-b",
    "a@",
    "x".repeat(65) + "@b",
    "a@" + "b".repeat(260),
  ],
  date: ["2020-02-29", "2021-02-29", "2020-1-01", "x", "2020-13-01", "2020-01-01x", ""],
  time: [
    "00:00:00Z",
    "00:00",
    "24:00:00Z",
    "00-00:00Z",
    "aa:00:00Z",
    "00:00:00.Z",
    "00:00:00.5+01:00",
    "00:00:00+0100",
    "00:00:00x01:00",
    "23:59:60Z",
    "22:59:60Z",
    "22:59:60-01:00",
    "00:00:00+24:00",
    "00:00:00+aa:00",
    "-1:00:00Z",
    "00:00:00+01x00",
    "00:59:60+01:00",
    "00:00:00zz",
  ],
  "date-time": [
    "2020-01-01T00:00:00Z",
    "2020-01-01 00:00:00Z",
    "2020-01-01",
    "2020-02-30T00:00:00Z",
    "2020-01-01t25:00:00Z",
    "2020-01-01T00:00:00",
  ],
  uri: [
    "http://a",
    "a",
    "http://[::1]:80/",
    "http://[x]/",
    "http://a b/",
    ":",
    "http://a:x/",
    "urn:a:b",
    "//a",
    "http://%zz",
    "http://::1/",
    "http://a/%zz",
    "a:b",
    "http://[::1",
    "\u0001",
  ],
  iri: ["http://é", "é"],
  "uri-reference": ["a", "a\\b", "#a", "http://[", "/a/../b", "?x", "1:2", "#%zz"],
  "iri-reference": ["é", "\\"],
  "uri-template": ["http://a/{b}", "/{a", "/a}", "/{{a}}", "/{a}/{b", "/%7Ba", "http://a", ":"],
  semver: [
    "1.2.3",
    "1.2",
    "01.2.3",
    "1.2.3-",
    "1.2.3-a..b",
    "1.2.3-01",
    "1.2.3+",
    "1.2.3+a.",
    "1.2.3+é",
    "1.2.3-é",
    "1.2.x",
    "1..3",
    "1.2.3.4",
  ],
  regex: ["a", "(", "a\\"],
  nonsense: ["x"],
};
const formatRows: Row[] = Object.entries(formatted).flatMap(([format, values]): Row[] => [
  ...values.map((value): Row => [{ $schema: draft(7), properties: { a: { format } } }, { a: value }]),
  [{ $schema: draft(4), properties: { a: { format } } }, { a: 1 }],
  [{ properties: { a: { format } } }, { a: values.at(-1) ?? "" }],
]);

/** Keywords with values of the wrong kind, in each draft. */
const wrongKeywords: JsonObject[] = [
  ...[
    "type",
    "minLength",
    "maximum",
    "pattern",
    "required",
    "properties",
    "items",
    "allOf",
    "not",
    "enum",
    "uniqueItems",
  ].flatMap((keyword) =>
    [1, -1, 1.5, "x", true, null, [], {}, [1], ["string"], ["a", "a"], { a: 1 }].map((value) => ({ [keyword]: value })),
  ),
  ...[
    "additionalProperties",
    "additionalItems",
    "dependencies",
    "multipleOf",
    "exclusiveMinimum",
    "format",
    "title",
    "$id",
    "id",
  ].flatMap((keyword) => [0, -1, "x", true, [], { a: ["b", "b"] }, "%zz"].map((value) => ({ [keyword]: value }))),
  ...[
    "contains",
    "propertyNames",
    "if",
    "const",
    "examples",
    "$comment",
    "definitions",
    "$defs",
    "dependentRequired",
    "deprecated",
  ].flatMap((keyword) => [0, "x", true, [], { a: 1 }, { a: [1] }].map((value) => ({ [keyword]: value }))),
  ...[
    "prefixItems",
    "minContains",
    "unevaluatedItems",
    "$anchor",
    "$dynamicAnchor",
    "$recursiveAnchor",
    "$vocabulary",
    "contentSchema",
  ].flatMap((keyword) => [0, "1", true, [], { a: 1 }].map((value) => ({ [keyword]: value }))),
  ...["$ref", "$recursiveRef", "$dynamicRef"].flatMap((keyword) =>
    [1, "#/nowhere", "#nowhere", "a%zz", "#%zz"].map((value) => ({ [keyword]: value })),
  ),
  { exclusiveMinimum: true },
  { type: ["string", "string"] },
  { type: ["nope"] },
  { patternProperties: { "[": {} } },
  { properties: { a: { type: "nope", minLength: -1 }, b: { items: 1 } } },
  { definitions: { a: { definitions: { b: { not: { type: 1 } } } } } },
  { enum: [1, 1] },
];
const metaschemaRows: Row[] = [
  ...drafts.flatMap((n) => wrongKeywords.map((keywords): Row => [{ $schema: draft(n), ...keywords }, { a: 1 }])),
  ...drafts.flatMap((n) =>
    [1, "x", [], null, true, {}].map((inner): Row => [{ $schema: draft(n), properties: { a: inner } }, { a: "b" }]),
  ),
  ...[1, "x", [], null, [{}], 1.5, false, true].map((schema): Row => [schema, {}]),
  ...[
    "",
    "x",
    "http://json-schema.org/schema",
    "https://json-schema.org/draft-07/schema",
    "http://json-schema.org/draft-07/schema#/a",
    "urn:x",
    "ftp://x/y",
  ].map(($schema): Row => [{ $schema, type: "string", properties: { a: { minimum: "x" } } }, {}]),
  [{ $schema: 5 }, {}],
  [{ properties: { a: { $schema: draft(4), $id: "http://x/y", type: 1 } } }, {}],
  [
    { properties: { a: { $schema: draft(7), $id: "http://x/y", items: [true], additionalItems: false } } },
    { a: [1, 2] },
  ],
  [{ properties: { a: { $schema: draft(4), id: "http://x/y", exclusiveMinimum: true } } }, {}],
];

const addressRows: Row[] = [
  [{ $ref: "#" }, {}],
  [{ allOf: [{ $ref: "#" }] }, {}],
  [{ $schema: draft(7), properties: { a: { $ref: "#/properties/b" }, b: { $ref: "#/properties/a" } } }, { a: 1 }],
  [{ properties: { a: { anyOf: [{ not: { $ref: "#/properties/a" } }] } } }, { a: 1 }],
  [{ $defs: { x: { $anchor: "y", type: "string" } }, properties: { a: { $ref: "#y" } } }, { a: 1 }],
  [
    { $schema: draft(7), definitions: { x: { $id: "#y", type: "string" } }, properties: { a: { $ref: "#y" } } },
    { a: 1 },
  ],
  [
    { $schema: draft(4), definitions: { x: { id: "#y", type: "string" } }, properties: { a: { $ref: "#y" } } },
    { a: 1 },
  ],
  [
    {
      $id: "http://x/y/z",
      $defs: { w: { $id: "w", type: "string" } },
      properties: { a: { $ref: "w" }, b: { $ref: "/y/w" } },
    },
    { a: 1, b: 2 },
  ],
  [
    {
      $id: "http://x/y/z",
      $defs: { w: { $id: "../w", $defs: { v: { type: "null" } } } },
      properties: { a: { $ref: "http://x/w#/$defs/v" } },
    },
    { a: 1 },
  ],
  [{ $id: "http://x/x", $defs: { a: { $id: "x" } } }, {}],
  [{ $anchor: "x", $defs: { a: { $anchor: "x" } } }, {}],
  [
    {
      $defs: { a: { $id: "urn:a:b", $defs: { c: { type: "null" } }, properties: { d: { $ref: "#/$defs/c" } } } },
      properties: { a: { $ref: "urn:a:b" } },
    },
    { a: { d: 1 } },
  ],
  [{ properties: { a: { $ref: "urn:nobody" }, b: { $ref: "urn:nobody#x" } } }, { a: 1 }],
  [{ properties: { a: { $ref: "urn:nobody" } } }, { a: 1 }],
  [{ properties: { a: { $ref: draft(7) } } }, { a: { type: 1 } }],
  [{ properties: { a: { $ref: "https://json-schema.org/draft/2020-12/schema" } } }, { a: { type: 1, items: 5 } }],
  [
    { properties: { a: { $ref: "https://json-schema.org/draft/2020-12/meta/validation#/$defs/stringArray" } } },
    { a: [1] },
  ],
  [{ properties: { a: { $ref: "#/x/y" } }, x: { y: { type: "string" } } }, { a: 1 }],
  [{ properties: { a: { $ref: "#/x/y" } }, x: { y: { type: 1 } } }, { a: 1 }],
  [{ properties: { a: { $ref: "#/x/0" } }, x: [{ type: "string" }] }, { a: 1 }],
  [{ properties: { a: { $ref: "#/x/~2" } } }, { a: 1 }],
  [{ properties: { a: { $ref: "#/$defs/a%20b" } }, $defs: { "a b": { type: "string" } } }, { a: 1 }],
  [{ properties: { a: { $ref: "#/$defs/é/é" } }, $defs: { é: {} } }, { a: 1 }],
  [{ properties: { a: { $ref: "gopher://x/y" } } }, { a: 1 }],
  [{ $defs: { t: { $dynamicAnchor: "n", type: "string" } }, properties: { a: { $dynamicRef: "#n" } } }, { a: 1 }],
  [
    {
      $id: "http://x/list",
      $defs: {
        list: {
          $id: "gen",
          properties: { items: { items: { $dynamicRef: "#t" } } },
          $defs: { t: { $dynamicAnchor: "t" } },
        },
        s: { $dynamicAnchor: "t", type: "string" },
      },
      $ref: "gen",
    },
    { items: [1, "a"] },
  ],
  [
    {
      $schema: draft(2019),
      $recursiveAnchor: true,
      properties: { a: { $recursiveRef: "#" } },
      unevaluatedProperties: false,
    },
    { a: { b: 1 } },
  ],
  [{ $schema: draft(2019), properties: { a: { $recursiveRef: "#" } }, additionalProperties: false }, { a: { b: 1 } }],
];

const unevaluatedRows: Row[] = [
  [
    { properties: { a: true }, unevaluatedProperties: false },
    { a: 1, b: 2 },
  ],
  [
    { allOf: [{ properties: { a: true } }, { required: ["a"] }], unevaluatedProperties: { type: "string" } },
    { a: 1, b: 2 },
  ],
  [
    { anyOf: [{ properties: { a: { const: 1 } } }, { properties: { b: true } }], unevaluatedProperties: false },
    { a: 1, b: 2, c: 3 },
  ],
  [
    {
      oneOf: [{ properties: { a: { const: 1 } }, required: ["a"] }, { properties: { b: { const: 1 } } }],
      unevaluatedProperties: false,
    },
    { a: 1, b: 2 },
  ],
  [
    {
      ...(JSON.parse(
        '{"if": {"properties": {"a": {"const": 1}}, "required": ["a"]}, "then": {"properties": {"b": true}}}',
      ) as JsonObject), // JSON of ours
      unevaluatedProperties: false,
    },
    { a: 1, b: 2, c: 3 },
  ],
  [{ not: { properties: { a: { const: 2 } } }, unevaluatedProperties: false }, { a: 2 }],
  [
    { $ref: "#/$defs/x", $defs: { x: { properties: { a: true } } }, unevaluatedProperties: false },
    { a: 1, b: 2 },
  ],
  [
    { dependentSchemas: { a: { properties: { b: true } } }, unevaluatedProperties: false },
    { a: 1, b: 2 },
  ],
  [{ properties: { a: { prefixItems: [true], unevaluatedItems: false } } }, { a: [1, 2, 3] }],
  [
    { properties: { a: { prefixItems: [true], contains: { const: 3 }, unevaluatedItems: { type: "null" } } } },
    { a: [1, 2, 3] },
  ],
  [
    { $schema: draft(2019), properties: { a: { items: [true], contains: { const: 3 }, unevaluatedItems: false } } },
    { a: [1, 2, 3] },
  ],
  [{ properties: { a: { allOf: [{ prefixItems: [true, true] }], unevaluatedItems: false } } }, { a: [1, 2, 3] }],
  [{ properties: { a: { propertyNames: { pattern: "^a" } } } }, { a: { b: 1 } }],
  [{ unevaluatedProperties: false, patternProperties: { "^a": true }, additionalProperties: true }, { b: 1 }],
];

const numberRows: Row[] = [
  [
    { properties: { a: { multipleOf: 0.1 }, b: { multipleOf: 0.01 }, c: { multipleOf: 1e-8 } } },
    { a: 0.3, b: 0.075, c: 12391239123 },
  ],
  [{ properties: { a: { const: 1 }, b: { enum: [1.5, 2] }, c: { type: "integer" } } }, { a: 1.0, b: 2.0, c: 1e20 }],
  [
    { properties: { a: { uniqueItems: true }, b: { uniqueItems: true } } },
    {
      a: [
        { x: 1, y: [2] },
        { y: [2], x: 1 },
      ],
      b: [1, true, "1", 1],
    },
  ],
  [{ properties: { a: { uniqueItems: true } } }, { a: [...Array.from({ length: 40 }, (_, i) => i), 7, 3] }],
  [
    { properties: { a: { maximum: 1e21 }, b: { minimum: 1e-7 }, c: { exclusiveMaximum: -0.00001 } } },
    { a: 1e22, b: 0, c: 0 },
  ],
];

export const schemaRows: readonly Row[] = [
  ...expressionRows,
  ...formatRows,
  ...metaschemaRows,
  ...addressRows,
  ...unevaluatedRows,
  ...numberRows,
];
