// Which commit a GitRepository means: Flux's reference forms, their precedence and the revision strings they give.

import { Failure, type GitRef } from "@plumbline/core/model";
import {
  compareVersions,
  matchesRange,
  parseRange,
  parseVersion,
  type Range,
  type Version,
} from "@plumbline/core/semver";

/** What a reference resolved to. */
export interface Resolved {
  /** Flux's revision string: `main@sha1:<id>`, `v1.0@sha1:<id>`, `refs/pull/1/head@sha1:<id>` or `sha1:<id>`. */
  revision: string;
  /** The full commit id, lower case. */
  commit: string;
}

/** One advertised reference; `peeled` is the commit behind an annotated tag. */
export interface AdvertisedRef {
  name: string;
  id: string;
  peeled?: string;
}

export const DEFAULT_BRANCH = "master";
const MAX_REF_LENGTH = 1024;
const MAX_NAMES_SHOWN = 10;
/** Tags of one version whose times are compared; more are decided by name. */
const MAX_TIES = 20;
const TAGS = "refs/tags/";

type Choice =
  | { form: "commit"; commit: string }
  | { form: "name"; name: string; shown: string }
  | { form: "tag"; name: string; shown: string }
  | { form: "semver"; shown: string; range: Range }
  | { form: "branch"; name: string; shown: string };

/**
 * The form that counts, with its names checked. When several are set the later one in this list wins: branch, semver,
 * tag, name, commit. (Flux's documentation puts semver above tag; its program does not, and the program counts.) None
 * at all means the branch `master`. Throws `GitOperationFailed` (retry never) on a bad name or range.
 */
export function chooseForm(ref: GitRef): Choice {
  if (ref.commit) return { form: "commit", commit: checkCommit(ref.commit) };
  if (ref.name) {
    const name = ref.name.endsWith("^{}") ? ref.name.slice(0, -3) : ref.name;
    return { form: "name", name: checkRefName(name, "spec.ref.name"), shown: ref.name };
  }
  if (ref.tag) return { form: "tag", name: checkRefName(TAGS + ref.tag, "spec.ref.tag"), shown: ref.tag };
  if (ref.semver) return { form: "semver", shown: ref.semver, range: checkRange(ref.semver) };
  const branch = ref.branch || DEFAULT_BRANCH;
  return { form: "branch", name: checkRefName(`refs/heads/${branch}`, "spec.ref.branch"), shown: branch };
}

/** The reference prefixes that a remote must be asked for; empty when the commit is pinned and nothing need be asked. */
export function refPrefixes(ref: GitRef): string[] {
  const choice = chooseForm(ref);
  if (choice.form === "commit") return [];
  return [choice.form === "semver" ? TAGS : choice.name];
}

/** The answer without asking anybody: only a pinned commit has one. */
export function pinnedRevision(ref: GitRef): Resolved | undefined {
  const choice = chooseForm(ref);
  if (choice.form !== "commit") return undefined;
  // Flux shows the name when one stands beside the commit, then the branch.
  const digest = formatDigest(choice.commit);
  if (ref.name) return { commit: choice.commit, revision: `${checkRefName(ref.name, "spec.ref.name")}@${digest}` };
  return { commit: choice.commit, revision: ref.branch ? `${ref.branch}@${digest}` : digest };
}

/**
 * Picks the commit out of what the remote advertised; undefined when the reference is not there.
 * Versions that are equal but for their build metadata or their `v` are decided by the committer's time of what they
 * point to (milliseconds; see `tiedCommits`), then by name.
 */
export function resolveRef(
  ref: GitRef,
  advertised: readonly AdvertisedRef[],
  committedAt: (commit: string) => number | undefined = () => undefined,
): Resolved | undefined {
  const choice = chooseForm(ref);
  if (choice.form === "commit") return pinnedRevision(ref);
  if (choice.form === "semver") {
    const age = (tag: AdvertisedRef): number => committedAt(commitOf(tag)) ?? 0;
    const [newest] = newestTags(choice.range, advertised).sort((a, b) => age(b) - age(a) || (a.name < b.name ? 1 : -1));
    return newest && resolved(newest.name.slice(TAGS.length), newest);
  }
  const found = advertised.find((entry) => entry.name === choice.name);
  return found && resolved(choice.shown, found);
}

/** The commits whose times must be known before `resolveRef` can decide; empty when there is nothing to decide. */
export function tiedCommits(ref: GitRef, advertised: readonly AdvertisedRef[]): string[] {
  const choice = chooseForm(ref);
  if (choice.form !== "semver") return [];
  const commits = new Set(newestTags(choice.range, advertised).map(commitOf));
  return commits.size > 1 ? [...commits].slice(0, MAX_TIES) : [];
}

