// Discovery documents: which groups, versions and resources there are.
// Facts: k8s.io/apimachinery APIResourceList, k8s.io/api apidiscovery/v2.

import { formatApiVersion, type JsonObject } from "@plumbline/core/model";
import type { Registry, Resource } from "./registry.ts";

/** What the sandbox calls itself; it never passes for a real server. */
export const serverVersion: JsonObject = {
  major: "1",
  minor: "36",
  emulationMajor: "1",
  emulationMinor: "36",
  minCompatibilityMajor: "1",
  minCompatibilityMinor: "35",
  gitVersion: "v1.36.3+plumbline-sandbox",
  gitCommit: "",
  gitTreeState: "clean",
  buildDate: "2026-01-01T00:00:00Z",
  goVersion: "none: an in-memory simulation written in TypeScript",
  compiler: "none",
  platform: "simulated/any",
};

/** Resources by group, then by version, each in the order they came. */
function grouped(registry: Registry): Map<string, Map<string, Resource[]>> {
  const groups = new Map<string, Map<string, Resource[]>>();
  for (const resource of registry.all()) {
    const versions = groups.get(resource.group) ?? new Map<string, Resource[]>();
    groups.set(resource.group, versions);
    const list = versions.get(resource.version) ?? [];
    versions.set(resource.version, list);
    list.push(resource);
  }
  return groups;
}

/** Newest stable version first, as Kubernetes ranks them. */
function rankVersions(versions: Iterable<string>): string[] {
  const rank = (version: string): [number, number, number] => {
    const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version);
    if (!match) return [-1, 0, 0];
    const stage = match[2] === undefined ? 2 : match[2] === "beta" ? 1 : 0;
    return [stage, Number(match[1]), Number(match[3] ?? 0)];
  };
  return [...versions].sort((a, b) => {
    const [x, y] = [rank(a), rank(b)];
    return y[0] - x[0] || y[1] - x[1] || y[2] - x[2];
  });
}

function groupDocument(group: string, versions: Map<string, Resource[]>): JsonObject {
  const list = rankVersions(versions.keys()).map((version) => ({
    groupVersion: formatApiVersion({ group, version }),
    version,
  }));
  return { name: group, versions: list, preferredVersion: list[0] ?? {} };
}

export function groupList(registry: Registry): JsonObject {
  const groups = [...grouped(registry)].filter(([group]) => group !== "");
  return {
    kind: "APIGroupList",
    apiVersion: "v1",
    groups: groups.map(([group, versions]) => groupDocument(group, versions)),
  };
}

export function coreVersions(address: string): JsonObject {
  return {
    kind: "APIVersions",
    versions: ["v1"],
    serverAddressByClientCIDRs: [{ clientCIDR: "0.0.0.0/0", serverAddress: address }],
  };
}

/** The document of one group, or undefined. */
export function oneGroup(registry: Registry, group: string): JsonObject | undefined {
  const versions = grouped(registry).get(group);
  return versions && { kind: "APIGroup", apiVersion: "v1", ...groupDocument(group, versions) };
}

/** The resources of one group and version, or undefined. */
export function resourceList(registry: Registry, group: string, version: string): JsonObject | undefined {
  const list = grouped(registry).get(group)?.get(version);
  if (!list) return undefined;
  const groupVersion = formatApiVersion({ group, version });
  // The core group's list is the oldest of all and has no apiVersion.
  return {
    kind: "APIResourceList",
    ...(group === "" ? {} : { apiVersion: "v1" }),
    groupVersion,
    resources: list.flatMap(legacyRows),
  };
}

function legacyRows(resource: Resource): JsonObject[] {
  const { plural, singular, namespaced, kind, verbs, shortNames, categories } = resource;
  const main: JsonObject = { name: plural, singularName: singular, namespaced, kind, verbs: [...verbs] };
  if (shortNames.length > 0) main.shortNames = [...shortNames];
  if (categories.length > 0) main.categories = [...categories];
  const subs = resource.subresources.map((sub) => ({
    name: `${plural}/${sub.name}`,
    singularName: "",
    namespaced,
    ...foreignVersion(sub),
    kind: sub.kind,
    verbs: [...sub.verbs],
  }));
  return [main, ...subs];
}

/** Aggregated discovery: the core group or all the others in one document. */
export function aggregated(registry: Registry, which: "core" | "groups"): JsonObject {
  const groups = [...grouped(registry)].filter(([group]) => (group === "") === (which === "core"));
  const items = groups.map(([group, versions]) => ({
    metadata: group === "" ? {} : { name: group },
    versions: rankVersions(versions.keys()).map((version) => ({
      version,
      resources: (versions.get(version) ?? []).map(aggregatedRow),
      freshness: "Current",
    })),
  }));
  return { kind: "APIGroupDiscoveryList", apiVersion: "apidiscovery.k8s.io/v2", metadata: {}, items };
}

/** Built-in kinds leave group and version to the enclosing document; those of CRDs say them. */
function responseKind(resource: Resource, kind: string): JsonObject {
  const { group, version } = resource;
  return resource.custom ? { group, version, kind } : { group: "", version: "", kind };
}

function aggregatedRow(resource: Resource): JsonObject {
  const { kind, plural, singular, namespaced, verbs, shortNames, categories } = resource;
  return {
    resource: plural,
    responseKind: responseKind(resource, kind),
    scope: namespaced ? "Namespaced" : "Cluster",
    singularResource: singular,
    verbs: [...verbs],
    ...(shortNames.length > 0 ? { shortNames: [...shortNames] } : {}),
    ...(categories.length > 0 ? { categories: [...categories] } : {}),
    ...(resource.subresources.length > 0
      ? { subresources: resource.subresources.map((sub) => subresource(resource, sub)) }
      : {}),
  };
}

function subresource(resource: Resource, sub: Resource["subresources"][number]): JsonObject {
  const foreign = foreignVersion(sub);
  const kind = foreign ? { ...foreign, kind: sub.kind } : responseKind(resource, sub.kind);
  return { subresource: sub.name, responseKind: kind, verbs: [...sub.verbs] };
}

/** The group and version of a subresource's kind when it is of another group than its resource. */
function foreignVersion(sub: Resource["subresources"][number]): { group: string; version: string } | undefined {
  switch (sub.kind) {
    case "Scale":
      return { group: "autoscaling", version: "v1" };
    case "Eviction":
      return { group: "policy", version: "v1" };
    case "TokenRequest":
      return { group: "authentication.k8s.io", version: "v1" };
    default:
      return undefined;
  }
}
