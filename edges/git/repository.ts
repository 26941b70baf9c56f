// One bare cache repository: made on first use, fetched into, kept small, thrown away when damaged.

import { mkdir, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "@plumbline/core/model";
import { isObjectId } from "@plumbline/core/source";
import { type BlobReader, type GitObject, openBlobReader } from "./blob-reader.ts";
import { fetchCommit, type FetchPlan, KEEP_PREFIX } from "./fetch-commit.ts";
import { GitExit, type GitProgram, killGroup, runGit, startGit } from "./git-program.ts";
import { doubtfulTrees, isIdOf, isListed, idCheck } from "./object-id.ts";
import { parseTree, type TreeIndex } from "./tree-index.ts";

/**
 * After a start the sources that share this repository open their commits one by one; until then nothing tells what is
 * in use. So nothing is dropped for a while, unless there is far too much.
 */
const PRUNE_GRACE_MS = 600_000;
const MAX_KEPT_IN_GRACE = 200;
/** After so many fetches the packs are made one and unreachable objects are dropped. */
const FETCHES_PER_REPACK = 30;
const LOCAL_TIMEOUT_MS = 60_000;
const PRUNE_TIMEOUT_MS = 600_000;

export interface CommitInfo {
  tree: string;
  subject: string;
  /** Committer's time, milliseconds since the epoch. */
  committedAt: number;
}

export class CacheRepository {
  readonly directory: string;
  readonly #git: GitProgram;
  readonly #keepRevisions: number;
  readonly #reader: BlobReader;
  readonly #closing = new AbortController();
  readonly #users = new Map<string, number>();
  /** Commits that were found: each run of each delivery asks, and asking the disk costs a turn of another thread. */
  readonly #found = new Set<string>();
  #writing: Promise<unknown> = Promise.resolve();
  #prepared: Promise<void> | undefined;
  readonly #openedAt: number;
  #fetches = 0;

  constructor(git: GitProgram, directory: string, keepRevisions: number) {
    this.#git = git;
    this.directory = directory;
    this.#keepRevisions = keepRevisions;
    this.#openedAt = git.clock.monotonic();
    this.#reader = openBlobReader(git, directory);
  }

  /** True when the commit was fetched completely at some time. */
  async has(commit: string): Promise<boolean> {
    if (!isObjectId(commit)) return false;
    if (this.#found.has(commit)) return true;
    const isThere = (await modified(this.#keepFile(commit))) !== undefined;
    // Only what is in use is remembered: it is not dropped, and there are few of them.
    if (isThere && this.#users.has(commit)) this.#found.add(commit);
    return isThere;
  }

  /** Fetches the commit unless it is there. One at a time; the caller shares equal calls. */
  async fetch(plan: FetchPlan): Promise<void> {
    const isNew = await this.#exclusively(() => this.#fetchNow(plan));
    if (!isNew) return;
    // Nobody waits for the cleaning up; what fails in it is done by the next one.
    this.#exclusively(() => this.#prune(plan.commit)).catch(() => undefined);
  }

  async #fetchNow(plan: FetchPlan): Promise<boolean> {
    if (await this.has(plan.commit)) return false;
    await this.#prepare(plan.commit.length === 64 ? "sha256" : "sha1");
    try {
      await fetchCommit(this.#git, this.directory, plan);
    } catch (error) {
      // A git that was stopped leaves locks and parts behind, maybe large ones; the next fetch looks again.
      this.#prepared = undefined;
      await removeLeftovers(this.directory);
      if (!(error instanceof GitExit) || !isDamage(error.stderr)) throw error;
      // The cache is only a cache: once anew, then the error counts.
      await this.#discard();
      await this.#prepare(plan.commit.length === 64 ? "sha256" : "sha1");
      await fetchCommit(this.#git, this.directory, plan);
    }
    return true;
  }

  /** Marks a commit as in use until the returned function is called. */
  use(commit: string): () => void {
    const users = (this.#users.get(commit) ?? 0) + 1;
    this.#users.set(commit, users);
    const now = new Date(this.#git.clock.now());
    // Only the order of pruning depends on it, and what is in use is not pruned.
    if (users === 1) utimes(this.#keepFile(commit), now, now).catch(() => undefined);
    let isDone = false;
    return () => {
      if (isDone) return;
      isDone = true;
      const left = (this.#users.get(commit) ?? 1) - 1;
      if (left === 0) {
        this.#users.delete(commit);
        this.#found.delete(commit);
      } else {
        this.#users.set(commit, left);
      }
    };
  }

  /** What the commit object says; undefined when there is no such object. Throws when it is no commit. */
  async commitInfo(commit: string): Promise<CommitInfo | undefined> {
    const object = await this.#read(commit);
    if (object && object.type !== "commit") throw notACommit(commit, object.type);
    return object && parseCommit(Buffer.from(object.bytes).toString("utf8"));
  }

  /** Lists the whole tree of a commit that `has`. */
  async readTree(commit: string, signal?: AbortSignal): Promise<TreeIndex> {
    const info = await this.commitInfo(commit);
    if (!info) {
      await this.#exclusively(() => this.#discard());
      throw damaged(undefined);
    }
    const args = ["ls-tree", "-r", "-t", "-z", "-l", "--full-tree", commit];
    const run = { args, gitDirectory: this.directory, timeoutMs: LOCAL_TIMEOUT_MS, signal };
    try {
      const { stdout } = await runGit(this.#git, run);
      for (const tree of doubtfulTrees(stdout, info.tree)) {
        const object = await this.#read(tree.id);
        if (!object || (!object.isCut && !isListed(object.bytes, tree))) throw new GitExit(0, "listed otherwise");
      }
      return parseTree(stdout, info.tree);
    } catch (error) {
      if (!(error instanceof GitExit)) throw error;
      await this.#exclusively(() => this.#discard());
      throw damaged(error);
    }
  }

  /** An object whose content is what its id stands for; git does not look. A damaged cache is removed. */
  async #read(id: string): Promise<GitObject | undefined> {
    const object = await this.#reader.read(id).catch(async (error: unknown) => {
      if (!isBroken(error)) throw error;
      await this.#exclusively(() => this.#discard());
      throw damaged(error);
    });
    if (!object || object.isCut || isIdOf(id, object.type, object.bytes)) return object;
    await this.#exclusively(() => this.#discard());
    throw damaged(undefined);
  }

  /** A file's content. The caller has checked its size. */
  async readBlob(id: string): Promise<Uint8Array> {
    const object = await this.#read(id);
    if (object?.type === "blob") return object.bytes;
    await this.#exclusively(() => this.#discard());
    throw damaged(undefined);
  }

  /**
   * A file's content in pieces, through a process of its own. What they are shows only at the end: a cache that was
   * damaged is removed, and whoever reads must forget what it got.
   */
  async *streamBlob({ id, size }: { id: string; size: number }, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    signal?.throwIfAborted();
    const check = idCheck(id, size);
    const child = startGit(this.#git, { args: ["cat-file", "blob", id], gitDirectory: this.directory });
    const onAbort = (): void => killGroup(child);
    signal?.addEventListener("abort", onAbort, { once: true });
    const ended = new Promise<number | null>((resolve) => {
      child.on("close", resolve);
      child.on("error", () => resolve(null));
    });
    child.stderr?.resume();
    child.stdin?.end();
    try {
      for await (const part of child.stdout as AsyncIterable<Buffer>) {
        // it was started with pipes
        check.add(part);
        yield part;
      }
      signal?.throwIfAborted();
      if ((await ended) === 0 && check.isRight()) return;
      await this.#exclusively(() => this.#discard());
      throw damaged(undefined);
    } finally {
      signal?.removeEventListener("abort", onAbort);
      killGroup(child);
    }
  }

  /** Waits for a running fetch and ends the processes. */
  async close(): Promise<void> {
    this.#closing.abort(new Error("the Git cache was closed"));
    await this.#writing.catch(() => undefined); // whoever started it was told
    this.#reader.close();
  }

  #keepFile(commit: string): string {
    return join(this.directory, ...KEEP_PREFIX.split("/"), commit);
  }

  #exclusively<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#writing.then(work, work);
    this.#writing = next.catch(() => undefined); // the next writer does not care
    return next;
  }

  /** Creates the repository, or removes what a crash left behind. Again after a failure. */
  #prepare(format: string): Promise<void> {
    this.#prepared ??= this.#prepareNow(format).catch((error: unknown) => {
      this.#prepared = undefined;
      throw error;
    });
    return this.#prepared;
  }

  async #prepareNow(format: string): Promise<void> {
    if ((await modified(join(this.directory, "HEAD"))) !== undefined) return removeLeftovers(this.directory);
    const temporary = `${this.directory}.new`;
    await rm(temporary, { recursive: true, force: true });
    await rm(this.directory, { recursive: true, force: true });
    await mkdir(temporary, { recursive: true, mode: 0o700 });
    const args = ["init", "--quiet", "--bare", "--template=", `--object-format=${format}`, "--", temporary];
    await runGit(this.#git, { args, timeoutMs: LOCAL_TIMEOUT_MS });
    await rename(temporary, this.directory);
  }

  async #discard(): Promise<void> {
    this.#reader.close();
    this.#prepared = undefined;
    this.#found.clear();
    await rm(this.directory, { recursive: true, force: true });
  }

  /** Drops references beyond the newest few that nobody uses; now and then repacks, which frees their objects. */
  async #prune(newest: string): Promise<void> {
    this.#fetches++;
    const kept = await this.#listKept();
    const isEarly = this.#git.clock.monotonic() - this.#openedAt < PRUNE_GRACE_MS;
    if (isEarly && kept.length <= MAX_KEPT_IN_GRACE) return;
    const unused = kept.filter(({ commit }) => commit !== newest && !this.#users.has(commit));
    const local = { gitDirectory: this.directory, timeoutMs: PRUNE_TIMEOUT_MS, signal: this.#closing.signal };
    for (const { commit } of unused.slice(Math.max(0, this.#keepRevisions - 1))) {
      if (this.#users.has(commit)) continue;
      await runGit(this.#git, { ...local, args: ["update-ref", "-d", KEEP_PREFIX + commit] });
      // Somebody opened it while git was at it; its objects are still there.
      if (this.#users.has(commit))
        await runGit(this.#git, { ...local, args: ["update-ref", KEEP_PREFIX + commit, commit] });
    }
    if (this.#fetches % FETCHES_PER_REPACK !== 0) return;
    await runGit(this.#git, { ...local, args: ["repack", "-a", "-d", "-q"] });
    await runGit(this.#git, { ...local, args: ["prune", "--expire=now"] });
  }

  /** Kept commits, the most recently used first. */
  async #listKept(): Promise<{ commit: string; usedAt: number }[]> {
    const names = await readdir(join(this.directory, ...KEEP_PREFIX.split("/"))).catch(() => []);
    const commits = names.filter(isObjectId);
    const kept = await Promise.all(
      commits.map(async (commit) => ({ commit, usedAt: (await modified(this.#keepFile(commit))) ?? 0 })),
    );
    return kept.sort((a, b) => b.usedAt - a.usedAt);
  }
}

function parseCommit(text: string): CommitInfo | undefined {
  const blank = text.indexOf("\n\n");
  const head = text.slice(0, blank < 0 ? text.length : blank);
  const tree = /^tree ([0-9a-f]+)$/m.exec(head)?.[1];
  if (tree === undefined) return undefined;
  const seconds = Number(/^committer .* (\d+) [+-]\d{4}$/m.exec(head)?.[1] ?? 0);
  const subject = blank < 0 ? "" : (text.slice(blank + 2).split("\n", 1)[0] ?? "");
  return { tree, subject, committedAt: seconds * 1000 };
}

async function modified(file: string): Promise<number | undefined> {
  try {
    return (await stat(file)).mtimeMs;
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR"))
      return undefined;
    throw error;
  }
}

/** Locks and half-written packs of a process that was killed; the directory has one owner, so they are nobody's. */
async function removeLeftovers(directory: string): Promise<void> {
  for (const name of await readdir(directory, { recursive: true })) {
    const isLock = name.endsWith(".lock");
    const isPart = /(?:^|[\\/])tmp_[^\\/]*$/.test(name);
    if (isLock || isPart) await rm(join(directory, name), { force: true });
  }
}

/** git gave up on its files, and not for want of memory or of handles. */
function isBroken(error: unknown): boolean {
  if (!(error instanceof Failure) || !(error.cause instanceof GitExit)) return false;
  const { stderr } = error.cause;
  return /^(?:fatal|error):/m.test(stderr) && !/too many open files|cannot allocate|out of memory/i.test(stderr);
}

/** What git says when its own files are broken, as opposed to the remote's answer. */
function isDamage(stderr: string): boolean {
  return /not a git repository|object file .* is (?:empty|corrupt)|bad object|missing (?:blob|tree|commit)|unable to read tree|packfile .* (?:is not|cannot|does not)|bad config|loose object .* is corrupt/i.test(
    stderr,
  );
}

function notACommit(commit: string, type: string): Failure {
  return new Failure({
    reason: "GitOperationFailed",
    message: `${commit} is a ${type}, not a commit`,
    hint: "Give the id of a commit (`git rev-parse <tag>^{commit}` prints a tag's)",
    where: { field: "spec.ref.commit" },
    retry: "never",
  });
}

function damaged(cause: unknown): Failure {
  return new Failure({
    reason: "StorageOperationFailed",
    message: "the Git cache was damaged and has been removed",
    hint: "It is fetched anew; if this happens again, check the disk",
    cause,
  });
}
