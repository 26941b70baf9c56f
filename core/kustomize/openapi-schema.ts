// What the strategic merge asks an OpenAPI document: fields, list elements, merge keys; and which types have no
// namespace.

import { isObject, own, type JsonObject, type JsonValue } from "@plumbline/core/model";
import { parseYaml } from "@plumbline/core/yaml";
import { openApiFacts } from "./openapi-facts.ts";
import { isBuiltinClusterScoped, type ScopeOf } from "./gvk.ts";

/** The schema of one place in an object. */
export interface Schema {
  /** The schema of a field; undefined when the document does not know it. */
  field(name: string): Schema | undefined;
  elements(): Schema | undefined;
  /** `merge`, `replace`, `merge,retainKeys`, … or empty. */
  readonly strategy: string;
  readonly mergeKeys: readonly string[];
}

export interface OpenApi {
  /** The schema of a type; undefined for unknown ones. */
  schemaOf(apiVersion: string, kind: string): Schema | undefined;
  readonly isClusterScoped: ScopeOf;
}

type FactNode = 0 | 1 | string | ["L", string, string[], FactNode] | ["M", FactNode];
interface Facts {
  types: Record<string, Record<string, FactNode>>;
  kinds: Record<string, string>;
  known: string[];
}

const leaf: Schema = { field: () => undefined, elements: () => undefined, strategy: "", mergeKeys: [] };
const opaque: Schema = { field: () => opaque, elements: () => opaque, strategy: "", mergeKeys: [] };

function factSchemas(facts: Facts): (node: FactNode) => Schema {
  const made = new Map<FactNode, Schema>();
  const make = (node: FactNode): Schema => {
    if (node === 0) return leaf;
    if (node === 1) return opaque;
    if (typeof node === "string") {
      const fields = facts.types[node] ?? {};
      return {
        ...leaf,
        field: (name) => (Object.hasOwn(fields, name) ? schema(fields[name] as FactNode) : undefined),
      };
    }
    if (node[0] === "M") return { ...leaf, field: () => schema(node[1]) };
    return { field: () => undefined, elements: () => schema(node[3]), strategy: node[1], mergeKeys: node[2] };
  };
  const schema = (node: FactNode): Schema => {
    let found = made.get(node);
    if (!found) made.set(node, (found = make(node)));
    return found;
  };
  return schema;
}

let builtin: OpenApi | undefined;

/** The Kubernetes OpenAPI that kustomize has built in (v1.21.2). */
export function builtinOpenApi(): OpenApi {
  if (builtin) return builtin;
  let schemaOf: OpenApi["schemaOf"] | undefined;
  // The tables are read when the first strategic merge asks: most short builds never do.
  return (builtin = {
    schemaOf: (apiVersion, kind) => (schemaOf ??= readFacts())(apiVersion, kind),
    isClusterScoped: isBuiltinClusterScoped,
  });
}

function readFacts(): OpenApi["schemaOf"] {
  const facts = JSON.parse(openApiFacts) as Facts;
  const schema = factSchemas(facts);
  const known = new Set(facts.known);
  return (apiVersion, kind) => {
    const key = `${apiVersion}/${kind}`;
    if (Object.hasOwn(facts.kinds, key)) return schema(facts.kinds[key] as string);
    return known.has(key) ? opaque : undefined;
  };
}

const NEXT_CLUSTER_SCOPED = new Set([
  "admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy",
  "admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding",
]);

/** With the types that kustomize learned to be cluster-scoped after v5.8.1. */
export function nextOpenApi(): OpenApi {
  const known = builtinOpenApi();
  return {
    schemaOf: (apiVersion, kind) => known.schemaOf(apiVersion, kind),
    isClusterScoped: (apiVersion, kind) =>
      known.isClusterScoped(apiVersion, kind) || NEXT_CLUSTER_SCOPED.has(`${apiVersion}/${kind}`),
  };
}

const MAX_REFERENCES = 64;

class SwaggerSchema implements Schema {
  readonly #definitions: JsonObject;
  readonly #schema: JsonObject;

  constructor(schema: JsonObject, definitions: JsonObject) {
    this.#schema = schema;
    this.#definitions = definitions;
  }

