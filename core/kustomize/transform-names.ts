// namePrefix and nameSuffix.

import { setScalarText } from "./aliases.ts";
import { applyFieldSpec } from "./apply-field-spec.ts";
import type { FieldSpec } from "./field-spec.ts";
import { isSelected, type KindSelector } from "./gvk.ts";
import type { Resource } from "./resource.ts";
import { mapResources, type Transform } from "./transform.ts";
import { STR_TAG, textOf } from "./tree.ts";

/** Kinds whose names follow rules of their own. */
const SKIPPED: readonly KindSelector[] = [
  { group: "", version: "", kind: "CustomResourceDefinition" },
  { group: "apiregistration.k8s.io", version: "", kind: "APIService" },
  { group: "", version: "", kind: "Namespace" },
];

export interface AffixSettings {
  name: "PrefixTransformer" | "SuffixTransformer";
  affix: string;
  fieldSpecs: readonly FieldSpec[];
}

export function affixTransform({ name, affix, fieldSpecs }: AffixSettings): Transform {
  const isPrefix = name === "PrefixTransformer";
  const apply = (text: string): string => (isPrefix ? affix + text : text + affix);
  const record = (resource: Resource): Resource => {
    if (affix === "") return resource;
    const field = isPrefix ? "prefixes" : "suffixes";
    return resource.with({ [field]: [...resource.carried[field], affix] }).rememberId();
  };
  return {
    name,
    run: (resources) =>
      mapResources(resources, (resource, changes) => {
        const id = resource.originalId;
        if (SKIPPED.some((kind) => isSelected(id, kind))) return resource;
        let result = resource;
        for (const spec of fieldSpecs) {
          if (!isSelected(id, spec)) continue;
          if (spec.path === "metadata/name") result = record(result);
          if (!isSelected(result.id, spec)) continue;
          const tree = applyFieldSpec(result.tree, spec, {
            set: (field) => setScalarText(field, { value: apply(textOf(field)), tag: "" }, changes),
            create: { kind: "scalar", tag: STR_TAG },
          });
          result = result.withTree(tree);
        }
        return result;
      }),
  };
}
