// Which kinds the API server serves: asked once, again on a miss or when told.

import { type Clock, Failure, formatApiVersion, type JsonValue } from "@plumbline/core/model";
import { apiStatus, isForbidden } from "../failure.ts";
import { parseJson } from "../json.ts";
import type { CallOptions, Discovery, KindRef, ResourceInfo } from "../kube-client.ts";
import { buildPathRequest, type KubeRequest } from "../request.ts";
import type { RawAnswer } from "../call/collect.ts";
import { indexKinds, type KindIndex } from "./kind-index.ts";
import { type GroupVersion, readAggregated, readGroups, readResourceList } from "./read-discovery.ts";

/** A kind that is not there makes the server be asked again, but not more often than this. */
export const DISCOVERY_MISS_INTERVAL_MS = 5000;

const aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";

export interface DiscoveryContext {
  clock: Clock;
  call(request: KubeRequest, options: CallOptions): Promise<RawAnswer>;
}

interface Part {
  etag: string | undefined;
  groups: GroupVersion[];
}

export class DiscoveryCache implements Discovery {
  readonly #context: DiscoveryContext;
  readonly #parts = new Map<string, Part>();
  #index: KindIndex | undefined;
  #askedAt = -Infinity;
  #asking: Promise<void> | undefined;
  #queued: Promise<void> | undefined;
  #isDoubtful = false;

  constructor(context: DiscoveryContext) {
    this.#context = context;
  }

  cached(kind: KindRef): ResourceInfo | undefined {
    return this.#index?.find(kind);
  }

  /** What is known for sure without asking: `cached` unless the server made it doubtful. */
  settled(kind: KindRef): ResourceInfo | undefined {
    return this.#isDoubtful ? undefined : this.cached(kind);
  }

  async find(kind: KindRef, options: { signal?: AbortSignal } = {}): Promise<ResourceInfo | undefined> {
    const found = this.cached(kind);
    if (found && !this.#isDoubtful) return found;
    const isOld = this.#context.clock.monotonic() - this.#askedAt >= DISCOVERY_MISS_INTERVAL_MS;
    if (!this.#index || isOld || this.#asking) await withSignal(this.#asking ?? this.#ask(), options.signal);
    return this.cached(kind);
  }

  async resourceFor(kind: KindRef, options: { signal?: AbortSignal } = {}): Promise<ResourceInfo> {
    const found = await this.find(kind, options);
    if (found) return found;
    throw unknownKind(kind, this.unavailable(), this.#index?.all ?? []);
  }

  /** A refresh that is on its way may have missed what the caller just did, so another follows it. */
  async refresh(options: { signal?: AbortSignal } = {}): Promise<void> {
    if (!this.#asking) return withSignal(this.#ask(), options.signal);
    this.#queued ??= this.#asking.then(
      () => this.#ask(),
      () => this.#ask(),
    );
    return withSignal(this.#queued, options.signal);
  }

  async all(options: { signal?: AbortSignal } = {}): Promise<readonly ResourceInfo[]> {
    if (!this.#index) await this.refresh(options);
    return this.#index?.all ?? [];
  }

  unavailable(): readonly string[] {
    return this.#index?.unavailable ?? [];
  }

  /** The server answered that it does not serve what it served before. */
  doubt(): void {
    this.#isDoubtful = true;
  }

  #ask(): Promise<void> {
    this.#queued = undefined;
    this.#askedAt = this.#context.clock.monotonic();
    this.#asking = this.#read().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #read(): Promise<void> {
    const [core, groups] = await Promise.all([this.#readRoot("/api"), this.#readRoot("/apis")]);
    this.#isDoubtful = false;
    if (this.#index && !core.isNew && !groups.isNew) return;
    this.#index = indexKinds([...core.groups, ...groups.groups]);
  }

  async #readRoot(path: string): Promise<{ groups: GroupVersion[]; isNew: boolean }> {
    const known = this.#parts.get(path);
    const etag = known?.etag;
    const request = buildPathRequest(path, { accept: aggregated, ...(etag ? { ifNoneMatch: etag } : {}) });
    const answer = await this.#context.call(request, {});
    if (answer.status === 304 && known) return { groups: known.groups, isNew: false };
    const document = parseJson(answer.body);
    const groups = readAggregated(document) ?? (await this.#readEach(document));
    this.#parts.set(path, { etag: answer.header("etag"), groups });
    return { groups, isNew: true };
  }

  /** Servers without aggregated discovery: one request per group version; those that fail are left out and named. */
  #readEach(document: JsonValue): Promise<GroupVersion[]> {
    return Promise.all(
      readGroups(document).map(async ({ group, version }) => {
        const path = group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
        try {
          const answer = await this.#context.call(buildPathRequest(path), {});
          const resources = readResourceList(parseJson(answer.body), { group, version });
          return { group, version, resources, isStale: false };
        } catch (thrown) {
          if (apiStatus(thrown) === undefined || isForbidden(thrown)) throw thrown;
          return { group, version, resources: [], isStale: true };
        }
      }),
    );
  }
}

function unknownKind(kind: KindRef, unavailable: readonly string[], all: readonly ResourceInfo[]): Failure {
  const version = kind.version ?? "";
  const apiVersion = version === "" ? kind.group || "v1" : formatApiVersion({ group: kind.group, version });
  const message = `the API server serves no ${kind.kind} of ${apiVersion}`;
  return new Failure({
    reason: "NotFound",
    message,
    hint: hintFor(kind, unavailable, all),
    cause: { type: "ApiStatus", code: 404, reason: "NotFound", message, causes: [], aboutObject: false },
  });
}

/** A broken aggregated API, another version or group of the same kind, or a CRD that is missing: in this order. */
function hintFor(kind: KindRef, unavailable: readonly string[], all: readonly ResourceInfo[]): string {
  const broken = unavailable.filter((name) => name.startsWith(`${kind.group}/`));
  if (broken.length > 0) return `Check the APIService of ${broken.join(", ")}: it does not answer.`;
  const others = all.filter((resource) => resource.kind === kind.kind);
  const near = others.filter((resource) => resource.group === kind.group);
  const served = (near.length > 0 ? near : others).map(formatApiVersion).sort().slice(0, 3);
  if (served.length > 0) return `Write apiVersion: ${served.join(" or ")}, which this cluster serves for ${kind.kind}.`;
  return `Install the CRD or API that serves ${kind.kind}, or correct apiVersion and kind.`;
}

/** The work goes on for others; only this wait ends with the signal. */
function withSignal(work: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason as Error);
    const onAbort = (): void => reject(signal.reason as Error);
    signal.addEventListener("abort", onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
