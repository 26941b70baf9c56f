// What every status is made with: conditions, and the patch that is sent.

export {
  type Condition,
  type ConditionContext,
  type Conditions,
  conditionsFrom,
  longestMessage,
} from "./conditions.ts";
export { statusPatch } from "./status-patch.ts";
