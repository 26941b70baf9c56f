// Ranges of versions as Masterminds/semver v3 reads them: `>=1.0 <2`, `~1.2`, `^0.3`, `1.x || 2 - 3`.

import { compareVersions, parseVersion, type Refused, type Version } from "./version.ts";

const MAX_RANGE_LENGTH = 512;
const MAX_GROUPS = 32;

interface Comparison {
  operator: string;
  version: Version;
  /** Minor, patch or everything was left open (`1`, `1.2`, `*`). */
  isOpen: boolean;
  isMinorOpen: boolean;
  isPatchOpen: boolean;
}

/** What is wrong with a range: `part` of it as a whole, or the version in it for the `cause`. */
export interface RefusedRange extends Refused {
  readonly part?: string;
  readonly cause?: string;
}

/** Alternatives of comparisons that must all hold. */
export interface Range {
  readonly groups: readonly (readonly Comparison[])[];
}

const part = String.raw`v?([0-9|xX*]+)(\.[0-9|xX*]+)?(\.[0-9|xX*]+)?(-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?`;
const space = String.raw`[\t\n\f\r ]`;
const range = new RegExp(`${space}*(${part})${space}+-${space}+(${part})${space}*`, "g");
const comparison = new RegExp(`(=>|>=|=<|<=|!=|~>|=|>|<|~|\\^)?${space}*${part}`, "y");

/** `semver.NewConstraint`. */
export function parseRange(text: string): Range | RefusedRange {
  if (text.length > MAX_RANGE_LENGTH) return { error: `constraint string is too long (max ${MAX_RANGE_LENGTH} bytes)` };
  const parts = rewriteRanges(text).split("||");
  if (parts.length > MAX_GROUPS) return { error: `too many constraint groups (max ${MAX_GROUPS})` };
  const groups: Comparison[][] = [];
  for (const group of parts) {
    const parsed = parseGroup(group);
    if (!Array.isArray(parsed)) return parsed;
    groups.push(parsed);
  }
  return { groups };
}

// `1.2 - 1.4` means `>= 1.2, <= 1.4`.
function rewriteRanges(text: string): string {
  let out = text;
  for (const match of text.matchAll(range)) out = out.replace(match[0], () => `>= ${match[1]}, <= ${match[7]} `);
  return out;
}

function parseGroup(text: string): Comparison[] | RefusedRange {
  const improper = { error: "improper constraint", part: text };
  const list: Comparison[] = [];
  let at = skipSpace(text, 0);
  for (;;) {
    comparison.lastIndex = at;
    const match = comparison.exec(text);
    if (!match) return improper;
    const read = toComparison(match);
    if ("error" in read) return { error: "constraint parser error", cause: read.error };
    list.push(read);
    const end = comparison.lastIndex;
    at = skipSpace(text, end);
    if (at === text.length) return list;
    if (text[at] === ",") at = skipSpace(text, at + 1);
    else if (at === end) return improper;
  }
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (/^[\t\n\f\r ]$/.test(text[at] ?? "")) at++;
  return at;
}

function toComparison(match: RegExpExecArray): Comparison | Refused {
  const [, operator = "", major = "", minor = "", patch = "", prerelease = ""] = match;
  const isMajorOpen = isWildcard(major);
  const isMinorOpen = !isMajorOpen && (minor === "" || isWildcard(minor.slice(1)));
  const isPatchOpen = !isMajorOpen && !isMinorOpen && (patch === "" || isWildcard(patch.slice(1)));
  const numbers = isMajorOpen
    ? "0.0.0"
    : isMinorOpen
      ? `${major}.0.0`
      : isPatchOpen
        ? `${major}${minor}.0`
        : `${major}${minor}${patch}`;
  const isOpen = isMajorOpen || isMinorOpen || isPatchOpen;
  const version = parseVersion(numbers + prerelease);
  return "error" in version ? version : { operator, version, isOpen, isMinorOpen, isPatchOpen };
}

const isWildcard = (text: string): boolean => text === "x" || text === "X" || text === "*";

/** `Constraints.Check`: a prerelease only fits where the alternative names one. */
export function matchesRange({ groups }: Range, version: Version): boolean {
  return groups.some((group) => {
    const allowsPrerelease = group.some((each) => each.version.prerelease !== "");
    if (version.prerelease !== "" && !allowsPrerelease) return false;
    return group.every((each) => holds(version, each));
  });
}

function holds(v: Version, c: Comparison): boolean {
  switch (c.operator) {
    case "!=":
      return isDifferent(v, c);
    case ">":
      return isGreater(v, c);
    case "<":
      return compareVersions(v, c.version) < 0;
    case ">=":
    case "=>":
      return compareVersions(v, c.version) >= 0;
    case "<=":
    case "=<":
      return isAtMost(v, c);
    case "~":
    case "~>":
      return isSameMinor(v, c);
    case "^":
      return isCompatible(v, c);
    default:
      return c.isOpen ? isSameMinor(v, c) : compareVersions(v, c.version) === 0;
  }
}

function isDifferent(v: Version, c: Comparison): boolean {
  if (!c.isOpen) return compareVersions(v, c.version) !== 0;
  if (c.version.major !== v.major) return true;
  if (c.version.minor !== v.minor && !c.isMinorOpen) return true;
  if (c.isMinorOpen) return false;
  if (c.version.patch !== v.patch && !c.isPatchOpen) return true;
  if (!c.isPatchOpen) return compareVersions(v, c.version) !== 0;
  if (v.prerelease === "" && c.version.prerelease === "") return false;
  return v.prerelease !== c.version.prerelease;
}

function isGreater(v: Version, c: Comparison): boolean {
  if (!c.isOpen) return compareVersions(v, c.version) === 1;
  if (v.major !== c.version.major) return v.major > c.version.major;
  if (c.isMinorOpen) return false;
  if (c.isPatchOpen) return v.minor > c.version.minor;
  return compareVersions(v, c.version) === 1;
}

function isAtMost(v: Version, c: Comparison): boolean {
  if (!c.isOpen) return compareVersions(v, c.version) <= 0;
  if (v.major > c.version.major) return false;
  return !(v.major === c.version.major && v.minor > c.version.minor && !c.isMinorOpen);
}

function isSameMinor(v: Version, c: Comparison): boolean {
  const { version } = c;
  if (compareVersions(v, version) < 0) return false;
  const isZero = version.major === 0n && version.minor === 0n && version.patch === 0n;
  if (isZero && !c.isMinorOpen && !c.isPatchOpen) return true;
  return v.major === version.major && (v.minor === version.minor || c.isMinorOpen);
}

function isCompatible(v: Version, c: Comparison): boolean {
  const { version } = c;
  if (compareVersions(v, version) < 0) return false;
  if (version.major > 0n || c.isMinorOpen) return v.major === version.major;
  if (v.major > 0n) return false;
  if (version.minor > 0n || c.isPatchOpen) return v.minor === version.minor;
  if (v.minor > 0n) return false;
  return version.patch === v.patch;
}
