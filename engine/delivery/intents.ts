// What runs are about to create, kept in one ConfigMap until it stands in their status: many runs share one write.

import {
  Failure,
  type InventoryEntry,
  type JsonValue,
  type ObjectRef,
  asFailure,
  isObject,
  refKey,
  sleep,
} from "@plumbline/core/model";
import type { Ports } from "../ports/index.ts";

/** Larger ones (characters) are written to the status of their delivery at once: few deliveries have so many objects. */
const MAX_INTENT_LENGTH = 16 * 1024;
/** All together; etcd refuses objects of 1.5 MiB. */
const MAX_TOTAL_LENGTH = 512 * 1024;
/** What stands in a status by now is removed with the next intent, or after this long. */
const TIDY_AFTER_MS = 3000;
/** From one write to the next at least: the runs of a large start share a few. */
const WRITE_EVERY_MS = 100;
/** How often it is tried to read what an earlier process left. */
const READ_AGAIN_MS = 1000;

/** A line of its own among the calls. */
const FAIR_KEY = "intents";

interface Intent {
  objects: InventoryEntry[];
  /** What the inventory was then: when it is another one, the status was written since. */
  before: string;
  /** Of its text, in characters. */
  length: number;
  /** An earlier process wrote it. */
  isRead: boolean;
}

interface Batch {
  /** Somebody waits for it; what only tidies up can wait itself. */
  isAwaited: boolean;
  changes: Map<string, string | null>;
  sent: PromiseWithResolvers<void>;
}

export interface IntentsOptions {
  ports: Pick<Ports, "kube" | "clock" | "dialect" | "log" | "sha256">;
  /** The ConfigMap; undefined where there is to be none: then each run writes its status. */
  place: { namespace: string; name: string } | undefined;
  signal: AbortSignal;
}

/** By uid of the delivery. Decision 0157. */
export class Intents {
  readonly #options: IntentsOptions;
  readonly #intents = new Map<string, Intent>();
  #next: Batch | undefined;
  #isSending = false;
  #isUsable = true;
  #length = 0;
  #known: Promise<void>;
  #cancelTidying = (): void => undefined;

  constructor(options: IntentsOptions) {
    this.#options = options;
    this.#known = this.#readAll();
    this.#known.catch(() => undefined); // whoever waits for it is told
  }

  /** Resolves when what an earlier process left is known; rejects when stopped before. */
  get known(): Promise<void> {
    return this.#known;
  }

  /** The cluster may be back in an older state, with the intents of then. */
  readAgain(): void {
    this.#known = this.#readAll();
    this.#known.catch(() => undefined);
  }

  /**
   * Resolves with true when the cluster knows that the delivery is about to have these objects, with false when that
   * cannot be kept here. Rejects as a write does.
   */
  async record(uid: string, before: readonly InventoryEntry[], objects: InventoryEntry[]): Promise<boolean> {
    if (!this.#options.place || !this.#isUsable) return false;
    const digest = this.#digest(before);
    const text = JSON.stringify({ before: digest, objects: objects.map(fieldsOf) });
    if (text.length > MAX_INTENT_LENGTH || this.#length + text.length > MAX_TOTAL_LENGTH) return false;
    const last = this.#intents.get(uid);
    this.#keep(uid, { objects, before: digest, length: text.length, isRead: false });
    try {
      await this.#change(uid, text);
      return true;
    } catch (error) {
      // What the cluster does not know counts as unknown: the next run has to record it again.
      if (last) this.#keep(uid, last);
      else this.#drop(uid);
      if (!isRefused(error)) throw error;
      this.#isUsable = false;
      this.#options.ports.log.error("intents are kept in the status of each Kustomization", {
        error: asFailure(error).message,
      });
      return false;
    }
  }

  /** The inventory with what a run that has not told its end may have added. */
  withIntent(uid: string, inventory: InventoryEntry[]): InventoryEntry[] {
    const intent = this.#intents.get(uid);
    if (!intent) return inventory;
    if (intent.before !== this.#digest(inventory)) {
      this.forget(uid);
      return inventory;
    }
    const known = new Set(inventory.map(refKey));
    return [...inventory, ...intent.objects.filter((ref) => !known.has(refKey(ref)))];
  }

  /** Its inventory stands in the status, or it is gone. */
  forget(uid: string): void {
    const intent = this.#intents.get(uid);
    if (!intent) return;
    this.#drop(uid);
    this.#batch().changes.set(uid, null);
    // A start on what is applied writes nothing, not even this.
    if (!intent.isRead) this.#tidyLater();
  }

  /** Deliveries that went while nobody looked leave theirs behind. */
  forgetOthers(uids: ReadonlySet<string>): void {
    for (const uid of this.#intents.keys()) if (!uids.has(uid)) this.forget(uid);
  }

  stop(): void {
    this.#cancelTidying();
  }

  #keep(uid: string, intent: Intent): void {
    this.#drop(uid);
    this.#intents.set(uid, intent);
    this.#length += intent.length;
  }

