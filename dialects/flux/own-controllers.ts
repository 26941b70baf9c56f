// The controllers of Flux whose work Plumbline does: two engines must not be brought up beside each other unnoticed.

import { dig, type Manifest, metadataMap, refOf } from "@plumbline/core/model";

const NAMES = new Set(["source-controller", "kustomize-controller"]);

/**
 * What comes of applying this object of Git, when it brings up such a controller; undefined for all others. Flux's own
 * manifests are told by name and label; a Deployment of no replicas brings up nothing.
 */
export function fluxControllerWarning(manifest: Manifest): string | undefined {
  const { kind, group, name } = refOf(manifest);
  if (kind !== "Deployment" || group !== "apps" || !NAMES.has(name)) return undefined;
  if (metadataMap(manifest, "labels")["app.kubernetes.io/part-of"] !== "flux") return undefined;
  if (dig(manifest, "spec", "replicas") === 0) return undefined;
  return "brings up a controller of Flux that does the same work: it waits for its lease while Plumbline runs, and takes over when Plumbline stops. Take it out of Git, or give it spec.replicas: 0 there";
}
