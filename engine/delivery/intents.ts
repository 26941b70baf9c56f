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
import { SharedConfigMap } from "./shared-config-map.ts";

/** Larger ones (characters) are written to the status of their delivery at once: few deliveries have so many objects. */
const MAX_INTENT_LENGTH = 16 * 1024;
/** All together; etcd refuses objects of 1.5 MiB. */
const MAX_TOTAL_LENGTH = 512 * 1024;
/** How often it is tried to read what an earlier process left. */
const READ_AGAIN_MS = 1000;
/** A cluster that answers, and cannot give this ConfigMap, is asked so often: nothing is applied meanwhile. */
const MAX_READS = 30;

interface Intent {
  objects: InventoryEntry[];
  /** What the inventory was then: when it is another one, the status was written since. */
  before: string;
  text: string;
  /** An earlier process wrote it. */
  isRead: boolean;
  /** Some of it may have been created by a run that ended without telling its inventory. */
  isUntold: boolean;
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
  /** Undefined where they cannot be kept. */
  #configMap: SharedConfigMap | undefined;
  #length = 0;
  #known: Promise<void>;

  constructor(options: IntentsOptions) {
    this.#options = options;
    const { ports, place, signal } = options;
    if (place) {
      const ref: ObjectRef = { group: "", version: "v1", kind: "ConfigMap", ...place };
      const entries = (): Iterable<[string, string]> => this.#intents.entries().map(([uid, { text }]) => [uid, text]);
      this.#configMap = new SharedConfigMap({ ports, ref, entries, signal });
    }
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
    if (!this.#configMap) return false;
    const digest = this.#digest(before);
    const text = JSON.stringify({ before: digest, objects: objects.map(fieldsOf) });
    if (text.length > MAX_INTENT_LENGTH || this.#length + text.length > MAX_TOTAL_LENGTH) return false;
    const last = this.#intents.get(uid);
    const intent = { objects, before: digest, text, isRead: false, isUntold: false };
    this.#keep(uid, intent);
    try {
      await this.#configMap.set(uid, text);
      return true;
    } catch (error) {
      if (this.#intents.get(uid) === intent) this.#putBack(uid, last);
      if (isAway(error)) throw error;
      if (!isConflict(error)) this.#giveUp(error);
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

  /** The run that recorded it has begun to write, and ends without a word. */
  leaveUntold(uid: string): void {
    const intent = this.#intents.get(uid);
    if (intent) intent.isUntold = true;
  }

  /** The next status has to name what was announced: nobody but this program looks into the ConfigMap. */
  isUntold(uid: string): boolean {
    return this.#intents.get(uid)?.isUntold ?? false;
  }

  /** Its inventory stands in the status, or it is gone. */
  forget(uid: string): void {
    const intent = this.#intents.get(uid);
    if (!intent) return;
    this.#drop(uid);
    this.#configMap?.remove(uid);
    // A start on what is applied writes nothing, not even this.
    if (!intent.isRead) this.#configMap?.tidyLater();
  }

  /** Deliveries that went while nobody looked leave theirs behind. */
  forgetOthers(uids: ReadonlySet<string>): void {
    for (const uid of this.#intents.keys()) if (!uids.has(uid)) this.forget(uid);
  }

  stop(): void {
    this.#configMap?.stop();
  }

  #keep(uid: string, intent: Intent): void {
    this.#drop(uid);
    this.#intents.set(uid, intent);
    this.#length += intent.text.length;
  }

  #drop(uid: string): void {
    this.#length -= this.#intents.get(uid)?.text.length ?? 0;
    this.#intents.delete(uid);
  }

  /** What the cluster may not know counts as unknown: the next run has to record it again. */
  #putBack(uid: string, last: Intent | undefined): void {
    if (last) return this.#keep(uid, last);
    this.#drop(uid);
    this.#configMap?.remove(uid);
  }

  async #readAll(): Promise<void> {
    const { ports, signal } = this.#options;
    for (let reads = 1; this.#configMap;) {
      try {
        const found = await this.#configMap.read();
        for (const [uid, value] of found) this.#take(uid, value);
        return;
      } catch (error) {
        signal.throwIfAborted();
        const { message } = asFailure(error);
        if (isRefused(error) || reads === MAX_READS) return this.#giveUp(error);
        if (!isAway(error)) reads++;
        ports.log.error("intents are not read yet, it is tried again", { ...this.#where(), error: message });
        await sleep(ports.clock, READ_AGAIN_MS, signal);
      }
    }
  }

  #take(uid: string, value: unknown): void {
    if (this.#intents.has(uid)) return;
    const intent = typeof value === "string" ? readIntent(value) : undefined;
    if (intent) return this.#keep(uid, intent);
    const { log } = this.#options.ports;
    log.error("an intent cannot be read and is left alone; remove it", { ...this.#where(), key: uid });
  }

  /** Told once: a right that is granted counts from the next start. */
  #giveUp(error: unknown): void {
    if (!this.#configMap) return;
    this.#configMap.stop();
    this.#configMap = undefined;
    const told = "intents cannot be kept until the next start, so each run that creates writes its status twice";
    const { message, hint } = asFailure(error);
    const rights = "grant get, create and patch: `plumb install --export` prints the rights";
    const next = isRefused(error) ? rights : `let the operator write this ConfigMap. ${hint ?? ""}`.trimEnd();
    this.#options.ports.log.error(told, { ...this.#where(), error: message, next });
  }

  #where(): { configMap: string } {
    const { place } = this.#options;
    return { configMap: `${place?.namespace}/${place?.name}` };
  }

  #digest(inventory: readonly InventoryEntry[]): string {
    return this.#options.ports.sha256(JSON.stringify(inventory.map((ref) => fieldsOf(ref).join("\0")).sort()));
  }
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
  return { objects, before: value.before, text, isRead: true, isUntold: true };
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

/** No right, or no such namespace. */
function isRefused(error: unknown): boolean {
  return error instanceof Failure && (error.reason === "AccessDenied" || error.reason === "NotFound");
}

/** Nothing can be written at all, or nobody waits for it any more. Any other answer is about this ConfigMap alone. */
function isAway(error: unknown): boolean {
  return (
    !(error instanceof Failure) || ["ClusterUnreachable", "AuthenticationFailed", "Internal"].includes(error.reason)
  );
}

/** Somebody else made it in the same moment. */
function isConflict(error: unknown): boolean {
  return error instanceof Failure && error.reason === "Conflict";
}
