// When a DaemonSet is healthy.

import { type Manifest, digString } from "@plumbline/core/model";
import { generationAt, integerAt } from "../fields.ts";
import { type Health, current, inProgress } from "../health.ts";

export function daemonSetRules(object: Manifest): Health {
  const kind = digString(object, "kind") ?? "";
  if (generationAt(object, "metadata", "generation") === undefined) {
    return inProgress(`${kind} metadata.generation not found`);
  }
  if (generationAt(object, "status", "observedGeneration") === undefined) {
    return inProgress(`${kind} status.observedGeneration not found`);
  }
  const wanted = integerAt(object, ["status", "desiredNumberScheduled"], -1);
  if (wanted === -1) return inProgress("Missing .status.desiredNumberScheduled");
  const counts: [string, string][] = [
    ["Current", "currentNumberScheduled"],
    ["Updated", "updatedNumberScheduled"],
    ["Available", "numberAvailable"],
    ["Ready", "numberReady"],
  ];
  for (const [label, field] of counts) {
    const count = integerAt(object, ["status", field], 0);
    if (wanted > count) return inProgress(`${label}: ${count}/${wanted}`);
  }
  return current(`All replicas scheduled as expected. Replicas: ${wanted}`);
}
