// The client: each verb is an operation made into a request, sent, and its answer read.

import {
  digString,
  Failure,
  gvkOf,
  isObject,
  type JsonValue,
  type Manifest,
  type ObjectRef,
} from "@plumbline/core/model";
import { Caller } from "./call/caller.ts";
import type { RawAnswer } from "./call/collect.ts";
import { readWarnings } from "./call/warnings.ts";
import type { ClusterConfig } from "./config/cluster-config.ts";
import { DiscoveryCache } from "./discovery/discovery.ts";
import { describe, isExpired, isKindUnknown, isNotFound } from "./failure.ts";
import { parseJson } from "./json.ts";
import type {
  Applied,
  ApplyOptions,
  CallOptions,
  ClientLoad,
  ConnectOptions,
  DeleteOptions,
  Discovery,
  KindRef,
  KubeClient,
  ListOptions,
  ListPage,
  Patch,
  PatchOptions,
  ResourceInfo,
  UpdateOptions,
  Watch,
  WatchOptions,
  WriteOptions,
} from "./kube-client.ts";
import { buildPathRequest, buildRequest, type KubeRequest, type Operation, targetOf } from "./request.ts";
import { startWatch } from "./watch/run-watch.ts";

/** Items per page of `listAll`. */
export const LIST_PAGE_SIZE = 500;

/** A client of one cluster. Connects when first used; every method is described at `KubeClient`. */
export function connect(config: ClusterConfig, options: ConnectOptions): KubeClient {
  return new Client(config, options);
}

class Client implements KubeClient {
  readonly #caller: Caller;
  readonly #discovery: DiscoveryCache;
  readonly #watches = new Set<Watch>();
  readonly #fieldManager: string;

  constructor(config: ClusterConfig, options: ConnectOptions) {
    const caller = new Caller(config, options);
    this.#caller = caller;
    this.#discovery = new DiscoveryCache({
      clock: options.clock,
      call: (request, terms) => caller.call(request, { ...terms, urgent: true }),
    });
    this.#fieldManager = options.userAgent.split("/", 1)[0] ?? "";
  }

  get discovery(): Discovery {
    return this.#discovery;
  }

  async get(ref: ObjectRef, options: CallOptions = {}): Promise<Manifest> {
    const resource = await this.#resource(ref, options);
    const { metadataOnly = false } = options;
    const answer = await this.#send(
      { verb: "get", resource, namespace: ref.namespace, name: ref.name, metadataOnly },
      options,
    );
    return readObject(answer, { resource, metadataOnly });
  }

  async find(ref: ObjectRef, options: CallOptions = {}): Promise<Manifest | undefined> {
    try {
      return await this.get(ref, options);
    } catch (thrown) {
      if (isNotFound(thrown)) return undefined;
      throw thrown;
    }
  }

  async list(kind: KindRef, options: ListOptions = {}): Promise<ListPage> {
    const resource = await this.#resource(kind, options);
    return readPage(await this.#send({ verb: "list", resource, options }, options), resource, options);
  }

  async listAll(kind: KindRef, options: ListOptions = {}): Promise<ListPage> {
    try {
      return await this.#allPages(kind, options);
    } catch (thrown) {
      if (!isExpired(thrown)) throw thrown;
      return this.#allPages(kind, options);
    }
  }

  async #allPages(kind: KindRef, options: ListOptions): Promise<ListPage> {
    const items: Manifest[] = [];
    let page: ListPage | undefined;
    do {
      const next = page?.continue ? { continue: page.continue } : {};
      page = await this.list(kind, { limit: LIST_PAGE_SIZE, ...options, ...next });
      for (const item of page.items) items.push(item);
    } while (page.continue);
    return { items, resourceVersion: page.resourceVersion };
  }

  async create(manifest: Manifest, options: WriteOptions = {}): Promise<Manifest> {
    return (await this.#write("create", manifest, this.#named(options))).object;
  }

  async update(manifest: Manifest, options: UpdateOptions = {}): Promise<Manifest> {
    return (await this.#write("update", manifest, this.#named(options))).object;
  }

  apply(manifest: Manifest, options: ApplyOptions): Promise<Applied> {
    return this.#write("apply", manifest, options);
  }

  async #write(verb: "create" | "update" | "apply", object: Manifest, options: ApplyOptions): Promise<Applied> {
    const resource = await this.#resource(gvkOf(object), options);
    const answer = await this.#send({ verb, object, options, ...targetOf(resource, object) }, options);
    const written = readObject(answer, { resource, metadataOnly: options.metadataOnly === true });
    return { object: written, created: answer.status === 201, warnings: readWarnings(answer.header("warning")) };
  }

  async patch(ref: ObjectRef, patch: Patch, options: PatchOptions = {}): Promise<Manifest> {
    const resource = await this.#resource(ref, options);
    const target = { resource, namespace: ref.namespace, name: ref.name };
    const answer = await this.#send({ verb: "patch", patch, options: this.#named(options), ...target }, options);
    return readObject(answer, { resource, metadataOnly: options.metadataOnly === true });
  }

  async delete(ref: ObjectRef, options: DeleteOptions = {}): Promise<Manifest | undefined> {
    const resource = await this.#resource(ref, options);
    const target = { resource, namespace: ref.namespace, name: ref.name };
    const answer = await this.#send({ verb: "delete", options, ...target }, options);
    // `Status` is the answer when the object is gone at once; some kinds answer the object as it last was.
    if (digString(answer.value, "metadata", "deletionTimestamp") === undefined) return undefined;
    return readObject(answer, { resource, metadataOnly: options.metadataOnly === true });
  }

  watch(options: WatchOptions): Watch {
    const watch = startWatch(
      {
        caller: this.#caller,
        resourceFor: (kind, terms) => this.#resource(kind, terms),
        list: (kind, terms) => this.list(kind, terms),
        doubt: () => this.#discovery.doubt(),
        onClosed: (closed) => void this.#watches.delete(closed),
      },
      options,
    );
    this.#watches.add(watch);
    return watch;
  }

  async getPath(path: string, options: CallOptions = {}): Promise<JsonValue> {
    const request = buildPathRequest(path);
    return readJson(await this.#caller.call(request, options), request);
  }

  load(): ClientLoad {
    const { limit, inFlight, waiting } = this.#caller.limiter;
    return { limit, inFlight, waiting };
  }

  async close(): Promise<void> {
    const closed = [...this.#watches].map((watch) => {
      watch.stop();
      return watch.closed.catch(() => {});
    });
    await Promise.all(closed);
    this.#caller.close();
  }

  #resource(kind: KindRef, options: CallOptions): ResourceInfo | Promise<ResourceInfo> {
    const { signal } = options;
    return this.#discovery.settled(kind) ?? this.#discovery.resourceFor(kind, signal ? { signal } : {});
  }

  /** A merge or JSON patch, an update and a create want an owner as well; server-side apply must be told one. */
  #named<T extends WriteOptions>(options: T): T & { fieldManager: string } {
    return { ...options, fieldManager: options.fieldManager ?? this.#fieldManager };
  }

  async #send(operation: Operation, options: CallOptions): Promise<Parsed> {
    const request = buildRequest(operation);
    try {
      const answer = await this.#caller.call(request, options);
      return { ...answer, value: readJson(answer, request) };
    } catch (thrown) {
      if (isKindUnknown(thrown)) this.#discovery.doubt();
      throw thrown;
    }
  }
}

