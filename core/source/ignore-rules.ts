// Which files of a source exist for us: Flux's default patterns, .sourceignore files and spec.ignore.

import { type IgnorePattern, parseIgnorePattern } from "./ignore-pattern.ts";

/** The name of the ignore file that may stand in any directory. */
export const IGNORE_FILE = ".sourceignore";

/** Always left out, whatever else is said (a pattern with `!` brings them back). */
const vcsPatterns = [".git/", ".gitignore", ".gitmodules", ".gitattributes"];

/** Left out only while nobody gives a pattern of their own, neither in a file nor in spec.ignore. */
const defaultPatterns = [
  "*.jpg *.jpeg *.gif *.png *.wmv *.flv *.tar.gz *.zip",
  ".github/ .circleci/ .travis.yml .gitlab-ci.yml appveyor.yml .drone.yml cloudbuild.yaml",
  "codeship-services.yml codeship-steps.yml",
  "**/.goreleaser.yml **/.sops.yaml **/.flux.yaml",
].flatMap((line) => line.split(" "));

/** Go's line scanner gives up at longer lines, and Flux ignores that it did: what follows is not read. */
const MAX_LINE_BYTES = 64 * 1024;
/** Patterns beyond this many are refused by the caller's limit check. */
export const MAX_IGNORE_PATTERNS = 100_000;

export interface IgnoreText {
  /** The directory the file stands in; the empty string for the root. */
  directory: string;
  text: string;
}

interface Ranked extends IgnorePattern {
  /** Later patterns win. */
  rank: number;
}

/** How far the walk down the tree has come; opaque. */
export interface IgnoreState {
  readonly path: string;
  /** The winning pattern so far, also inherited by everything below. */
  readonly best: Ranked | undefined;
  /** Pattern groups that apply below this directory, with the depth of their directory; ascending by rank. */
  readonly active: readonly ActiveGroup[];
  readonly parts: readonly string[];
}

interface ActiveGroup {
  depth: number;
  patterns: readonly Ranked[];
}

export interface IgnoreRules {
  readonly root: IgnoreState;
  /** The state of an entry of the directory that `parent` stands for. */
  step(parent: IgnoreState, name: string, isDirectory: boolean): IgnoreState;
  /** How many patterns there are in all. */
  readonly size: number;
}

/** True when the entry is left out. What is below a left-out directory must still be asked: `!` may bring it back. */
export function isIgnored(state: IgnoreState): boolean {
  return state.best !== undefined && !state.best.keeps;
}

/** Reads an ignore text: blank lines and those that start with `#` do not count. */
export function readIgnoreLines(text: string): string[] {
  const lines: string[] = [];
  for (const raw of text.split("\n")) {
    if (raw.length >= MAX_LINE_BYTES) break;
    const line = raw.endsWith("\r") ? raw.slice(0, -1) : raw;
    if (!line.startsWith("#") && line.trim() !== "") lines.push(line);
  }
  return lines;
}

/**
 * Builds the rules. `files` are all ignore files of the tree, parents before children and siblings by name (the order
 * decides who wins); `specIgnore` comes last. As in Flux, the default patterns count only when there is no other
 * pattern at all, and an ignored directory's own ignore file still counts.
 */
export function ignoreRules(files: readonly IgnoreText[], specIgnore: string | undefined): IgnoreRules {
  const own = files.map((file) => ({ directory: file.directory, lines: readIgnoreLines(file.text) }));
  own.push({ directory: "", lines: readIgnoreLines(specIgnore ?? "") });
  const hasOwn = own.some(({ lines }) => lines.length > 0);
  const first = { directory: "", lines: hasOwn ? vcsPatterns : [...vcsPatterns, ...defaultPatterns] };
  let rank = 0;
  const byDirectory = new Map<string, ActiveGroup[]>();
  for (const { directory, lines } of [first, ...own]) {
    if (lines.length === 0) continue;
    const depth = directory === "" ? 0 : directory.split("/").length;
    const patterns = lines.map((line) => ({ ...parseIgnorePattern(line), rank: rank++ }));
    const groups = byDirectory.get(directory);
    if (groups) groups.push({ depth, patterns });
    else byDirectory.set(directory, [{ depth, patterns }]);
  }
  return {
    size: rank,
    root: { path: "", best: undefined, active: byDirectory.get("") ?? [], parts: [] },
    step: (parent, name, isDirectory) => step(parent, name, isDirectory ? byDirectory : undefined),
  };
}

function step(parent: IgnoreState, name: string, below: Map<string, ActiveGroup[]> | undefined): IgnoreState {
  const path = parent.path === "" ? name : `${parent.path}/${name}`;
  const parts = [...parent.parts, name];
  const best = findWinner(parent, parts, below !== undefined);
  const more = below?.get(path);
  const active = more ? [...parent.active, ...more].sort((a, b) => rankOf(a) - rankOf(b)) : parent.active;
  return { path, parts, best, active };
}

function rankOf(group: ActiveGroup): number {
  return group.patterns[0]?.rank ?? 0;
}

/** Whatever takes the parent takes the child, so only patterns that outrank the parent's winner are tried. */
function findWinner(parent: IgnoreState, parts: readonly string[], isDirectory: boolean): Ranked | undefined {
  const floor = parent.best?.rank ?? -1;
  for (let g = parent.active.length - 1; g >= 0; g--) {
    const group = parent.active[g] as ActiveGroup; // g is in range
    const local = group.depth === 0 ? parts : parts.slice(group.depth);
    for (let p = group.patterns.length - 1; p >= 0; p--) {
      const pattern = group.patterns[p] as Ranked; // p is in range
      if (pattern.rank <= floor) return parent.best;
      if (pattern.matches(local, isDirectory)) return pattern;
    }
  }
  return parent.best;
}
