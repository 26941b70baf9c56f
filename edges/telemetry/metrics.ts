// Metrics under the names that dashboards for Flux and controller-runtime use.

import { Counter, Gauge, Registry, collectDefaultMetrics } from "prom-client";
import { ObjectHistogram } from "./object-histogram.ts";

export interface Metrics {
  /** One reconciliation of an object; seconds. */
  reconciled(
    object: { kind: string; namespace: string; name: string },
    seconds: number,
    result: "success" | "error",
  ): void;
  ready(object: { kind: string; namespace: string; name: string }, ready: boolean): void;
  requested(request: { verb: string; status: number }): void;
  repaired(object: { namespace: string; name: string }, seconds: number): void;
  /** How many changes of a delivery wait for maintenance windows. */
  held(object: { kind: string; namespace: string; name: string }, count: number): void;
  /** Whether a window is open; undefined when there is no such window any more. */
  window(object: { kind: string; namespace: string; name: string }, open: boolean | undefined): void;
  /** A build was made, or an earlier one still held. */
  built(how: "rendered" | "reused"): void;
  /** The object is gone, and so is what was told of it. */
  gone(object: { kind: string; namespace: string; name: string }): void;
  /** The text exposition format of Prometheus, in pieces. */
  expose(): Promise<{ contentType: string; body: Iterable<string> }>;
}

interface ObjectPieces {
  expose: () => Iterable<string>;
}

/** controller-runtime's label value for a kind. */
function controllerOf(kind: string): string {
  return kind.toLowerCase();
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const labels = ["kind", "name", "namespace"] as const;
  const registers = [registry];
  const duration = new ObjectHistogram({
    name: "gotk_reconcile_duration_seconds",
    help: "Duration of a reconciliation in seconds.",
    labelNames: labels,
    buckets: [0.01, 0.04, 0.15, 0.57, 2.2, 8.4, 32, 123, 469, 1800],
  });
  const total = new Counter({
    name: "controller_runtime_reconcile_total",
    help: "Reconciliations by controller and result.",
    labelNames: ["controller", "result"] as const,
    registers,
  });
  const errors = new Counter({
    name: "controller_runtime_reconcile_errors_total",
    help: "Reconciliations that failed, by controller.",
    labelNames: ["controller"] as const,
    registers,
  });
  const requests = new Counter({
    name: "rest_client_requests_total",
    help: "Requests to the Kubernetes API by method and status code.",
    labelNames: ["method", "code"] as const,
    registers,
  });
  const repair = new ObjectHistogram({
    name: "plumbline_drift_repair_seconds",
    help: "Time from noticing that a managed object was changed to its repair.",
    labelNames: ["name", "namespace"] as const,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
  });
  const builds = new Counter({
    name: "plumbline_builds_total",
    help: "Builds of manifests: rendered anew, or reused as nothing that they read has changed.",
    labelNames: ["how"] as const,
    registers,
  });
  const readiness = new Gauge({
    name: "plumbline_ready",
    help: "1 when the object is Ready, 0 when it is not.",
    labelNames: labels,
    registers,
  });
  const waiting = new Gauge({
    name: "plumbline_held_changes",
    help: "Changes of an object that wait for maintenance windows.",
    labelNames: labels,
    registers,
  });
  const openness = new Gauge({
    name: "plumbline_window_open",
    help: "1 when a maintenance window is open, 0 when it is closed.",
    labelNames: labels,
    registers,
  });
  return {
    held: (object, count) => (count === 0 ? waiting.remove({ ...object }) : waiting.set({ ...object }, count)),
    window: (object, open) =>
      open === undefined ? openness.remove({ ...object }) : openness.set({ ...object }, open ? 1 : 0),
    reconciled: (object, seconds, result) => {
      duration.observe({ ...object }, seconds);
      total.inc({ controller: controllerOf(object.kind), result });
      if (result === "error") errors.inc({ controller: controllerOf(object.kind) });
    },
    ready: (object, isReady) => readiness.set({ ...object }, isReady ? 1 : 0),
    requested: ({ verb, status }) => requests.inc({ method: verb, code: String(status) }),
    repaired: ({ namespace, name }, seconds) => repair.observe({ namespace, name }, seconds),
    built: (how) => builds.inc({ how }),
    gone: (object) => {
      for (const gauge of [readiness, waiting]) gauge.remove({ ...object });
      for (const histogram of [duration, repair]) histogram.remove(object);
    },
    expose: () => exposed(registry, [duration, repair]),
  };
}

async function exposed(registry: Registry, histograms: readonly ObjectPieces[]): ReturnType<Metrics["expose"]> {
  return { contentType: registry.contentType, body: pieces(await registry.metrics(), histograms) };
}

function* pieces(first: string, histograms: readonly ObjectPieces[]): Generator<string, void> {
  yield first;
  for (const histogram of histograms) yield* histogram.expose();
}
