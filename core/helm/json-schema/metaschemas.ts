// The schemas of schemas: what each draft says a schema may hold. Facts of the specifications, without their prose.

import type { JsonObject, JsonValue } from "@plumbline/core/model";
import type { Draft } from "./draft.ts";

const text = { type: "string" };
const flag = { type: "boolean" };
const amount = { type: "number" };
const regex = { type: "string", format: "regex" };
const uri = { type: "string", format: "uri" };
const uriReference = { type: "string", format: "uri-reference" };
const simpleTypes = { enum: ["array", "boolean", "integer", "null", "number", "object", "string"] };
const wholeNumber = { type: "integer", minimum: 0 };
const someValues = { type: "array", minItems: 1, uniqueItems: true };
const ref = (to: string): JsonObject => ({ $ref: to });
const all = (names: readonly string[], value: JsonValue): JsonObject =>
  Object.fromEntries(names.map((name) => [name, value]));
const namedSchemas = (schema: JsonObject): JsonObject => ({ type: "object", additionalProperties: schema });

/** Draft 4 to 7, each the one before with more. */
function oldMetaschema(draft: 4 | 6 | 7): JsonObject {
  const self = ref("#");
  const counted = ref("#/definitions/count");
  const names = ref("#/definitions/stringArray");
  const more = draft === 4 ? { anyOf: [flag, self] } : self;
  const patterns = namedSchemas(self);
  if (draft === 7) patterns.propertyNames = { format: "regex" };
  return {
    ...(draft > 4 && { $id: `http://json-schema.org/draft-0${draft}/schema#` }),
    $schema: `http://json-schema.org/draft-0${draft}/schema#`,
    type: draft === 4 ? "object" : ["object", "boolean"],
    definitions: {
      schemaArray: { type: "array", minItems: 1, items: self },
      count: wholeNumber,
      // Problems of what counts from 0 are told below one of its own.
      countFrom0: { allOf: [counted, {}] },
      simpleTypes,
      stringArray: { type: "array", items: text, ...(draft === 4 && { minItems: 1 }), uniqueItems: true },
    },
    properties: {
      ...all(["title", "description", "format"], text),
      ...all(["maximum", "minimum"], amount),
      ...all(["exclusiveMaximum", "exclusiveMinimum"], draft === 4 ? flag : amount),
      ...all(["maxLength", "maxItems", "maxProperties"], counted),
      ...all(["minLength", "minItems", "minProperties"], ref("#/definitions/countFrom0")),
      ...all(["allOf", "anyOf", "oneOf"], ref("#/definitions/schemaArray")),
      ...all(["definitions", "properties"], namedSchemas(self)),
      ...all(["additionalItems", "additionalProperties"], more),
      ...(draft === 4 ? { id: text, $ref: text } : { $id: uriReference, $ref: uriReference }),
      ...(draft > 4 && { contains: self, propertyNames: self }),
      ...(draft === 7 && newIn7(self)),
      $schema: uri,
      multipleOf: draft === 4 ? { type: "number", minimum: 0, exclusiveMinimum: true } : positive,
      pattern: regex,
      items: { anyOf: [self, ref("#/definitions/schemaArray")] },
      uniqueItems: flag,
      required: names,
      patternProperties: patterns,
      dependencies: namedSchemas({ anyOf: [self, names] }),
      enum: someValues,
      type: typeOrTypes("#/definitions/simpleTypes"),
      not: self,
    },
    ...(draft === 4 && { dependencies: { exclusiveMaximum: ["maximum"], exclusiveMinimum: ["minimum"] } }),
  };
}

const positive = { type: "number", exclusiveMinimum: 0 };

const newIn7 = (self: JsonObject): JsonObject => ({
  ...all(["$comment", "contentMediaType", "contentEncoding"], text),
  ...all(["readOnly", "writeOnly"], flag),
  ...all(["if", "then", "else"], self),
  examples: { type: "array" },
});

const typeOrTypes = (simple: string): JsonObject => ({
  anyOf: [ref(simple), { type: "array", items: ref(simple), minItems: 1, uniqueItems: true }],
});

/** Since 2019-09 a metaschema is made of vocabularies, in the order in which problems are told. */
const vocabularies = {
  2019: ["core", "applicator", "validation", "meta-data", "format", "content"],
  2020: ["core", "applicator", "unevaluated", "validation", "meta-data", "format-annotation", "content"],
} as const;

type NewDraft = keyof typeof vocabularies;

const folders = { 2019: "https://json-schema.org/draft/2019-09/", 2020: "https://json-schema.org/draft/2020-12/" };
const selfOf = (draft: NewDraft): JsonObject => (draft === 2019 ? { $recursiveRef: "#" } : { $dynamicRef: "#meta" });

function newDocument(draft: NewDraft, name: string, keywords: JsonObject): JsonObject {
  return {
    $schema: `${folders[draft]}schema`,
    $id: folders[draft] + name,
    ...(draft === 2019 ? { $recursiveAnchor: true } : { $dynamicAnchor: "meta" }),
    type: ["object", "boolean"],
    ...keywords,
  };
}

function newMetaschema(draft: NewDraft): JsonObject {
  const self = selfOf(draft);
  const names = ref("meta/validation#/$defs/stringArray");
  return newDocument(draft, "schema", {
    allOf: vocabularies[draft].map((name) => ref(`meta/${name}`)),
    properties: {
      definitions: namedSchemas(self),
      dependencies: namedSchemas({ anyOf: [self, names] }),
      ...(draft === 2020 && {
        $recursiveAnchor: ref("meta/core#/$defs/anchorString"),
        $recursiveRef: ref("meta/core#/$defs/uriReferenceString"),
      }),
    },
  });
}

