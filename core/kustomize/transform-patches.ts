// Strategic merge patches and JSON patches.

import { isObject } from "@plumbline/core/model";
import { buildFailure } from "./failures.ts";
import { effectiveNamespace, formatId } from "./gvk.ts";
import { applyJsonPatch, type PatchOperation } from "./json-patch.ts";
import type { SelectorSettings } from "./kustomization.ts";
import { mergePatch } from "./merge.ts";
import { ORIGIN_ANNOTATION, TRANSFORMATIONS_ANNOTATION } from "./origin.ts";
import { nothingCarried, Resource, settledScalar, textMapOf, withMetadataText, withTextMap } from "./resource.ts";
import { selectResources } from "./selector.ts";
import { changeOne, mapResources, type Transform, type TransformContext } from "./transform.ts";
import { jsonOf } from "./tree-json.ts";
import {
  MapNode,
  Scalar,
  cloneTree,
  digTree,
  isMissingOrNull,
  stringScalar,
  textOf,
  treeOf,
  withEntry,
  withoutEntry,
} from "./tree.ts";

/** One strategic merge patch. */
export interface MergePatch {
  readonly tree: MapNode;
  readonly allowNameChange: boolean;
  readonly allowKindChange: boolean;
  /** Where it was written, for failures. */
  readonly source: string;
}

/** A resource whose every field was deleted; dropped at the end of the transform. */
const DELETED = new MapNode();

/** Marks what a patch deleted. */
export function isDeleted(resource: Resource): boolean {
  return resource.tree === DELETED || resource.tree.keys.length === 0;
}

/** kustomize's `Resource.ApplySmPatch`. */
function applyMerge(resource: Resource, patch: MergePatch, context: TransformContext): Resource {
  const { name, namespace, kind } = resource.id;
  const keepsId = patch.allowNameChange || patch.allowKindChange;
  const remembered = keepsId ? resource.rememberId() : resource;
  return changeOne(remembered, (target, changes) => {
    const dest = cloneTree(target.tree);
    // kustomize looks at what changed in place: a `$patch: replace` at the root has no effect.
    const merged = mergePatch(dest, cloneTree(patch.tree), { openApi: context.openApi, changes });
    if (merged === undefined || dest.keys.length === 0) return target.withTree(DELETED);
    let tree = dest;
    if (!patch.allowKindChange) tree = withEntry(tree, "kind", settledScalar(tree.get("kind"), kind));
    if (!patch.allowNameChange) tree = withMetadataText(tree, "name", name);
    tree = namespace === "" ? withoutNamespace(tree) : withMetadataText(tree, "namespace", namespace);
    return wipesAnnotations(patch.tree) ? target.with(forgotten, tree) : target.withTree(tree);
  });
}

function withoutNamespace(tree: MapNode): MapNode {
  const metadata = tree.get("metadata");
  if (!(metadata instanceof MapNode) || metadata.get("namespace") === undefined) return tree;
  return withEntry(tree, "metadata", withoutEntry(metadata, "namespace"));
}

/** kustomize keeps its notes in annotations: a patch that removes them all makes it forget. */
const { varNames: _kept, ...forgotten } = nothingCarried;

function wipesAnnotations(patch: MapNode): boolean {
  const isWipe = (text: string): boolean => text === "replace" || text === "delete";
  // Without effect at the root, and so is all that stands beside it.
  if (textOf(patch.get("$patch")) === "replace") return false;
  const metadata = patch.get("metadata");
  if (metadata instanceof Scalar) return true;
  if (isWipe(textOf(digTree(metadata, "$patch")))) return true;
  const annotations = digTree(metadata, "annotations");
  if (annotations === undefined) return false;
  return isMissingOrNull(annotations) || isWipe(textOf(digTree(annotations, "$patch")));
}

