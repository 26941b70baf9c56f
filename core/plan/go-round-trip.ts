// An object as it comes back from Go's types, through which Flux sends what it applies.

import {
  type Gvk,
  isObject,
  type JsonObject,
  type JsonValue,
  type Manifest,
  gvkOf,
  setOwn,
} from "@plumbline/core/model";
import { builtinType, type Field, itemType, type TypeNode } from "@plumbline/core/schema";
import { goScalar } from "./go-scalar.ts";

export interface RoundTrip {
  manifest: Manifest;
  /** False when a value has another type than its field; the manifest is then as it came, for the API server to refuse. */
  fits: boolean;
  /** Paths of fields that the type does not have and that are left out. */
  dropped: string[];
}

/** Flux leaves these as they are: their types lose rules on the way (kustomize-controller#1041). */
const untouched = new Set(["Role", "ClusterRole"]);
/** Their types are not among those that Flux knows. */
const unknownGroups = new Set(["apiextensions.k8s.io", "apiregistration.k8s.io"]);

/**
 * What Flux sends for an object of a built-in kind: fields that the type does not have are dropped, as are empty values
 * that Go leaves out, and structs that Go always writes are added (`spec: {}` of a Namespace, `strategy: {}` of a
 * Deployment). Without it a misspelt field that Flux never sent is refused by the API server, and taking over an object
 * gives up the ownership of such structs. Other kinds, and objects with a value of another type than their field's, come
 * back as they are. Source: apimachinery's DefaultUnstructuredConverter, fluxcd/pkg ssa/normalize.
 */
export function throughGoTypes(manifest: Manifest): RoundTrip {
  const gvk = gvkOf(manifest);
  const type = isConverted(gvk) ? builtinType(gvk) : undefined;
  const context: Context = { dropped: [], fits: true };
  const converted = type && convert(type, manifest, "", context);
  if (!converted || !context.fits || !isObject(converted)) return { manifest, fits: context.fits, dropped: [] };
  return { manifest: converted, fits: true, dropped: context.dropped };
}

function isConverted({ group, kind }: Gvk): boolean {
  if (unknownGroups.has(group)) return false;
  return group !== "rbac.authorization.k8s.io" || !untouched.has(kind);
}

interface Context {
  dropped: string[];
  /** False once a value has another type than its field: Go refuses the whole object then. */
  fits: boolean;
}

function convert(type: TypeNode, value: JsonValue, path: string, context: Context): JsonValue {
  if (type.fields && type.type === "object") return convertStruct(type, value, path, context);
  if (type.extra && type.type === "object") return convertMap(type.extra, value, path, context);
  if (type.type === "array") {
    if (!Array.isArray(value)) return misfit(value, context);
    const items = itemType(type);
    return value.map((item, index) =>
      item === null ? zeroOf(items) : convert(items, item, `${path}[${index}]`, context),
    );
  }
  return goScalar(type, value) ?? misfit(value, context);
}

function misfit(value: JsonValue, context: Context): JsonValue {
  context.fits = false;
  return value;
}

function convertStruct(type: TypeNode, value: JsonValue, path: string, context: Context): JsonValue {
  const given = value ?? {};
  if (!isObject(given)) return misfit(value, context);
  const result: JsonObject = {};
  for (const key of Object.keys(given)) {
    if (!type.fields?.has(key)) context.dropped.push(path === "" ? key : `${path}.${key}`);
  }
  for (const [name, field] of type.fields ?? []) {
    const written = writeField(
      field,
      Object.hasOwn(given, name) ? given[name] : undefined,
      path === "" ? name : `${path}.${name}`,
      context,
    );
    if (written !== undefined) result[name] = written;
  }
  return result;
}

function writeField(field: Field, given: JsonValue | undefined, path: string, context: Context): JsonValue | undefined {
  if (given === undefined || given === null) return absent(field);
  const value = convert(field.type, given, path, context);
  return field.write === "omit-empty" && isEmpty(field.type, value) ? undefined : value;
}

/** What Go writes for a field that is not set. */
function absent({ type, write }: Field): JsonValue | undefined {
  if (write === "null") return null;
  return write === "zero" ? zeroOf(type) : undefined;
}

/** Go's zero value of a type; also what a null becomes in a list or map. */
function zeroOf(type: TypeNode): JsonValue {
  if (type.fields) return convertStruct(type, {}, "", { dropped: [], fits: true });
  if (type.format === "quantity") return "0";
  if (type.format === "int-or-string") return 0;
  if (type.format === "date-time" || type.format === "byte") return null;
  const zeros: Record<string, JsonValue> = { string: "", integer: 0, number: 0, boolean: false };
  return zeros[type.type] ?? null;
}

function isEmpty(type: TypeNode, value: JsonValue): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (isObject(value)) return type.fields === undefined && Object.keys(value).length === 0;
  return value === "" || value === 0 || value === false;
}

function convertMap(type: TypeNode, value: JsonValue, path: string, context: Context): JsonValue {
  if (!isObject(value)) return misfit(value, context);
  const result: JsonObject = {};
  for (const [key, entry] of Object.entries(value)) {
    setOwn(result, key, entry === null ? zeroOf(type) : convert(type, entry, `${path}.${key}`, context));
  }
  return result;
}
