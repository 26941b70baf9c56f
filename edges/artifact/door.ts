// What the artifact room offers: tar.gz files of snapshots, as Flux's consumers expect to download them.

import type { Clock, FileTree } from "@plumbline/core/model";

/** The part of a Git snapshot that an archive is made of. */
export interface ArchivableTree extends FileTree {
  size(path: string): number | undefined;
  executable(path: string): boolean;
  /** A directory that gets no entry of its own because only something below it is wanted. */
  implied(path: string): boolean;
  load(paths: readonly string[]): Promise<void>;
  unload(paths: readonly string[]): void;
  stream(path: string, call?: { signal?: AbortSignal }): AsyncIterable<Uint8Array>;
}

/** `status.artifact` of a source, field for field. */
export interface Artifact {
  /** `gitrepository/<namespace>/<name>/<commit>.tar.gz`, relative to the store. */
  path: string;
  url: string;
  revision: string;
  /** `sha256:<hex>` over the compressed bytes. */
  digest: string;
  /** Compressed bytes. */
  size: number;
  /** RFC 3339, whole seconds, UTC. */
  lastUpdateTime: string;
}

export interface StoreRequest {
  /** Kind of the source in any case; default `GitRepository`. */
  kind?: string;
  namespace: string;
  name: string;
  revision: string;
  /** Read only when the file has to be made. The caller releases it when the promise has settled. */
  snapshot: ArchivableTree;
  signal?: AbortSignal;
}

export interface ArtifactStore {
  /**
   * Makes the archive unless it is there, made of the same visible files (`id("")` tells); calls for one revision at
   * the same time share the work.
   */
  store(request: StoreRequest): Promise<Artifact>;
  /** Checks that the stored file still has that digest; false when it is gone or differs. */
  verify(artifact: Pick<Artifact, "path" | "digest">): Promise<boolean>;
  /** Removes everything of one source (it was deleted). */
  remove(source: { kind?: string; namespace: string; name: string }): Promise<void>;
}

export interface ArtifactStoreOptions {
  directory: string;
  clock: Clock;
  /** What stands before the path in `url`: `http://source-controller.flux-system.svc.cluster.local.` by default. */
  baseUrl?: string;
  /** Newest archives kept per source. Default 2. */
  retentionRecords?: number;
  /** Archives younger than this are kept too. Default 60 s. */
  retentionMs?: number;
}

export interface ArtifactServer {
  /** `http://127.0.0.1:<port>` */
  url: string;
  close(): Promise<void>;
}