function core(draft: NewDraft): JsonObject {
  const noFragment = { pattern: "^[^#]*#?$" };
  if (draft === 2019) {
    return {
      properties: {
        $id: { ...uriReference, ...noFragment },
        $schema: uri,
        $anchor: { type: "string", pattern: "^[A-Za-z][-A-Za-z0-9.:_]*$" },
        ...all(["$ref", "$recursiveRef"], uriReference),
        $recursiveAnchor: flag,
        $vocabulary: { type: "object", propertyNames: uri, additionalProperties: flag },
        $comment: text,
        $defs: namedSchemas(selfOf(draft)),
      },
    };
  }
  return {
    properties: {
      $id: { $ref: "#/$defs/uriReferenceString", ...noFragment },
      $schema: ref("#/$defs/uriString"),
      ...all(["$ref", "$dynamicRef"], ref("#/$defs/uriReferenceString")),
      ...all(["$anchor", "$dynamicAnchor"], ref("#/$defs/anchorString")),
      $vocabulary: { type: "object", propertyNames: ref("#/$defs/uriString"), additionalProperties: flag },
      $comment: text,
      $defs: namedSchemas(selfOf(draft)),
    },
    $defs: {
      anchorString: { type: "string", pattern: "^[A-Za-z_][-A-Za-z0-9._]*$" },
      uriString: uri,
      uriReferenceString: uriReference,
    },
  };
}

function applicator(draft: NewDraft): JsonObject {
  const self = selfOf(draft);
  const list = ref("#/$defs/schemaArray");
  const only2019 = {
    ...all(["additionalItems", "unevaluatedItems", "unevaluatedProperties"], self),
    items: { anyOf: [self, list] },
  };
  return {
    properties: {
      ...all(["contains", "additionalProperties", "propertyNames", "if", "then", "else", "not"], self),
      ...all(["allOf", "anyOf", "oneOf"], list),
      ...all(["properties", "dependentSchemas"], namedSchemas(self)),
      patternProperties: { ...namedSchemas(self), propertyNames: { format: "regex" } },
      ...(draft === 2019 ? only2019 : { prefixItems: list, items: self }),
    },
    $defs: { schemaArray: { type: "array", minItems: 1, items: self } },
  };
}

const validation: JsonObject = {
  properties: {
    ...all(["maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum"], amount),
    ...all(["maxLength", "maxItems", "maxContains", "minContains", "maxProperties"], ref("#/$defs/count")),
    ...all(["minLength", "minItems", "minProperties"], ref("#/$defs/countFrom0")),
    multipleOf: positive,
    pattern: regex,
    uniqueItems: flag,
    required: ref("#/$defs/stringArray"),
    dependentRequired: namedSchemas(ref("#/$defs/stringArray")),
    enum: { type: "array" },
    type: typeOrTypes("#/$defs/simpleTypes"),
  },
  $defs: {
    count: wholeNumber,
    countFrom0: ref("#/$defs/count"),
    simpleTypes,
    stringArray: { type: "array", items: text, uniqueItems: true },
  },
};

const metaData: JsonObject = {
  properties: {
    ...all(["title", "description"], text),
    ...all(["deprecated", "readOnly", "writeOnly"], flag),
    examples: { type: "array" },
  },
};

function vocabulary(draft: NewDraft, name: string): JsonObject {
  if (name === "core") return core(draft);
  if (name === "applicator") return applicator(draft);
  if (name === "validation") return validation;
  if (name === "meta-data") return metaData;
  const self = selfOf(draft);
  if (name === "unevaluated") return { properties: all(["unevaluatedItems", "unevaluatedProperties"], self) };
  if (name !== "content") return { properties: { format: text } };
  return { properties: { ...all(["contentMediaType", "contentEncoding"], text), contentSchema: self } };
}

/** The schema of schemas at an address, undefined where the specifications have none. */
export function metaschemaAt(url: string): JsonObject | undefined {
  const [, path] = /^https?:\/\/json-schema\.org\/(.*)$/s.exec(url) ?? [];
  if (path === undefined) return undefined;
  const [, old] = /^draft-0([467])\/schema$/.exec(path) ?? [];
  if (old !== undefined) return oldMetaschema(Number(old) as 4 | 6 | 7); // by the expression
  if (path === "schema") return newMetaschema(2020);
  for (const draft of [2019, 2020] as const) {
    const inside = url.replace(/^http:/, "https:");
    if (!inside.startsWith(folders[draft])) continue;
    const name = inside.slice(folders[draft].length);
    if (name === "schema") return newMetaschema(draft);
    const known = [...vocabularies[draft], ...(draft === 2020 ? ["format-assertion"] : [])];
    const found = known.find((each) => name === `meta/${each}`);
    return found === undefined ? undefined : newDocument(draft, name, vocabulary(draft, found));
  }
  return undefined;
}

/**
 * A metaschema that takes exactly what that of a draft takes, its vocabularies laid together: an eighth of the work,
 * but not the words of the whole one.
 */
export function quickMetaschema(draft: Draft): JsonObject {
  if (draft !== 2019 && draft !== 2020) return oldMetaschema(draft);
  const documents = [newMetaschema(draft), ...vocabularies[draft].map((name) => vocabulary(draft, name))];
  const laidTogether = {
    type: ["object", "boolean"],
    properties: Object.assign({}, ...documents.map(({ properties }) => properties)) as JsonObject, // of objects
    $defs: Object.assign({}, ...documents.map(({ $defs }) => $defs)) as JsonObject, // as above
  };
  const text = JSON.stringify(laidTogether)
    .replaceAll(/"\$recursiveRef":"#"|"\$dynamicRef":"#meta"/g, '"$ref":"#"')
    .replaceAll(/"meta\/[a-z-]+#/g, '"#');
  return JSON.parse(text) as JsonObject; // what was written above
}
