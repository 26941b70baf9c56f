// The folder of archives: made once per revision, verified, cleaned up as Flux does.

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Failure, formatTime } from "@plumbline/core/model";
import { commitOfRevision } from "@plumbline/core/source";
import { type Archived, writeArchive } from "./archive.ts";
import type { Artifact, ArtifactStore, ArtifactStoreOptions, StoreRequest } from "./door.ts";

const DEFAULT_RETENTION_RECORDS = 2;
const DEFAULT_RETENTION_MS = 60_000;
const DEFAULT_BASE_URL = "http://source-controller.flux-system.svc.cluster.local.";
const LATEST = "latest.tar.gz";
/** Beside an archive: the id of its tree and the digest that it had when it was made. Not served. */
const TREE_SUFFIX = ".tree";
const MAX_SEGMENT_LENGTH = 253;

/** Opens the store; its folder is made on the first archive. */
export function openArtifactStore(options: ArtifactStoreOptions): ArtifactStore {
  const running = new Map<string, { treeId: string; work: Promise<Artifact> }>();
  let serial = 0;
  const make = async (request: StoreRequest, { path, treeId }: { path: string; treeId: string }): Promise<Artifact> => {
    const file = join(options.directory, path);
    const made = await readMark(file);
    const known = made?.treeId === treeId ? await describe(file) : undefined;
    // A file that was damaged since is made anew: its consumers would compare it with its own digest.
    if (known && known.digest === made?.digest) return artifactOf(options, request, { path, ...known });
    const temporary = `${file}.${process.pid}-${serial++}.tmp`;
    try {
      await mkdir(join(file, ".."), { recursive: true, mode: 0o700 });
      const archived = await writeArchive(request.snapshot, temporary, request.signal);
      await rename(temporary, file);
      await writeFile(file + TREE_SUFFIX, `${treeId} ${archived.digest}`, { mode: 0o600 });
      await pointLatest(file);
      await collectGarbage(options, file);
      const { mtimeMs } = await stat(file); // as it is told of the file from now on
      return artifactOf(options, request, { path, ...archived, madeAt: mtimeMs });
    } catch (error) {
      await rm(temporary, { force: true });
      throw asFailure(error, request);
    }
  };
  return {
    store(request) {
      const path = artifactPath(request, `${fileStem(request.revision)}.tar.gz`);
      const treeId = request.snapshot.id("") ?? "";
      const before = running.get(path);
      if (before?.treeId === treeId) return before.work;
      const ready = before ? before.work.catch(() => undefined) : Promise.resolve(); // its caller is told
      const work = ready
        .then(() => make(request, { path, treeId }))
        .finally(() => {
          if (running.get(path)?.work === work) running.delete(path);
        });
      running.set(path, { treeId, work });
      return work;
    },
    async verify({ path, digest }) {
      const parts = path.split("/");
      if (parts.length !== 4 || !parts.every(isSegment)) return false;
      const found = await describe(join(options.directory, path));
      return found?.digest === digest;
    },
    async remove(source) {
      await rm(join(options.directory, artifactPath(source, "")), { recursive: true, force: true });
    },
  };
}

/** `gitrepository/<namespace>/<name>/<file>` */
function artifactPath(source: { kind?: string; namespace: string; name: string }, file: string): string {
  const parts = [(source.kind ?? "GitRepository").toLowerCase(), source.namespace, source.name];
  const bad = parts.find((part) => !isSegment(part));
  if (bad !== undefined) throw new RangeError(`not a name for a folder: ${JSON.stringify(bad.slice(0, 80))}`);
  return file === "" ? parts.join("/") : [...parts, file].join("/");
}

/** Names of Kubernetes objects and of our files: no separators, nothing that starts with a dot. */
function isSegment(part: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(part) && part.length <= MAX_SEGMENT_LENGTH + ".tar.gz".length;
}

/** The commit, as Flux names its files; a digest of the revision when there is none in it. */
function fileStem(revision: string): string {
  return commitOfRevision(revision) ?? createHash("sha256").update(revision).digest("hex");
}

/** Which tree an archive was made of: the same commit looks different under other ignore rules. */
async function readMark(file: string): Promise<{ treeId: string; digest: string } | undefined> {
  try {
    const [treeId = "", digest = ""] = (await readFile(file + TREE_SUFFIX, "utf8")).split(" ");
    return { treeId, digest };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

interface Made extends Archived {
  path: string;
  /** Milliseconds since the epoch. */
  madeAt: number;
}

function artifactOf(options: ArtifactStoreOptions, request: StoreRequest, made: Made): Artifact {
  return {
    path: made.path,
    url: `${(options.baseUrl ?? DEFAULT_BASE_URL).replace(/\/+$/, "")}/${made.path}`,
    revision: request.revision,
    digest: made.digest,
    size: made.size,
    lastUpdateTime: formatTime(made.madeAt),
  };
}

async function describe(file: string): Promise<(Archived & { madeAt: number }) | undefined> {
  try {
    const { mtimeMs, size } = await stat(file);
    const hash = createHash("sha256");
    for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) hash.update(chunk);
    return { digest: `sha256:${hash.digest("hex")}`, size, madeAt: mtimeMs };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** A link beside the archives; where links cannot be made there is none, and nobody of Flux's own needs it. */
async function pointLatest(file: string): Promise<void> {
  const link = join(file, "..", LATEST);
  const temporary = `${link}.tmp`;
  const name = file.slice(file.replaceAll("\\", "/").lastIndexOf("/") + 1);
  await rm(temporary, { force: true });
  try {
    await symlink(name, temporary);
    await rename(temporary, link);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code !== "EPERM" && code !== "ENOSYS") throw error;
  }
}

/** Keeps the newest archives and the young ones. The one just made always stays. */
async function collectGarbage(options: ArtifactStoreOptions, newest: string): Promise<void> {
  const folder = join(newest, "..");
  const names = (await readdir(folder)).filter((name) => name.endsWith(".tar.gz") && name !== LATEST);
  const files = await Promise.all(
    names.map(async (name) => ({ file: join(folder, name), madeAt: (await stat(join(folder, name))).mtimeMs })),
  );
  files.sort((a, b) => Number(b.file === newest) - Number(a.file === newest) || b.madeAt - a.madeAt);
  const oldest = options.clock.now() - (options.retentionMs ?? DEFAULT_RETENTION_MS);
  const surplus = files.slice(options.retentionRecords ?? DEFAULT_RETENTION_RECORDS);
  for (const { file, madeAt } of surplus) {
    if (madeAt >= oldest) continue;
    await rm(file, { force: true });
    await rm(file + TREE_SUFFIX, { force: true });
  }
}

function asFailure(error: unknown, request: StoreRequest): unknown {
  if (error instanceof Failure || request.signal?.aborted) return error;
  const code = error instanceof Error && "code" in error ? String(error.code) : undefined;
  if (code === undefined) return error;
  const full = code === "ENOSPC" || code === "EDQUOT";
  return new Failure({
    reason: "StorageOperationFailed",
    message: full ? "the disk of the artifact store is full" : `the artifact could not be stored (${code})`,
    hint: full ? "Give the data directory more space" : "Check the permissions of the data directory",
    cause: error,
  });
}
