// A tree as a tar.gz: the same bytes for the same tree, made in a stream.

import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { createGzip } from "node:zlib";
import type { ArchivableTree } from "./door.ts";
import { tarEnd, tarHeader, tarPadding } from "./tar-writer.ts";

/** Modes as Flux writes them. */
const FILE_MODE = 0o600;
const EXECUTABLE_MODE = 0o700;
const DIRECTORY_MODE = 0o750;

/** Contents are loaded in groups of about so many bytes, larger files are streamed: that bounds an archive's memory. */
const LOAD_BYTES = 4 * 1024 * 1024;
const LOAD_FILES = 512;

/** The operating system in the gzip header: unknown, as Go writes it; otherwise it would differ by platform. */
const GZIP_OS_OFFSET = 9;
const GZIP_OS_UNKNOWN = 255;

export interface Archived {
  /** `sha256:<hex>` over the compressed bytes. */
  digest: string;
  size: number;
}

/**
 * Writes the archive to a new file (mode 0600) and syncs it. As Flux: first the root as `.`, then every directory and
 * file by name, depth first; links are left out, a submodule is an empty directory; no owner, no times.
 */
export async function writeArchive(tree: ArchivableTree, file: string, signal?: AbortSignal): Promise<Archived> {
  const handle = await open(file, "wx", 0o600);
  try {
    const hash = createHash("sha256");
    let size = 0;
    const gzip = createGzip();
    const written = (async () => {
      for await (const chunk of gzip as AsyncIterable<Buffer>) {
        if (size === 0) chunk[GZIP_OS_OFFSET] = GZIP_OS_UNKNOWN;
        hash.update(chunk);
        size += chunk.length;
        await handle.write(chunk);
      }
    })();
    written.catch(() => gzip.destroy());
    for await (const part of tarOf(tree, signal)) {
      if (!gzip.write(part)) await Promise.race([drained(gzip), written]);
    }
    gzip.end();
    await written;
    await handle.sync();
    return { digest: `sha256:${hash.digest("hex")}`, size };
  } finally {
    await handle.close();
  }
}

function drained(stream: NodeJS.WritableStream): Promise<void> {
  return new Promise((resolve) => stream.once("drain", resolve));
}

interface Planned {
  path: string;
  kind: "file" | "directory";
  size: number;
}

/** The archive's bytes, uncompressed. */
export async function* tarOf(tree: ArchivableTree, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  const call = signal ? { signal } : {};
  for (const group of groups(plan(tree))) {
    signal?.throwIfAborted();
    const paths = group.flatMap((entry) => (entry.kind === "file" && entry.size <= LOAD_BYTES ? entry.path : []));
    await tree.load(paths);
    for (const entry of group) {
      yield headerOf(tree, entry);
      if (entry.kind === "directory") continue;
      if (entry.size > LOAD_BYTES) yield* tree.stream(entry.path, call);
      else yield tree.read(entry.path);
      yield tarPadding(entry.size);
    }
    tree.unload(paths);
  }
  yield tarEnd();
}

function headerOf(tree: ArchivableTree, { path, kind, size }: Planned): Buffer {
  const mode = kind === "directory" ? DIRECTORY_MODE : tree.executable(path) ? EXECUTABLE_MODE : FILE_MODE;
  return tarHeader({ name: path === "" ? "." : path, kind, mode, size });
}

function* plan(tree: ArchivableTree, directory = ""): Generator<Planned> {
  if (!tree.implied(directory)) yield { path: directory, kind: "directory", size: 0 };
  for (const { name, kind } of tree.list(directory)) {
    const path = directory === "" ? name : `${directory}/${name}`;
    if (kind === "directory") yield* plan(tree, path);
    else if (kind === "submodule") yield { path, kind: "directory", size: 0 };
    else if (kind === "file") yield { path, kind, size: tree.size(path) ?? 0 };
  }
}

function* groups(entries: Iterable<Planned>): Generator<Planned[]> {
  let group: Planned[] = [];
  let bytes = 0;
  for (const entry of entries) {
    if (group.length >= LOAD_FILES || (group.length > 0 && bytes + entry.size > LOAD_BYTES)) {
      yield group;
      group = [];
      bytes = 0;
    }
    group.push(entry);
    bytes += entry.size;
  }
  if (group.length > 0) yield group;
}
