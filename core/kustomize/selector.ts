// Which resources a patch or a replacement means.

import { type Manifest, type ObjectRef, metadataMap, refOf, type TargetSelector } from "@plumbline/core/model";
import { compileAnchored, type Matcher } from "./go-pattern.ts";
import type { KindSelector } from "./gvk.ts";
import type { SelectorSettings } from "./kustomization.ts";
import { compileLabelSelector, type LabelMatcher } from "./label-selector.ts";
import type { Resource } from "./resource.ts";

export interface Selector {
  matchesKind(gvk: KindSelector): boolean;
  matchesName(name: string): boolean;
  matchesNamespace(namespace: string): boolean;
  /** True when the selector names no kind, name or namespace. */
  readonly isEmptyId: boolean;
}

/** Compiles the regular expressions of a selector. */
export function compileSelector(settings: Partial<SelectorSettings>): Selector {
  const compile = (pattern: string | undefined): Matcher => compileAnchored(pattern ?? "");
  const group = compile(settings.group);
  const version = compile(settings.version);
  const kind = compile(settings.kind);
  return {
    matchesKind: (gvk) => group(gvk.group) && version(gvk.version) && kind(gvk.kind),
    matchesName: compile(settings.name),
    matchesNamespace: compile(settings.namespace),
    isEmptyId: !(settings.group || settings.version || settings.kind || settings.name || settings.namespace),
  };
}

/** Which objects of a cluster a `target` means. */
export interface Target {
  /** Whether kind, name and namespace match. */
  matchesId(ref: ObjectRef): boolean;
  /** Whether labels and annotations do as well. */
  matches(object: Manifest): boolean;
}

/** Compiles all of it; an empty part matches everything. Throws `Failure` naming the part that Go would refuse. */
export function compileTarget(target: TargetSelector): Target {
  const selector = compileSelector(target);
  const labels = compileLabelSelector(target.labelSelector ?? "");
  const annotations = compileLabelSelector(target.annotationSelector ?? "");
  const matchesId = (ref: ObjectRef): boolean =>
    selector.matchesKind(ref) && selector.matchesName(ref.name) && selector.matchesNamespace(ref.namespace);
  const mapOf = (object: Manifest, field: "labels" | "annotations"): Map<string, string> =>
    new Map(Object.entries(metadataMap(object, field)));
  return {
    matchesId,
    matches: (object) =>
      matchesId(refOf(object)) && labels(mapOf(object, "labels")) && annotations(mapOf(object, "annotations")),
  };
}

/** Both the annotation and the label selector; compiled on first use, as an unused wrong one is no error. */
export function compileMetadataSelector(settings: Partial<SelectorSettings>): (resource: Resource) => boolean {
  const { labelSelector = "", annotationSelector = "" } = settings;
  if (labelSelector === "" && annotationSelector === "") return () => true;
  let labels: LabelMatcher | undefined;
  let annotations: LabelMatcher | undefined;
  return (resource) => {
    labels ??= compileLabelSelector(labelSelector);
    annotations ??= compileLabelSelector(annotationSelector);
    return (
      (labelSelector === "" || labels(resource.metadataMap("labels"))) &&
      (annotationSelector === "" || annotations(resource.metadataMap("annotations")))
    );
  };
}

/** The resources that a `target` selects, by their first or their present name and namespace. */
export function selectResources(resources: readonly Resource[], settings: Partial<SelectorSettings>): Set<Resource> {
  const selector = compileSelector(settings);
  const matchesMetadata = compileMetadataSelector(settings);
  const selected = new Set<Resource>();
  for (const resource of resources) {
    if (!selector.matchesKind(resource.id)) continue;
    if (!selector.matchesName(resource.originalId.name) && !selector.matchesName(resource.id.name)) continue;
    if (!selector.matchesNamespace(resource.originalNamespace) && !selector.matchesNamespace(resource.namespace)) {
      continue;
    }
    if (matchesMetadata(resource)) selected.add(resource);
  }
  return selected;
}
