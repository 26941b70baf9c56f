// A FileTree over a directory on disk: links are shown as links and never followed.

import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync, type Dirent, type Stats } from "node:fs";
import { join } from "node:path";
import { baseName, dirName, type EntryKind, type FileEntry, type FileTree } from "@plumbline/core/model";

const encoder = new TextEncoder();

function kindOf(entry: Dirent | Stats): EntryKind | undefined {
  if (entry.isSymbolicLink()) return "symlink";
  if (entry.isDirectory()) return "directory";
  // Sockets, pipes and devices are not part of a source.
  return entry.isFile() ? "file" : undefined;
}

/** No name on this system: nothing can stand there. */
function isNoName(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENAMETOOLONG" || error.code === "ENOTDIR");
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/**
 * The tree below `root`, as it is when each part is first asked for: directories and files are remembered. Ids are
 * SHA-256 digests of what was read; or, for a process that reads once and ends, the paths themselves. Throws what
 * node:fs throws when a directory may not be read.
 */
export function diskTree(root: string, ids: "content" | "path" = "content"): FileTree {
  const directories = new Map<string, Map<string, EntryKind>>();
  const kinds = new Map<string, EntryKind | undefined>();
  const contents = new Map<string, Uint8Array>();
  const contentIds = new Map<string, string>();

  const entriesOf = (directory: string): Map<string, EntryKind> => {
    const known = directories.get(directory);
    if (known) return known;
    const entries = new Map<string, EntryKind>();
    for (const entry of readdirSync(join(root, directory), { withFileTypes: true })) {
      const kind = kindOf(entry);
      if (kind) entries.set(entry.name, kind);
    }
    directories.set(directory, entries);
    return entries;
  };
  // One entry is looked at alone: directories on the way, such as / and /tmp, may be long.
  const look = (path: string): EntryKind | undefined => {
    if (path.includes("\0")) return undefined;
    try {
      const stats = lstatSync(join(root, path), { throwIfNoEntry: false });
      return stats && kindOf(stats);
    } catch (error) {
      if (isNoName(error)) return undefined;
      throw error;
    }
  };
  const kind = (path: string): EntryKind | undefined => {
    if (path === "") return "directory";
    const parent = dirName(path);
    const listed = directories.get(parent);
    if (listed) return listed.get(baseName(path));
    if (kind(parent) !== "directory") return undefined;
    if (!kinds.has(path)) kinds.set(path, look(path));
    return kinds.get(path);
  };
  const read = (path: string): Uint8Array => {
    const known = contents.get(path);
    if (known) return known;
    const what = kind(path);
    if (what !== "file" && what !== "symlink") throw new RangeError(`no file at ${path}`);
    const bytes = what === "file" ? readFileSync(join(root, path)) : encoder.encode(readlinkSync(join(root, path)));
    contents.set(path, bytes);
    return bytes;
  };
  const list = (directory: string): FileEntry[] => {
    if (kind(directory) !== "directory") return [];
    return [...entriesOf(directory)]
      .map(([name, entryKind]) => ({ name, kind: entryKind }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  };
  const id = (path: string): string | undefined => {
    if (ids === "path") return kind(path) && `${root}\0${path}`;
    const known = contentIds.get(path);
    if (known !== undefined) return known;
    const computed = computeId(path);
    if (computed !== undefined) contentIds.set(path, computed);
    return computed;
  };
  const computeId = (path: string): string | undefined => {
    const what = kind(path);
    if (what === undefined) return undefined;
    if (what !== "directory") return `${what} ${sha256(read(path))}`;
    const prefix = path === "" ? "" : `${path}/`;
    const names = list(path).map((entry) => `${entry.name} ${id(prefix + entry.name)}\n`);
    return sha256(encoder.encode(names.join("")));
  };
  return { kind, list, read, id };
}
