// Watches the windows of the cluster: none where their definitions are not installed, and never on half of a list.

import { type Clock, Failure, type Manifest, sleep } from "@plumbline/core/model";
import type { Kube, KubeEvent, KubeWatch, Log, WindowKind } from "../ports/index.ts";

export interface WindowWatchOptions {
  kube: Kube;
  clock: Clock;
  log: Log;
  kind: WindowKind;
  /** Only windows in this namespace, of a kind that has one. */
  namespace: string | undefined;
  /** All windows of the kind, by `namespace/name`, when the list was read anew. */
  onAll: (objects: Map<string, Manifest>) => void;
  /** One window appeared or changed. */
  onOne: (key: string, object: Manifest) => void;
  onGone: (key: string) => void;
}

const definitionKind = { group: "apiextensions.k8s.io", kind: "CustomResourceDefinition", version: "v1" };
/** Pauses before discovery is asked again for a kind whose definition has just appeared, or after it failed. */
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 30_000;

/**
 * The windows of one kind. Until it is known whether the kind is installed, and while its list is not current, `unread`
 * says why: whoever writes then could write what a window holds.
 */
export class WindowWatch {
  readonly #options: WindowWatchOptions;
  readonly #stop = new AbortController();
  readonly #definition: KubeWatch;
  #state: "unknown" | "absent" | "reading" | "current" = "unknown";
  #why: Failure | undefined;
  #objects: KubeWatch | undefined;
  #attempt = 0;
  #isDefined = false;

  constructor(options: WindowWatchOptions) {
    this.#options = options;
    this.#definition = options.kube.watch({
      resource: definitionKind,
      fieldSelector: `metadata.name=${options.kind.definition}`,
      on: (event) => this.#onDefinition(event),
    });
  }

  /** Why the windows cannot be told for sure; undefined when they can. */
  get unread(): Failure | undefined {
    if (this.#state === "absent" || this.#state === "current") return undefined;
    const { definition } = this.#options.kind;
    const why = this.#why ? `: ${this.#why.message}` : "";
    return new Failure({
      reason: this.#why?.reason ?? "ClusterUnreachable",
      message: `nothing is written before the maintenance windows are read (${definition})${why}`,
      hint: "The operator needs get, list and watch on the windows and on their CustomResourceDefinitions: plumb install",
    });
  }

  stop(): void {
    this.#stop.abort();
    this.#definition.stop();
    this.#objects?.stop();
  }

  #onDefinition(event: KubeEvent): void {
    if (event.type === "added" || event.type === "modified") return this.#defined();
    if (event.type === "deleted") return this.#undefined();
    if (event.type === "disconnected") {
      if (this.#state === "unknown") this.#why = event.failure;
      if (event.failure.reason === "AccessDenied" && !this.#isDefined) void this.#askDiscovery();
    } else if (!this.#isDefined) this.#undefined();
  }

  #defined(): void {
    if (this.#isDefined) return;
    this.#isDefined = true;
    this.#read();
  }

  /** No definition, no windows: when it was deleted, the API server deleted them with it. */
  #undefined(): void {
    this.#isDefined = false;
    this.#attempt++;
    this.#objects?.stop();
    this.#objects = undefined;
    this.#state = "absent";
    this.#options.onAll(new Map());
  }

  /** Who may not watch definitions can still tell whether the kind is served. */
  async #askDiscovery(): Promise<void> {
    const { kube, clock, kind, log } = this.#options;
    const attempt = this.#attempt;
    const { signal } = this.#stop;
    const isOver = (): boolean => this.#isDefined || attempt !== this.#attempt || signal.aborted;
    for (let pauseMs = FIRST_PAUSE_MS; !isOver(); pauseMs = Math.min(LONGEST_PAUSE_MS, 2 * pauseMs)) {
      try {
        const found = await kube.discovery.find(kind, { signal });
        if (isOver()) return;
        log.error("windows that are installed later are not noticed: no right to watch CustomResourceDefinitions", {
          definition: kind.definition,
        });
        return found ? this.#defined() : this.#undefined();
      } catch (error) {
        if (error instanceof Failure) this.#why = error; // it stays unknown, and so nothing is written
        await sleep(clock, pauseMs, signal).catch(() => undefined); // stopped: looked at above
      }
    }
  }

  #read(): void {
    const attempt = ++this.#attempt;
    this.#objects?.stop();
    this.#objects = undefined;
    this.#state = "reading";
    void this.#watchWhenServed(attempt);
  }

  async #watchWhenServed(attempt: number): Promise<void> {
    const { kube, clock, kind } = this.#options;
    const { signal } = this.#stop;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(LONGEST_PAUSE_MS, 2 * pauseMs)) {
      const found = await kube.discovery.find(kind, { signal }).catch((error: unknown) => {
        if (error instanceof Failure) this.#why = error;
      });
      if (attempt !== this.#attempt || signal.aborted) return;
      if (found) return this.#watchObjects(attempt);
      await sleep(clock, pauseMs, signal).catch(() => undefined); // aborted: looked at below
      if (attempt !== this.#attempt || signal.aborted) return;
      await kube.discovery.refresh({ signal }).catch(() => undefined); // the next find tells
    }
  }

  #watchObjects(attempt: number): void {
    const { kube, kind, namespace } = this.#options;
    const isNarrow = kind.isNamespaced && namespace !== undefined;
    const first = new Map<string, Manifest>();
    this.#objects = kube.watch({
      resource: kind,
      ...(isNarrow ? { namespace } : {}),
      on: (event) => {
        if (attempt === this.#attempt) this.#onObject(event, first);
      },
    });
    this.#objects.synced.catch(() => undefined); // stopped before it was synced
  }

  #onObject(event: KubeEvent, first: Map<string, Manifest>): void {
    const { onAll, onOne, onGone } = this.#options;
    const isReading = this.#state === "reading";
    if (event.type === "added" || event.type === "modified") {
      const key = keyOf(event.object);
      if (isReading) first.set(key, event.object);
      else onOne(key, event.object);
    } else if (event.type === "deleted") {
      const key = keyOf(event.object);
      if (isReading) first.delete(key);
      else onGone(key);
    } else if (event.type === "disconnected") {
      this.#why = event.failure;
      // What changed meanwhile is told only after the connection is back: the list is read anew instead.
      if (!isReading) this.#read();
    } else if (isReading) {
      this.#state = "current";
      this.#why = undefined;
      onAll(first);
    }
  }
}

function keyOf(object: Manifest): string {
  const metadata = object.metadata as { namespace?: string; name: string }; // an object of the API server has both
  return `${metadata.namespace ?? ""}/${metadata.name}`;
}
