// Takes a value into a built-in type and writes it as a server does: unknown fields dropped, values in canonical
// spelling, empty ones left out or zero ones written as the Go types say.

import { isObject, type JsonObject, type JsonValue, own, setOwn } from "@plumbline/core/model";
import { canonicalQuantity, type Field, itemType, type TypeNode } from "@plumbline/core/schema";
import { defaulters } from "../kinds/defaults.ts";
import { canonicalTime } from "./timestamp.ts";

/** What was met on the way: fields the type does not have, as `spec.foo`. */
export interface Conversion {
  readonly value: JsonObject;
  readonly unknown: readonly string[];
}

/** A value of the wrong kind; `message` is the decoder's sentence. */
export class DecodeError extends TypeError {}

interface Walk {
  /** Fills in what a server defaults; an applied configuration is read without. */
  readonly defaults: boolean;
  readonly unknown: string[];
  readonly path: string[];
  /** Go's name of the innermost struct, for messages. */
  struct: string;
}

/**
 * The object in its stored form, with defaults. Throws `DecodeError` for a value of the wrong kind. The order of keys
 * is the server's.
 */
export function toStored(node: TypeNode, object: JsonObject): Conversion {
  const unknown: string[] = [];
  return { value: writeStruct({ unknown, path: [], struct: "", defaults: true }, node, object), unknown };
}

/** As `toStored`, without defaults: for a part such as metadata, or to find mistakes in a configuration. */
export function toTyped(node: TypeNode, object: JsonObject): Conversion {
  const unknown: string[] = [];
  return { value: writeStruct({ unknown, path: [], struct: "", defaults: false }, node, object), unknown };
}

function fail(walk: Walk, value: JsonValue, goType: string): never {
  const kind = Array.isArray(value) ? "array" : isObject(value) ? "object" : jsonKind(value);
  throw new DecodeError(
    `json: cannot unmarshal ${kind} into Go struct field ${walk.struct}.${formatWalk(walk)} of type ${goType}`,
  );
}

function jsonKind(value: JsonValue): string {
  switch (typeof value) {
    case "string":
      return "string";
    case "boolean":
      return "bool";
    default:
      return "number";
  }
}

function formatWalk(walk: Walk): string {
  return walk.path.filter((part) => !part.startsWith("[") && !part.startsWith("{")).join(".");
}

function writeStruct(walk: Walk, node: TypeNode, given: JsonObject): JsonObject {
  const out: JsonObject = {};
  const outer = walk.struct;
  walk.struct = node.name.slice(node.name.lastIndexOf(".") + 1);
  const object = walk.defaults ? withDefaults(node, given) : given;
  for (const field of node.fields?.values() ?? []) {
    const value = own(object, field.name);
    walk.path.push(field.name);
    const written = value === undefined || value === null ? absentValue(walk, field) : writeField(walk, field, value);
    if (written !== undefined) out[field.name] = written;
    walk.path.pop();
  }
  for (const key of Object.keys(object)) {
    if (node.fields?.has(key)) continue;
    if (node.preservesUnknown) setOwn(out, key, own(object, key) ?? null);
    else walk.unknown.push(formatPath([...walk.path, key]));
  }
  walk.struct = outer;
  return out;
}

function formatPath(parts: readonly string[]): string {
  return parts
    .map((part) => part.replace(/^\{/, ""))
    .reduce((text, part) => (text === "" || part.startsWith("[") ? text + part : `${text}.${part}`), "");
}

/** A copy with the defaults of its own type; those of the types below come when they are written. */
function withDefaults(node: TypeNode, given: JsonObject): JsonObject {
  const defaulter = Object.hasOwn(defaulters, node.name) ? defaulters[node.name] : undefined;
  if (!defaulter) return given;
  const copy = { ...given };
  defaulter(copy);
  return copy;
}

function absentValue(walk: Walk, field: Field): JsonValue | undefined {
  if (walk.defaults && isRealDefault(field.default)) return field.default;
  if (field.write === "null") return null;
  return field.write === "zero" ? zeroOf(walk, field.type) : undefined;
}

/** The documents also call Go's zero values defaults. */
function isRealDefault(value: JsonValue | undefined): value is JsonValue {
  return value !== undefined && !isEmptyValue(value);
}

/** What Go writes for a value that was never set. */
function zeroOf(walk: Walk, node: TypeNode): JsonValue {
  if (node.format === "quantity") return "0";
  if (node.format === "int-or-string") return 0;
  if (isTime(node) || node.name === "runtime.RawExtension") return null;
  switch (node.type) {
    case "string":
      return node.name === "meta.v1.Duration" ? "0s" : "";
    case "integer":
    case "number":
      return 0;
    case "boolean":
      return false;
    case "object":
      return node.fields ? writeStruct(walk, node, {}) : null;
    default:
      return null;
  }
}

function isTime(node: TypeNode): boolean {
  return node.name === "meta.v1.Time" || node.name === "meta.v1.MicroTime";
}

function writeField(walk: Walk, field: Field, value: JsonValue): JsonValue | undefined {
  const isUnset = walk.defaults && value === "" && isRealDefault(field.default);
  const written = writeValue(walk, field.type, isUnset ? (field.default ?? value) : value);
  return field.write === "omit-empty" && isEmptyValue(written) ? undefined : written;
}

function isEmptyValue(value: JsonValue): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (isObject(value)) return Object.keys(value).length === 0;
  return value === "" || value === 0 || value === false || value === null;
}

