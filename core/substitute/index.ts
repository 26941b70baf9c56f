// Flux's post-build substitution: `${variables}` in built objects.

export { type SubstituteOptions, SUBSTITUTE_KEY, substituteManifest } from "./substitute-manifest.ts";
export { type TextOptions, substituteText } from "./substitute-text.ts";
export { checkNames, mergeVariables } from "./variables.ts";
export { MAX_NESTING, MAX_OUTPUT_LENGTH, MAX_TRIMMED_LENGTH } from "./limits.ts";
