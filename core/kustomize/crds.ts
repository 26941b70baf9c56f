// `crds`: OpenAPI definitions whose extensions say which fields are names, labels and annotations.

import { isObject, own, type JsonObject, type JsonValue } from "@plumbline/core/model";
import { parseYaml } from "@plumbline/core/yaml";
import { buildFailure, locate } from "./failures.ts";
import { makeFieldSpec, type FieldSpec } from "./field-spec.ts";
import type { Loader } from "./loader.ts";
import {
  addFieldSpec,
  addNameReference,
  emptyConfig,
  mergeConfigs,
  type TransformerConfig,
} from "./transformer-config.ts";

/** Deepest chain of `$ref` that is followed; definitions may be recursive. */
const MAX_REFERENCE_DEPTH = 32;

/** What the files add to the transformer configuration. */
export function loadCrdConfig(loader: Loader, paths: readonly string[]): TransformerConfig {
  let config = emptyConfig;
  for (const path of paths) {
    const file = loader.pathOf(path);
    try {
      config = mergeConfigs(config, configOf(parseDefinitions(loader.text(path), file)));
    } catch (error) {
      throw locate(error, { file }, "unable to parse open API definition");
    }
  }
  return config;
}

/** Text that starts like JSON must be JSON. */
function parseDefinitions(text: string, file: string): JsonValue {
  if (!text.startsWith("{")) return parseYaml(text, { file });
  try {
    return JSON.parse(text) as JsonValue;
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof RangeError)) throw error;
    throw buildFailure(error.message, { file }, "Correct the JSON.", "YamlInvalid");
  }
}

function propertiesOf(definition: JsonValue | undefined): JsonObject {
  const schema = isObject(definition) ? (own(definition, "Schema") ?? own(definition, "schema")) : undefined;
  const properties = isObject(schema) ? own(schema, "properties") : undefined;
  return isObject(properties) ? properties : {};
}

function configOf(definitions: JsonValue): TransformerConfig {
  let config = emptyConfig;
  if (!isObject(definitions)) return config;
  for (const name of Object.keys(definitions).sort()) {
    const properties = propertiesOf(own(definitions, name));
    if (!["kind", "apiVersion", "metadata"].every((field) => Object.hasOwn(properties, field))) continue;
    const kind = name.split(".").at(-1) ?? "";
    const walk = { definitions, kind, config: emptyConfig, depth: 0 };
    addType(walk, name, []);
    config = mergeConfigs(config, walk.config);
  }
  return config;
}

interface CrdWalk {
  definitions: JsonObject;
  kind: string;
  config: TransformerConfig;
  depth: number;
}

function extension(property: JsonObject, name: string): string | undefined {
  const value = own(property, name);
  return typeof value === "string" ? value : undefined;
}

function addType(walk: CrdWalk, typeName: string, path: readonly string[]): void {
  if (walk.depth >= MAX_REFERENCE_DEPTH) return;
  walk.depth++;
  const properties = propertiesOf(own(walk.definitions, typeName));
  for (const name of Object.keys(properties)) {
    const property = properties[name];
    if (isObject(property)) addProperty(walk, property, [...path, name]);
  }
  walk.depth--;
}

function addProperty(walk: CrdWalk, property: JsonObject, path: readonly string[]): void {
  const spec = (...more: string[]): FieldSpec => makeFieldSpec({ kind: walk.kind, path: [...path, ...more].join("/") });
  if (extension(property, "x-kubernetes-annotation") !== undefined) {
    walk.config = addFieldSpec(walk.config, "commonAnnotations", spec());
  }
  if (extension(property, "x-kubernetes-label-selector") !== undefined) {
    walk.config = addFieldSpec(walk.config, "commonLabels", spec());
  }
  if (extension(property, "x-kubernetes-identity") !== undefined) {
    walk.config = addFieldSpec(walk.config, "namePrefix", spec());
  }
  const version = extension(property, "x-kubernetes-object-ref-api-version");
  const kind = extension(property, "x-kubernetes-object-ref-kind");
  if (version !== undefined && kind !== undefined) {
    const nameKey = extension(property, "x-kubernetes-object-ref-name-key") ?? "name";
    walk.config = addNameReference(walk.config, { group: "", version, kind, referrers: [spec(nameKey)] });
  }
  const reference = extension(property, "$ref");
  if (reference !== undefined) addType(walk, reference, path);
}
