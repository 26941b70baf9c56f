// Custom resources from schemas that are plain data: the definition, the type of their values, the check of a value.

export { type CrdDefinition, crdOf } from "./crd.ts";
export type { FromSchema, Schema } from "./schema.ts";
export { type Checked, checkValue, type Problem } from "./check-value.ts";
export { type MergedCrd, mergeCrd } from "./merge-crd.ts";
export { conditionSchema } from "./condition-schema.ts";
