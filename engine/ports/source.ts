// What the engine wants of a source of files; @plumbline/edges/git and @plumbline/edges/artifact fit.

import type { Artifact, FileTree, GitRef } from "@plumbline/core/model";
import type { GitAuth, Resolved } from "@plumbline/core/source";

export interface GitRemote {
  url: string;
  auth?: GitAuth;
  /** Set by `recall`: read from the cache without the credentials of then. */
  cachedAs?: string;
}

export interface GitCall {
  timeoutMs?: number;
  signal?: AbortSignal;
}

/** The files of a commit after ignore rules; bytes that were loaded stay readable until `release`. */
export interface Snapshot extends FileTree {
  readonly commit: string;
  /** Bytes of a file; undefined for anything else. */
  size(path: string): number | undefined;
  load(paths: readonly string[]): Promise<void>;
  release(): void;
}

export interface GitPort {
  /** One `ls-refs`, shared by all who ask at the same time. `maxAgeMs` accepts an earlier answer of that age. */
  resolve(request: GitRemote & GitCall & { ref: GitRef; maxAgeMs?: number }): Promise<Resolved>;
  /** Brings the commit into the local cache; nothing when it is there. */
  fetch(request: GitRemote & GitCall & { ref: GitRef; commit: string }): Promise<void>;
  /** Opens a fetched commit; `ignore` replaces the default patterns. Works without network. */
  snapshot(request: GitRemote & { commit: string; ignore?: string }): Promise<Snapshot>;
  /** The newest revision that was resolved and fetched, also from before a restart. */
  lastGood(request: GitRemote & { ref: GitRef }): Promise<Resolved | undefined>;
  /** Notes what `holder` (an uid) has now, so that `recall` finds it after a restart. */
  remember(holder: string, remote: GitRemote, resolved: Resolved): Promise<void>;
  /** What it had last, as long as the cache has it, whatever has become of its URL and its credentials. */
  recall(holder: string): Promise<{ remote: GitRemote; resolved: Resolved } | undefined>;
  forget(holder: string): Promise<void>;
  /** First line of the commit's message; undefined when the commit is not in the cache. */
  subject(request: GitRemote & { commit: string }): Promise<string | undefined>;
}

export interface ArtifactPort {
  store(request: {
    kind: string;
    namespace: string;
    name: string;
    revision: string;
    snapshot: Snapshot;
  }): Promise<Artifact>;
  remove(request: { kind: string; namespace: string; name: string }): Promise<void>;
}
