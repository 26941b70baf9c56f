// Field ownership as Kubernetes keeps it in managedFields.

export {
  type FieldNode,
  type FieldSet,
  decodeFieldsV1,
  difference,
  emptySet,
  encodeFieldsV1,
  equalSets,
  hasPath,
  intersection,
  isEmpty,
  maxFieldDepth,
  paths,
  recursiveDifference,
  union,
} from "./field-set.ts";
export { fieldElement, formatPath, keyElement, keyFields, valueElement } from "./path-element.ts";
export { canonicalJson, projectOwned, projectSet } from "./project.ts";
export {
  type ManagedFieldsEntry,
  type Operation,
  type Ownership,
  decodeManagedFields,
  encodeManagedFields,
  entriesOf,
  findEntry,
  identityOf,
} from "./managed-fields.ts";
export { fieldSetOf } from "./field-set-of.ts";
export { type Comparison, compareValues, withoutFields } from "./compare.ts";
export { mergeValues } from "./merge.ts";
export { removeFields } from "./remove.ts";
export { typeErrors } from "./check-type.ts";
export {
  type ApplyResult,
  type OwnershipConflict,
  type Writer,
  applyObject,
  lastAppliedAnnotation,
  maxUpdateManagers,
  setOfPaths,
  trackUpdate,
} from "./manage.ts";
export { type ConflictCause, conflictCauses, conflictMessage } from "./conflict-message.ts";