function writeValue(walk: Walk, node: TypeNode, value: JsonValue): JsonValue {
  switch (node.type) {
    case "object":
      if (!isObject(value)) return fail(walk, value, goTypeOf(node));
      return node.fields ? writeStruct(walk, node, value) : writeMap(walk, node, value);
    case "array":
      return writeList(walk, node, value);
    case "string":
      return writeString(walk, node, value);
    case "integer":
      if (typeof value !== "number" && typeof value !== "bigint") return fail(walk, value, node.format || "int64");
      if (typeof value === "number" && !Number.isInteger(value)) return fail(walk, value, node.format || "int64");
      return value;
    case "number":
      return typeof value === "number" || typeof value === "bigint" ? value : fail(walk, value, "float64");
    case "boolean":
      return typeof value === "boolean" ? value : fail(walk, value, "bool");
    case "":
      return writeOpen(walk, node, value);
  }
}

function goTypeOf(node: TypeNode): string {
  if (node.name !== "") return node.name.split(".").slice(-2).join(".");
  return node.extra ? `map[string]${node.extra.type}` : "map[string]interface {}";
}

function writeMap(walk: Walk, node: TypeNode, map: JsonObject): JsonObject {
  const { extra } = node;
  const out: JsonObject = {};
  for (const key of Object.keys(map).sort()) {
    const value = own(map, key) ?? null;
    walk.path.push(`{${key}`);
    setOwn(out, key, extra && value !== null ? writeValue(walk, extra, value) : extra ? zeroOf(walk, extra) : value);
    walk.path.pop();
  }
  return out;
}

function writeList(walk: Walk, node: TypeNode, value: JsonValue): JsonValue {
  if (!Array.isArray(value)) return fail(walk, value, `[]${goTypeOf(itemType(node))}`);
  const type = itemType(node);
  return value.map((item, i) => {
    walk.path.push(`[${i}]`);
    const written = item === null ? zeroOf(walk, type) : writeValue(walk, type, item);
    walk.path.pop();
    return written;
  });
}

function writeString(walk: Walk, node: TypeNode, value: JsonValue): JsonValue {
  if (typeof value !== "string") return fail(walk, value, "string");
  if (node.format === "byte") checkBase64(value);
  if (!isTime(node)) return value;
  const isMicro = node.name === "meta.v1.MicroTime";
  const time = canonicalTime(value, isMicro);
  if (time !== undefined && !(isMicro && !/\.\d{6}/.test(value))) return time;
  if (isMicro && time !== undefined) {
    const rest = value.slice(19);
    throw new DecodeError(
      `parsing time ${JSON.stringify(value)} as "2006-01-02T15:04:05.000000Z07:00": cannot parse ${JSON.stringify(rest)} as ".000000"`,
    );
  }
  throw new DecodeError(
    `parsing time ${JSON.stringify(value)} as "2006-01-02T15:04:05Z07:00": cannot parse ${JSON.stringify(value)} as "2006"`,
  );
}

/** Bytes are base64 with padding; line breaks are allowed, as Go's decoder skips them. */
function checkBase64(text: string): void {
  const bad = text.search(/[^A-Za-z0-9+/=\r\n]/);
  const clean = text.replace(/[\r\n]/g, "");
  const isWhole = /^[A-Za-z0-9+/]*={0,2}$/.test(clean) && clean.length % 4 === 0;
  if (bad < 0 && isWhole) return;
  throw new DecodeError(
    `illegal base64 data at input byte ${bad < 0 ? Math.max(0, clean.length - (clean.length % 4)) : bad}`,
  );
}

function writeOpen(walk: Walk, node: TypeNode, value: JsonValue): JsonValue {
  if (node.format === "quantity") {
    if (typeof value !== "string" && typeof value !== "number") return fail(walk, value, "resource.Quantity");
    try {
      return canonicalQuantity(String(value));
    } catch (thrown) {
      if (thrown instanceof SyntaxError) throw new DecodeError(thrown.message, { cause: thrown });
      throw thrown;
    }
  }
  if (node.format === "int-or-string" && typeof value !== "string" && typeof value !== "number") {
    return fail(walk, value, "intstr.IntOrString");
  }
  return value;
}
