// What the engine wants of a source of files; @plumbline/edges/git and @plumbline/edges/artifact fit.

import type { Artifact, FileTree, GitRef } from "@plumbline/core/model";

/** Credentials as the dialect read them from a Secret; values never leave the edge. */
export interface GitAuth {
  basic?: { username: string; password: string };
  bearerToken?: string;
  /** PEM */
  caPem?: string;
  clientCertPem?: string;
  clientKeyPem?: string;
}

export interface GitAddress {
  url: string;
  auth: GitAuth | undefined;
}

export interface GitCall {
  timeoutMs: number;
  signal?: AbortSignal;
}

/** What a reference points to now. */
export interface Resolved {
  /** Flux's revision string: `main@sha1:<hex>`. */
  revision: string;
  /** Full object name of the commit. */
  commit: string;
}

/** The tree of a commit; bytes are loaded on demand. */
export interface Snapshot extends FileTree {
  readonly commit: string;
  /** Fetches the bytes of these files, so that `read` has them. */
  load(paths: readonly string[]): Promise<void>;
  release(): void;
}

export interface GitPort {
  /** One `ls-refs`, nothing more. */
  resolve(request: GitAddress & GitCall & { ref: GitRef }): Promise<Resolved>;
  /** Makes sure that the commit is in the local cache. */
  fetch(request: GitAddress & GitCall & { ref: GitRef; commit: string }): Promise<void>;
  /** `ignore` replaces the default patterns. */
  snapshot(request: GitAddress & { commit: string; ignore: string | undefined }): Promise<Snapshot>;
  /** The first line of the commit's message, when the commit is in the cache. */
  subject(request: GitAddress & { commit: string }): Promise<string | undefined>;
}

export interface ArtifactPort {
  store(request: {
    kind: string;
    namespace: string;
    name: string;
    resolved: Resolved;
    snapshot: Snapshot;
  }): Promise<Artifact>;
  remove(request: { kind: string; namespace: string; name: string }): Promise<void>;
}
