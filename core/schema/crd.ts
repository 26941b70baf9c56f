// The type of a custom resource out of its CRD's structural schema.

import { dig, digString, type Gvk, isObject, type JsonObject, type JsonValue, own } from "@plumbline/core/model";
import { namedType } from "./builtin.ts";
import { deducedType, type Field, type ScalarType, type TypeNode } from "./type.ts";

/** How deep a CRD's schema may nest; a server refuses deeper ones. */
export const maxSchemaDepth = 100;

/**
 * The type of one version of a CRD: `schema` is `spec.versions[].schema.openAPIV3Schema`. apiVersion, kind and metadata
 * are typed as in every object. Without a schema every field is accepted.
 */
export function crdType(gvk: Gvk, schema: JsonValue | undefined): TypeNode {
  const root = isObject(schema) ? schemaNode(schema, maxSchemaDepth) : { ...deducedType, type: "object" as const };
  return { ...root, name: `${gvk.group}.${gvk.version}.${gvk.kind}`, fields: withObjectFields(root.fields) };
}

/** The schema of a version inside a CRD object; undefined when the CRD does not have that version. */
export function crdVersionSchema(crd: JsonObject, version: string): JsonValue | undefined {
  const versions = dig(crd, "spec", "versions");
  if (!Array.isArray(versions)) return undefined;
  const found = versions.find((v) => digString(v, "name") === version);
  return dig(found, "schema", "openAPIV3Schema");
}

function withObjectFields(fields: TypeNode["fields"]): ReadonlyMap<string, Field> {
  const all = new Map<string, Field>([
    ["apiVersion", plainField("apiVersion", stringType)],
    ["kind", plainField("kind", stringType)],
    ["metadata", plainField("metadata", namedType("meta.v1.ObjectMeta") ?? deducedType)],
  ]);
  for (const [name, field] of fields ?? []) if (!all.has(name)) all.set(name, field);
  return all;
}

const stringType: TypeNode = { ...deducedType, type: "string", preservesUnknown: false, nullable: false };

function plainField(name: string, type: TypeNode, value?: JsonValue): Field {
  return {
    name,
    type,
    write: "pointer",
    default: value,
    patchStrategy: undefined,
    patchMergeKey: undefined,
    protobuf: [],
  };
}

function schemaNode(schema: JsonObject, depth: number): TypeNode {
  const preserves = own(schema, "x-kubernetes-preserve-unknown-fields") === true;
  const type = own(schema, "x-kubernetes-int-or-string") === true ? "" : typeName(own(schema, "type"));
  const properties = own(schema, "properties");
  const extra = own(schema, "additionalProperties");
  const items = own(schema, "items");
  const embedded = own(schema, "x-kubernetes-embedded-resource") === true;
  const fields = isObject(properties) ? readFields(properties, depth) : undefined;
  const hasShape = fields !== undefined || extra !== undefined;
  return {
    name: "",
    type,
    format: own(schema, "x-kubernetes-int-or-string") === true ? "int-or-string" : formatOf(schema, embedded),
    fields: embedded ? withObjectFields(fields) : fields,
    extra: isObject(extra) ? child(extra, depth) : extra === true ? deducedType : undefined,
    preservesUnknown: preserves || (type === "" && !hasShape),
    items: isObject(items) ? child(items, depth) : undefined,
    listType: listTypeOf(own(schema, "x-kubernetes-list-type")),
    listKeys: strings(own(schema, "x-kubernetes-list-map-keys")),
    mapType: own(schema, "x-kubernetes-map-type") === "atomic" ? "atomic" : "granular",
    nullable: own(schema, "nullable") === true,
    required: strings(own(schema, "required")),
    enum: listOf(own(schema, "enum")),
    source: schema,
  };
}

function child(schema: JsonObject, depth: number): TypeNode {
  return depth === 0 ? deducedType : schemaNode(schema, depth - 1);
}

function readFields(properties: JsonObject, depth: number): Map<string, Field> {
  const fields = new Map<string, Field>();
  for (const name of Object.keys(properties)) {
    const schema = own(properties, name);
    if (isObject(schema)) fields.set(name, plainField(name, child(schema, depth), own(schema, "default")));
  }
  return fields;
}

function formatOf(schema: JsonObject, embedded: boolean): string {
  return embedded ? "embedded" : (digString(schema, "format") ?? "");
}

function typeName(value: JsonValue | undefined): TypeNode["type"] {
  const known: readonly (ScalarType | "object" | "array")[] = [
    "string",
    "integer",
    "number",
    "boolean",
    "object",
    "array",
  ];
  return known.find((name) => name === value) ?? "";
}

function listTypeOf(value: JsonValue | undefined): TypeNode["listType"] {
  return value === "set" || value === "map" ? value : "atomic";
}

function strings(value: JsonValue | undefined): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

function listOf(value: JsonValue | undefined): JsonValue[] | undefined {
  return Array.isArray(value) ? value : undefined;
}
