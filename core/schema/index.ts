// Types of Kubernetes objects: built-in ones as compact facts, custom ones from their CRDs.

export {
  type Field,
  type ScalarType,
  type TypeNode,
  type WriteMode,
  atomicType,
  deducedType,
  fieldType,
  itemType,
} from "./type.ts";
export { type ResourceFacts, type SubresourceFacts } from "./resource.ts";
export { builtinResource, builtinResources, builtinType, builtinTypeNames, namedType } from "./builtin.ts";
export { canonicalQuantity } from "./quantity.ts";
export { crdType, crdVersionSchema, maxSchemaDepth } from "./crd.ts";
export { type TypeTable, typeTable } from "./type-table.ts";