/** Several resources at once: labels and annotations of the patch are made texts first, as kustomize does. */
function applyToSelected(
  resources: readonly Resource[],
  job: { selected: ReadonlySet<Resource>; patch: MergePatch },
  context: TransformContext,
): readonly Resource[] {
  const { selected, patch } = job;
  if (selected.size === 0) return resources;
  const normal = normalizePatch(patch);
  const keys = new Set([...selected].map((resource) => resource.key));
  const result = resources.map((resource) => {
    if (!keys.has(resource.key)) return resource;
    const { tree, id } = resource;
    void tree;
    const apiVersion = id.group === "" ? id.version : `${id.group}/${id.version}`;
    let patchTree = withEntry(normal.tree, "apiVersion", settledScalar(normal.tree.get("apiVersion"), apiVersion));
    patchTree = withEntry(patchTree, "kind", settledScalar(patchTree.get("kind"), textOf(normal.tree.get("kind"))));
    return applyMerge(resource, { ...normal, tree: patchTree }, context);
  });
  const kept = result.filter((resource) => !isDeleted(resource));
  refuseDuplicates(kept, patch);
  return kept;
}

function normalizePatch(patch: MergePatch): MergePatch {
  let tree = withTextMap(patch.tree, "labels", textMapOf(patch.tree, "labels"));
  tree = withTextMap(tree, "annotations", textMapOf(tree, "annotations"));
  const name = textOf(digTree(tree, "metadata", "name"));
  const namespace = textOf(digTree(tree, "metadata", "namespace"));
  tree = withMetadataText(tree, "name", name);
  tree = namespace === "" ? withoutNamespace(tree) : withMetadataText(tree, "namespace", namespace);
  return { ...patch, tree };
}

function refuseDuplicates(resources: readonly Resource[], patch: MergePatch): void {
  const seen = new Set<string>();
  for (const resource of resources) {
    if (seen.has(resource.key)) {
      throw buildFailure(
        `may not add resource with an already registered id: ${formatId(resource.id)}`,
        { file: patch.source, object: resource.label },
        "Let the patch name or change only one of them.",
      );
    }
    seen.add(resource.key);
  }
}

/** Finds the one resource that has or had the identity of a patch. */
class TargetFinder {
  #index: Map<string, Set<number>> | undefined;

