// What commands use of the engine without running it.

export { mapWide } from "../delivery/apply-context.ts";
export { type IgnoreRules, ignoreRulesOf } from "../delivery/ignore-rules.ts";
export { readVariables } from "../delivery/variables.ts";
export { remoteOfSource } from "../source/remote-of-source.ts";
export type { AsDesiredRules as ExplainRules } from "../delivery/as-desired.ts";
export { type ChangeRule, type ChangedField, type Explained, explainChange } from "./explain-change.ts";
export { type Preview, type PreviewInput, type PreviewTools, previewDelivery } from "./preview-delivery.ts";
