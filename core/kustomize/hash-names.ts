// The content hash at the end of generated names.

import type { JsonObject, JsonValue } from "@plumbline/core/model";
import { toGoJson } from "@plumbline/core/yaml";
import { buildFailure } from "./failures.ts";
import type { Resource } from "./resource.ts";
import { withMetadataText } from "./resource.ts";
import type { TransformContext } from "./transform.ts";
import { jsonOf } from "./tree-json.ts";
import { Scalar, type Tree } from "./tree.ts";

const LETTERS: Record<string, string> = { "0": "g", "1": "h", "3": "k", a: "m", e: "t" };
const HASH_LENGTH = 10;

/** Ten characters of a hex digest, without those that could spell bad words. */
export function encodeHash(hex: string): string {
  return hex.slice(0, HASH_LENGTH).replaceAll(/[013ae]/g, (char) => LETTERS[char] as string);
}

/** The value of a field as the hash sees it: mappings as JSON with float64 numbers, everything else as text. */
function hashedField(tree: Tree | undefined, label: string): JsonValue {
  if (tree === undefined) return "";
  if (tree instanceof Scalar) return tree.value;
  const json = jsonOf(tree, label);
  return Array.isArray(json) ? null : json;
}

/** The hash that kustomize appends to the name of a ConfigMap or Secret. */
export function contentHash(resource: Resource, sha256: (text: string) => string): string {
  const { tree, label } = resource;
  const { kind } = resource.id;
  // "metadata/name" is one key to kustomize, so that the name is never found.
  const name = "";
  const field = (key: string): JsonValue => hashedField(tree.get(key), label);
  const withMap = (object: JsonObject, key: string): JsonObject => {
    const value = field(key);
    return typeof value === "object" ? { ...object, [key]: value } : object;
  };
  if (kind === "ConfigMap") {
    return encodeHash(sha256(toGoJson(withMap({ kind, name, data: field("data") }, "binaryData"))));
  }
  if (kind === "Secret") {
    const secret = { kind, name, type: field("type"), data: field("data") };
    return encodeHash(sha256(toGoJson(withMap(secret, "stringData"))));
  }
  throw buildFailure(
    `a name hash is supported for ConfigMap and Secret, not for ${kind}`,
    { object: label },
    "Set disableNameSuffixHash for this generator, or do not change the kind of what it makes.",
    "UnsupportedField",
  );
}

/** Renames what generators made, and remembers the name without the hash. */
export function hashNames(resources: readonly Resource[], context: TransformContext): readonly Resource[] {
  if (!resources.some((resource) => resource.carried.needsHash)) return resources;
  return resources.map((resource) => {
    if (!resource.carried.needsHash) return resource;
    const name = `${resource.id.name}-${contentHash(resource, context.sha256)}`;
    return resource.rememberId(withMetadataText(resource.tree, "name", name));
  });
}
