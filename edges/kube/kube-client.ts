// The client as its callers see it: verbs on untyped objects, a watch, discovery.

import type { Clock, GroupKind, Gvk, JsonValue, Manifest, ObjectRef } from "@plumbline/core/model";
import type { Impersonation } from "./config/cluster-config.ts";
import type { WatchEvent } from "./watch-event.ts";

/** A kind as the API server serves it. */
export interface ResourceInfo extends Gvk {
  plural: string;
  singular: string;
  namespaced: boolean;
  verbs: readonly string[];
  /** Names after the slash: `status`, `scale`, … */
  subresources: readonly string[];
  shortNames: readonly string[];
  categories: readonly string[];
}

/** Any way to name a kind; without a version the API server's preferred one is used. */
export type KindRef = GroupKind & { version?: string };

/** Holds for every call. */
export interface CallOptions {
  impersonate?: Impersonation;
  signal?: AbortSignal;
  /** From its first turn on, with all retries; 60 s unless told. Waiting in line does not count. */
  timeoutMs?: number;
  /** Calls of one key wait in line; the keys take turns, so that small work is not starved by large. */
  fairKey?: string;
  /** Goes when nothing else is on its way, or after a quarter of a second: for what nobody waits for. */
  background?: boolean;
  /** Does not wait for a turn: for leases and the like, few and small. */
  urgent?: boolean;
  /** Asks for and answers `apiVersion`, `kind`, `metadata` only (PartialObjectMetadata). */
  metadataOnly?: boolean;
}

export interface WriteOptions extends CallOptions {
  /** Names the owner in managedFields; the client's user agent up to the first `/` unless told. */
  fieldManager?: string;
  dryRun?: boolean;
  fieldValidation?: "Ignore" | "Warn" | "Strict";
}

export interface ApplyOptions extends WriteOptions {
  fieldManager: string;
  force?: boolean;
  subresource?: "status" | "scale";
}

export interface Applied {
  object: Manifest;
  /** True when the API server answered 201. */
  created: boolean;
  /** `Warning` headers: deprecated versions, unknown fields. */
  warnings: readonly string[];
}

/** A JSON patch is a list of operations (RFC 6902), the others an object (RFC 7396; strategic for built-in kinds). */
export interface Patch {
  type: "merge" | "json" | "strategic";
  body: JsonValue;
}

export interface PatchOptions extends WriteOptions {
  subresource?: "status" | "scale";
}

export interface UpdateOptions extends WriteOptions {
  subresource?: "status" | "scale";
}

export interface DeleteOptions extends CallOptions {
  propagationPolicy?: "Foreground" | "Background" | "Orphan";
  /** The server refuses with 409 when they do not hold. */
  preconditions?: { uid?: string; resourceVersion?: string };
  gracePeriodSeconds?: number;
  dryRun?: boolean;
}

export interface ListOptions extends CallOptions {
  /** Absent or empty: all namespaces. */
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  /** At most this many items in one answer. */
  limit?: number;
  /** Token of the page to go on with. */
  continue?: string;
  /** `"0"` answers from the API server's cache. */
  resourceVersion?: string;
  resourceVersionMatch?: "Exact" | "NotOlderThan";
}

export interface ListPage {
  /** Each with apiVersion and kind, which the server leaves out. */
  items: Manifest[];
  resourceVersion: string;
  /** Absent on the last page. */
  continue?: string;
}

export interface WatchOptions {
  resource: KindRef;
  /** Absent or empty: all namespaces. */
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  metadataOnly?: boolean;
  impersonate?: Impersonation;
  signal?: AbortSignal;
  /** When the server shall end the stream, which goes on with a new one; 30 to 60 minutes unless told. */
  streamSeconds?: number;
  /** Called in order, one at a time; what it throws ends the watch and rejects `closed`. */
  on(event: WatchEvent): void;
}

export interface Watch {
  /** Settles when the watch has ended: by `stop`, by the signal (both resolve) or by a throwing `on` (rejects). */
  readonly closed: Promise<void>;
  /** Resolves at the first `synced`; rejects when the watch ends before. */
  readonly synced: Promise<void>;
  stop(): void;
}

