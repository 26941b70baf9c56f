// A commit as a FileTree: the view of its tree, and the contents that were loaded.

import { Failure, NotLoaded } from "@plumbline/core/model";
import type { GitCall, GitSnapshot, IgnoreFile } from "./door.ts";
import { untilAborted } from "./single-flight.ts";
import type { TreeView } from "./tree-view.ts";

/** How contents get here: shared by all snapshots of a repository. */
export interface BlobSource {
  /** The content if it is in memory. */
  cached(id: string): Uint8Array | undefined;
  fetch(id: string): Promise<Uint8Array>;
  stream(blob: { id: string; size: number }, signal: AbortSignal | undefined): AsyncIterable<Uint8Array>;
  maxFileBytes: number;
}

export interface SnapshotParts {
  commit: string;
  view: TreeView;
  ignoreFiles: readonly IgnoreFile[];
  blobs: BlobSource;
  release(): void;
}

/** Contents that are asked for at once; bounds what is in flight, not what can be loaded. */
const LOAD_BATCH = 256;

export function openSnapshot(parts: SnapshotParts): GitSnapshot {
  const { view, blobs, commit, ignoreFiles } = parts;
  const { index } = view;
  const loaded = new Map<number, Uint8Array>();
  const content = (path: string): number | undefined => {
    const at = view.find(path);
    return at !== undefined && index.sizeAt(at) >= 0 ? at : undefined;
  };
  const missing = (paths: readonly string[]): number[] => {
    const found = new Set<number>();
    for (const path of paths) {
      const at = content(path);
      if (at === undefined || loaded.has(at)) continue;
      checkSize(path, index.sizeAt(at), blobs.maxFileBytes);
      const known = blobs.cached(index.ids[at] ?? "");
      if (known) loaded.set(at, known);
      else found.add(at);
    }
    return [...found];
  };
  return {
    commit,
    ignoreFiles,
    kind(path) {
      const at = view.find(path);
      return at === undefined ? undefined : index.kindAt(at);
    },
    list: (directory) => view.list(directory),
    id(path) {
      const at = view.find(path);
      return at === undefined ? undefined : view.idAt(at);
    },
    size: (path) => {
      const at = content(path);
      return at === undefined ? undefined : index.sizeAt(at);
    },
    executable: (path) => {
      const at = view.find(path);
      return at !== undefined && index.isExecutable(at);
    },
    implied: (path) => {
      const at = view.find(path);
      return at !== undefined && view.isImplied(at);
    },
    read(path) {
      const at = content(path);
      if (at === undefined) throw new RangeError(`no file at ${path}`);
      const bytes = loaded.get(at);
      if (bytes) return bytes;
      throw new NotLoaded([path]);
    },
    async load(paths, call: GitCall = {}) {
      call.signal?.throwIfAborted();
      const wanted = missing(paths);
      for (let start = 0; start < wanted.length; start += LOAD_BATCH) {
        const batch = wanted.slice(start, start + LOAD_BATCH);
        const contents = Promise.all(batch.map((at) => blobs.fetch(index.ids[at] ?? "")));
        const bytes = await untilAborted(contents, call.signal);
        for (const [i, at] of batch.entries()) loaded.set(at, bytes[i] as Uint8Array); // one per entry of the batch
      }
    },
    unload(paths) {
      for (const path of paths) {
        const at = content(path);
        if (at !== undefined) loaded.delete(at);
      }
    },
    stream(path, call = {}) {
      const at = content(path);
      if (at === undefined) throw new RangeError(`no file at ${path}`);
      return blobs.stream({ id: index.ids[at] ?? "", size: index.sizeAt(at) }, call.signal);
    },
    release() {
      loaded.clear();
      parts.release();
    },
  };
}

function checkSize(path: string, size: number, limit: number): void {
  if (size <= limit) return;
  throw new Failure({
    reason: "LimitExceeded",
    message: `the file has ${size} bytes, more than the ${limit} that are read from Git`,
    hint: "Take it out of the manifests' folder, or leave it out with spec.ignore",
    where: { file: path },
  });
}
