// The tree that a delivery is built from: without links and submodules, and with one file replaced.

import { baseName, dirName, type EntryKind, type FileEntry, type FileTree } from "@plumbline/core/model";

/** A tree without symbolic links and submodules: Flux's artifacts never hold them, and no path can leave the root. */
export function withoutLinks(tree: FileTree): FileTree {
  const isPlain = (kind: EntryKind | undefined): boolean => kind === "file" || kind === "directory";
  return {
    kind: (path) => {
      const kind = tree.kind(path);
      return isPlain(kind) ? kind : undefined;
    },
    list: (directory) => {
      const entries = tree.list(directory);
      return entries.every((entry) => isPlain(entry.kind)) ? entries : entries.filter((entry) => isPlain(entry.kind));
    },
    read: (path) => tree.read(path),
    id: (path) => tree.id(path),
  };
}

const encoder = new TextEncoder();

/** The tree with `text` at `path`, in a directory that exists; its id is its content. */
export function withFile(tree: FileTree, path: string, text: string): FileTree {
  const directory = dirName(path);
  const bytes = encoder.encode(text);
  let entries: readonly FileEntry[] | undefined;
  return {
    kind: (asked) => (asked === path ? "file" : tree.kind(asked)),
    list: (asked) => {
      if (asked !== directory) return tree.list(asked);
      return (entries ??= withEntry(tree.list(asked), baseName(path)));
    },
    read: (asked) => (asked === path ? bytes : tree.read(asked)),
    id: (asked) => (asked === path ? text : tree.id(asked)),
  };
}

function withEntry(entries: readonly FileEntry[], name: string): readonly FileEntry[] {
  if (entries.some((entry) => entry.name === name)) return entries;
  const added: FileEntry = { name, kind: "file" };
  return [...entries, added].sort((a, b) => (a.name < b.name ? -1 : 1));
}