interface Parsed extends RawAnswer {
  value: JsonValue;
}

function readJson(answer: RawAnswer, request: KubeRequest): JsonValue {
  try {
    return parseJson(answer.body);
  } catch (thrown) {
    throw new Failure({
      reason: "ClusterUnreachable",
      message: `${describe(request.subject)}: the answer is no JSON`,
      hint: "Check that the address leads to an API server and not to a proxy's page.",
      // The parser's error quotes the text, which may be a Secret.
      cause: new SyntaxError(`not JSON (${(thrown as Error).name})`), // JSON.parse throws SyntaxError only
    });
  }
}

function readObject(answer: Parsed, about: { resource: ResourceInfo; metadataOnly: boolean }): Manifest {
  const { value } = answer;
  if (!isObject(value)) {
    throw new Failure({
      reason: "ClusterUnreachable",
      message: `the API server answered no object for ${about.resource.kind}`,
      hint: "Check that the address leads to an API server.",
    });
  }
  if (about.metadataOnly) return asKind(value, about.resource);
  return value;
}

function readPage(answer: Parsed, resource: ResourceInfo, options: ListOptions): ListPage {
  const { value } = answer;
  const items = isObject(value) && Array.isArray(value["items"]) ? value["items"] : [];
  const next = digString(value, "metadata", "continue");
  return {
    items: items.filter(isObject).map((item) => asKind(item, resource, options.metadataOnly)),
    resourceVersion: digString(value, "metadata", "resourceVersion") ?? "",
    ...(next ? { continue: next } : {}),
  };
}

/** Items of lists come without apiVersion and kind, partial objects with others. */
export function asKind(item: Manifest, resource: ResourceInfo, isPartial = true): Manifest {
  if (!isPartial && item["kind"] !== undefined && item["apiVersion"] !== undefined) return item;
  item["apiVersion"] = resource.group === "" ? resource.version : `${resource.group}/${resource.version}`;
  item["kind"] = resource.kind;
  return item;
}
