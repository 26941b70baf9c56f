// One ConfigMap with an entry for each of many: who writes at the same time shares a write.

import { Failure, type ObjectRef, isObject, sleep } from "@plumbline/core/model";
import type { Ports } from "../ports/index.ts";

/** What nobody waits for goes with the next write, or after this long. */
const TIDY_AFTER_MS = 3000;
/** From one write to the next at least: the runs of a large start share a few. */
const WRITE_EVERY_MS = 100;

interface Batch {
  /** Somebody waits for it; what only tidies up can wait itself. */
  isAwaited: boolean;
  changes: Map<string, string | null>;
  sent: PromiseWithResolvers<void>;
}

export interface SharedConfigMapOptions {
  ports: Pick<Ports, "kube" | "clock" | "dialect">;
  ref: ObjectRef;
  /** All entries there should be, for a ConfigMap that is not there yet, or no more. */
  entries: () => Iterable<[string, string]>;
  signal: AbortSignal;
}

export class SharedConfigMap {
  readonly #options: SharedConfigMapOptions;
  #next: Batch | undefined;
  #isSending = false;
  #cancelTidying = (): void => undefined;

  constructor(options: SharedConfigMapOptions) {
    this.#options = options;
  }

  /** Throws as the client does. */
  async read(): Promise<[key: string, value: unknown][]> {
    const { ports, ref, signal } = this.#options;
    const found = await ports.kube.find(ref, { signal });
    return Object.entries(isObject(found?.data) ? found.data : {});
  }

  /** Resolves when the cluster has it. Rejects as a write does; it may have arrived then all the same. */
  set(key: string, text: string): Promise<void> {
    const batch = this.#batch();
    batch.changes.set(key, text);
    batch.isAwaited = true;
    if (!this.#isSending) void this.#sendAll();
    return batch.sent.promise;
  }

  /** Goes with the next `set`, or after `tidyLater`. */
  remove(key: string): void {
    this.#batch().changes.set(key, null);
  }

  /** Nobody waits for it: what cannot be removed then goes with a later write. */
  tidyLater(): void {
    if (this.#isSending || this.#options.signal.aborted) return;
    this.#cancelTidying();
    this.#cancelTidying = this.#options.ports.clock.after(TIDY_AFTER_MS, () => {
      if (this.#next && !this.#isSending) void this.#sendAll();
    });
  }

  stop(): void {
    this.#cancelTidying();
  }

  #batch(): Batch {
    if (this.#next) return this.#next;
    const sent = Promise.withResolvers<void>();
    sent.promise.catch(() => undefined); // whoever asked for a part of it is told
    return (this.#next = { isAwaited: false, changes: new Map(), sent });
  }

  /** What is asked for while a write is on its way goes together with the next one. */
  async #sendAll(): Promise<void> {
    const { clock } = this.#options.ports;
    this.#isSending = true;
    this.#cancelTidying();
    do {
      const batch = this.#batch();
      this.#next = undefined;
      const dueMs = clock.monotonic() + WRITE_EVERY_MS;
      try {
        await this.#send(batch.changes);
        batch.sent.resolve();
      } catch (error) {
        this.#removeLater(batch.changes);
        batch.sent.reject(error);
      }
      await sleep(clock, Math.max(0, dueMs - clock.monotonic()));
    } while (this.#isAwaited());
    this.#isSending = false;
    if (this.#next) this.tidyLater();
  }

  #isAwaited(): boolean {
    return this.#next?.isAwaited ?? false;
  }

  /** What was to go and did not. */
  #removeLater(changes: Batch["changes"]): void {
    const next = this.#batch().changes;
    for (const [key, text] of changes) if (text === null && !next.has(key)) next.set(key, null);
  }

  async #send(changes: Batch["changes"]): Promise<void> {
    const { ports, ref, entries, signal } = this.#options;
    const options = { fieldManager: ports.dialect.managers.deliveryStatus, signal, fairKey: ref.name };
    const body = { data: Object.fromEntries(changes) };
    try {
      await ports.kube.patch(ref, { type: "merge", body }, { ...options, metadataOnly: true });
    } catch (error) {
      if (!(error instanceof Failure && error.reason === "NotFound")) throw error;
      const metadata = { namespace: ref.namespace, name: ref.name };
      const data = Object.fromEntries(entries());
      await ports.kube.create({ apiVersion: "v1", kind: "ConfigMap", metadata, data }, options);
    }
  }
}
