// The limits of the YAML reader, in one place.

/** Longest text that is read, in UTF-16 units (about bytes for manifests). */
export const MAX_TEXT_LENGTH = 256 * 1024 * 1024;

/** Deepest nesting of collections. Go stops at 10,000; nothing that Kubernetes accepts comes near this. */
export const MAX_DEPTH = 1_000;

/**
 * Below this many values any share may come out of aliases; above it the allowed share falls from 99 % to 10 % at
 * `ALIAS_RATIO_HIGH`: the rule of go-yaml against "billion laughs".
 */
export const ALIAS_RATIO_LOW = 400_000;
export const ALIAS_RATIO_HIGH = 4_000_000;

/** Duplicate keys beyond this many are not listed one by one. */
export const MAX_REPORTED_DUPLICATES = 20;
