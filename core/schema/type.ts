// One node of a type: what may stand at a place of an object, and how values there merge.

import type { JsonObject, JsonValue } from "@plumbline/core/model";

export type ScalarType = "string" | "integer" | "number" | "boolean";

/**
 * A node of a structural schema, for built-in types and CRDs alike. Children are resolved when first read, so that
 * recursive types cost nothing.
 */
export interface TypeNode {
  /** Short name such as `core.v1.PodSpec`; empty for an unnamed node. */
  readonly name: string;
  /** The empty string accepts any value. */
  readonly type: ScalarType | "object" | "array" | "";
  /** `int-or-string`, `quantity`, `date-time`, `byte`, `int32`, `embedded` (a whole object) and so on; or empty. */
  readonly format: string;
  /** Declared fields in the order a server writes them; undefined when the node declares none. */
  readonly fields: ReadonlyMap<string, Field> | undefined;
  /** Type of the values of undeclared keys: a map. Undefined: undeclared keys are unknown. */
  readonly extra: TypeNode | undefined;
  /** Undeclared keys are kept and merge by their values' own shape. */
  readonly preservesUnknown: boolean;
  readonly items: TypeNode | undefined;
  readonly listType: "atomic" | "set" | "map";
  readonly listKeys: readonly string[];
  readonly mapType: "atomic" | "granular";
  readonly nullable: boolean;
  readonly required: readonly string[];
  readonly enum: readonly JsonValue[] | undefined;
  /** The CRD's own schema at this node, for validation; undefined for built-in types. */
  readonly source: JsonObject | undefined;
}

/**
 * What a server does with an absent or empty value when it writes the object: `pointer` leaves out absent values,
 * `omit-empty` also empty ones, `zero` writes the type's zero value, `null` writes null.
 */
export type WriteMode = "pointer" | "omit-empty" | "zero" | "null";

export interface Field {
  readonly name: string;
  readonly type: TypeNode;
  readonly write: WriteMode;
  /** The schema's default; undefined when there is none. */
  readonly default: JsonValue | undefined;
  /** Strategic merge patch: `merge`, `replace`, `retainKeys` or `merge,retainKeys`; undefined is replace. */
  readonly patchStrategy: string | undefined;
  readonly patchMergeKey: string | undefined;
  /** The way to the field in the type's protobuf message; more than one number where Go embeds a struct. */
  readonly protobuf: readonly number[];
}

const untyped: Omit<TypeNode, "name" | "mapType" | "extra"> = {
  type: "",
  format: "",
  fields: undefined,
  preservesUnknown: true,
  items: undefined,
  listType: "atomic",
  listKeys: [],
  nullable: true,
  required: [],
  enum: undefined,
  source: undefined,
};

/** Any value; maps merge key by key, lists are replaced whole. */
export const deducedType: TypeNode = { ...untyped, name: "", mapType: "granular", extra: undefined };
/** Any value, replaced whole. */
export const atomicType: TypeNode = { ...untyped, name: "", mapType: "atomic", extra: undefined };

/** The node below a key of a map, or undefined when the key is not known there. */
export function fieldType(node: TypeNode, key: string): TypeNode | undefined {
  const field = node.fields?.get(key);
  if (field) return field.type;
  if (node.extra) return node.extra;
  if (!node.preservesUnknown) return undefined;
  return node.type === "" && node.mapType === "atomic" ? atomicType : deducedType;
}

/** The node of a list's items. */
export function itemType(node: TypeNode): TypeNode {
  return node.items ?? atomicType;
}
