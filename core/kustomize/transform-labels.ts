// Labels and annotations: the same entries in every field that a list of specs names.

import { applyFieldSpec } from "./apply-field-spec.ts";
import { setEntry, type SharedChanges } from "./aliases.ts";
import type { FieldSpec } from "./field-spec.ts";
import { isSelected } from "./gvk.ts";
import type { Resource } from "./resource.ts";
import { mapResources, type Transform } from "./transform.ts";
import type { Share, Tree } from "./tree.ts";

export interface EntriesSettings {
  name: "LabelTransformer" | "AnnotationsTransformer";
  entries: ReadonlyMap<string, string>;
  fieldSpecs: readonly FieldSpec[];
}

/** Remembers, for each kind, which specs are about it. */
export function specsByKind(specs: readonly FieldSpec[]): (resource: Resource) => readonly FieldSpec[] {
  const known = new Map<string, readonly FieldSpec[]>();
  return (resource) => {
    const { id } = resource;
    const key = `${id.group}/${id.version}/${id.kind}`;
    let found = known.get(key);
    if (!found) known.set(key, (found = specs.filter((spec) => isSelected(id, spec))));
    return found;
  };
}

/** Sets the entries; what is new in several fields of a resource stays one value (see `aliases.ts`). */
export function entriesTransform(settings: EntriesSettings): Transform {
  const { entries, fieldSpecs, name } = settings;
  const specsOf = specsByKind(fieldSpecs);
  const pairs = [...entries];
  const change = (resource: Resource, changes: SharedChanges): Resource => {
    const specs = specsOf(resource);
    const shares = specs.length > 1 ? pairs.map(([key]): Share => ({ key })) : undefined;
    const set = (tree: Tree): Tree => {
      let result = tree;
      pairs.forEach(([key, value], i) => {
        result = setEntry(result, { key, value, share: shares?.[i] }, changes);
      });
      return result;
    };
    let tree: Tree = resource.tree;
    for (const spec of specs) tree = applyFieldSpec(tree, spec, { set, create: { kind: "mapping" } });
    return resource.withTree(tree);
  };
  return {
    name,
    run: (resources) => (pairs.length === 0 ? resources : mapResources(resources, change)),
  };
}