export interface Discovery {
  /**
   * The kind, or undefined when the API server has none. A miss asks the server again, at most once in some seconds
   * (`DISCOVERY_MISS_INTERVAL_MS`). Without a version the preferred one is answered.
   */
  find(kind: KindRef, options?: { signal?: AbortSignal }): Promise<ResourceInfo | undefined>;
  /** `find` that throws a `NotFound` failure; `isKindUnknown` tells it. */
  resourceFor(kind: KindRef, options?: { signal?: AbortSignal }): Promise<ResourceInfo>;
  /** What is known without asking. */
  cached(kind: KindRef): ResourceInfo | undefined;
  /** Asks now: after CRDs were applied. */
  refresh(options?: { signal?: AbortSignal }): Promise<void>;
  /** Every served kind in its preferred version. */
  all(options?: { signal?: AbortSignal }): Promise<readonly ResourceInfo[]>;
  /** `group/version`s that the server lists but cannot serve now (a broken aggregated API). */
  unavailable(): readonly string[];
}

/** One request as it was answered, for counting. `status` is 0 when no answer came. */
export interface RequestRecord {
  verb: string;
  group: string;
  version: string;
  /** The plural, with its subresource: `deployments/status`; the path for discovery and other non-resource calls. */
  resource: string;
  namespace: string;
  status: number;
  dryRun: boolean;
  /** From sending to the last byte; for a watch, to the head of the answer. Waiting for a turn is not in it. */
  durationMs: number;
}

export interface ConnectOptions {
  clock: Clock;
  /** `plumbline/1.2 (linux/amd64)` */
  userAgent: string;
  onRequest?: (record: RequestRecord) => void;
  /** In [0, 1): spreads retries. `Math.random` unless told. */
  random?: () => number;
  /** How many calls may be on their way at once; the client lowers it by itself when the server is slow or says 429. */
  concurrency?: { min?: number; max?: number; start?: number };
  /** Answers longer than this fail; 256 MiB unless told. */
  maxResponseBytes?: number;
  /** For credential plugins; the process's own unless told. */
  env?: Readonly<Record<string, string | undefined>>;
}

export interface ClientLoad {
  /** Calls that may be on their way at once, as the server's latency has it now. */
  limit: number;
  inFlight: number;
  /** Calls that wait for a turn. */
  waiting: number;
}

/**
 * Every call throws `Failure`: reasons `NotFound`, `Conflict`, `AccessDenied`, `AuthenticationFailed`,
 * `ReconciliationFailed` (the server refused the object), `ClusterUnreachable`, `LimitExceeded`. `apiStatus(failure)` is
 * the server's own answer. An aborted call rejects with the signal's reason.
 */
export interface KubeClient {
  get(ref: ObjectRef, options?: CallOptions): Promise<Manifest>;
  /** `get` with undefined for an object that is not there; a kind that is not there still throws. */
  find(ref: ObjectRef, options?: CallOptions): Promise<Manifest | undefined>;
  list(resource: KindRef, options?: ListOptions): Promise<ListPage>;
  /** Follows `continue` with pages of `limit` (500); starts anew once when the token has expired. */
  listAll(resource: KindRef, options?: ListOptions): Promise<ListPage>;
  create(manifest: Manifest, options?: WriteOptions): Promise<Manifest>;
  update(manifest: Manifest, options?: UpdateOptions): Promise<Manifest>;
  /** Server-side apply. */
  apply(manifest: Manifest, options: ApplyOptions): Promise<Applied>;
  patch(ref: ObjectRef, patch: Patch, options?: PatchOptions): Promise<Manifest>;
  /** The object while finalizers or a grace period keep it; undefined when it is gone. */
  delete(ref: ObjectRef, options?: DeleteOptions): Promise<Manifest | undefined>;
  watch(options: WatchOptions): Watch;
  /** Any path (`/version`, `/openapi/v3/apis/apps/v1`); parsed JSON. */
  getPath(path: string, options?: CallOptions): Promise<JsonValue>;
  readonly discovery: Discovery;
  /** How busy the client is, for metrics. */
  load(): ClientLoad;
  /** Ends watches and connections; calls on their way are rejected. */
  close(): Promise<void>;
}