  find(resources: readonly Resource[], patch: MergePatch, context: TransformContext): number {
    this.#index ??= indexByIds(resources);
    const target = new Resource(patch.tree, context.openApi.isClusterScoped);
    const found = [...(this.#index.get(target.key) ?? [])].filter((i) => !isDeleted(resources[i] as Resource));
    if (found.length === 1) return found[0] as number;
    throw buildFailure(
      found.length === 0
        ? `no resource matches strategic merge patch ${formatId(target.id)}`
        : `multiple matches for strategic merge patch ${formatId(target.id)}`,
      { file: patch.source, object: target.label },
      "Correct apiVersion, kind, name or namespace of the patch, or give it a `target`.",
    );
  }

  forget(): void {
    this.#index = undefined;
  }
}

function indexByIds(resources: readonly Resource[]): Map<string, Set<number>> {
  const index = new Map<string, Set<number>>();
  const add = (key: string, i: number): void => {
    const known = index.get(key);
    if (known) known.add(i);
    else index.set(key, new Set([i]));
  };
  resources.forEach((resource, i) => {
    add(resource.key, i);
    for (const { group, version, kind, name, namespace } of resource.previousIds) {
      add(`${effectiveNamespace(false, namespace)}\n${group}/${version}/${kind}\n${name}`, i);
    }
  });
  return index;
}

/** patchesStrategicMerge: each patch names its target itself. */
export function strategicMergeTransform(patches: readonly MergePatch[]): Transform {
  return {
    name: "PatchStrategicMergeTransformer",
    run: (resources, context) => {
      let result = resources;
      for (const patch of patches) {
        const at = new TargetFinder().find(result, patch, context);
        result = applyToSelected(result, { selected: new Set([result[at] as Resource]), patch }, context);
      }
      return result;
    },
  };
}

export interface PatchJob {
  patches: readonly MergePatch[];
  target: Partial<SelectorSettings> | undefined;
  source: string;
}

/** One entry of `patches` that holds strategic merge patches. */
export function patchTransform({ patches, target, source }: PatchJob): Transform {
  return {
    name: "PatchTransformer",
    run: (resources, context) => {
      if (target && patches.length > 1) {
        throw buildFailure(
          "Multiple Strategic-Merge Patches in one `patches` entry is not allowed to set `patches.target` field",
          { file: source, field: "patches" },
          "Give each patch an entry of its own.",
        );
      }
      const [first] = patches;
      if (target && first) {
        const selected = selectResources(resources, target);
        return applyToSelected(resources, { selected, patch: first }, context);
      }
      return patchNamed(resources, patches, context);
    },
  };
}

function patchNamed(
  resources: readonly Resource[],
  patches: readonly MergePatch[],
  context: TransformContext,
): readonly Resource[] {
  const result = resources.slice();
  const finder = new TargetFinder();
  for (const patch of patches) {
    const at = finder.find(result, patch, context);
    const before = result[at] as Resource;
    const after = applyMerge(before, patch, context);
    result[at] = after;
    if (after.key !== before.key || patch.allowNameChange || patch.allowKindChange) finder.forget();
  }
  return result;
}

export interface JsonPatchJob {
  name: "PatchTransformer" | "PatchJson6902Transformer";
  operations: readonly PatchOperation[];
  target: Partial<SelectorSettings> | undefined;
  source: string;
}

/** JSON patches of `patches` (which remember the identity before) and of patchesJson6902 (which do not). */
export function jsonPatchTransform({ name, operations, target, source }: JsonPatchJob): Transform {
  return {
    name,
    run: (resources) => {
      if (!target) {
        throw buildFailure("must specify a target for JSON patch", { file: source }, "Add a `target` to the patch.");
      }
      const selected = selectResources(resources, target);
      return mapResources(resources, (resource) => {
        if (!selected.has(resource)) return resource;
        return patchOne(name === "PatchTransformer" ? resource.rememberId() : resource, operations);
      });
    },
  };
}

function patchOne(resource: Resource, operations: readonly PatchOperation[]): Resource {
  const document = jsonOf(withHiddenAnnotations(resource), resource.label);
  const patched = isObject(document) ? applyJsonPatch(document, operations) : document;
  const tree = treeOf(toFloats(patched));
  if (!(tree instanceof MapNode)) throw buildFailure("a JSON patch left no object", {}, "Keep the object a mapping.");
  const annotations = textMapOf(tree, "annotations");
  // Origins stand in annotations: a patch that replaces those loses them.
  const keepsOrigin = annotations.delete(ORIGIN_ANNOTATION);
  const keepsChanges = annotations.delete(TRANSFORMATIONS_ANNOTATION);
  const { origin, transformations } = resource.carried;
  return resource.with(
    { origin: keepsOrigin ? origin : undefined, transformations: keepsChanges ? transformations : [] },
    withTextMap(tree, "annotations", annotations),
  );
}

/** Paths below `/metadata/annotations` exist for a patch when kustomize has notes of its own there. */
function withHiddenAnnotations(resource: Resource): MapNode {
  const { tree, carried } = resource;
  const metadata = tree.get("metadata");
  const isTracked = carried.origin !== undefined;
  if ((!resource.hasHiddenAnnotations && !isTracked) || !(metadata instanceof MapNode)) return tree;
  const existing = metadata.get("annotations");
  let annotations = existing instanceof MapNode ? existing : new MapNode();
  if (isTracked) annotations = withEntry(annotations, ORIGIN_ANNOTATION, stringScalar("origin"));
  if (carried.transformations.length > 0) {
    annotations = withEntry(annotations, TRANSFORMATIONS_ANNOTATION, stringScalar("transformations"));
  }
  return annotations === existing ? tree : withEntry(tree, "metadata", withEntry(metadata, "annotations", annotations));
}

/** kustomize reads the patched JSON with float64 numbers. */
function toFloats<T>(value: T): T {
  if (typeof value === "bigint") return Number(value) as T;
  if (Array.isArray(value)) return value.map(toFloats) as T;
  if (typeof value !== "object" || value === null) return value;
  for (const key of Object.keys(value)) {
    const field = (value as Record<string, unknown>)[key];
    if (typeof field === "bigint" || typeof field === "object")
      (value as Record<string, unknown>)[key] = toFloats(field);
  }
  return value;
}