/** All tags of the highest version in the range. Flux wants two dots in a tag that counts as a version. */
function newestTags(range: Range, advertised: readonly AdvertisedRef[]): AdvertisedRef[] {
  let best: Version | undefined;
  let tags: AdvertisedRef[] = [];
  for (const entry of advertised) {
    if (!entry.name.startsWith(TAGS)) continue;
    const name = entry.name.slice(TAGS.length);
    const version = name.split(".", 3).length === 3 ? parseVersion(name) : undefined;
    if (!version || "error" in version || !matchesRange(range, version)) continue;
    const order = best === undefined ? 1 : compareVersions(version, best);
    if (order > 0) [best, tags] = [version, []];
    if (order >= 0) tags.push(entry);
  }
  return tags;
}

function commitOf(entry: AdvertisedRef): string {
  return entry.peeled ?? entry.id;
}

function resolved(shown: string, entry: AdvertisedRef): Resolved {
  const commit = commitOf(entry);
  return { commit, revision: `${shown}@${formatDigest(commit)}` };
}

/** `sha1:<id>`, or `sha256:<id>` for repositories of that format. */
export function formatDigest(commit: string): string {
  return `${commit.length === 64 ? "sha256" : "sha1"}:${commit}`;
}

/**
 * The commit inside a revision string, also of the form `main/<id>` that Flux wrote before v2.0; undefined when there
 * is none.
 */
export function commitOfRevision(revision: string): string | undefined {
  const id = revision.slice(Math.max(revision.lastIndexOf(":"), revision.lastIndexOf("/")) + 1);
  return isObjectId(id) ? id : undefined;
}

/** True for a full object id in lower case, of either hash. */
export function isObjectId(text: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
}

function checkCommit(commit: string): string {
  const id = commit.toLowerCase();
  if (isObjectId(id)) return id;
  throw new Failure({
    reason: "GitOperationFailed",
    message: `"${commit.slice(0, 80)}" is not a full commit id`,
    hint: "Give all 40 hexadecimal digits of the commit (`git rev-parse <short id>` prints them)",
    where: { field: "spec.ref.commit" },
    retry: "never",
  });
}

function checkRange(text: string): Range {
  const range = parseRange(text);
  if (!("error" in range)) return range;
  throw new Failure({
    reason: "GitOperationFailed",
    message: `"${text.slice(0, 80)}" is not a semver range: ${range.cause ?? range.error}`,
    hint: 'Write a range such as ">=1.0.0 <2.0.0", "~1.2" or "1.x"',
    where: { field: "spec.ref.semver" },
    retry: "never",
  });
}

/** git-check-ref-format(1), plus: never anything that git could read as an option. */
export function isRefName(name: string): boolean {
  if (name === "" || name.length > MAX_REF_LENGTH || name.startsWith("-")) return false;
  // oxlint-disable-next-line no-control-regex -- control characters are what must be refused
  if (/[\x00-\x20\x7f~^:?*[\\]|\.\.|@\{|\/\/|\/$|^\/|\.$/.test(name) || name === "@") return false;
  return name.split("/").every((part) => !part.startsWith(".") && !part.endsWith(".lock"));
}

function checkRefName(name: string, field: string): string {
  const bare = name.endsWith("^{}") ? name.slice(0, -3) : name;
  if (isRefName(bare)) return name;
  throw new Failure({
    reason: "GitOperationFailed",
    message: `"${name.slice(0, 80)}" is not a valid Git reference name`,
    hint: "Use a name that `git check-ref-format` accepts",
    where: { field },
    retry: "never",
  });
}

/**
 * The failure for a reference that the remote does not have. `others` are the names it does have of that kind
 * (branches for a branch, tags for the rest).
 */
export function refNotFound(ref: GitRef, others: readonly string[]): Failure {
  const choice = chooseForm(ref);
  const what =
    choice.form === "semver"
      ? `no tag matches the semver range "${choice.shown}"`
      : choice.form === "commit"
        ? `commit ${choice.commit} not found`
        : `${choice.form === "name" ? "reference" : choice.form} '${choice.shown}' not found`;
  const has = others.length === 0 ? "" : `: the remote has ${shorten(others)}`;
  return new Failure({
    reason: "GitOperationFailed",
    message: `${what}${has}`,
    hint: `Correct spec.ref.${choice.form} or push the ${choice.form === "branch" ? "branch" : "reference"}`,
    where: { field: `spec.ref.${choice.form}` },
  });
}

function shorten(names: readonly string[]): string {
  const sorted = [...names].sort();
  const shown = sorted.slice(0, MAX_NAMES_SHOWN).join(", ");
  return sorted.length > MAX_NAMES_SHOWN ? `${shown} and ${sorted.length - MAX_NAMES_SHOWN} more` : shown;
}
