// Why a delivery cannot go yet: its source, or a dependency.

import { type Delivery, Failure } from "@plumbline/core/model";
import type { SourceState } from "../source/source-state.ts";
import { blockedBy, keyOf } from "./dependencies.ts";

export interface Known {
  allowCrossNamespace: boolean;
  /** The one that the delivery names, if there is one. */
  source: SourceState | undefined;
  deliveryOf: (key: string) => Delivery | undefined;
}

/** Undefined when it may go. */
export function blockedFor(delivery: Delivery, known: Known): Failure | undefined {
  const { source: ref, origin } = delivery;
  const { source } = known;
  if (!known.allowCrossNamespace && ref.namespace !== origin.namespace) {
    const message = `can't access '${ref.kind}/${keyOf(ref)}', cross-namespace references have been blocked`;
    const where = { field: "spec.sourceRef.namespace" };
    return new Failure({ reason: "AccessDenied", message, retry: "never", where });
  }
  if (!source) {
    const message = `Source '${ref.kind}/${keyOf(ref)}' not found`;
    const hint = `Create it, or correct spec.sourceRef`;
    return new Failure({ reason: "ArtifactFailed", message, hint, where: { field: "spec.sourceRef" } });
  }
  if (!source.current) {
    const why = source.failure ? `: ${source.failure.message}` : "";
    const message = `Source '${ref.kind}/${keyOf(ref)}' has no artifact yet${why}`;
    const hint = `Look at it: kubectl -n ${ref.namespace} describe ${ref.kind.toLowerCase()} ${ref.name}`;
    return new Failure({ reason: "ArtifactFailed", message, hint, where: { field: "spec.sourceRef" } });
  }
  return blockedBy(delivery, source.current.resolved.revision, known.deliveryOf);
}
