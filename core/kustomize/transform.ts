// The one shape of every transform: a list of resources in, a list of resources out.

import { locate } from "./failures.ts";
import type { MergeContext } from "./merge.ts";
import type { OpenApi } from "./openapi-schema.ts";
import type { Origin } from "./origin.ts";
import type { Resource } from "./resource.ts";
import type { SharedChanges } from "./aliases.ts";
import { propagate } from "./aliases.ts";
import type { MapNode, Tree } from "./tree.ts";

export interface TransformContext {
  readonly openApi: OpenApi;
  /** SHA-256 of a text's UTF-8 bytes, as lower-case hex. */
  readonly sha256: (text: string) => string;
  /** As kustomize's main branch does where it differs from v5.8.1. */
  readonly isNext: boolean;
}

/** A named step of a kustomization, in the order it runs. */
export interface Transform {
  /** The built-in plugin's kind, such as `LabelTransformer`. */
  readonly name: string;
  /** Where it was asked for; recorded when the build tracks transformations. */
  readonly origin?: Origin | undefined;
  readonly run: (resources: readonly Resource[], context: TransformContext) => readonly Resource[];
}

/** Runs a step on each resource alone; failures name the resource. */
export function mapResources(
  resources: readonly Resource[],
  change: (resource: Resource, changes: SharedChanges) => Resource,
): readonly Resource[] {
  let result: Resource[] | undefined;
  for (let i = 0; i < resources.length; i++) {
    const before = resources[i] as Resource;
    const after = changeOne(before, change);
    if (after === before) continue;
    result ??= resources.slice();
    result[i] = after;
  }
  return result ?? resources;
}

export function changeOne(
  resource: Resource,
  change: (resource: Resource, changes: SharedChanges) => Resource,
): Resource {
  const changes: SharedChanges = new Map();
  try {
    const after = change(resource, changes);
    return changes.size === 0 ? after : after.withTree(propagate<MapNode>(after.tree, changes));
  } catch (error) {
    throw locate(error, { object: resource.label });
  }
}

export type { MergeContext, Tree };
