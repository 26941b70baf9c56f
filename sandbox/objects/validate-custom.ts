// Validation of custom resources against their OpenAPI schema, in the words of an API server.
// Facts: k8s.io/kube-openapi pkg/validation, k8s.io/apiextensions-apiserver pkg/apiserver/validation.

import { equalJson, isObject, type JsonObject, type JsonValue, own, setOwn } from "@plumbline/core/model";
import { RE2JS, RE2JSSyntaxException } from "re2js";
import { type Cause, invalidValue, requiredValue } from "../api/refusal.ts";

/** Complaints about `value` under a schema; `path` is where it stands, such as `spec`. */
export function validateSchema(schema: JsonObject, value: JsonValue, path: string): Cause[] {
  const causes: Cause[] = [];
  check({ causes }, schema, { value, path });
  return causes;
}

interface Walk {
  readonly causes: Cause[];
}
interface Place {
  readonly value: JsonValue;
  readonly path: string;
}

function num(schema: JsonObject, key: string): number | undefined {
  const value = own(schema, key);
  return typeof value === "number" ? value : undefined;
}

function shown(value: JsonValue): string {
  if (isObject(value)) return "{}" === JSON.stringify(value) ? "{}" : JSON.stringify(value);
  return typeof value === "bigint" ? value.toString() : JSON.stringify(value);
}

function complain(walk: Walk, place: Place, why: string): void {
  walk.causes.push(invalidValue(place.path, shown(place.value), `${place.path} in body ${why}`));
}

function check(walk: Walk, schema: JsonObject, place: Place): void {
  const { value } = place;
  if (value === null) {
    if (own(schema, "nullable") !== true && own(schema, "type") !== undefined) complainType(walk, schema, place);
    return;
  }
  if (!hasType(schema, value)) return complainType(walk, schema, place);
  checkEnum(walk, schema, place);
  if (typeof value === "string") checkString(walk, schema, place);
  if (typeof value === "number" || typeof value === "bigint") checkNumber(walk, schema, place);
  if (Array.isArray(value)) checkList(walk, schema, place);
  if (isObject(value)) checkMap(walk, schema, place);
  checkCombined(walk, schema, place);
}

function complainType(walk: Walk, schema: JsonObject, place: Place): void {
  const wanted = typeText(schema);
  const got = place.value === null ? "null" : jsonType(place.value);
  walk.causes.push({
    reason: "FieldValueTypeInvalid",
    message: `Invalid value: ${place.value === null ? "null" : JSON.stringify(got)}: ${place.path} in body must be of type ${wanted}: ${JSON.stringify(got)}`,
    field: place.path,
  });
}

function typeText(schema: JsonObject): string {
  if (own(schema, "x-kubernetes-int-or-string") === true) return "integer,string";
  const type = own(schema, "type");
  return typeof type === "string" ? type : "";
}

function jsonType(value: JsonValue): string {
  if (Array.isArray(value)) return "array";
  if (isObject(value)) return "object";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value === "bigint" ? "integer" : typeof value;
}

function hasType(schema: JsonObject, value: JsonValue): boolean {
  const got = jsonType(value);
  if (own(schema, "x-kubernetes-int-or-string") === true) return got === "integer" || got === "string";
  const type = own(schema, "type");
  return type === undefined || type === got || (type === "number" && got === "integer");
}

function checkEnum(walk: Walk, schema: JsonObject, place: Place): void {
  const allowed = own(schema, "enum");
  if (!Array.isArray(allowed) || allowed.some((item) => equalJson(item, place.value))) return;
  const list = allowed.map(shown).join(", ");
  walk.causes.push({
    reason: "FieldValueNotSupported",
    message: `Unsupported value: ${shown(place.value)}: supported values: ${list}`,
    field: place.path,
  });
}

function checkString(walk: Walk, schema: JsonObject, place: Place): void {
  const text = String(place.value as string);
  const length = Array.from(text).length;
  const [min, max] = [num(schema, "minLength"), num(schema, "maxLength")];
  // One complaint about a text is enough for the server.
  if (max !== undefined && length > max) {
    const message = `Too long: may not be more than ${max} bytes`;
    return void walk.causes.push({ reason: "FieldValueTooLong", message, field: place.path });
  }
  if (min !== undefined && length < min) return complain(walk, place, `should be at least ${min} chars long`);
  const pattern = own(schema, "pattern");
  if (typeof pattern === "string" && !matchesPattern(pattern, text)) complain(walk, place, `should match '${pattern}'`);
  if (own(schema, "format") === "date-time" && Number.isNaN(Date.parse(text))) {
    complain(walk, place, `must be of type date-time: ${JSON.stringify(text)}`);
  }
}

const patterns = new Map<string, RE2JS | undefined>();
const maxPatterns = 1000;

/** Go's syntax, in linear time. A pattern that cannot be read matches nothing. */
function matchesPattern(pattern: string, text: string): boolean {
  if (patterns.size > maxPatterns) patterns.clear();
  if (!patterns.has(pattern)) patterns.set(pattern, compile(pattern));
  return patterns.get(pattern)?.matcher(text).find() ?? false;
}

/** Why a pattern cannot be read; undefined when it can. */
export function patternError(pattern: string): string | undefined {
  try {
    RE2JS.compile(pattern);
    return undefined;
  } catch (thrown) {
    if (thrown instanceof RE2JSSyntaxException) return thrown.message;
    throw thrown;
  }
}