  #drop(uid: string): void {
    this.#length -= this.#intents.get(uid)?.length ?? 0;
    this.#intents.delete(uid);
  }

  #batch(): Batch {
    if (this.#next) return this.#next;
    const sent = Promise.withResolvers<void>();
    sent.promise.catch(() => undefined); // whoever asked for a part of it is told
    return (this.#next = { isAwaited: false, changes: new Map(), sent });
  }

  #takeBatch(): Batch {
    const batch = this.#batch();
    this.#next = undefined;
    return batch;
  }

  /** What is asked for while a write is on its way goes together with the next one. */
  #change(uid: string, text: string): Promise<void> {
    const batch = this.#batch();
    batch.changes.set(uid, text);
    batch.isAwaited = true;
    if (!this.#isSending) void this.#sendAll();
    return batch.sent.promise;
  }

  async #sendAll(): Promise<void> {
    const { clock } = this.#options.ports;
    this.#isSending = true;
    this.#cancelTidying();
    do {
      const { changes, sent } = this.#takeBatch();
      const dueMs = clock.monotonic() + WRITE_EVERY_MS;
      try {
        await this.#send(Object.fromEntries(changes));
        sent.resolve();
      } catch (error) {
        sent.reject(error);
      }
      await sleep(clock, Math.max(0, dueMs - clock.monotonic()));
    } while (this.#next?.isAwaited);
    this.#isSending = false;
    if (this.#next) this.#tidyLater();
  }

  async #send(data: Record<string, string | null>): Promise<void> {
    const { ports, place, signal } = this.#options;
    const ref = configMapOf(place);
    const options = { fieldManager: ports.dialect.managers.deliveryStatus, signal, fairKey: FAIR_KEY };
    try {
      await ports.kube.patch(ref, { type: "merge", body: { data } }, { ...options, metadataOnly: true });
    } catch (error) {
      if (!isNotFound(error)) throw error;
      const metadata = { namespace: ref.namespace, name: ref.name };
      const kept = Object.fromEntries(Object.entries(data).filter(([, text]) => text !== null));
      await ports.kube.create({ apiVersion: "v1", kind: "ConfigMap", metadata, data: kept }, options);
    }
  }

  /** Nobody waits for it: what cannot be removed now goes with a later intent. */
  #tidyLater(): void {
    if (this.#isSending || this.#options.signal.aborted) return;
    this.#cancelTidying();
    this.#cancelTidying = this.#options.ports.clock.after(TIDY_AFTER_MS, () => {
      if (this.#next && !this.#isSending) void this.#sendAll();
    });
  }

  async #readAll(): Promise<void> {
    const { ports, place, signal } = this.#options;
    while (place) {
      try {
        const found = await ports.kube.find(configMapOf(place), { signal });
        const data = isObject(found?.data) ? found.data : {};
        for (const [uid, text] of Object.entries(data)) {
          const intent = typeof text === "string" ? readIntent(text) : undefined;
          if (this.#intents.has(uid)) continue;
          if (intent) this.#keep(uid, intent);
          else ports.log.error("an intent cannot be read and is left alone", { configMap: place.name, key: uid });
        }
        return;
      } catch (error) {
        signal.throwIfAborted();
        if (isRefused(error)) return void (this.#isUsable = false);
        ports.log.error("intents are not read yet", { error: asFailure(error).message });
        await sleep(ports.clock, READ_AGAIN_MS, signal);
      }
    }
  }

  #digest(inventory: readonly InventoryEntry[]): string {
    return this.#options.ports.sha256(JSON.stringify(inventory.map((ref) => fieldsOf(ref).join("\0")).sort()));
  }
}

function configMapOf(place: IntentsOptions["place"]): ObjectRef {
  return { group: "", version: "v1", kind: "ConfigMap", namespace: place?.namespace ?? "", name: place?.name ?? "" };
}

function fieldsOf({ group, version, kind, namespace, name }: ObjectRef): string[] {
  return [group, version, kind, namespace, name];
}

/** Whoever may write that ConfigMap may write anything into it: what is no intent is none. */
function readIntent(text: string): Intent | undefined {
  const value = parsed(text);
  if (!isObject(value) || typeof value.before !== "string" || !Array.isArray(value.objects)) return undefined;
  const objects = value.objects.map(refOfFields);
  if (!objects.every((ref) => ref !== undefined)) return undefined;
  return { objects, before: value.before, length: text.length, isRead: true };
}

function refOfFields(fields: JsonValue): ObjectRef | undefined {
  if (!Array.isArray(fields) || !fields.every((field) => typeof field === "string")) return undefined;
  const [group = "", version = "", kind = "", namespace = "", name = ""] = fields;
  return fields.length === 5 && kind !== "" && name !== "" ? { group, version, kind, namespace, name } : undefined;
}

function parsed(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return null;
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof Failure && error.reason === "NotFound";
}

/** No right, or no such namespace. */
function isRefused(error: unknown): boolean {
  return isNotFound(error) || (error instanceof Failure && error.reason === "AccessDenied");
}
