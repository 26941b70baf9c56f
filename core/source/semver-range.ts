// Ranges of semantic versions as Masterminds/semver v3 reads them: `>=1.0 <2`, `~1.2`, `^0.3`, `1.x || 2 - 3`.

import { comparePrereleases, compareVersions, parseVersion, type Version } from "./semver.ts";

type Operator = "" | "=" | "!=" | ">" | "<" | ">=" | "=>" | "<=" | "=<" | "~" | "~>" | "^";

interface Constraint {
  operator: Operator;
  version: Version;
  /** Minor was left out or is a wildcard; likewise patch. `dirty` when any part is. */
  minorDirty: boolean;
  patchDirty: boolean;
  dirty: boolean;
}

/** Groups joined by `||`; a group matches when all its constraints do. */
export interface Range {
  readonly groups: readonly { constraints: readonly Constraint[]; prereleases: boolean }[];
}

const MAX_RANGE_LENGTH = 512;
const MAX_GROUPS = 32;

// White space is Go's: a regexp's \s here would also accept non-breaking spaces and the like.
const space = "[\\t\\n\\f\\r ]";
const version =
  "v?([0-9|x|X|*]+)(\\.[0-9|x|X|*]+)?(\\.[0-9|x|X|*]+)?" +
  "(-([0-9A-Za-z-]+(\\.[0-9A-Za-z-]+)*))?(\\+([0-9A-Za-z-]+(\\.[0-9A-Za-z-]+)*))?";
const operators = "=||!=|>|<|>=|=>|<=|=<|~|~>|\\^";
const one = new RegExp(`^${space}*(${operators})${space}*(${version})${space}*$`);
const hyphenRange = new RegExp(`${space}*(${version})${space}+-${space}+(${version})${space}*`, "g");
const each = new RegExp(`(${operators})${space}*(${version})`, "g");
const group = new RegExp(
  `^(${space}*(${operators})${space}*(${version})${space}*)` +
    `((?:${space}+|,${space}*)(${operators})${space}*(${version})${space}*)*$`,
);
const spaces = new RegExp(`${space}+`, "g");

/** The range, or a text that says what is wrong with it. */
export function parseRange(text: string): Range | { error: string } {
  if (text.length > MAX_RANGE_LENGTH) return { error: `it is longer than ${MAX_RANGE_LENGTH} characters` };
  const parts = rewriteHyphens(text).split("||");
  if (parts.length > MAX_GROUPS) return { error: `it has more than ${MAX_GROUPS} alternatives` };
  const groups: { constraints: Constraint[]; prereleases: boolean }[] = [];
  for (const part of parts) {
    // One space means the same as many, and keeps the pattern from trying every way to split a run of them.
    if (!group.test(part.replace(spaces, " "))) return { error: `improper constraint: ${JSON.stringify(part)}` };
    const constraints: Constraint[] = [];
    for (const [found] of part.matchAll(each)) {
      const constraint = parseConstraint(found);
      if (!constraint) return { error: `improper constraint: ${JSON.stringify(found)}` };
      constraints.push(constraint);
    }
    groups.push({ constraints, prereleases: constraints.some((constraint) => constraint.version.prerelease !== "") });
  }
  return { groups };
}

/** `1.2 - 2.0` becomes `>= 1.2, <= 2.0 `. */
function rewriteHyphens(text: string): string {
  let out = text;
  for (const match of text.matchAll(hyphenRange)) {
    out = out.replace(match[0], () => `>= ${match[1]}, <= ${match[11]} `);
  }
  return out;
}

function parseConstraint(text: string): Constraint | undefined {
  const match = one.exec(text);
  if (!match) return undefined;
  const [, operator = "", whole = "", major = "", minor = "", patch = "", prerelease = ""] = match;
  const flags = { minorDirty: false, patchDirty: false, dirty: true };
  let exact = whole;
  if (isWildcard(major)) {
    exact = `0.0.0${prerelease}`;
  } else if (minor === "" || isWildcard(minor.slice(1))) {
    flags.minorDirty = true;
    exact = `${major}.0.0${prerelease}`;
  } else if (patch === "" || isWildcard(patch.slice(1))) {
    flags.patchDirty = true;
    exact = `${major}${minor}.0${prerelease}`;
  } else {
    flags.dirty = false;
  }
  const parsed = parseVersion(exact);
  return parsed && { operator: operator as Operator, version: parsed, ...flags }; // the pattern admits no other
}

function isWildcard(part: string): boolean {
  return part === "x" || part === "X" || part === "*";
}

/** True when the version lies in the range. A prerelease only does where its group names a prerelease. */
export function matchesRange(range: Range, candidate: Version): boolean {
  return range.groups.some(({ constraints, prereleases }) =>
    constraints.every((constraint) => matches(constraint, candidate, prereleases)),
  );
}

function matches(c: Constraint, v: Version, prereleases: boolean): boolean {
  if (v.prerelease !== "" && !prereleases) return false;
  switch (c.operator) {
    case "":
    case "=":
      return c.dirty ? isTilde(c, v) : compareVersions(v, c.version) === 0;
    case "!=":
      return isDifferent(c, v);
    case ">":
      return isGreater(c, v);
    case "<":
      return compareVersions(v, c.version) < 0;
    case ">=":
    case "=>":
      return compareVersions(v, c.version) >= 0;
    case "<=":
    case "=<":
      return isAtMost(c, v);
    case "~":
    case "~>":
      return isTilde(c, v);
    case "^":
      return isCaret(c, v);
  }
}

function isDifferent(c: Constraint, v: Version): boolean {
  if (c.dirty) {
    if (c.version.major !== v.major) return true;
    if (c.minorDirty) return false;
    if (c.version.minor !== v.minor) return true;
    if (c.patchDirty) {
      const both = v.prerelease !== "" || c.version.prerelease !== "";
      return both && comparePrereleases(v.prerelease, c.version.prerelease) !== 0;
    }
    if (c.version.patch !== v.patch) return true;
  }
  return compareVersions(v, c.version) !== 0;
}

/** `>11` means 12 and up, `>11.1` means 11.2 and up. */
function isGreater(c: Constraint, v: Version): boolean {
  if (!c.dirty) return compareVersions(v, c.version) === 1;
  if (v.major !== c.version.major) return v.major > c.version.major;
  if (c.minorDirty) return false;
  if (c.patchDirty) return v.minor > c.version.minor;
  return compareVersions(v, c.version) === 1;
}

function isAtMost(c: Constraint, v: Version): boolean {
  if (!c.dirty) return compareVersions(v, c.version) <= 0;
  if (v.major > c.version.major) return false;
  return !(v.major === c.version.major && v.minor > c.version.minor && !c.minorDirty);
}

function isTilde(c: Constraint, v: Version): boolean {
  if (compareVersions(v, c.version) < 0) return false;
  const zero = c.version.major === 0n && c.version.minor === 0n && c.version.patch === 0n;
  if (zero && !c.minorDirty && !c.patchDirty) return true;
  return v.major === c.version.major && (c.minorDirty || v.minor === c.version.minor);
}

function isCaret(c: Constraint, v: Version): boolean {
  if (compareVersions(v, c.version) < 0) return false;
  if (c.version.major > 0n || c.minorDirty) return v.major === c.version.major;
  if (v.major > 0n) return false;
  if (c.version.minor > 0n || c.patchDirty) return v.minor === c.version.minor;
  return v.minor === 0n && c.version.patch === v.patch;
}
