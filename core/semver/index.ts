// Semantic versions and ranges by the rules of Masterminds/semver v3.

export { type Refused, type Version, MAX_UINT64, compareVersions, formatVersion, parseVersion } from "./version.ts";
export { type Range, type RefusedRange, matchesRange, parseRange } from "./range.ts";
