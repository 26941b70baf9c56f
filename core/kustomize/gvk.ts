// Kinds and resource ids as kustomize compares them.

import { clusterScopedFacts } from "./openapi-facts.ts";

export interface KindSelector {
  group: string;
  version: string;
  kind: string;
}

export interface ResId extends KindSelector {
  name: string;
  namespace: string;
}

/** Splits at the first slash: `a/b/c` has the group `a`. */
export function splitApiVersion(apiVersion: string): { group: string; version: string } {
  const slash = apiVersion.indexOf("/");
  return slash < 0
    ? { group: "", version: apiVersion }
    : { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) };
}

export function apiVersionOf(gvk: KindSelector): string {
  return gvk.group === "" ? gvk.version : `${gvk.group}/${gvk.version}`;
}

/** True when the non-empty parts of the selector are equal. */
export function isSelected(gvk: KindSelector, selector: KindSelector): boolean {
  return (
    (selector.kind === "" || selector.kind === gvk.kind) &&
    (selector.group === "" || selector.group === gvk.group) &&
    (selector.version === "" || selector.version === gvk.version)
  );
}

export function equalGvk(a: KindSelector, b: KindSelector): boolean {
  return a.group === b.group && a.version === b.version && a.kind === b.kind;
}

/** `Kind.version.group`, with kustomize's place holders. */
export function formatGvk(gvk: KindSelector): string {
  return `${gvk.kind || "[noKind]"}.${gvk.version || "[noVer]"}.${gvk.group || "[noGrp]"}`;
}

/** `Kind.version.group/name.namespace`, with kustomize's place holders. */
export function formatId(id: ResId): string {
  return `${formatGvk(id)}/${id.name || "[noName]"}.${id.namespace || "[noNs]"}`;
}

/** Which types have no namespace; a custom OpenAPI document may say more. */
export type ScopeOf = (apiVersion: string, kind: string) => boolean;

let builtinCluster: Set<string> | undefined;

/** True for types that the built-in OpenAPI knows to be cluster-scoped; unknown types count as namespaced. */
export function isBuiltinClusterScoped(apiVersion: string, kind: string): boolean {
  // The table is a constant; it is parsed on first use to keep the start of the process quick.
  builtinCluster ??= new Set(JSON.parse(clusterScopedFacts) as string[]);
  return builtinCluster.has(`${apiVersion}/${kind}`);
}

/** Stands for the namespace of cluster-scoped objects where namespaces are compared. */
export const NO_NAMESPACE = "_non_namespaceable_";

/** The namespace that counts when ids are compared: cluster-scoped objects have one of their own. */
export function effectiveNamespace(clusterScoped: boolean, namespace: string): string {
  if (clusterScoped) return NO_NAMESPACE;
  return namespace === "" ? "default" : namespace;
}
