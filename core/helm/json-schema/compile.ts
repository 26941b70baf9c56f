// Makes a schema ready to judge: references found, expressions compiled, keywords of the draft picked out.

import { isObject, type JsonObject, type JsonValue, own } from "@plumbline/core/model";
import { type GoRegexp, goRegexp, quote } from "@plumbline/core/template";
import { messageOf, valuesInvalid } from "../failure.ts";
import { addressOf, joinAddress, type Place, splitFragment, escapePath, escapeToken } from "./address.ts";
import { checkValue } from "./check.ts";
import { type Draft, metaschemaOf } from "./draft.ts";
import { loadDocument, SchemaDocument, type Spot } from "./documents.ts";
import { type Format, formatNamed, isRegexFormat } from "./formats.ts";
import { quickMetaschema } from "./metaschemas.ts";
import { explain, type Problem } from "./problem.ts";
import { isNumber, isWhole } from "./same-value.ts";
import { Schema } from "./schema.ts";

const refused = (words: string, cause?: unknown): Error => valuesInvalid(words, "values.schema.json", cause);

/** The schema of a document, ready. Throws `ValuesInvalid` with the words of Helm's validator. */
export function compileSchema(url: string, value: JsonValue): Schema {
  return new Compiler({ assertsFormats: false }).whole(url, value);
}

const metaschemas = new Map<string, Schema>();

/** The schema of schemas of a draft, whole with its words or quick; made when it is first needed. */
function metaschema(draft: Draft, isQuick: boolean): Schema {
  const address = metaschemaOf[draft] + (isQuick ? "?quick" : "");
  let schema = metaschemas.get(address);
  if (!schema) {
    const value = isQuick ? quickMetaschema(draft) : loadDocument(address);
    schema = new Compiler({ assertsFormats: true }).whole(address, value);
    metaschemas.set(address, schema);
  }
  return schema;
}

class Compiler {
  private readonly documents = new Map<string, SchemaDocument>();
  private readonly schemas = new Map<JsonObject, Schema>();
  private readonly waiting: [Schema, Spot][] = [];
  private readonly assertsFormats: boolean;

  constructor({ assertsFormats }: { assertsFormats: boolean }) {
    this.assertsFormats = assertsFormats;
  }

  whole(url: string, value: JsonValue): Schema {
    const document = this.documentOf(url, value);
    const schema = this.schemaOf(document.root);
    for (const next of this.waiting) this.compile(...next); // more are added while it runs
    return schema;
  }

