// Flux's objects, read into deliveries and sources, and outcomes written back into their status.

export { readGitRepository } from "./read-git-repository.ts";
export { readKustomization } from "./read-kustomization.ts";
export { requestAnnotation } from "./spec-problems.ts";
export { formatDuration, parseDuration } from "./duration.ts";
export { type FluxObjectControls, objectControls } from "./object-controls.ts";
export { decodeInventory, encodeInventory, inventoryId, parseInventoryId } from "./inventory.ts";
export {
  gitRepositoryDefinition,
  type GitRepositorySpec,
  type GitRepositoryStatus,
} from "./crds/git-repository-schema.ts";
export {
  type HistoryEntry,
  kustomizationDefinition,
  type KustomizationSpec,
  type KustomizationStatus,
} from "./crds/kustomization-schema.ts";
export { type KustomizationRun, kustomizationStatus, runSteps, stepMessage } from "./kustomization-status.ts";
export { type GitRepositoryRun, gitRepositoryStatus } from "./git-repository-status.ts";
export { fluxControllerWarning } from "./own-controllers.ts";
export { failureText } from "./failure-text.ts";