  #resolve(value: JsonValue | undefined): Schema | undefined {
    let at = value;
    for (let i = 0; i < MAX_REFERENCES && isObject(at); i++) {
      const ref = own(at, "$ref");
      if (typeof ref !== "string" || ref === "") return new SwaggerSchema(at, this.#definitions);
      const name = ref.startsWith("#/definitions/") ? ref.slice("#/definitions/".length) : "";
      at = own(this.#definitions, name.replaceAll("~1", "/").replaceAll("~0", "~"));
    }
    return undefined;
  }

  field(name: string): Schema | undefined {
    const properties = own(this.#schema, "properties");
    const property = isObject(properties) ? own(properties, name) : undefined;
    return this.#resolve(property ?? own(this.#schema, "additionalProperties"));
  }

  elements(): Schema | undefined {
    const type = own(this.#schema, "type");
    const isList = type === "array" || (Array.isArray(type) && type.length === 1 && type[0] === "array");
    return isList ? this.#resolve(own(this.#schema, "items")) : undefined;
  }

  get strategy(): string {
    const strategy = own(this.#schema, "x-kubernetes-patch-strategy");
    return typeof strategy === "string" ? strategy : "";
  }

  get mergeKeys(): readonly string[] {
    if (this.strategy === "") return [];
    const list = own(this.#schema, "x-kubernetes-list-map-keys");
    if (Array.isArray(list)) return list.filter((key) => typeof key === "string");
    const key = own(this.#schema, "x-kubernetes-patch-merge-key");
    return typeof key === "string" ? [key] : [];
  }
}

function typeKey(value: JsonValue): string | undefined {
  if (!isObject(value)) return undefined;
  const group = own(value, "group");
  const version = own(value, "version");
  const kind = own(value, "kind");
  if (typeof version !== "string" || typeof kind !== "string") return undefined;
  return `${typeof group === "string" && group !== "" ? `${group}/` : ""}${version}/${kind}`;
}

const TYPE_EXTENSION = "x-kubernetes-group-version-kind";

/** An OpenAPI v2 document (JSON or YAML) given by the `openapi` field of a kustomization. */
export function customOpenApi(source: string, file: string, fallback: OpenApi | undefined): OpenApi {
  const document = parseYaml(source, { file });
  const definitions = (isObject(document) && own(document, "definitions")) || {};
  const paths = (isObject(document) && own(document, "paths")) || {};
  const types = isObject(definitions) ? indexTypes(definitions) : new Map<string, Schema>();
  const namespaced = isObject(paths) ? indexScopes(paths) : new Map<string, boolean>();
  return {
    schemaOf: (apiVersion, kind) => types.get(`${apiVersion}/${kind}`) ?? fallback?.schemaOf(apiVersion, kind),
    isClusterScoped: (apiVersion, kind) =>
      isBuiltinClusterScoped(apiVersion, kind) || namespaced.get(`${apiVersion}/${kind}`) === false,
  };
}

function indexTypes(definitions: JsonObject): Map<string, Schema> {
  const types = new Map<string, Schema>();
  for (const definition of Object.values(definitions)) {
    const kinds = isObject(definition) ? own(definition, TYPE_EXTENSION) : undefined;
    if (!isObject(definition) || !Array.isArray(kinds)) continue;
    for (const kind of kinds) {
      const key = typeKey(kind);
      if (key !== undefined) types.set(key, new SwaggerSchema(definition, definitions));
    }
  }
  return types;
}

function indexScopes(paths: JsonObject): Map<string, boolean> {
  const namespaced = new Map<string, boolean>();
  for (const [path, methods] of Object.entries(paths)) {
    const get = isObject(methods) ? own(methods, "get") : undefined;
    const extension = isObject(get) ? own(get, TYPE_EXTENSION) : undefined;
    const key = extension === undefined ? undefined : typeKey(extension);
    if (key === undefined) continue;
    if (path.includes("namespaces/{namespace}")) namespaced.set(key, true);
    else if (!namespaced.has(key)) namespaced.set(key, false);
  }
  return namespaced;
}
