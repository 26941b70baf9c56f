// Schemas that both kinds share: artifacts, references by name, durations.

import type { Schema } from "@plumbline/core/crd";

/** Go's duration syntax with the units that Flux allows for intervals. */
export const intervalPattern = String.raw`^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$`;

/** The same without hours, as Flux has it for the time-outs of sources. */
export const sourceTimeoutPattern = String.raw`^([0-9]+(\.[0-9]+)?(ms|s|m))+$`;

/** `status.artifact` of a source. */
export const artifactSchema = {
  description: "The files of one revision, packed and offered for download.",
  type: "object",
  properties: {
    path: { description: "Where the packed file is, relative to the root of the artifact store.", type: "string" },
    url: {
      description: "HTTP address from which programs in the cluster can download the packed file.",
      type: "string",
    },
    revision: {
      description: "Name of the revision as the origin knows it, such as a Git branch with its commit.",
      type: "string",
    },
    digest: {
      description: "Checksum of the packed file, as '<algorithm>:<checksum>'.",
      type: "string",
      pattern: "^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$",
    },
    lastUpdateTime: { description: "When the packed file last changed.", type: "string", format: "date-time" },
    size: { description: "Length of the packed file in bytes.", type: "integer", format: "int64" },
    metadata: {
      description: "What the origin tells about the revision, such as the annotations of an OCI artifact.",
      type: "object",
      additionalProperties: { type: "string" },
    },
  },
  required: ["digest", "lastUpdateTime", "path", "revision", "url"],
} as const satisfies Schema;

/** A reference to an object in the same namespace, by name. */
export const localNameSchema = {
  type: "object",
  properties: { name: { description: "Name of the object.", type: "string" } },
  required: ["name"],
} as const satisfies Schema;

/** Selects manifests; the shape of kustomize's selector. */
export const selectorSchema = {
  description: "Which objects are meant; every part that is given must match.",
  type: "object",
  properties: {
    group: { description: "API group of the objects.", type: "string" },
    version: { description: "API version of the objects.", type: "string" },
    kind: { description: "Kind of the objects.", type: "string" },
    name: { description: "Name of the objects.", type: "string" },
    namespace: { description: "Namespace of the objects.", type: "string" },
    labelSelector: { description: "A Kubernetes label selector that the labels must match.", type: "string" },
    annotationSelector: {
      description: "An expression in the syntax of a label selector that the annotations must match.",
      type: "string",
    },
  },
} as const satisfies Schema;
