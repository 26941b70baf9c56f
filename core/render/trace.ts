// Which files a pure function looked at, so that its result is reused until one of them changes.

import type { EntryKind, FileTree } from "@plumbline/core/model";

/** What was seen at a path; undefined where nothing stood. Keys are paths. */
export interface Trace {
  kinds: Map<string, EntryKind | undefined>;
  /** Names and kinds of a directory's entries. */
  lists: Map<string, string>;
  /** Content ids. */
  contents: Map<string, string | undefined>;
}

/** A tree that answers as `tree` does and notes in `trace` what was asked. */
export function traceReads(tree: FileTree): { tree: FileTree; trace: Trace } {
  const trace: Trace = { kinds: new Map(), lists: new Map(), contents: new Map() };
  return {
    trace,
    tree: {
      kind: (path) => {
        const kind = tree.kind(path);
        trace.kinds.set(path, kind);
        return kind;
      },
      list: (directory) => {
        trace.lists.set(directory, listing(tree, directory));
        return tree.list(directory);
      },
      read: (path) => {
        trace.contents.set(path, tree.id(path));
        return tree.read(path);
      },
      id: (path) => {
        const id = tree.id(path);
        trace.contents.set(path, id);
        return id;
      },
    },
  };
}

/** True when `tree` would answer everything that was asked in the same way: the traced result is still right. */
export function isUnchanged(trace: Trace, tree: FileTree): boolean {
  for (const [path, id] of trace.contents) if (tree.id(path) !== id) return false;
  for (const [path, kind] of trace.kinds) if (tree.kind(path) !== kind) return false;
  for (const [directory, names] of trace.lists) if (listing(tree, directory) !== names) return false;
  return true;
}

function listing(tree: FileTree, directory: string): string {
  return tree
    .list(directory)
    .map((entry) => `${entry.kind} ${entry.name}`)
    .join("\n");
}
