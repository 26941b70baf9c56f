// The watches of managed kinds: for the whole cluster where we may, for single namespaces where only that is allowed.

import { type Clock, Failure, type Gvk, type ObjectRef } from "@plumbline/core/model";
import type { Identity, Kube, KubeEvent, KubeWatch } from "../ports/index.ts";

/** Whose rights may be used where ours are too few, and how long an API server that does not answer is waited for. */
export interface EnsureOptions {
  impersonate?: Identity;
  signal?: AbortSignal;
  timeoutMs?: number;
}

/** What one watch tells of; the namespace is empty for the whole cluster. */
export interface WatchScope {
  kind: Gvk;
  namespace: string;
}

interface Scope {
  watch: KubeWatch;
  /** `blind` while nobody lets us watch: objects are then written and read at the interval. */
  state: "starting" | "live" | "blind";
  /** Settles when it left `starting` for the first time. */
  settled: Promise<void>;
  /** Monotonic milliseconds. */
  startedMs: number;
  /** Why it has not told anything yet, as far as the API server says. */
  failure: Failure | undefined;
}

/**
 * How long a watch is waited for from its start, however patient who waits is: each run that waits holds its place, and
 * the one that would put right what is wrong with a kind (its conversion webhook) may be behind them.
 */
const PATIENCE_MS = 60_000;

export class KindWatches {
  readonly #kube: Kube;
  readonly #clock: Clock;
  readonly #labelSelector: string;
  readonly #on: (event: KubeEvent, scope: WatchScope) => void;
  readonly #scopes = new Map<string, Scope>();
  /** Those for the whole cluster, by group and kind. */
  readonly #wide = new Map<string, Map<string, Scope>>();

  constructor(options: {
    kube: Kube;
    clock: Clock;
    labelSelector: string;
    on: (event: KubeEvent, scope: WatchScope) => void;
  }) {
    this.#kube = options.kube;
    this.#clock = options.clock;
    this.#labelSelector = options.labelSelector;
    this.#on = options.on;
  }

  /**
   * Watches what these objects' kinds need and waits until each watch has told what exists, or was refused. Throws
   * Failure (`ClusterUnreachable`) when the API server does not answer in time; rejects when aborted.
   */
  async ensure(refs: readonly ObjectRef[], options: EnsureOptions = {}): Promise<void> {
    const kinds = new Map(refs.map((ref) => [keyOf(ref, ""), ref]));
    await Promise.all([...kinds.values()].map((ref) => this.#ensureScope(ref, "", undefined, options)));
    const refused = refs.filter((ref) => this.#scopes.get(keyOf(ref, ""))?.state === "blind");
    const narrow = new Map(refused.map((ref) => [keyOf(ref, ref.namespace, options.impersonate), ref]));
    await Promise.all(
      [...narrow.values()]
        .filter((ref) => ref.namespace !== "" || options.impersonate)
        .map((ref) => this.#ensureScope(ref, ref.namespace, options.impersonate, options)),
    );
  }

  /** True when no watch tells what becomes of this object. */
  isBlind(ref: ObjectRef, impersonate?: Identity): boolean {
    // Asked of every object at every interval: no key is built for the usual case.
    if (this.#wide.get(ref.group)?.get(ref.kind)?.state === "live") return false;
    const isLive = (key: string): boolean => this.#scopes.get(key)?.state === "live";
    return !isLive(keyOf(ref, ref.namespace)) && !isLive(keyOf(ref, ref.namespace, impersonate));
  }

  stop(): void {
    for (const { watch } of this.#scopes.values()) watch.stop();
    this.#scopes.clear();
    this.#wide.clear();
  }

  async #ensureScope(
    kind: Gvk,
    namespace: string,
    impersonate: Identity | undefined,
    options: EnsureOptions,
  ): Promise<void> {
    const key = keyOf(kind, namespace, impersonate);
    const scope = this.#scopes.get(key) ?? this.#start(key, kind, namespace, impersonate);
    if (scope.state === "starting") await this.#inTime(scope, kind, options);
  }

  #start(key: string, kind: Gvk, namespace: string, impersonate: Identity | undefined): Scope {
    const settled = Promise.withResolvers<void>();
    const watch = this.#kube.watch({
      resource: kind,
      labelSelector: this.#labelSelector,
      ...(namespace === "" ? {} : { namespace }),
      ...(impersonate ? { impersonate } : {}),
      on: (event) => {
        if (event.type === "disconnected") scope.failure = event.failure;
        const isRefused = event.type === "disconnected" && event.failure.reason === "AccessDenied";
        if (isRefused) scope.state = "blind";
        else if (event.type === "synced" || event.type === "resumed") scope.state = "live";
        if (scope.state !== "starting") settled.resolve();
        this.#on(event, { kind, namespace });
      },
    });
    const scope: Scope = {
      watch,
      state: "starting",
      settled: settled.promise,
      startedMs: this.#clock.monotonic(),
      failure: undefined,
    };
    settled.promise.catch(() => undefined); // whoever waits for it gets the same error
    watch.synced.catch((error: unknown) => {
      this.#scopes.delete(key);
      if (namespace === "" && !impersonate) this.#wide.get(kind.group)?.delete(kind.kind);
      settled.reject(error);
    });
    this.#scopes.set(key, scope);
    if (namespace === "" && !impersonate) {
      const kinds = this.#wide.get(kind.group) ?? new Map<string, Scope>();
      this.#wide.set(kind.group, kinds.set(kind.kind, scope));
    }
    return scope;
  }

  /** A watch that never answers must not hold a place in the queue for ever. */
  async #inTime(scope: Scope, kind: Gvk, options: EnsureOptions): Promise<void> {
    const { timeoutMs = PATIENCE_MS, signal } = options;
    const leftMs = scope.startedMs + PATIENCE_MS - this.#clock.monotonic();
    const over = Promise.withResolvers<never>();
    const onAbort = (): void => over.reject(signal?.reason as Error);
    const onTime = (): void => over.reject(unanswered(kind, scope, this.#clock.monotonic() - scope.startedMs));
    const cancel = this.#clock.after(Math.max(0, Math.min(timeoutMs, leftMs)), onTime);
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      signal?.throwIfAborted();
      await Promise.race([scope.settled, over.promise]);
    } finally {
      cancel();
      signal?.removeEventListener("abort", onAbort);
    }
  }
}

function unanswered({ kind, group }: Gvk, { failure }: Scope, forMs: number): Failure {
  const why = failure ? `: ${failure.message}` : "";
  return new Failure({
    reason: "ClusterUnreachable",
    message: `the watch of ${kind}${group === "" ? "" : `.${group}`} has told nothing for ${Math.round(forMs / 1000)} s${why}`,
    hint: "Check the API server, the conversion webhook of the kind's definition and, for an aggregated API, its Service: kubectl get apiservices",
    cause: failure,
  });
}

function keyOf({ group, kind }: Gvk, namespace: string, impersonate?: Identity): string {
  return `${group}/${kind} ${namespace} ${impersonate?.user ?? ""}`;
}
