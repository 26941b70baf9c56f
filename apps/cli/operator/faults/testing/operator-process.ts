// A process that hosts operators of several namespaces and does what its parent says: run, stop at a request, measure.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { connect, loadKubeconfig } from "@plumbline/edges/kube";
import { systemClock } from "@plumbline/edges/telemetry";
import { asFailure } from "@plumbline/core/model";
import type { Kube } from "@plumbline/engine/ports";
import { INTENTS } from "../../intents-name.ts";
import { startOperator } from "../../start-operator.ts";
import { withoutNamespace, withRequests } from "./requests.ts";

/** From the parent. */
export type Order =
  | { type: "start"; kubeconfig: string; server?: string; sites: { namespace: string; cache: string }[] }
  /** Counts requests anew, and stops everything of this operator at one of them, before or after it. */
  | { type: "arm"; namespace: string; point: { label: string; when: "before" | "after" } | undefined }
  | { type: "measure" };

/** To the parent. */
export type Word =
  | { type: "started" }
  | { type: "request"; namespace: string; label: string }
  /** Of a watch: no point to stop at. */
  | { type: "note"; namespace: string; text: string }
  | { type: "armed"; namespace: string }
  /** The operator stands at its point and sends nothing any more. */
  | { type: "parked"; namespace: string }
  | { type: "measured"; heapBytes: number; rssBytes: number }
  | { type: "error"; namespace: string; text: string };

interface Armed {
  counts: Map<string, number>;
  point: { label: string; when: "before" | "after" } | undefined;
  isParked: boolean;
  /** Monotonic time of the last request. */
  lastMs: number;
}

const QUIET_MS = 400;
const armed = new Map<string, Armed>();
const say = (word: Word): void => void process.send?.(word);
const forEver = new Promise<void>(() => undefined);

process.on("message", (order: Order) => {
  obey(order).catch((error: unknown) => say({ type: "error", namespace: "", text: String(error) }));
});
process.on("disconnect", () => process.exit(0));

async function obey(order: Order): Promise<void> {
  if (order.type === "start") await start(order);
  else if (order.type === "measure") measure();
  else await arm(order);
}

async function start(order: Extract<Order, { type: "start" }>): Promise<void> {
  const clock = systemClock({ keepsAlive: true });
  const loaded = loadKubeconfig({ path: order.kubeconfig, env: {} });
  const config = order.server === undefined ? loaded : { ...loaded, server: order.server };
  const client = connect(config, { clock, userAgent: "plumbline-test/0" });
  for (const { namespace, cache } of order.sites) {
    const state: Armed = { counts: new Map(), point: undefined, isParked: false, lastMs: clock.monotonic() };
    armed.set(namespace, state);
    const onRequest = (label: string, when: "before" | "after"): Promise<void> => gate(namespace, state, label, when);
    await startOperator({
      client: withRequests(tellingOutages(client, namespace), onRequest, state.counts),
      cacheDirectory: cache,
      clock,
      log: {
        info: () => undefined,
        error: (message, fields) =>
          say({ type: "error", namespace, text: `${message} ${JSON.stringify(fields ?? {})}` }),
      },
      artifacts: { port: 0 },
      engine: { namespace, intents: { namespace, name: INTENTS } },
    });
  }
  say({ type: "started" });
}

/** Watches that are cut off are told, for the message of a test that fails. */
function tellingOutages(kube: Kube, namespace: string): Kube {
  const tellingWatch: Kube["watch"] = (options) => {
    const { kind } = options.resource;
    const note = (text: string): void => say({ type: "note", namespace, text });
    note(`watch ${kind}`);
    const startedMs = performance.now();
    const watch = kube.watch({
      ...options,
      on: (event) => {
        if (event.type === "disconnected") {
          const text = `watch of ${kind}: ${event.failure.message}`;
          say({ type: "error", namespace, text });
        }
        options.on(event);
      },
    });
    watch.synced.then(
      () => note(`watched ${kind} after ${Math.round(performance.now() - startedMs)} ms`),
      () => undefined,
    );
    return watch;
  };
  return { ...withRequests(kube, async () => undefined), watch: tellingWatch };
}

/** What is parked never goes on: only the end of the process ends it. */
async function gate(namespace: string, state: Armed, label: string, when: "before" | "after"): Promise<void> {
  if (state.isParked) return forEver;
  state.lastMs = performance.now();
  const name = withoutNamespace(label, namespace);
  if (when === "before") say({ type: "request", namespace, label: name });
  if (state.point?.label !== name || state.point.when !== when) return undefined;
  state.isParked = true;
  say({ type: "parked", namespace });
  return forEver;
}

async function arm({ namespace, point }: Extract<Order, { type: "arm" }>): Promise<void> {
  const state = armed.get(namespace);
  if (!state) throw new RangeError(`no operator for ${namespace}`);
  while (performance.now() - state.lastMs < QUIET_MS) await new Promise((resolve) => setTimeout(resolve, 50));
  state.counts.clear();
  state.point = point;
  say({ type: "armed", namespace });
}

function measure(): void {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void; // the flag defines it
  collect();
  collect();
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
  say({ type: "measured", heapBytes: heapUsed + arrayBuffers, rssBytes: rss });
}

process.on("unhandledRejection", (error) => {
  say({ type: "error", namespace: "", text: `unhandled: ${asFailure(error).message}` });
});
