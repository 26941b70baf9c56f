// Labels and annotations on a managed object that steer how it is treated.

import { isObject, type Manifest, metadataMap, type ObjectControls } from "@plumbline/core/model";

const prefix = "kustomize.toolkit.fluxcd.io/";

export interface FluxObjectControls extends ObjectControls {
  /** Replace variables in it. */
  substitute: boolean;
  /** Decrypt it. */
  decrypt: boolean;
}

/**
 * What an object says of itself: label or annotation, values in any case (`kustomize.toolkit.fluxcd.io/prune: Disabled`).
 * Ask both the desired and the live object; what either of them says holds.
 * `substitute` alone is compared exactly, as Flux does.
 */
export function objectControls(object: Manifest): FluxObjectControls {
  const maps = isObject(object.metadata) ? [metadataMap(object, "labels"), metadataMap(object, "annotations")] : [];
  const values = (key: string): string[] => maps.map((map) => map[prefix + key] ?? "");
  const says = (key: string, value: string): boolean => values(key).some((said) => said.toLowerCase() === value);
  const ssa = (["Ignore", "IfNotPresent", "Merge"] as const).find((mode) => says("ssa", mode.toLowerCase()));
  return {
    ssa: ssa ?? "Override",
    force: says("force", "enabled"),
    keep: says("prune", "disabled"),
    disabled: says("reconcile", "disabled"),
    substitute: !values("substitute").includes("disabled"),
    decrypt: !says("decrypt", "disabled"),
  };
}
