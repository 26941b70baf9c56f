// The composition: watches of the dialect's own objects feed sources and deliveries.

import { type Manifest, digString } from "@plumbline/core/model";
import { Deliveries } from "../delivery/deliveries.ts";
import { Windows } from "../gate/windows.ts";
import type { KubeWatch, Ports } from "../ports/index.ts";
import { StatusWriter } from "../report/status-writer.ts";
import { Sources } from "../source/sources.ts";
import { guarded } from "../watch/guarded.ts";
import { withoutManagedFields } from "../watch/kept-object.ts";
import { NamedObjects } from "../watch/named-objects.ts";

export interface EngineOptions {
  /** Deliveries that render and write at the same time. */
  concurrency?: number;
  /** Further field managers whose fields are taken over. */
  overrideManagers?: readonly string[];
  /** `group/Kind` keys that are applied before everything else but after definitions and classes. */
  customStageKinds?: readonly string[];
  /** Ask before a run deletes more than this part of an inventory, from 0 to 1, or builds nothing; never unless told. */
  pruneGuard?: number;
  /** Refuse sources of other namespaces. */
  noCrossNamespaceRefs?: boolean;
  /** For deliveries that name no service account: one of this name in their namespace. */
  defaultServiceAccount?: string;
  /** Only objects in this namespace. */
  namespace?: string;
  /** Only dialect objects with these labels (sharding). */
  labelSelector?: string;
  /**
   * A ConfigMap that keeps what runs are about to create, many runs in one write; without it each run writes that to its
   * status. Not with a `labelSelector`: who takes a delivery over from another engine reads its status alone.
   */
  intents?: { namespace: string; name: string };
}

export interface Engine {
  readonly sources: Sources;
  readonly deliveries: Deliveries;
  /** Resolves when every object that existed at the start is known; rejects when the engine is stopped before. */
  readonly synced: Promise<void>;
  stop(): Promise<void>;
}

/** How long a stop waits for events on their way. */
const EVENTS_PATIENCE_MS = 1000;
const DEFAULT_CONCURRENCY = 16;

/** Starts to reconcile at once; `stop` lets writes on their way finish. */
export function startEngine(ports: Ports, options: EngineOptions = {}): Engine {
  const named = new NamedObjects(ports.kube, ports.clock);
  const writer = new StatusWriter(ports);
  const known = Promise.withResolvers<void>();
  const windows: Windows | undefined =
    ports.windows &&
    new Windows({
      ports,
      dialect: ports.windows,
      writer,
      namespace: options.namespace,
      onTurn: () => deliveries.onWindows(),
      onReminder: (key) => deliveries.onOverrideEnd(key),
    });
  const deliveries: Deliveries = new Deliveries({
    ports,
    named,
    writer,
    sources: () => sources,
    windows,
    concurrency: options.concurrency ?? DEFAULT_CONCURRENCY,
    intents: options.labelSelector === undefined ? options.intents : undefined,
    override: options.overrideManagers ?? [],
    customKinds: new Set(options.customStageKinds),
    pruneGuard: options.pruneGuard,
    defaultServiceAccount: options.defaultServiceAccount,
    allowCrossNamespace: options.noCrossNamespaceRefs !== true,
    known: known.promise,
  });
  const sources: Sources = new Sources({ ports, named, writer, onChange: (key) => void deliveries.onSource(key) });
  const watches = [
    watchObjects(ports, options, ports.dialect.sourceKind, sources),
    watchObjects(ports, options, ports.dialect.deliveryKind, deliveries),
  ];
  const synced = Promise.all(watches.map((watch) => watch.synced)).then(() => undefined);
  synced.then(known.resolve, known.reject);
  return {
    sources,
    deliveries,
    synced,
    stop: async () => {
      for (const watch of watches) watch.stop();
      await Promise.all([sources.stop(), deliveries.stop(), windows?.stop()]);
      await writer.settle(EVENTS_PATIENCE_MS);
      named.stop();
    },
  };
}

interface Seeing {
  see(key: string, object: Manifest): void;
  gone(key: string): void;
  /** The cluster may be back in an older state: everything is told anew, until `endRecount`. */
  startRecount(): void;
  endRecount(): void;
}

function watchObjects(
  ports: Ports,
  options: EngineOptions,
  resource: Ports["dialect"]["sourceKind"],
  target: Seeing,
): KubeWatch {
  return ports.kube.watch({
    resource,
    ...(options.namespace === undefined ? {} : { namespace: options.namespace }),
    ...(options.labelSelector === undefined ? {} : { labelSelector: options.labelSelector }),
    on: guarded((event) => {
      if (event.type === "anew") return target.startRecount();
      if (event.type === "resumed") return target.endRecount();
      if (event.type !== "added" && event.type !== "modified" && event.type !== "deleted") return;
      const key = `${digString(event.object, "metadata", "namespace") ?? ""}/${digString(event.object, "metadata", "name") ?? ""}`;
      if (event.type === "deleted") target.gone(key);
      else target.see(key, withoutManagedFields(event.object));
    }, ports.log),
  });
}
