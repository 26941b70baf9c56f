// A CustomResourceDefinition as an object, made from a definition of ours.

import { cloneJson, type JsonArray, type JsonObject, type JsonValue, type Manifest } from "@plumbline/core/model";
import type { Schema } from "./schema.ts";

/** What tells one kind from another; everything else is the same for all kinds. */
export interface CrdDefinition {
  group: string;
  version: string;
  kind: string;
  /** `Namespaced` unless told. */
  scope?: "Namespaced" | "Cluster";
  plural: string;
  shortNames: string[];
  categories: string[];
  description: string;
  columns: { name: string; type: "string" | "date" | "integer"; jsonPath: string }[];
  spec: Schema;
  status: Schema;
}

const standardProperties = {
  apiVersion: { description: "API group and version that this object is written in.", type: "string" },
  kind: { description: "What kind of object this is.", type: "string" },
  metadata: { type: "object" },
} as const satisfies Record<string, Schema>;

/** The definition as `apiextensions.k8s.io/v1` has it. A new value on each call. */
export function crdOf(definition: CrdDefinition): Manifest {
  const { group, kind, plural } = definition;
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: {
      name: `${plural}.${group}`,
      annotations: { "kustomize.toolkit.fluxcd.io/substitute": "disabled" },
    },
    spec: {
      group,
      names: {
        kind,
        listKind: `${kind}List`,
        plural,
        singular: kind.toLowerCase(),
        shortNames: [...definition.shortNames],
        categories: [...definition.categories],
      },
      scope: definition.scope ?? "Namespaced",
      versions: [versionOf(definition)],
    },
  };
}

function versionOf(definition: CrdDefinition): JsonObject {
  const schema: Schema = {
    description: definition.description,
    type: "object",
    properties: { ...standardProperties, spec: definition.spec, status: definition.status },
  };
  return {
    name: definition.version,
    served: true,
    storage: true,
    subresources: { status: {} },
    additionalPrinterColumns: definition.columns.map((column) => ({ ...column })) satisfies JsonArray,
    schema: { openAPIV3Schema: cloneJson(schema as unknown as JsonValue) }, // a Schema holds nothing but JSON
  };
}
