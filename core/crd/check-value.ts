// Checks a value against one of our schemas and fills in its defaults, as the API server would.

import { isObject, type JsonArray, type JsonObject, type JsonValue, own, setOwn } from "@plumbline/core/model";
import type { Schema } from "./schema.ts";

/** What is wrong, and at which field path (`spec.images[0].name`). */
export interface Problem {
  field: string;
  message: string;
}

export interface Checked {
  /** A new value: defaults filled in, unknown fields and nulls left out, as the API server stores it. */
  value: JsonValue;
  problems: Problem[];
}

/** Checks all of a value; every problem is reported, in the order of the fields in the schema. */
export function checkValue(schema: Schema, value: JsonValue, field: string): Checked {
  const problems: Problem[] = [];
  return { value: visit(schema, value, { field, problems }), problems };
}

interface Place {
  field: string;
  problems: Problem[];
}

function visit(schema: Schema, value: JsonValue, place: Place): JsonValue {
  if (!hasType(schema, value)) {
    place.problems.push({ field: place.field, message: `must be ${article(schema.type)}, is ${describe(value)}` });
    return value;
  }
  if (Array.isArray(value)) return visitList(schema, value, place);
  if (isObject(value)) return visitObject(schema, value, place);
  if (typeof value === "string") checkText(schema, value, place);
  if (typeof value === "number" && schema.minimum !== undefined && value < schema.minimum) {
    place.problems.push({ field: place.field, message: `must be at least ${schema.minimum}, is ${value}` });
  }
  return value;
}

function visitList(schema: Schema, list: JsonArray, place: Place): JsonArray {
  const { items, maxItems } = schema;
  if (maxItems !== undefined && list.length > maxItems) {
    place.problems.push({ field: place.field, message: `must have at most ${maxItems} entries, has ${list.length}` });
  }
  if (!items) return list;
  return list.map((item, index) => visit(items, item, { ...place, field: `${place.field}[${index}]` }));
}

function visitObject(schema: Schema, object: JsonObject, place: Place): JsonObject {
  const result: JsonObject = {};
  const { maxProperties } = schema;
  if (maxProperties !== undefined && Object.keys(object).length > maxProperties) {
    place.problems.push({ field: place.field, message: `must have at most ${maxProperties} entries` });
  }
  if (schema.additionalProperties) {
    for (const [key, value] of Object.entries(object)) {
      if (value === null) continue;
      setOwn(result, key, visit(schema.additionalProperties, value, { ...place, field: `${place.field}.${key}` }));
    }
    return result;
  }
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const value = own(object, name) ?? property.default ?? null;
    const field = `${place.field}.${name}`;
    if (value !== null) result[name] = visit(property, value, { ...place, field });
    else if (schema.required?.includes(name)) place.problems.push({ field, message: "is required" });
  }
  return result;
}

function checkText(schema: Schema, text: string, place: Place): void {
  const { field, problems } = place;
  if (schema.enum && !schema.enum.includes(text)) {
    problems.push({ field, message: `must be one of ${schema.enum.join(", ")}, is ${quote(text)}` });
  }
  if (schema.pattern !== undefined && !new RegExp(schema.pattern, "u").test(text)) {
    problems.push({ field, message: `must match ${schema.pattern}, is ${quote(text)}` });
  }
  const length = Array.from(text).length;
  if (schema.minLength !== undefined && length < schema.minLength)
    problems.push({ field, message: "must not be empty" });
  if (schema.maxLength !== undefined && length > schema.maxLength) {
    problems.push({ field, message: `must have at most ${schema.maxLength} characters, has ${length}` });
  }
}

function hasType(schema: Schema, value: JsonValue): boolean {
  switch (schema.type) {
    case "object":
      return isObject(value);
    case "array":
      return Array.isArray(value);
    case "integer":
      return typeof value === "number" && Number.isInteger(value);
    default:
      return typeof value === schema.type;
  }
}

function article(type: Schema["type"]): string {
  return {
    object: "a mapping",
    array: "a list",
    string: "a text",
    boolean: "true or false",
    integer: "a whole number",
  }[type];
}

function describe(value: JsonValue): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (isObject(value)) return "a mapping";
  return typeof value === "string" ? `the text ${quote(value)}` : `the ${typeof value} ${String(value)}`;
}

const longestQuote = 80;

/** What looks like an address may hold a password, and is not repeated. */
function quote(text: string): string {
  if (/@|:\/\//u.test(text)) return "another text";
  return JSON.stringify(text.length > longestQuote ? `${text.slice(0, longestQuote)}…` : text);
}
