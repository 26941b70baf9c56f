// What builds share: parsed files by content id.

import type { ParseCache } from "./accumulate.ts";

/** Hand the same cache to builds of the same or similar trees; it never changes a result. */
export interface BuildCache {
  readonly parse: ParseCache;
}

export function createBuildCache(): BuildCache {
  return { parse: { resources: new Map(), kustomizations: new Map() } };
}
