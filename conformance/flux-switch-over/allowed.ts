// Where what Plumbline writes differs from what Flux writes, each with its reason. A reason that nothing needs fails.

import type { Allowed } from "./compare-recordings.ts";

export const allowed: readonly Allowed[] = [
  {
    path: /^repository\.status\.artifact\.(?:digest|size)$/,
    reason:
      "The archives are byte-equal before compression, and Node's gzip packs other bytes than Go's (decision 0074).",
  },
  {
    path: /^events\["GitRepository .*"\]\.annotations\["source\.toolkit\.fluxcd\.io\/digest"\]$/s,
    reason: "The digest of the archive, as above.",
  },
  {
    path: /^kustomization\.status\.conditions\[Ready\]\.message$/,
    step: /^a (?:commit that does not build|commit that the API server refuses|path that is not there)$/,
    reason: "Our own words, that name the file, the field and the next step instead of a temporary folder.",
  },
  {
    path: /^events\["Kustomization Warning (?:BuildFailed|ReconciliationFailed|ArtifactFailed): .*"\]$/s,
    reason: "An event says what the condition says.",
  },
  {
    path: /^repository\.status\.conditions\[(?:Ready|FetchFailed)\]\.message$/,
    step: /^a branch that is not there$/,
    reason: "Our own words, that name the branches there are.",
  },
  {
    path: /^events\["GitRepository Warning GitOperationFailed: .*"\]$/s,
    reason: "An event says what the condition says, and is not repeated with each attempt.",
  },
  {
    path: /^events\["GitRepository Normal GarbageCollectionSucceeded: .*"\]$/s,
    reason: "Housekeeping of the artifact storage is no event.",
  },
  {
    path: /^events\["GitRepository Normal GitOperationSucceeded: no changes since last reconciliation: .*"\]$/s,
    reason: "A poll that found nothing new is no event: at rest nothing is written.",
  },
];
