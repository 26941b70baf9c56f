// A FileTree over files held in memory: for tests, examples and archives.

import { baseName, dirName, type EntryKind, type FileEntry, type FileTree } from "./files.ts";

type Node = { kind: "file"; bytes: Uint8Array } | { kind: "directory"; names: Map<string, EntryKind> };

const encoder = new TextEncoder();

/**
 * `files` maps a path to its text or bytes. `hash` gives content ids; without it ids are the content's length and a
 * 32-bit checksum, good enough to tell versions of a test file apart and nothing more.
 */
export function memoryTree(
  files: Record<string, string | Uint8Array>,
  hash: (bytes: Uint8Array) => string = weakId,
): FileTree {
  const nodes = new Map<string, Node>([["", { kind: "directory", names: new Map() }]]);
  for (const [path, content] of Object.entries(files)) {
    const clean = path.replace(/^\/+/, "");
    nodes.set(clean, { kind: "file", bytes: typeof content === "string" ? encoder.encode(content) : content });
    addToParents(nodes, clean);
  }
  const list = (directory: string): FileEntry[] => {
    const node = nodes.get(directory);
    if (node?.kind !== "directory") return [];
    return [...node.names].map(([name, kind]) => ({ name, kind })).sort((a, b) => (a.name < b.name ? -1 : 1));
  };
  const id = (path: string): string | undefined => {
    const node = nodes.get(path);
    if (!node) return undefined;
    if (node.kind === "file") return hash(node.bytes);
    const prefix = path === "" ? "" : `${path}/`;
    return hash(
      encoder.encode(
        list(path)
          .map((entry) => `${entry.name} ${id(prefix + entry.name)}\n`)
          .join(""),
      ),
    );
  };
  return {
    kind: (path) => nodes.get(path)?.kind,
    list,
    id,
    read: (path) => {
      const node = nodes.get(path);
      if (node?.kind !== "file") throw new RangeError(`no file at ${path}`);
      return node.bytes;
    },
  };
}

function addToParents(nodes: Map<string, Node>, path: string): void {
  let child = path;
  let kind: EntryKind = "file";
  while (child !== "") {
    const parent = dirName(child);
    const known = nodes.get(parent);
    const directory: Node = known?.kind === "directory" ? known : { kind: "directory", names: new Map() };
    if (directory !== known) nodes.set(parent, directory);
    directory.names.set(baseName(child), kind);
    child = parent;
    kind = "directory";
  }
}

function weakId(bytes: Uint8Array): string {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return `${bytes.length}-${(hash >>> 0).toString(16)}`;
}
