// Custom resources under their structural schema: pruning, defaulting and validation.
// Facts: k8s.io/apiextensions-apiserver pkg/apiserver/schema/{pruning,defaulting} and validation.

import { cloneJson, equalJson, isObject, type JsonObject, type JsonValue, own, setOwn } from "@plumbline/core/model";
import { fieldType, itemType, namedType, type TypeNode } from "@plumbline/core/schema";
import { toTyped } from "./convert.ts";

/** An object in its stored form, and the fields that its schema does not have. */
export interface PrunedObject {
  readonly value: JsonObject;
  readonly unknown: readonly string[];
}

/** Drops fields the schema does not have and types metadata; throws `DecodeError` for wrong metadata. */
export function pruneCustom(node: TypeNode, object: JsonObject): PrunedObject {
  const unknown: string[] = [];
  const { apiVersion, kind, metadata, ...rest } = object;
  const pruned = prune({ unknown, path: "" }, node, rest);
  const typed = isObject(metadata) ? typedMetadata(metadata) : { value: {}, unknown: [] };
  const value: JsonObject = { apiVersion: apiVersion ?? "", kind: kind ?? "", metadata: typed.value };
  if (isObject(pruned)) for (const key of Object.keys(pruned)) setOwn(value, key, own(pruned, key) ?? null);
  return { value, unknown: [...typed.unknown, ...unknown] };
}

function typedMetadata(metadata: JsonObject): PrunedObject {
  const node = namedType("meta.v1.ObjectMeta");
  if (!node) return { value: metadata, unknown: [] };
  const typed = toTyped(node, metadata);
  return { value: typed.value, unknown: typed.unknown.map((path) => `metadata.${path}`) };
}

interface Walk {
  readonly unknown: string[];
  readonly path: string;
}

function prune(walk: Walk, node: TypeNode, value: JsonValue): JsonValue {
  if (Array.isArray(value)) {
    const type = itemType(node);
    return node.items ? value.map((item, i) => prune({ ...walk, path: `${walk.path}[${i}]` }, type, item)) : value;
  }
  if (!isObject(value)) return value;
  const out: JsonObject = {};
  for (const key of Object.keys(value)) {
    const path = walk.path === "" ? key : `${walk.path}.${key}`;
    const type = node.fields?.get(key)?.type ?? node.extra;
    if (type) setOwn(out, key, prune({ ...walk, path }, type, own(value, key) ?? null));
    else if (node.preservesUnknown) setOwn(out, key, own(value, key) ?? null);
    else walk.unknown.push(path);
  }
  return out;
}

/** Fills in the schema's defaults; nulls of fields that are not nullable and have a default are replaced too. */
export function defaultCustom(node: TypeNode, value: JsonValue): JsonValue {
  if (Array.isArray(value)) {
    const type = itemType(node);
    return node.items ? value.map((item) => defaultCustom(type, item)) : value;
  }
  if (!isObject(value)) return value;
  const out: JsonObject = {};
  for (const key of Object.keys(value)) {
    const present = own(value, key) ?? null;
    const field = node.fields?.get(key);
    if (present === null && field?.default !== undefined && !field.type.nullable) continue;
    const type = fieldType(node, key);
    setOwn(out, key, type && key !== "metadata" ? defaultCustom(type, present) : present);
  }
  for (const [key, field] of node.fields ?? []) {
    if (field.default === undefined || Object.hasOwn(out, key)) continue;
    setOwn(out, key, defaultCustom(field.type, cloneJson(field.default)));
  }
  return out;
}

/** Drops nulls that the schema does not allow, as a server does when it stores an object that apply merged. */
export function dropNulls(node: TypeNode, value: JsonValue): JsonValue {
  if (Array.isArray(value)) return node.items ? value.map((item) => dropNulls(itemType(node), item)) : value;
  if (!isObject(value)) return value;
  const out: JsonObject = {};
  for (const key of Object.keys(value)) {
    const present = own(value, key) ?? null;
    const field = node.fields?.get(key);
    if (present === null && field && !field.type.nullable) continue;
    const type = fieldType(node, key);
    setOwn(out, key, type ? dropNulls(type, present) : present);
  }
  return out;
}

/** Whether two objects differ in anything but metadata and status: what makes a new generation. */
export function differsInSpec(a: JsonObject, b: JsonObject, hasStatus: boolean): boolean {
  const parts = (object: JsonObject): JsonObject => {
    const { metadata: _metadata, status, ...rest } = object;
    return hasStatus ? rest : { ...rest, ...(status === undefined ? {} : { status }) };
  };
  return !equalJson(parts(a), parts(b));
}
