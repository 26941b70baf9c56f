// Versions and constraints by the rules of Masterminds/semver 3.

import { Failure } from "@plumbline/core/model";
import { callFailure } from "../define.ts";
import { maxUint64 } from "../number-syntax.ts";
import { quote } from "../quote.ts";

export interface Version {
  major: bigint;
  minor: bigint;
  patch: bigint;
  prerelease: string;
  metadata: string;
  /** As it was written. */
  original: string;
}

const maxVersionBytes = 256;
const maxConstraintBytes = 512;
const maxConstraintGroups = 32;

const loose =
  /^v?([0-9]+)(\.[0-9]+)?(\.[0-9]+)?(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?$/;

/** `semver.NewVersion`: `v1`, `1.2` and `01.2.3` are fine. Throws `TemplateFailed` with Masterminds' words. */
export function parseVersion(text: string): Version {
  if (text.length > maxVersionBytes) throw callFailure(`version string is too long (max ${maxVersionBytes} bytes)`);
  const match = loose.exec(text);
  if (!match) throw callFailure("invalid semantic version");
  const [, major = "0", minor = ".0", patch = ".0", prerelease = "", metadata = ""] = match;
  const version = {
    major: segment(major),
    minor: segment(minor.slice(1)),
    patch: segment(patch.slice(1)),
    prerelease,
    metadata,
    original: text,
  };
  if (prerelease.split(".").some((part) => /^0[0-9]+$/.test(part))) {
    throw callFailure("version segment starts with 0");
  }
  return version;
}

function segment(digits: string): bigint {
  const n = BigInt(digits);
  if (n > maxUint64) {
    throw callFailure(`error parsing version segment: strconv.ParseUint: parsing ${quote(digits)}: value out of range`);
  }
  return n;
}

/** The normal form: three numbers, prerelease and metadata. */
export function formatVersion({ major, minor, patch, prerelease, metadata }: Version): string {
  return `${major}.${minor}.${patch}${prerelease && `-${prerelease}`}${metadata && `+${metadata}`}`;
}

/** -1, 0 or 1; metadata does not count. */
export function compareVersions(a: Version, b: Version): number {
  return (
    compareNumbers(a.major, b.major) ||
    compareNumbers(a.minor, b.minor) ||
    compareNumbers(a.patch, b.patch) ||
    comparePrereleases(a.prerelease, b.prerelease)
  );
}

const compareNumbers = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

function comparePrereleases(a: string, b: string): number {
  if (a === "" || b === "") return a === b ? 0 : a === "" ? 1 : -1;
  const left = a.split(".");
  const right = b.split(".");
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const order = compareParts(left[i] ?? "", right[i] ?? "");
    if (order !== 0) return order;
  }
  return 0;
}

function compareParts(a: string, b: string): number {
  if (a === b) return 0;
  if (a === "" || b === "") return a === "" ? -1 : 1;
  const [numberA, numberB] = [wholeNumber(a), wholeNumber(b)];
  if (numberA === undefined && numberB === undefined) return a > b ? 1 : -1;
  if (numberB === undefined) return -1;
  if (numberA === undefined) return 1;
  return numberA > numberB ? 1 : -1;
}

function wholeNumber(text: string): bigint | undefined {
  if (!/^[0-9]+$/.test(text)) return undefined;
  const n = BigInt(text);
  return n <= maxUint64 ? n : undefined;
}

interface Comparison {
  operator: string;
  version: Version;
  /** Minor, patch or everything was left open (`1`, `1.2`, `*`). */
  isOpen: boolean;
  isMinorOpen: boolean;
  isPatchOpen: boolean;
}

/** Alternatives of comparisons that must all hold. */
export type Constraint = readonly (readonly Comparison[])[];

const part = String.raw`v?([0-9|xX*]+)(\.[0-9|xX*]+)?(\.[0-9|xX*]+)?(-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?`;
const space = String.raw`[\t\n\f\r ]`;
const range = new RegExp(`${space}*(${part})${space}+-${space}+(${part})${space}*`, "g");
const comparison = new RegExp(`(=>|>=|=<|<=|!=|~>|=|>|<|~|\\^)?${space}*${part}`, "y");

/** `semver.NewConstraint`. Throws `TemplateFailed` with Masterminds' words. */
export function parseConstraint(text: string): Constraint {
  if (text.length > maxConstraintBytes) {
    throw callFailure(`constraint string is too long (max ${maxConstraintBytes} bytes)`);
  }
  const groups = rewriteRanges(text).split("||");
  if (groups.length > maxConstraintGroups) {
    throw callFailure(`too many constraint groups (max ${maxConstraintGroups})`);
  }
  return groups.map(parseGroup);
}

// `1.2 - 1.4` means `>= 1.2, <= 1.4`.
function rewriteRanges(text: string): string {
  let out = text;
  for (const match of text.matchAll(range)) out = out.replace(match[0], () => `>= ${match[1]}, <= ${match[7]} `);
  return out;
}

function parseGroup(text: string): Comparison[] {
  const improper = (): Failure => callFailure(`improper constraint: ${quote(text)}`);
  const list: Comparison[] = [];
  let at = skipSpace(text, 0);
  for (;;) {
    comparison.lastIndex = at;
    const match = comparison.exec(text);
    if (!match) throw improper();
    list.push(toComparison(match));
    const end = comparison.lastIndex;
    at = skipSpace(text, end);
    if (at === text.length) return list;
    if (text[at] === ",") at = skipSpace(text, at + 1);
    else if (at === end) throw improper();
  }
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (/^[\t\n\f\r ]$/.test(text[at] ?? "")) at++;
  return at;
}

function toComparison(match: RegExpExecArray): Comparison {
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
  try {
    return { operator, version: parseVersion(numbers + prerelease), isOpen, isMinorOpen, isPatchOpen };
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    throw callFailure("constraint parser error", thrown);
  }
}

const isWildcard = (text: string): boolean => text === "x" || text === "X" || text === "*";

/** `Constraints.Check`: a prerelease only fits where the alternative names one. */
export function satisfies(version: Version, constraint: Constraint): boolean {
  return constraint.some((group) => {
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
