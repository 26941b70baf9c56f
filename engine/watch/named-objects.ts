// Single objects that specs refer to by name, Secrets and ConfigMaps above all: watched, shared, never polled.

import { type Clock, type Manifest, type ObjectRef, refKey } from "@plumbline/core/model";
import type { Identity, Kube, KubeCall, KubeWatch } from "../ports/index.ts";

interface Entry {
  watch: KubeWatch;
  /** Resolves when the watch has answered, or failed, for the first time. */
  settled: Promise<void>;
  state: {
    value: Manifest | undefined;
    /** False while the watch cannot answer: each use reads anew. */ live: boolean;
    /** It has failed before: nobody waits for its first answer any more. */ isDown: boolean;
  };
  listeners: Set<() => void>;
}

/** A watch that has not answered by then (forbidden, or the server is slow) is not waited for. */
const WATCH_PATIENCE_MS = 3000;

export class NamedObjects {
  readonly #kube: Kube;
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();

  constructor(kube: Kube, clock: Clock) {
    this.#kube = kube;
    this.#clock = clock;
  }

  /**
   * Watches the object as long as somebody is subscribed; `onChange` is called on each change after the first state.
   * With `impersonate`, with that user's rights.
   */
  subscribe(ref: ObjectRef, onChange: () => void, impersonate?: Identity): () => void {
    const key = keyOf(ref, impersonate);
    const entry = this.#entries.get(key) ?? this.#start(key, ref, impersonate);
    entry.listeners.add(onChange);
    return () => {
      entry.listeners.delete(onChange);
      if (entry.listeners.size > 0) return;
      entry.watch.stop();
      this.#entries.delete(key);
    };
  }

  /** The object as the watch knows it; read from the API server when nobody watches it or the watch is down. */
  async value(ref: ObjectRef, call: KubeCall = {}): Promise<Manifest | undefined> {
    const entry = this.#entries.get(keyOf(ref, call.impersonate));
    if (entry && !entry.state.live && !entry.state.isDown) await this.#patience(entry.settled);
    return entry?.state.live ? entry.state.value : this.#kube.find(ref, call);
  }

  /** A watch tells of changes; otherwise somebody has to look again. */
  isLive(ref: ObjectRef, impersonate?: Identity): boolean {
    return this.#entries.get(keyOf(ref, impersonate))?.state.live === true;
  }

  stop(): void {
    for (const entry of this.#entries.values()) entry.watch.stop();
    this.#entries.clear();
  }

  #start(key: string, ref: ObjectRef, impersonate: Identity | undefined): Entry {
    const state: Entry["state"] = { value: undefined, live: false, isDown: false };
    const listeners = new Set<() => void>();
    const { promise: settled, resolve: settle } = Promise.withResolvers<void>();
    const watch = this.#kube.watch({
      resource: ref,
      ...(ref.namespace === "" ? {} : { namespace: ref.namespace }),
      ...(impersonate ? { impersonate } : {}),
      fieldSelector: `metadata.name=${ref.name}`,
      on: (event) => {
        if (event.type === "synced" || event.type === "resumed") state.live = true;
        else if (event.type === "disconnected") {
          state.live = false;
          state.isDown = true;
        } else if (event.type !== "anew") state.value = event.type === "deleted" ? undefined : event.object;
        if (state.live || state.isDown) settle();
        if (state.live && event.type !== "synced") for (const listener of listeners) listener();
      },
    });
    const entry: Entry = { watch, settled, state, listeners };
    this.#entries.set(key, entry);
    return entry;
  }

  #patience(settled: Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.after(WATCH_PATIENCE_MS, resolve);
      const done = (): void => {
        cancel();
        resolve();
      };
      settled.then(done, done);
    });
  }
}

function keyOf(ref: ObjectRef, impersonate: Identity | undefined): string {
  return impersonate ? `${refKey(ref)} as ${impersonate.user}` : refKey(ref);
}
