// When a PersistentVolumeClaim is healthy.

import type { Manifest } from "@plumbline/core/model";
import { textAt } from "../fields.ts";
import { type Health, current, inProgress } from "../health.ts";

export function persistentVolumeClaimRules(object: Manifest): Health {
  const phase = textAt(object, ["status", "phase"], "unknown");
  return phase === "Bound" ? current("PVC is Bound") : inProgress(`PVC is not Bound. phase: ${phase}`);
}
