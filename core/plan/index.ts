// The door of planning: what will be written, in which order, and what goes.

export { compareRefs, isCrd, isNamespace, stageOf } from "./order.ts";
export { heldChanges, holdChanges, type HoldRules, isPending } from "./hold-changes.ts";
export { type Desired, type Live, type PlanInput, planDelivery } from "./plan-delivery.ts";
export { changedFields, otherManagers } from "./changed-fields.ts";
export { type FieldDifference, fieldDifferences, matchesDesired } from "./matches-desired.ts";
export {
  type Pointer,
  type Trial,
  differsBeyond,
  isIgnored,
  leavingIgnored,
  parsePointer,
  withoutIgnored,
} from "./ignored-fields.ts";
export { normalizeManifest, normalizeNoting } from "./normalize.ts";
export { type TakeoverRules, needsTakeover, takenOverManagers, takeoverPatch } from "./takeover.ts";
export { type PruneGuardInput, guardPrune, parseShare } from "./prune-guard.ts";
export { type RefusedList, refusedList } from "./list-items.ts";
