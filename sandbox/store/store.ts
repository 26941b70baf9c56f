// The objects of the sandbox and everything that happened to them.

import { dig, digString, type JsonObject } from "@plumbline/core/model";

/** How many events of one resource are kept for watches that resume; older versions answer 410 Gone. */
export const keptEvents = 2048;

export interface StoredObject {
  /** `group/plural` */
  readonly resource: string;
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** The store's revision when this state was written. */
  readonly revision: number;
  readonly object: JsonObject;
}

export interface StoreEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly revision: number;
  /** The state after the event; for DELETED the last state, with the revision of its removal. */
  readonly state: StoredObject;
  readonly previous: StoredObject | undefined;
  /** `group/plural` */
  readonly resource: string;
}

export type StoreListener = (event: StoreEvent) => void;

interface Collection {
  readonly objects: Map<string, StoredObject>;
  /** Keys in order; undefined when objects came or went since they were sorted. */
  sorted: string[] | undefined;
  events: StoreEvent[];
  /** Versions up to this one can no longer be watched from. */
  forgotten: number;
  readonly listeners: Set<StoreListener>;
}

/** `namespace/name`, or the name alone for cluster-scoped objects. */
export function storeKey(namespace: string, name: string): string {
  return namespace === "" ? name : `${namespace}/${name}`;
}

function ownerUids(object: JsonObject): string[] {
  const owners = dig(object, "metadata", "ownerReferences");
  return Array.isArray(owners) ? owners.map((owner) => digString(owner, "uid") ?? "") : [];
}

/** One revision counter for all resources, as etcd has. Objects are values: they are replaced, never changed. */
export class Store {
  #revision = 1;
  readonly #collections = new Map<string, Collection>();
  readonly #listeners = new Set<StoreListener>();
  readonly #byUid = new Map<string, StoredObject>();
  /** Objects by the uid of each of their owners. */
  readonly #dependents = new Map<string, Map<string, StoredObject>>();

  get revision(): number {
    return this.#revision;
  }

  #collection(resource: string): Collection {
    let found = this.#collections.get(resource);
    if (!found) {
      found = { objects: new Map(), sorted: undefined, events: [], forgotten: 0, listeners: new Set() };
      this.#collections.set(resource, found);
    }
    return found;
  }

  get(resource: string, key: string): StoredObject | undefined {
    return this.#collections.get(resource)?.objects.get(key);
  }

  /** All objects of a resource, by key; of one namespace when it is not empty. */
  list(resource: string, namespace = ""): StoredObject[] {
    const collection = this.#collections.get(resource);
    if (!collection) return [];
    collection.sorted ??= [...collection.objects.keys()].sort();
    const out: StoredObject[] = [];
    for (const key of collection.sorted) {
      const state = collection.objects.get(key);
      if (state && (namespace === "" || state.namespace === namespace)) out.push(state);
    }
    return out;
  }

  /** The object with this uid, whatever its resource. */
  byUid(uid: string): StoredObject | undefined {
    return this.#byUid.get(uid);
  }

  /** Objects whose owner references name this uid. */
  dependents(uid: string): StoredObject[] {
    return [...(this.#dependents.get(uid)?.values() ?? [])];
  }

  #index(state: StoredObject, previous: StoredObject | undefined): void {
    if (previous) this.#unindex(previous);
    this.#byUid.set(state.uid, state);
    for (const owner of ownerUids(state.object)) {
      const owned = this.#dependents.get(owner) ?? new Map<string, StoredObject>();
      this.#dependents.set(owner, owned.set(state.uid, state));
    }
  }

  #unindex(state: StoredObject): void {
    this.#byUid.delete(state.uid);
    for (const owner of ownerUids(state.object)) {
      const owned = this.#dependents.get(owner);
      owned?.delete(state.uid);
      if (owned?.size === 0) this.#dependents.delete(owner);
    }
  }

  /** Resources that have or had objects. */
  resources(): Iterable<string> {
    return this.#collections.keys();
  }

  /** Writes an object; metadata.resourceVersion is set to the new revision. */
  put(resource: string, object: JsonObject): StoredObject {
    const collection = this.#collection(resource);
    const namespace = digString(object, "metadata", "namespace") ?? "";
    const name = digString(object, "metadata", "name") ?? "";
    const key = storeKey(namespace, name);
    const previous = collection.objects.get(key);
    const state = this.#stamp({ resource, key, namespace, name, object });
    collection.objects.set(key, state);
    this.#index(state, previous);
    if (!previous) collection.sorted = undefined;
    this.#emit(collection, { type: previous ? "MODIFIED" : "ADDED", state, previous, resource });
    return state;
  }

  /** Removes an object; gives its last state under the revision of its removal. */
  remove(resource: string, key: string): StoredObject | undefined {
    const collection = this.#collection(resource);
    const previous = collection.objects.get(key);
    if (!previous) return undefined;
    collection.objects.delete(key);
    this.#unindex(previous);
    collection.sorted = undefined;
    const state = this.#stamp(previous);
    this.#emit(collection, { type: "DELETED", state, previous, resource });
    return state;
  }

  #stamp(parts: Pick<StoredObject, "resource" | "key" | "namespace" | "name" | "object">): StoredObject {
    const revision = ++this.#revision;
    const metadata = { ...(parts.object.metadata as JsonObject), resourceVersion: String(revision) };
    const uid = digString(metadata, "uid") ?? "";
    const { resource, key, namespace, name } = parts;
    return { resource, key, namespace, name, uid, revision, object: { ...parts.object, metadata } };
  }

  #emit(collection: Collection, event: Omit<StoreEvent, "revision">): void {
    const full: StoreEvent = { ...event, revision: event.state.revision };
    collection.events.push(full);
    if (collection.events.length > 2 * keptEvents) {
      const dropped = collection.events.length - keptEvents;
      collection.forgotten = collection.events[dropped - 1]?.revision ?? 0;
      collection.events = collection.events.slice(dropped);
    }
    for (const listener of collection.listeners) listener(full);
    for (const listener of this.#listeners) listener(full);
  }

  /** Events after `revision`, or undefined when some of them are forgotten. */
  eventsSince(resource: string, revision: number): StoreEvent[] | undefined {
    const collection = this.#collection(resource);
    if (revision < collection.forgotten) return undefined;
    return collection.events.filter((event) => event.revision > revision);
  }

  /** Forgets the history of a resource (its objects stay), so that older versions answer 410 Gone. */
  compact(resource: string): void {
    const collection = this.#collection(resource);
    collection.events = [];
    collection.forgotten = this.#revision;
  }

  /** Calls back on every event of one resource, in order; the returned function ends it. */
  listen(resource: string, listener: StoreListener): () => void {
    const { listeners } = this.#collection(resource);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  /** Calls back on every event. */
  listenAll(listener: StoreListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