function compile(pattern: string): RE2JS | undefined {
  try {
    return RE2JS.compile(pattern);
  } catch (thrown) {
    if (thrown instanceof RE2JSSyntaxException) return undefined;
    throw thrown;
  }
}

function checkNumber(walk: Walk, schema: JsonObject, place: Place): void {
  const value = Number(place.value);
  const [min, max, step] = [num(schema, "minimum"), num(schema, "maximum"), num(schema, "multipleOf")];
  const isOpenBelow = own(schema, "exclusiveMinimum") === true;
  const isOpenAbove = own(schema, "exclusiveMaximum") === true;
  if (min !== undefined && (value < min || (isOpenBelow && value === min))) {
    complain(walk, place, `should be greater than ${isOpenBelow ? "" : "or equal to "}${min}`);
  }
  if (max !== undefined && (value > max || (isOpenAbove && value === max))) {
    complain(walk, place, `should be less than ${isOpenAbove ? "" : "or equal to "}${max}`);
  }
  if (step !== undefined && value % step !== 0) complain(walk, place, `should be a multiple of ${step}`);
}

function checkList(walk: Walk, schema: JsonObject, place: Place): void {
  const list = place.value as JsonValue[];
  const [min, max] = [num(schema, "minItems"), num(schema, "maxItems")];
  if (min !== undefined && list.length < min) complain(walk, place, `should have at least ${min} items`);
  if (max !== undefined && list.length > max) {
    const message = `Too many: ${list.length}: must have at most ${max} items`;
    walk.causes.push({ reason: "FieldValueTooMany", message, field: place.path });
  }
  const items = own(schema, "items");
  if (isObject(items))
    for (const [i, value] of list.entries()) check(walk, items, { value, path: `${place.path}[${i}]` });
  const keys = own(schema, "x-kubernetes-list-map-keys");
  if (Array.isArray(keys))
    checkKeys(
      walk,
      keys.filter((key) => typeof key === "string"),
      { list, path: place.path },
    );
  if (own(schema, "uniqueItems") === true || own(schema, "x-kubernetes-list-type") === "set")
    checkUnique(walk, list, place);
}

/** Items of a keyed list whose key fields are all equal. */
function checkKeys(walk: Walk, keys: string[], { list, path }: { list: JsonValue[]; path: string }): void {
  const seen = new Set<string>();
  for (const [i, item] of list.entries()) {
    if (!isObject(item)) continue;
    const key: JsonObject = {};
    for (const name of keys) {
      const value = own(item, name);
      if (value !== undefined) setOwn(key, name, value);
    }
    const text = JSON.stringify(key);
    if (seen.has(text)) {
      walk.causes.push({ reason: "FieldValueDuplicate", message: `Duplicate value: ${text}`, field: `${path}[${i}]` });
    }
    seen.add(text);
  }
}

function checkUnique(walk: Walk, list: JsonValue[], place: Place): void {
  const seen = new Set<string>();
  for (const [i, item] of list.entries()) {
    const text = shown(item);
    if (seen.has(text)) {
      const field = `${place.path}[${i}]`;
      walk.causes.push({ reason: "FieldValueDuplicate", message: `Duplicate value: ${text}`, field });
    }
    seen.add(text);
  }
}

function checkMap(walk: Walk, schema: JsonObject, place: Place): void {
  const map = place.value as JsonObject;
  const at = (key: string): string => (place.path === "" ? key : `${place.path}.${key}`);
  const required = own(schema, "required");
  for (const key of Array.isArray(required) ? required : []) {
    if (typeof key === "string" && !Object.hasOwn(map, key)) walk.causes.push(requiredValue(at(key)));
  }
  const properties = own(schema, "properties");
  const extra = own(schema, "additionalProperties");
  for (const key of Object.keys(map)) {
    const declared = isObject(properties) ? own(properties, key) : undefined;
    const type = isObject(declared) ? declared : isObject(extra) ? extra : undefined;
    if (type) check(walk, type, { value: own(map, key) ?? null, path: at(key) });
  }
  const [min, max] = [num(schema, "minProperties"), num(schema, "maxProperties")];
  const count = Object.keys(map).length;
  if (min !== undefined && count < min) complain(walk, place, `should have at least ${min} properties`);
  if (max !== undefined && count > max) complain(walk, place, `should have at most ${max} properties`);
}

function checkCombined(walk: Walk, schema: JsonObject, place: Place): void {
  const passes = (part: JsonValue): boolean => {
    const causes: Cause[] = [];
    if (isObject(part)) check({ causes }, part, place);
    return causes.length === 0;
  };
  const [all, any, one, not] = ["allOf", "anyOf", "oneOf", "not"].map((key) => own(schema, key));
  if (Array.isArray(all)) for (const part of all) if (isObject(part)) check(walk, part, place);
  if (Array.isArray(any) && !any.some(passes)) complain(walk, place, "must validate at least one schema (anyOf)");
  if (Array.isArray(one) && one.filter(passes).length !== 1) {
    complain(walk, place, "must validate one and only one schema (oneOf)");
  }
  if (isObject(not) && passes(not)) complain(walk, place, "must not validate the schema (not)");
}
