// What the Git edge offers: one disk cache for all Git sources of a process.

import type { Clock, FileTree, GitRef } from "@plumbline/core/model";
import type { GitAuth, Resolved } from "@plumbline/core/source";

/** Names one remote as seen with one set of credentials. Two equal ones share polls, fetches and the cache. */
export interface GitRemote {
  /** `http://` or `https://`; a user and password in it count as credentials and are never passed on in the URL. */
  url: string;
  auth?: GitAuth;
  /**
   * Stands for the credentials in the cache's name, where these change by themselves (tokens that live an hour, a
   * Secret that is rotated while the remote is away): whoever gives the same identity shares what was fetched with it,
   * whatever the credentials are now. Without it the credentials themselves count, so only equal ones share.
   */
  identity?: string;
  /** The name in the cache itself, as `recall` gave it: what is there is read without the credentials of then. */
  cachedAs?: string;
}

export interface GitCall {
  /** Default 60 s, as Flux's `spec.timeout`. */
  timeoutMs?: number;
  signal?: AbortSignal;
}

export interface ResolveRequest extends GitRemote, GitCall {
  ref: GitRef;
  /** Accept an answer of the remote that is at most this old (default 0: ask). */
  maxAgeMs?: number;
}

export interface FetchRequest extends GitRemote, GitCall {
  ref: GitRef;
  /** The commit that `resolve` gave. */
  commit: string;
}

export interface SnapshotRequest extends GitRemote, GitCall {
  commit: string;
  /** `spec.ignore`: replaces the default patterns. Undefined keeps them. */
  ignore?: string;
}

/** An ignore file that took part in the view; a change of any of them may change which files exist. */
export interface IgnoreFile {
  path: string;
  id: string;
}

/**
 * The files of one commit after ignore rules. Ids of directories are Git tree ids where nothing is hidden below, and
 * digests of what is visible elsewhere: they change exactly when what can be seen changes.
 * Bytes that were loaded stay readable until `release`; open one per render, it costs nothing after the first.
 */
export interface GitSnapshot extends FileTree {
  readonly commit: string;
  readonly ignoreFiles: readonly IgnoreFile[];
  /** Size in bytes of a file or symlink target; undefined for anything else. */
  size(path: string): number | undefined;
  /** True for a file that Git marks executable. */
  executable(path: string): boolean;
  /** True for an ignored directory that is only there because something below it was brought back with `!`. */
  implied(path: string): boolean;
  /** Makes files and symlinks readable; absent paths and directories are skipped. Throws `LimitExceeded` on huge ones. */
  load(paths: readonly string[], call?: GitCall): Promise<void>;
  /** Gives loaded bytes free again. */
  unload(paths: readonly string[]): void;
  /**
   * A file's bytes piece by piece, whatever its size; nothing of it stays loaded. Throws after the last piece when they
   * are not what was committed: what was made of them is to be thrown away.
   */
  stream(path: string, call?: GitCall): AsyncIterable<Uint8Array>;
  /** Gives the bytes and the commit free; afterwards only the tree can be read. May be called twice. */
  release(): void;
}

export interface GitCache {
  /**
   * Asks the remote what the reference points to: one `ls-refs`, shared by everybody who asks at the same time. A
   * pinned commit asks nobody. The answer is recorded on disk once its commit has been fetched (see `lastGood`).
   */
  resolve(request: ResolveRequest): Promise<Resolved>;
  /** Brings the commit into the cache; does nothing when it is there. One fetch for all who want it. */
  fetch(request: FetchRequest): Promise<void>;
  /** Opens a fetched commit; works without network and after a restart. Throws `SourceUnavailable` when not fetched. */
  snapshot(request: SnapshotRequest): Promise<GitSnapshot>;
  /** The newest revision that was both resolved and fetched, also from before a restart. */
  lastGood(remote: GitRemote & { ref: GitRef }): Promise<Resolved | undefined>;
  /**
   * Notes what `holder` has now: a name that only it can have, the uid of its object. One note per holder; on the disk
   * when the promise resolves.
   */
  remember(holder: string, remote: GitRemote, resolved: Resolved): Promise<void>;
  /** What the holder had last, wherever it came from, as long as the cache has it; needs no credentials. */
  recall(holder: string): Promise<{ remote: GitRemote; resolved: Resolved } | undefined>;
  forget(holder: string): Promise<void>;
  /** The commit's subject line, for events. Undefined when the commit is not in the cache. */
  subject(remote: GitRemote & { commit: string }): Promise<string | undefined>;
  /** Ends all processes; open snapshots keep what they loaded. */
  close(): Promise<void>;
}

/** Where small facts survive a restart: see `@plumbline/edges/disk`, whose records fit. */
export interface Records {
  read(name: string): Promise<unknown>;
  write(name: string, value: unknown): Promise<void>;
  remove(name: string): Promise<void>;
}

export interface GitCacheOptions {
  /** Owned by one process at a time; created with mode 0700. */
  directory: string;
  clock: Clock;
  records: Records;
  /** The program; default `git` on PATH. */
  program?: string;
  /** Also allow `file://` remotes (tests, local trials). Default false. */
  allowFile?: boolean;
  /** Revisions kept per repository beside those in use. Default 5. */
  keepRevisions?: number;
  /** Bytes of file contents shared by all snapshots. Default 64 MiB. */
  blobCacheBytes?: number;
  /** Largest file that `load` accepts. Default 32 MiB. */
  maxFileBytes?: number;
  /** Largest pack that one fetch may bring; more ends it, so that no server can fill the disk. Default 2 GiB. */
  maxFetchBytes?: number;
  /** Environment to take proxy settings from. Default `process.env`. */
  environment?: Readonly<Record<string, string | undefined>>;
}
