// The number of replicas of the workloads with a name.

import { setScalarText } from "./aliases.ts";
import { applyFieldSpec } from "./apply-field-spec.ts";
import { buildFailure } from "./failures.ts";
import type { FieldSpec } from "./field-spec.ts";
import { formatGvk, isSelected } from "./gvk.ts";
import type { ReplicaSettings } from "./kustomization.ts";
import type { Resource } from "./resource.ts";
import { mapResources, type Transform } from "./transform.ts";

const INT_TAG = "!!int";

export function replicaTransform(settings: Partial<ReplicaSettings>, fieldSpecs: readonly FieldSpec[]): Transform {
  const name = settings.name ?? "";
  const value = String(settings.count ?? 0);
  const isMeant = (resource: Resource, spec: FieldSpec): boolean =>
    [...resource.previousIds, resource.id].some((id) => id.name === name && isSelected(id, spec));
  return {
    name: "ReplicaCountTransformer",
    run: (resources) => {
      let found = false;
      const result = mapResources(resources, (resource, changes) => {
        let changed = resource;
        for (const spec of fieldSpecs) {
          if (!isMeant(changed, spec)) continue;
          found = true;
          if (!isSelected(changed.id, spec)) continue;
          const tree = applyFieldSpec(changed.tree, spec, {
            set: (field) => setScalarText(field, { value, tag: INT_TAG }, changes),
            create: { kind: "scalar", tag: INT_TAG },
          });
          changed = changed.withTree(tree);
        }
        return changed;
      });
      if (found) return result;
      const kinds = fieldSpecs.map(formatGvk).join(" ");
      throw buildFailure(
        `resource with name ${name} does not match a config with the following GVK [${kinds}]`,
        { field: "replicas" },
        "Correct the name in `replicas`, or add its kind to the configuration.",
      );
    },
  };
}
