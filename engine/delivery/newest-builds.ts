// What deliveries want at a revision, also those that have not run at it: suspended, waiting, failing, or just later.

import { type Delivery, type ObjectControls, refKey } from "@plumbline/core/model";
import { isUnchanged, type Trace } from "@plumbline/core/render";
import type { Ports } from "../ports/index.ts";
import type { SourceRevision } from "../source/revision.ts";
import type { Sources } from "../source/sources.ts";
import type { NamedObjects } from "../watch/named-objects.ts";
import { buildObjects } from "./build-objects.ts";
import type { DeliveryState, Rendered } from "./delivery-state.ts";
import { keyOf } from "./dependencies.ts";
import { readVariables } from "./variables.ts";

/** A build without its objects, which is right for one revision and one generation. */
export interface Built {
  revision: string;
  generation: number;
  /** Undefined when it could not be built. */
  result: { trace: Trace; objects: readonly { key: string; controls: ObjectControls }[] } | undefined;
}

export interface NewestBuildsOptions {
  ports: Ports;
  named: NamedObjects;
  sources: () => Sources;
  /** Deliveries may use sources of other namespaces. */
  allowCrossNamespace: boolean;
  signal: AbortSignal;
}

/**
 * Answers from what runs have built, reuses a build as long as the files that it read are the same, and builds only
 * where both fail. Sends nothing to the API server but what a build needs for its variables.
 */
export class NewestBuilds {
  readonly #options: NewestBuildsOptions;
  readonly #running = new Map<string, Promise<Built>>();

  constructor(options: NewestBuildsOptions) {
    this.#options = options;
  }

  /** A run has built it. */
  static remember(state: DeliveryState, { revision, generation, trace, objects }: Rendered): void {
    state.built = { revision: revision.resolved.revision, generation, result: { trace, objects } };
  }

  /** The newest revision of its source; undefined while there is none, and for a source that it may not use. */
  revisionOf(delivery: Delivery): SourceRevision | undefined {
    const { source, origin } = delivery;
    if (!this.#options.allowCrossNamespace && source.namespace !== origin.namespace) return undefined;
    return this.#options.sources().get(keyOf(source))?.current;
  }

  /** Its source was seen, and neither fetched nor refused yet: what it will say is not known. */
  isAwaited(delivery: Delivery): boolean {
    const source = this.#options.sources().get(keyOf(delivery.source));
    return source !== undefined && !source.current && !source.failure;
  }

  /** The build at the newest revision of its source; undefined when there is none or it fails. */
  async newest(state: DeliveryState): Promise<Built["result"]> {
    const revision = state.delivery && this.revisionOf(state.delivery);
    if (!state.delivery || !revision) return undefined;
    if (!isRight(state.built, state.delivery, revision)) state.built = await this.#build(state, revision, state.built);
    return state.built?.result;
  }

  /**
   * The build at the newest revision of another source: undefined unless both sources are the same address, reference
   * and files, so that its own source will get there too.
   */
  async at(state: DeliveryState, other: Delivery): Promise<Built["result"]> {
    const revision = this.revisionOf(other);
    const own = state.delivery && this.revisionOf(state.delivery);
    if (!state.delivery || !revision || !own || !this.#areTwins(state.delivery, other)) return undefined;
    if (own.resolved.revision === revision.resolved.revision) return undefined;
    if (!isRight(state.foreseen, state.delivery, revision)) {
      state.foreseen = await this.#build(state, revision, state.built);
    }
    return state.foreseen?.result;
  }

  #areTwins(a: Delivery, b: Delivery): boolean {
    const specOf = (delivery: Delivery): string | undefined => {
      const spec = this.#options.sources().get(keyOf(delivery.source))?.spec;
      return spec && JSON.stringify([spec.url, spec.ref, spec.ignore ?? null]);
    };
    return keyOf(a.source) !== keyOf(b.source) && specOf(a) !== undefined && specOf(a) === specOf(b);
  }

  #build(state: DeliveryState, revision: SourceRevision, last: Built | undefined): Promise<Built> {
    const { delivery } = state;
    if (!delivery) throw new TypeError("a delivery that cannot be read has no build");
    const id = `${state.key} ${delivery.origin.generation} ${revision.resolved.revision}`;
    const running = this.#running.get(id) ?? this.#buildNow(delivery, revision, last);
    this.#running.set(id, running);
    return running.finally(() => this.#running.delete(id));
  }

  async #buildNow(delivery: Delivery, revision: SourceRevision, last: Built | undefined): Promise<Built> {
    const { ports, named, signal } = this.#options;
    const built = { revision: revision.resolved.revision, generation: delivery.origin.generation };
    try {
      await revision.hold();
    } catch {
      return { ...built, result: undefined }; // the cache lost the commit
    }
    try {
      const result = await revision.with(async (snapshot) => {
        const known = last?.generation === built.generation ? last.result : undefined;
        if (known && isUnchanged(known.trace, snapshot)) return known;
        const variables = await readVariables(delivery, named, signal);
        const { trace, desired } = await buildObjects({ delivery, variables, ports, signal }, snapshot);
        return { trace, objects: desired.map(({ ref, controls }) => ({ key: refKey(ref), controls })) };
      });
      return { ...built, result };
    } catch (error) {
      if (signal.aborted) throw error;
      return { ...built, result: undefined }; // its own run names what is wrong
    } finally {
      revision.drop();
    }
  }
}

function isRight(built: Built | undefined, delivery: Delivery, revision: SourceRevision): built is Built {
  return built?.generation === delivery.origin.generation && built.revision === revision.resolved.revision;
}
