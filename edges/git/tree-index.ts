// The whole tree of a commit in memory, compact: columns instead of objects.

import type { EntryKind } from "@plumbline/core/model";
import { Failure } from "@plumbline/core/model";
import { GitExit } from "./git-program.ts";

/** Largest number of files and directories a commit may have. */
export const MAX_TREE_ENTRIES = 1_000_000;

/** Deepest nesting of directories. */
export const MAX_TREE_DEPTH = 500;

const kinds: readonly EntryKind[] = ["directory", "file", "symlink", "submodule"];
const DIRECTORY = 0;
const FILE = 1;

/**
 * Entry 0 is the root; then every entry in Git's order, a directory before what is in it. `ends[i]` is the index
 * after the last entry below `i`, so the children of `i` are `i + 1`, `ends[i + 1]`, … up to `ends[i]`.
 */
export interface TreeIndex {
  readonly count: number;
  readonly paths: readonly string[];
  readonly ids: readonly string[];
  readonly ends: Uint32Array;
  kindAt(index: number): EntryKind;
  isExecutable(index: number): boolean;
  /** Bytes of a file or symlink target; -1 otherwise. */
  sizeAt(index: number): number;
  /** The entry at a path, or undefined. The root is the empty string. */
  find(path: string): number | undefined;
}

interface Columns {
  paths: string[];
  ids: string[];
  kinds: Uint8Array;
  executable: Uint8Array;
  sizes: Float64Array;
}

/**
 * Parses `git ls-tree -r -t -z -l`. Throws `GitOperationFailed` for names that no well-behaved Git writes (`..`, `.git`,
 * empty): a hostile tree must not reach whoever unpacks it. Paths that are not UTF-8 get U+FFFD in place of their bytes.
 */
export function parseTree(output: Uint8Array, rootId: string): TreeIndex {
  const columns = readColumns(Buffer.from(output.buffer, output.byteOffset, output.byteLength), rootId);
  const count = columns.paths.length;
  const places = new Map<string, number>();
  for (let i = 0; i < count; i++) places.set(columns.paths[i] as string, i); // i is in range
  return {
    count,
    paths: columns.paths,
    ids: columns.ids,
    ends: findEnds(columns),
    kindAt: (index) => kinds[columns.kinds[index] ?? FILE] ?? "file",
    isExecutable: (index) => columns.executable[index] === 1,
    sizeAt: (index) => columns.sizes[index] ?? -1,
    find: (path) => places.get(path),
  };
}

function countEntries(buffer: Buffer): number {
  let count = 1;
  for (let at = buffer.indexOf(0); at >= 0; at = buffer.indexOf(0, at + 1)) count++;
  if (count <= MAX_TREE_ENTRIES) return count;
  throw new Failure({
    reason: "LimitExceeded",
    message: `the commit has ${count} files and directories, more than ${MAX_TREE_ENTRIES}`,
    hint: "Split the repository",
  });
}

/** One record: `<mode> <type> <id> <size, padded><TAB><path><NUL>`. */
function readColumns(buffer: Buffer, rootId: string): Columns {
  const count = countEntries(buffer);
  const columns: Columns = {
    paths: [""],
    ids: [rootId],
    kinds: new Uint8Array(count),
    executable: new Uint8Array(count),
    sizes: new Float64Array(count).fill(-1),
  };
  let at = 0;
  for (let i = 1; i < count; i++) {
    const tab = buffer.indexOf(9, at);
    const end = buffer.indexOf(0, tab);
    const [mode = "", , id = "", size = ""] = buffer.toString("latin1", at, tab).split(/ +/, 4);
    const path = buffer.toString("utf8", tab + 1, end);
    checkPath(path);
    columns.paths.push(path);
    columns.ids.push(id);
    columns.kinds[i] = kindOf(mode);
    if (mode === "100755") columns.executable[i] = 1;
    if (size !== "-") columns.sizes[i] = sizeOf(size, path);
    at = end + 1;
  }
  return columns;
}

/** git prints BAD for an object that it cannot read; it is the cache that is damaged then. */
function sizeOf(text: string, path: string): number {
  const size = Number(text);
  if (Number.isSafeInteger(size)) return size;
  throw new GitExit(0, `the object at ${path} cannot be read`);
}

function kindOf(mode: string): number {
  if (mode.startsWith("04")) return DIRECTORY;
  if (mode === "120000") return 2;
  return mode === "160000" ? 3 : FILE;
}

/** Parents were checked before their children, so only the last part is looked at (a `/` in a name shows as a parent). */
function checkPath(path: string): void {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const isBad = name === "" || name === "." || name === ".." || name.toLowerCase() === ".git";
  if (!isBad && !path.startsWith("../") && !path.includes("/../") && !path.includes("//")) return;
  throw new Failure({
    reason: "GitOperationFailed",
    message: `the commit holds a path that no Git client should have written: ${JSON.stringify(path.slice(0, 200))}`,
    hint: "Someone made this tree by hand; run `git fsck` on the repository and remove the entry",
    where: { file: path.slice(0, 200) },
  });
}

/** A directory ends where the first path that is not below it stands. */
function findEnds(columns: Columns): Uint32Array {
  const count = columns.paths.length;
  const ends = new Uint32Array(count);
  const open: number[] = [0];
  for (let i = 1; i < count; i++) {
    const path = columns.paths[i] as string; // i is in range
    while (open.length > 1) {
      const parent = columns.paths[open[open.length - 1] as number] as string; // open holds indexes in range
      if (path.length > parent.length && path.charCodeAt(parent.length) === 47 && path.startsWith(parent)) break;
      ends[open.pop() as number] = i; // it has more than one
    }
    if (columns.kinds[i] === DIRECTORY) open.push(i);
    if (open.length > MAX_TREE_DEPTH) throw tooDeep(path);
    if (columns.kinds[i] !== DIRECTORY) ends[i] = i + 1;
  }
  for (const index of open) ends[index] = count;
  return ends;
}

function tooDeep(path: string): Failure {
  return new Failure({
    reason: "LimitExceeded",
    message: `the commit nests directories deeper than ${MAX_TREE_DEPTH}`,
    hint: "Flatten the repository",
    where: { file: `${path.slice(0, 200)}…` },
  });
}
