// A tree of files that the pure engines read: synchronous, content-addressed, traced from outside.

export type EntryKind = "file" | "directory" | "symlink" | "submodule";

export interface FileEntry {
  name: string;
  kind: EntryKind;
}

/**
 * Paths are relative to the root of the tree, with `/` between parts, no leading `/`, no `.` or `..` parts; the root
 * itself is the empty string. Nothing here follows symbolic links: whoever wants that reads the link and decides.
 */
export interface FileTree {
  /** What stands at the path, or undefined. Asking for a name that is absent counts as a read of that absence. */
  kind(path: string): EntryKind | undefined;
  /** Entries of a directory, sorted by name; an empty list when it is no directory. */
  list(directory: string): readonly FileEntry[];
  /** Bytes of a file, or the target of a symlink. Throws `NotLoaded` when the bytes are still elsewhere. */
  read(path: string): Uint8Array;
  /** A content id (Git blob or tree id, or a digest) that changes exactly when what stands there changes. */
  id(path: string): string | undefined;
}

/** Thrown by `FileTree.read` when bytes must be fetched first: fetch `paths`, then run the pure function again. */
export class NotLoaded extends Error {
  readonly paths: readonly string[];
  constructor(paths: readonly string[]) {
    super(`not loaded: ${paths.join(", ")}`);
    this.name = "NotLoaded";
    this.paths = paths;
  }
}

/** Joins and resolves `.` and `..`; undefined when the result would leave the root. */
export function joinPath(base: string, relative: string): string | undefined {
  const parts = base === "" ? [] : base.split("/");
  for (const part of relative.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") {
      if (parts.length === 0) return undefined;
      parts.pop();
    } else {
      parts.push(part);
    }
  }
  return parts.join("/");
}

/** The directory part of a path; the empty string for a name at the root. */
export function dirName(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "" : path.slice(0, slash);
}

/** The last part of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
