// The nouns that every room shares. Nothing here does work.

export {
  type JsonArray,
  type JsonObject,
  type JsonValue,
  cloneJson,
  dig,
  digString,
  equalJson,
  isObject,
  own,
  setOwn,
} from "./json.ts";
export {
  type FailureParts,
  type Reason,
  type Retry,
  type Where,
  Failure,
  asFailure,
  formatFailure,
  formatWhere,
} from "./failure.ts";
export {
  type GroupKind,
  type Gvk,
  type Manifest,
  type ObjectRef,
  formatApiVersion,
  formatRef,
  gvkOf,
  metadataMap,
  parseApiVersion,
  refKey,
  refOf,
} from "./manifest.ts";
export { type EntryKind, type FileEntry, type FileTree, NotLoaded, baseName, dirName, joinPath } from "./files.ts";
export { memoryTree } from "./memory-tree.ts";
export { type Clock, formatTime, sleep } from "./clock.ts";
export type {
  Artifact,
  BuildSpec,
  DataRef,
  Delivery,
  GitRef,
  GitSource,
  HealthCheckRef,
  IgnoreRule,
  InventoryEntry,
  NamedRef,
  ObjectControls,
  Origin,
  Substitution,
  TargetSelector,
  Variables,
} from "./delivery.ts";
export {
  type Action,
  type Change,
  type ChangeClass,
  type HeldChange,
  type Hold,
  type Plan,
  type PlanCounts,
  type Stage,
  countPlan,
} from "./plan.ts";
export type { DeliveryOutcome, Done, Notice, Overriding, Repair, RunFacts, SourceOutcome, Warning } from "./outcome.ts";
export { ALLOW_PRUNE_ANNOTATION, OWN_GROUP, PRUNE_GUARD_ANNOTATION } from "./own-group.ts";
export { cleanJson, cleanLine, cleanText } from "./clean-text.ts";
