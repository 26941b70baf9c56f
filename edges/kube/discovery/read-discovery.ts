// The API server's discovery documents as lists of kinds: pure.

import { dig, digString, type JsonValue } from "@plumbline/core/model";
import type { ResourceInfo } from "../kube-client.ts";

/** One group in one version; groups and versions stand in the server's order of preference. */
export interface GroupVersion {
  group: string;
  version: string;
  resources: ResourceInfo[];
  /** The API behind it did not answer the aggregator: the list may be old or empty. */
  isStale: boolean;
}

/** apidiscovery.k8s.io/v2 (and v2beta1) `APIGroupDiscoveryList`; undefined when the document is another one. */
export function readAggregated(document: JsonValue): GroupVersion[] | undefined {
  if (digString(document, "kind") !== "APIGroupDiscoveryList") return undefined;
  return array(dig(document, "items")).flatMap((item) => {
    const group = digString(item, "metadata", "name") ?? "";
    return array(dig(item, "versions")).map((entry) => {
      const version = digString(entry, "version") ?? "";
      const resources = array(dig(entry, "resources")).flatMap((resource) =>
        readResource(resource, { group, version }),
      );
      return { group, version, resources, isStale: digString(entry, "freshness") === "Stale" };
    });
  });
}

function readResource(entry: JsonValue, home: { group: string; version: string }): ResourceInfo[] {
  const plural = digString(entry, "resource") ?? "";
  const kind = digString(entry, "responseKind", "kind") ?? "";
  if (plural === "" || kind === "") return [];
  return [
    {
      ...home,
      kind,
      plural,
      singular: digString(entry, "singularResource") ?? "",
      namespaced: digString(entry, "scope") === "Namespaced",
      verbs: strings(dig(entry, "verbs")),
      subresources: array(dig(entry, "subresources")).map((item) => digString(item, "subresource") ?? ""),
      shortNames: strings(dig(entry, "shortNames")),
      categories: strings(dig(entry, "categories")),
    },
  ];
}

/** The older documents: `APIVersions` of /api and `APIGroupList` of /apis, as group versions in order. */
export function readGroups(document: JsonValue): { group: string; version: string }[] {
  if (digString(document, "kind") === "APIVersions") {
    return strings(dig(document, "versions")).map((version) => ({ group: "", version }));
  }
  return array(dig(document, "groups")).flatMap((item) => {
    const group = digString(item, "name") ?? "";
    const preferred = digString(item, "preferredVersion", "version") ?? "";
    const versions = array(dig(item, "versions")).map((entry) => digString(entry, "version") ?? "");
    const ordered = [preferred, ...versions.filter((version) => version !== preferred)];
    return ordered.filter((version) => version !== "").map((version) => ({ group, version }));
  });
}

/** `APIResourceList` of one group version; `pods/status` becomes a subresource of `pods`. */
export function readResourceList(document: JsonValue, home: { group: string; version: string }): ResourceInfo[] {
  const list = array(dig(document, "resources"));
  const names = list.map((entry) => digString(entry, "name") ?? "");
  return list.flatMap((entry) => {
    const plural = digString(entry, "name") ?? "";
    const kind = digString(entry, "kind") ?? "";
    if (plural === "" || kind === "" || plural.includes("/")) return [];
    const prefix = `${plural}/`;
    return [
      {
        ...home,
        kind,
        plural,
        singular: digString(entry, "singularName") ?? "",
        namespaced: dig(entry, "namespaced") === true,
        verbs: strings(dig(entry, "verbs")),
        subresources: names.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length)),
        shortNames: strings(dig(entry, "shortNames")),
        categories: strings(dig(entry, "categories")),
      },
    ];
  });
}

function array(value: JsonValue | undefined): JsonValue[] {
  return Array.isArray(value) ? value : [];
}

function strings(value: JsonValue | undefined): string[] {
  return array(value).filter((item) => typeof item === "string");
}
