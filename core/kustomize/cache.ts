// What builds share: parsed files, written objects, accumulated bases and whole results, all checked by content id.

import type { FileTree, JsonObject } from "@plumbline/core/model";
import type { Accumulated } from "./accumulate.ts";
import type { BuildResult } from "./build.ts";
import type { ParsedKustomization } from "./kustomization.ts";
import type { ReadTrace } from "./loader.ts";
import type { MapNode } from "./tree.ts";

/** Parsed files by content id, so that no file is parsed twice. */
export interface ParseCache {
  readonly resources: Map<string, MapNode[]>;
  readonly kustomizations: Map<string, ParsedKustomization>;
}

/** Something that was made from files, and what it depends on. */
export interface Traced<T> {
  readonly reads: ReadTrace;
  readonly value: T;
}

export interface AccumulatedBase {
  readonly accumulated: Accumulated;
  readonly warnings: readonly string[];
}

/**
 * Hand the same cache to builds of the same or similar trees. It never changes a result: everything in it is used again
 * only while every path it was made from has the same content id, or is still absent.
 */
export interface BuildCache {
  readonly parse: ParseCache;
  readonly written: WeakMap<MapNode, { manifest: JsonObject; yaml: string }>;
  readonly bases: Map<string, Traced<AccumulatedBase>>;
  readonly results: Map<string, Traced<BuildResult>>;
}

/** Sets an entry; the oldest ones go when there are more than `limit`. */
export function remember<V>(map: Map<string, V>, entry: { key: string; value: V }, limit: number): void {
  map.delete(entry.key);
  map.set(entry.key, entry.value);
  for (const oldest of map.keys()) {
    if (map.size <= limit) return;
    map.delete(oldest);
  }
}

export function createBuildCache(): BuildCache {
  return {
    parse: { resources: new Map(), kustomizations: new Map() },
    written: new WeakMap(),
    bases: new Map(),
    results: new Map(),
  };
}

/** Marks reads that no content id of the tree can vouch for, such as remote bases. */
export const UNTRACEABLE = "remote:";

/** True while every path has the id it had, and absent ones are still absent. */
export function isCurrent({ reads }: Traced<unknown>, files: FileTree): boolean {
  for (const [path, id] of reads) {
    if (path.startsWith(UNTRACEABLE) || files.id(path) !== id) return false;
  }
  return true;
}
