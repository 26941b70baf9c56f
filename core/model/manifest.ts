// Kubernetes objects and the references that name them.

import { digString, isObject, type JsonObject, type JsonValue } from "./json.ts";

/** An object as it stands in a manifest or on the API server: at least apiVersion, kind and metadata.name. */
export type Manifest = JsonObject;

export interface GroupKind {
  /** Empty for the core group. */
  group: string;
  kind: string;
}

export interface Gvk extends GroupKind {
  version: string;
}

/** Names one object; `namespace` is empty for cluster-scoped ones. */
export interface ObjectRef extends Gvk {
  namespace: string;
  name: string;
}

/** Splits `apps/v1` into group and version; `v1` has the empty group. */
export function parseApiVersion(apiVersion: string): { group: string; version: string } {
  const slash = apiVersion.indexOf("/");
  return slash < 0
    ? { group: "", version: apiVersion }
    : { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) };
}

/** The inverse of `parseApiVersion`. */
export function formatApiVersion(gv: { group: string; version: string }): string {
  return gv.group === "" ? gv.version : `${gv.group}/${gv.version}`;
}

export function gvkOf(manifest: Manifest): Gvk {
  return { ...parseApiVersion(digString(manifest, "apiVersion") ?? ""), kind: digString(manifest, "kind") ?? "" };
}

export function refOf(manifest: Manifest): ObjectRef {
  return {
    ...gvkOf(manifest),
    namespace: digString(manifest, "metadata", "namespace") ?? "",
    name: digString(manifest, "metadata", "name") ?? "",
  };
}

/** `Kind/namespace/name`, or `Kind/name` for cluster-scoped objects: the form Flux uses in messages. */
export function formatRef(ref: { kind: string; namespace: string; name: string }): string {
  return ref.namespace === "" ? `${ref.kind}/${ref.name}` : `${ref.kind}/${ref.namespace}/${ref.name}`;
}

/** One string per object whatever its version: two refs are the same object exactly when their keys are equal. */
export function refKey(ref: GroupKind & { namespace: string; name: string }): string {
  return `${ref.namespace}/${ref.name}/${ref.group}/${ref.kind}`;
}

/** metadata.labels or metadata.annotations as strings; other values are left out. */
export function metadataMap(manifest: Manifest, field: "labels" | "annotations"): Record<string, string> {
  const found: JsonValue | undefined = isObject(manifest.metadata) ? manifest.metadata[field] : undefined;
  const map: Record<string, string> = {};
  if (!isObject(found)) return map;
  for (const [key, value] of Object.entries(found)) if (typeof value === "string") map[key] = value;
  return map;
}
