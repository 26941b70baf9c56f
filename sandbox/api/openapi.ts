// OpenAPI v3 documents, made from the types the sandbox knows: what kubectl asks for validation, apply and explain.

import { formatApiVersion, isObject, type JsonObject } from "@plumbline/core/model";
import type { TypeNode } from "@plumbline/core/schema";
import type { Registry, Resource } from "./registry.ts";

/** Paths of the documents; `hash` changes when the resources do. */
export function openApiIndex(registry: Registry, hash: string): JsonObject {
  const paths: JsonObject = {};
  for (const resource of registry.all()) {
    const path = groupPath(resource);
    paths[path] = { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` };
  }
  return { paths };
}

function groupPath({ group, version }: { group: string; version: string }): string {
  return group === "" ? `api/${version}` : `apis/${group}/${version}`;
}

/** The document of one group and version; undefined when nothing is served there. */
export function openApiDocument(registry: Registry, path: string): JsonObject | undefined {
  const resources = [...registry.all()].filter((resource) => groupPath(resource) === path);
  if (resources.length === 0) return undefined;
  const schemas: JsonObject = {};
  const paths: JsonObject = {};
  for (const resource of resources) {
    const name = schemaName(resource);
    schemas[name] = { ...nodeSchema(schemas, resource.type), "x-kubernetes-group-version-kind": [gvk(resource)] };
    paths[objectPath(resource)] = objectPathItem(resource, name);
  }
  return { openapi: "3.0.0", info: { title: "Plumbline sandbox", version: "v1.36.3" }, paths, components: { schemas } };
}

function gvk({ group, version, kind }: Resource): JsonObject {
  return { group, version, kind };
}

function schemaName(resource: Resource): string {
  if (!resource.custom) return resource.typeName;
  return `${resource.group.split(".").reverse().join(".")}.${resource.version}.${resource.kind}`;
}

function objectPath(resource: Resource): string {
  const scope = resource.namespaced ? "/namespaces/{namespace}" : "";
  return `/${groupPath(resource)}${scope}/${resource.plural}/{name}`;
}

function objectPathItem(resource: Resource, name: string): JsonObject {
  const schema = { $ref: `#/components/schemas/${name}` };
  const ok = { 200: { description: "OK", content: { "application/json": { schema } } } };
  const query = ["dryRun", "fieldManager", "fieldValidation", "force"].map((parameter) => ({
    name: parameter,
    in: "query",
    schema: { type: parameter === "force" ? "boolean" : "string", uniqueItems: true },
  }));
  const extension = { "x-kubernetes-group-version-kind": gvk(resource) };
  return {
    get: { responses: ok, "x-kubernetes-action": "get", ...extension },
    put: { parameters: query, responses: ok, "x-kubernetes-action": "put", ...extension },
    patch: { parameters: query, responses: ok, "x-kubernetes-action": "patch", ...extension },
  };
}

/** The schema of a node; named types go to the components once. */
function nodeSchema(schemas: JsonObject, node: TypeNode): JsonObject {
  if (node.source) return withMetadata(node.source);
  const out: JsonObject = {};
  if (node.type !== "") out.type = node.type;
  if (node.format !== "" && node.format !== "quantity") out.format = node.format;
  if (node.format === "quantity") out.oneOf = [{ type: "string" }, { type: "number" }];
  if (node.format === "int-or-string") out.oneOf = [{ type: "integer" }, { type: "string" }];
  if (node.fields) out.properties = propertiesOf(schemas, node);
  if (node.extra) out.additionalProperties = reference(schemas, node.extra);
  if (node.items) out.items = reference(schemas, node.items);
  if (node.required.length > 0) out.required = [...node.required];
  if (node.type === "array") Object.assign(out, listExtensions(node));
  if (node.mapType === "atomic" && node.type === "object") out["x-kubernetes-map-type"] = "atomic";
  return out;
}

function listExtensions(node: TypeNode): JsonObject {
  const keys = node.listType === "map" ? { "x-kubernetes-list-map-keys": [...node.listKeys] } : {};
  return { "x-kubernetes-list-type": node.listType, ...keys };
}

function propertiesOf(schemas: JsonObject, node: TypeNode): JsonObject {
  const properties: JsonObject = {};
  for (const field of node.fields?.values() ?? []) {
    const type = reference(schemas, field.type);
    const isReference = Object.hasOwn(type, "$ref");
    const extra: JsonObject = {};
    if (field.default !== undefined) extra.default = field.default;
    if (field.patchStrategy !== undefined) extra["x-kubernetes-patch-strategy"] = field.patchStrategy;
    if (field.patchMergeKey !== undefined) extra["x-kubernetes-patch-merge-key"] = field.patchMergeKey;
    properties[field.name] = isReference ? { allOf: [type], ...extra } : { ...type, ...extra };
  }
  return properties;
}

function reference(schemas: JsonObject, node: TypeNode): JsonObject {
  if (node.name === "") return nodeSchema(schemas, node);
  if (!Object.hasOwn(schemas, node.name)) {
    schemas[node.name] = {};
    schemas[node.name] = nodeSchema(schemas, node);
  }
  return { $ref: `#/components/schemas/${node.name}` };
}

/** A CRD's schema with the fields that every object has. */
function withMetadata(source: JsonObject): JsonObject {
  const properties = isObject(source.properties) ? source.properties : {};
  const text = { type: "string" };
  return { ...source, properties: { apiVersion: text, kind: text, metadata: { type: "object" }, ...properties } };
}

/** Changes whenever a group, version or kind comes, goes or changes its schema. */
export function openApiHash(registry: Registry): string {
  let count = 0;
  let sum = 0;
  for (const resource of registry.all()) {
    count++;
    for (const char of `${formatApiVersion(resource)}/${resource.kind}`)
      sum = (Math.imul(sum, 31) + char.charCodeAt(0)) | 0;
    if (resource.custom) sum = (Math.imul(sum, 31) + JSON.stringify(resource.custom.entry).length) | 0;
  }
  return `${count}-${(sum >>> 0).toString(16)}`;
}
