// dependsOn: which dependency is in the way, and cycles.

import { type Delivery, Failure, type NamedRef } from "@plumbline/core/model";

export function keyOf(ref: { namespace: string; name: string }): string {
  return `${ref.namespace}/${ref.name}`;
}

/**
 * The first reason why `delivery` may not run yet, or undefined. A dependency is done when it is Ready for its current
 * generation and, where both use the same source, has applied the same revision.
 */
export function blockedBy(
  delivery: Delivery,
  revision: string,
  find: (key: string) => Delivery | undefined,
): Failure | undefined {
  const cycle = findCycle(delivery, find);
  if (cycle) {
    const message = `dependency cycle: ${cycle.map((key) => `'${key}'`).join(" -> ")}`;
    const hint = "Remove one of these dependsOn entries";
    return notReady(message, hint);
  }
  for (const ref of delivery.dependsOn) {
    const key = keyOf(ref);
    const dependency = find(key);
    if (!dependency) return notReady(`dependency '${key}' not found`, `Create it, or remove it from spec.dependsOn`);
    const isCurrent = dependency.ready && dependency.observedGeneration === dependency.origin.generation;
    if (!isCurrent) return notReady(`dependency '${key}' is not ready`);
    const sameSource =
      keyOf(dependency.source) === keyOf(delivery.source) && dependency.source.kind === delivery.source.kind;
    if (sameSource && dependency.lastAppliedRevision !== revision) {
      return notReady(`dependency '${key}' revision is not up to date`);
    }
  }
  return undefined;
}

/** Whether all that `delivery` lacks of this dependency is the revision of the source that both use. */
export function isBehindOnly(delivery: Delivery, dependency: Delivery, revision: string | undefined): boolean {
  const sameSource =
    keyOf(dependency.source) === keyOf(delivery.source) && dependency.source.kind === delivery.source.kind;
  const isCurrent = dependency.observedGeneration === dependency.origin.generation;
  return sameSource && isCurrent && dependency.lastAppliedRevision !== revision;
}

function notReady(message: string, hint?: string): Failure {
  const where = { field: "spec.dependsOn" };
  return new Failure({ reason: "DependencyNotReady", message, where, ...(hint === undefined ? {} : { hint }) });
}

/** Keys from the delivery back to itself, or undefined. */
function findCycle(delivery: Delivery, find: (key: string) => Delivery | undefined): string[] | undefined {
  const start = keyOf(delivery.origin);
  const seen = new Set<string>();
  const walk = (refs: readonly NamedRef[], path: string[]): string[] | undefined => {
    for (const ref of refs) {
      const key = keyOf(ref);
      if (key === start) return [...path, key];
      if (seen.has(key)) continue;
      seen.add(key);
      const found = walk(find(key)?.dependsOn ?? [], [...path, key]);
      if (found) return found;
    }
    return undefined;
  };
  return walk(delivery.dependsOn, [start]);
}
