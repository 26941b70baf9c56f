// The ConfigMaps of a site, as most of its tests look at them.

import type { Manifest, ObjectRef } from "@plumbline/core/model";
import type { Site } from "./site.ts";

export function configMapRef({ namespace }: Pick<Site, "namespace">, name: string): ObjectRef {
  return { group: "", version: "v1", kind: "ConfigMap", namespace, name };
}

export function findConfigMap(site: Site, name: string): Promise<Manifest | undefined> {
  return site.client.find(configMapRef(site, name));
}