  private documentOf(url: string, value?: JsonValue): SchemaDocument {
    const known = this.documents.get(url);
    if (known) return known;
    const document = new SchemaDocument(url, value === undefined ? loadDocument(url) : value);
    if (!/^https?:\/\/json-schema\.org\//.test(url)) judge(document.root);
    this.documents.set(url, document);
    return document;
  }

  private schemaOf({ value, place, resource }: Spot): Schema {
    const known = isObject(value) ? this.schemas.get(value) : undefined;
    if (known) return known;
    const schema = new Schema(resource.draft, () => addressOf(resource.document.url, place));
    if (isObject(value)) this.schemas.set(value, schema);
    this.waiting.push([schema, { value, place, resource }]);
    return schema;
  }

  private compile(schema: Schema, spot: Spot): void {
    const { value, resource } = spot;
    if (!isObject(value) || Object.keys(value).length === 0) {
      schema.always = value !== false;
      return;
    }
    schema.resource = this.schemaOf({ ...resource, resource });
    if (schema.draft >= 2020 && value === resource.value) {
      const anchored = Array.from(resource.dynamicAnchors, (name) => [name, resource.anchors.get(name)] as const);
      schema.dynamicAnchors = new Map(anchored.flatMap(([name, at]) => (at ? [[name, this.schemaOf(at)]] : [])));
    }
    const parts = new Parts(spot, (inner) => this.schemaOf(inner));
    schema.ref = this.referred(spot, "$ref");
    if (schema.draft < 2019 && schema.ref) return;
    compileApplicators(schema, parts);
    compileAssertions(schema, parts);
    if (this.assertsFormats || schema.draft < 2019) schema.format = formatOf(value);
    if (schema.draft >= 2019) this.compileReferences(schema, spot);
    schema.isTypeOnly = Object.keys(value).every((keyword) => keyword === "type" || says.has(keyword));
  }

  private compileReferences(schema: Schema, spot: Spot): void {
    const value = spot.value as JsonObject; // only objects come here
    schema.recursiveRef = this.referred(spot, "$recursiveRef");
    schema.recursiveAnchor = own(value, "$recursiveAnchor") === true;
    if (schema.draft < 2020) return;
    const dynamic = this.referred(spot, "$dynamicRef");
    const reference = own(value, "$dynamicRef");
    if (dynamic && typeof reference === "string") {
      const { fragment } = splitFragment(reference);
      schema.dynamicRef = { schema: dynamic, anchor: fragment.startsWith("/") ? "" : fragment };
    }
    const anchor = own(value, "$dynamicAnchor");
    schema.dynamicAnchor = typeof anchor === "string" ? anchor : "";
  }

  private referred({ value, resource }: Spot, keyword: string): Schema | undefined {
    const reference = own(value as JsonObject, keyword); // only objects come here
    if (typeof reference !== "string") return undefined;
    const address = joinAddress(resource.id, reference);
    let document = resource.document;
    let found = document.find(address);
    if (!found) {
      document = this.documentOf(address.url);
      found = document.find({ url: document.url, fragment: address.fragment });
    }
    if (!found) throw refused(`failing loading ${quote(address.url)}`);
    if (found.isKnown) return this.schemaOf(found);
    const spot = document.collect(found);
    judge(spot);
    return this.schemaOf(spot);
  }
}

/** Holds a schema against the schema of schemas of its draft. */
function judge(spot: Spot): void {
  if (!problemOf(spot, true)) return;
  const problem = problemOf(spot, false);
  if (!problem) return;
  const { place, resource } = spot;
  const address = quote(addressOf(resource.document.url, place));
  const words = `jsonschema validation failed with '${metaschemaOf[resource.draft]}#'\n${explain(problem)}`;
  throw refused(`${address} is not valid against metaschema: ${words}`);
}

function problemOf({ value, resource }: Spot, isQuick: boolean): Problem | undefined {
  const of = (each: JsonValue): Schema | undefined => {
    const inner = resource.document.resourceOf(each);
    return inner && metaschema(inner.draft, isQuick);
  };
  const schema = metaschema(resource.draft, isQuick);
  return checkValue(schema, value, { meta: { schema, of }, isQuiet: isQuick });
}

/** Reads the keywords of one schema. */
class Parts {
  readonly value: JsonObject;
  private readonly spot: Spot;
  private readonly make: (spot: Spot) => Schema;

  constructor(spot: Spot, make: (spot: Spot) => Schema) {
    this.value = spot.value as JsonObject; // only objects come here
    this.spot = spot;
    this.make = make;
  }

  get(keyword: string): JsonValue | undefined {
    return own(this.value, keyword);
  }

  amount(keyword: string): number | bigint | undefined {
    const value = this.get(keyword);
    return value !== undefined && isNumber(value) ? value : undefined;
  }

  count(keyword: string): number | undefined {
    const value = this.amount(keyword);
    return value !== undefined && isWhole(value) ? Number(value) : undefined;
  }

  texts(keyword: string): string[] {
    return textsOf(this.get(keyword));
  }

  schema(keyword: string): Schema | undefined {
    const value = this.get(keyword);
    return value === undefined ? undefined : this.inner(value, [keyword]);
  }

  list(keyword: string): Schema[] {
    const value = this.get(keyword);
    return Array.isArray(value) ? value.map((item, i) => this.inner(item, [keyword, String(i)])) : [];
  }

  /** By name; Go's order of names is another each time, ours is alphabetical. */
  named(keyword: string): [name: string, schema: Schema][] {
    const value = this.get(keyword);
    if (!isObject(value)) return [];
    const names = Object.keys(value).sort();
    return names.map((name) => [name, this.inner(value[name] as JsonValue, [keyword, name])]); // a key of its own
  }

  inner(value: JsonValue, way: readonly string[]): Schema {
    const place = way.reduce<Place | undefined>((outer, token) => ({ outer, token }), this.spot.place);
    const resource = this.spot.resource.document.resourceOf(value) ?? this.spot.resource;
    return this.make({ value, place, resource });
  }

  /** RE2's syntax and time, as Go's regexp package has them. */
  regexp(expression: string, keyword: string): GoRegexp {
    try {
      return goRegexp(expression);
    } catch (thrown) {
      const at = `${addressOf(this.spot.resource.document.url, this.spot.place)}/${escapePath(escapeToken(keyword))}`;
      throw refused(`invalid regex ${quote(expression)} at ${quote(at)}: ${messageOf(thrown)}`, thrown);
    }
  }
}

const textsOf = (value: JsonValue | undefined): string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];

