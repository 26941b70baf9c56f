// The maintenance windows that a cluster has.

import { Failure, type Manifest } from "@plumbline/core/model";
import type { KubeClient } from "@plumbline/edges/kube";
import { windowKinds } from "./found-window.ts";

/**
 * Those of the whole cluster, then those of the namespace (of all without one), each kind by namespace and name.
 * Undefined when the cluster does not know them.
 */
export async function clusterWindows(client: KubeClient, namespace?: string): Promise<Manifest[] | undefined> {
  const found: Manifest[] = [];
  let isServed = false;
  for (const kind of windowKinds) {
    const info = await client.discovery.find(kind);
    if (!info) continue;
    isServed = true;
    const { items } = await client.listAll(kind, info.namespaced && namespace !== undefined ? { namespace } : {});
    found.push(...items);
  }
  return isServed ? found : undefined;
}

export function noWindowsKnown(): Failure {
  return new Failure({
    reason: "NotFound",
    message: "this cluster knows no maintenance windows",
    hint: "Install the CRDs with: plumb install --crds-only",
  });
}
