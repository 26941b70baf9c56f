// A tree index seen through ignore rules: which entries exist, in what order, with ids of what is visible.

import { createHash } from "node:crypto";
import type { FileEntry } from "@plumbline/core/model";
import { type IgnoreRules, type IgnoreState, isIgnored } from "@plumbline/core/source";
import type { TreeIndex } from "./tree-index.ts";

export interface TreeView {
  readonly index: TreeIndex;
  /** The visible entry at a path. */
  find(path: string): number | undefined;
  /** Visible entries of a directory by name. */
  list(directory: string): readonly FileEntry[];
  idAt(index: number): string;
  /** An ignored directory that is visible because something below it is. */
  isImplied(index: number): boolean;
}

const HIDDEN = 1;
const IMPLIED = 2;

/** Raised when the way digests of partly hidden directories are made changes. */
const DIGEST_PREFIX = "view1:";

/**
 * Applies rules to a tree. As in an archive of Flux: a file in a hidden directory may be visible (`!`), and then its
 * directories are too; a visible directory stays although all its files are hidden.
 */
export function viewTree(index: TreeIndex, rules: IgnoreRules): TreeView {
  const hidden = hideIgnored(index, rules);
  const digests = hidden.some > 0 ? digestChanged(index, hidden.flags) : new Map<number, string>();
  const lists = new Map<number, readonly FileEntry[]>();
  const find = (path: string): number | undefined => {
    const found = index.find(path);
    return found === undefined || hidden.flags[found] === HIDDEN ? undefined : found;
  };
  return {
    index,
    find,
    list(directory) {
      const at = find(directory);
      if (at === undefined || index.kindAt(at) !== "directory") return [];
      const known = lists.get(at);
      if (known) return known;
      const entries = visibleChildren(index, hidden.flags, at).map((child) => ({
        name: nameOf(index, child),
        kind: index.kindAt(child),
      }));
      entries.sort((a, b) => compareNames(a.name, b.name));
      lists.set(at, entries);
      return entries;
    },
    isImplied: (at) => hidden.flags[at] === IMPLIED,
    // A link or submodule never has the id of a file, although its bytes may.
    idAt(at) {
      const kind = index.kindAt(at);
      const id = digests.get(at) ?? index.ids[at] ?? "";
      return kind === "symlink" || kind === "submodule" ? `${kind}:${id}` : id;
    },
  };
}

function hideIgnored(index: TreeIndex, rules: IgnoreRules): { flags: Uint8Array; some: number } {
  const flags = new Uint8Array(index.count);
  let some = 0;
  const walk = (directory: number, state: IgnoreState): boolean => {
    let anyVisible = false;
    const end = index.ends[directory] ?? 0;
    for (let child = directory + 1; child < end; child = index.ends[child] ?? end) {
      const isDirectory = index.kindAt(child) === "directory";
      const next = rules.step(state, nameOf(index, child), isDirectory);
      const below = isDirectory && walk(child, next);
      if (isIgnored(next)) flags[child] = below ? IMPLIED : HIDDEN;
      if (flags[child] === HIDDEN) some++;
      else anyVisible = true;
    }
    return anyVisible;
  };
  walk(0, rules.root);
  return { flags, some };
}

function nameOf(index: TreeIndex, at: number): string {
  const path = index.paths[at] ?? "";
  return path.slice(path.lastIndexOf("/") + 1);
}

function visibleChildren(index: TreeIndex, flags: Uint8Array, directory: number): number[] {
  const children: number[] = [];
  const end = index.ends[directory] ?? 0;
  for (let child = directory + 1; child < end; child = index.ends[child] ?? end) {
    if (flags[child] !== HIDDEN) children.push(child);
  }
  return children;
}

/** Digests for the directories that hide something, at any depth; the rest keep their Git id. */
function digestChanged(index: TreeIndex, flags: Uint8Array): Map<number, string> {
  const digests = new Map<number, string>();
  const walk = (directory: number): boolean => {
    let changed = false;
    const lines: string[] = [];
    const end = index.ends[directory] ?? 0;
    for (let child = directory + 1; child < end; child = index.ends[child] ?? end) {
      const isDirectory = index.kindAt(child) === "directory";
      if (isDirectory && flags[child] !== HIDDEN && walk(child)) changed = true;
      if (flags[child] === HIDDEN) changed = true;
      else {
        const mode = index.isExecutable(child) ? "executable" : index.kindAt(child);
        lines.push(`${mode} ${digests.get(child) ?? index.ids[child]} ${nameOf(index, child)}\0`);
      }
    }
    if (changed) digests.set(directory, DIGEST_PREFIX + createHash("sha256").update(lines.join("")).digest("hex"));
    return changed;
  };
  walk(0);
  return digests;
}

/** By Unicode code point, which is the order of the bytes in UTF-8. */
export function compareNames(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x === y) continue;
    const surrogates = (x & 0xf800) === 0xd800 || (y & 0xf800) === 0xd800;
    return surrogates ? Buffer.compare(Buffer.from(a), Buffer.from(b)) : x - y;
  }
  return a.length - b.length;
}
