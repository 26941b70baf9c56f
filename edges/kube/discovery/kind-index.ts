// Looks kinds up among everything the API server serves: pure.

import { formatApiVersion } from "@plumbline/core/model";
import type { KindRef, ResourceInfo } from "../kube-client.ts";
import type { GroupVersion } from "./read-discovery.ts";

export interface KindIndex {
  find(kind: KindRef): ResourceInfo | undefined;
  /** Every kind in its preferred version, in the server's order. */
  readonly all: readonly ResourceInfo[];
  /** `group/version`s that could not be listed. */
  readonly unavailable: readonly string[];
}

/** `groups` in order of preference; of two resources with one kind the first counts. */
export function indexKinds(groups: readonly GroupVersion[]): KindIndex {
  const exact = new Map<string, ResourceInfo>();
  const preferred = new Map<string, ResourceInfo>();
  for (const resource of groups.flatMap((group) => group.resources)) {
    addFirst(exact, `${resource.group}/${resource.version}/${resource.kind}`, resource);
    addFirst(preferred, `${resource.group}/${resource.kind}`, resource);
  }
  return {
    find: ({ group, version, kind }) =>
      version ? exact.get(`${group}/${version}/${kind}`) : preferred.get(`${group}/${kind}`),
    all: [...preferred.values()],
    unavailable: groups.filter((group) => group.isStale).map(formatApiVersion),
  };
}

function addFirst(map: Map<string, ResourceInfo>, key: string, resource: ResourceInfo): void {
  if (!map.has(key)) map.set(key, resource);
}