function compileApplicators(schema: Schema, parts: Parts): void {
  const { draft } = schema;
  schema.allOf = parts.list("allOf");
  schema.anyOf = parts.list("anyOf");
  schema.oneOf = parts.list("oneOf");
  schema.not = parts.schema("not");
  const properties = parts.named("properties");
  if (properties.length > 0) schema.properties = new Map(properties);
  schema.patterns = parts
    .named("patternProperties")
    .map(([name, inner]) => ({ regexp: parts.regexp(name, "patternProperties"), schema: inner }));
  schema.additionalProperties = boolOrSchema(parts, "additionalProperties");
  compileItems(schema, parts);
  const dependencies = parts.get("dependencies");
  if (isObject(dependencies)) {
    schema.dependencies = Object.keys(dependencies)
      .sort()
      .map((name) => {
        const value = dependencies[name] as JsonValue; // a key of its own
        return [name, Array.isArray(value) ? textsOf(value) : parts.inner(value, ["dependencies", name])];
      });
  }
  if (draft >= 6) {
    schema.contains = parts.schema("contains");
    schema.propertyNames = parts.schema("propertyNames");
  }
  if (draft >= 7) {
    schema.if = parts.schema("if");
    schema.ifTrue = schema.if && parts.schema("then");
    schema.ifFalse = schema.if && parts.schema("else");
  }
  if (draft < 2019) return;
  schema.dependentSchemas = parts.named("dependentSchemas");
  schema.unevaluatedItems = parts.schema("unevaluatedItems");
  schema.unevaluatedProperties = parts.schema("unevaluatedProperties");
}

function boolOrSchema(parts: Parts, keyword: string): boolean | Schema | undefined {
  const value = parts.get(keyword);
  return typeof value === "boolean" ? value : parts.schema(keyword);
}

function compileItems(schema: Schema, parts: Parts): void {
  if (schema.draft >= 2020) {
    schema.tuple = parts.list("prefixItems");
    schema.items = parts.schema("items");
  } else if (Array.isArray(parts.get("items"))) {
    schema.tuple = parts.list("items");
    schema.items = boolOrSchema(parts, "additionalItems");
  } else schema.items = parts.schema("items");
}

function compileAssertions(schema: Schema, parts: Parts): void {
  const type = parts.get("type");
  if (type !== undefined) schema.types = new Set(typeof type === "string" ? [type] : textsOf(type));
  const choices = parts.get("enum");
  if (Array.isArray(choices)) schema.enum = choices;
  if (schema.draft >= 6) schema.const = parts.get("const");
  schema.multipleOf = parts.amount("multipleOf");
  compileLimits(schema, parts);
  for (const keyword of counts) schema[keyword] = parts.count(keyword);
  const pattern = parts.get("pattern");
  if (typeof pattern === "string") schema.pattern = parts.regexp(pattern, "pattern");
  schema.uniqueItems = parts.get("uniqueItems") === true;
  schema.required = parts.texts("required");
  if (schema.draft < 2019) return;
  if (schema.contains) {
    schema.minContains = parts.count("minContains");
    schema.maxContains = parts.count("maxContains");
  }
  const dependent = parts.get("dependentRequired");
  if (!isObject(dependent)) return;
  const names = Object.keys(dependent).sort();
  schema.dependentRequired = names.map((name) => [name, textsOf(dependent[name])]);
}

/** Keywords that refuse nothing. */
const says = new Set(["title", "description", "default", "examples", "$comment", "deprecated"]);

const counts = ["minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"] as const;

/** In draft 4 the exclusive ones say of the others that they are; later they are limits themselves. */
function compileLimits(schema: Schema, parts: Parts): void {
  const [maximum, minimum] = [parts.amount("maximum"), parts.amount("minimum")];
  const isBelow = parts.get("exclusiveMaximum") === true;
  const isAbove = parts.get("exclusiveMinimum") === true;
  schema.maximum = isBelow ? undefined : maximum;
  schema.exclusiveMaximum = isBelow ? maximum : parts.amount("exclusiveMaximum");
  schema.minimum = isAbove ? undefined : minimum;
  schema.exclusiveMinimum = isAbove ? minimum : parts.amount("exclusiveMinimum");
}

function formatOf(value: JsonObject): Format | undefined {
  const name = own(value, "format");
  if (typeof name !== "string") return undefined;
  return isRegexFormat(name) ? { name, problem: regexProblem } : formatNamed(name);
}

function regexProblem(text: string): string | undefined {
  try {
    goRegexp(text);
    return undefined;
  } catch (thrown) {
    return messageOf(thrown);
  }
}
