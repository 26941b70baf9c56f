// `plumb run`: the operator.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { homedir } from "node:os";
import { Failure } from "@plumbline/core/model";
import { createMetrics, jsonLog, systemClock } from "@plumbline/edges/telemetry";
import { connect, inClusterConfig, loadKubeconfig } from "@plumbline/edges/kube";
import type { EngineOptions, Engine } from "@plumbline/engine/run";
import type { Log } from "@plumbline/engine/ports";
import { Command, Option } from "commander";
import { USER_AGENT } from "../cluster/connection.ts";
import { logEvents } from "../operator/engine-log.ts";
import { takeLeadership } from "../operator/leadership.ts";
import { parseAddress, startHealthServer, startMetricsServer } from "../operator/probe-server.ts";
import { type Operator, startOperator } from "../operator/start-operator.ts";

interface RunOptions {
  kubeconfig?: string;
  context?: string;
  runtimeNamespace: string;
  watchAllNamespaces: boolean;
  watchLabelSelector?: string;
  concurrent: string;
  storagePath: string;
  storageAddr: string;
  storageAdvAddr?: string;
  metricsAddr: string;
  healthAddr: string;
  crossNamespaceRefs: boolean;
  overrideManager: string[];
  customApplyStageKinds: string[];
  leaderElection: boolean;
  logLevel: "debug" | "info" | "error";
}

const list = (value: string, before: string[]): string[] => [...before, ...value.split(",").map((part) => part.trim())];

export function runCommand(): Command {
  return new Command("run")
    .description("Run the operator against a cluster: in a Pod with its service account, elsewhere with a kubeconfig.")
    .option(
      "--kubeconfig <file>",
      "kubeconfig to use; default: the Pod's account, then $KUBECONFIG, then ~/.kube/config",
    )
    .option("--context <name>", "context of the kubeconfig")
    .option(
      "--runtime-namespace <name>",
      "namespace of the leases, and the one that is watched without --watch-all-namespaces",
      process.env["RUNTIME_NAMESPACE"] ?? "flux-system",
    )
    .option("--no-watch-all-namespaces", "reconcile only the objects of the runtime namespace")
    .option("--watch-label-selector <selector>", "reconcile only objects with these labels (sharding)")
    .option("--concurrent <n>", "Kustomizations that render and write at the same time", "16")
    .option(
      "--storage-path <dir>",
      "cache of Git objects and artifacts",
      join(homedir(), ".cache", "plumbline", "operator"),
    )
    .option("--storage-addr <host:port>", "where artifacts are served", "127.0.0.1:9090")
    .option("--storage-adv-addr <host>", "host name that artifact URLs carry")
    .option("--metrics-addr <host:port>", "Prometheus metrics", "127.0.0.1:8080")
    .option("--health-addr <host:port>", "/healthz and /readyz", "127.0.0.1:9440")
    .option("--no-cross-namespace-refs", "refuse sources of other namespaces")
    .option("--override-manager <name>", "field manager whose fields are taken over; repeatable", list, [])
    .option("--custom-apply-stage-kinds <group/Kind>", "kinds that are applied before the rest; repeatable", list, [])
    .option("--no-leader-election", "do not take leases (only when nothing else can run)")
    .addOption(
      new Option("--log-level <level>", "how much is logged").choices(["debug", "info", "error"]).default("info"),
    )
    .addHelpText(
      "after",
      "\nExamples:\n  plumb run --context kind-site1\n  plumb run --metrics-addr :8080 --health-addr :9440 --storage-addr :9090",
    )
    .action(run);
}

async function run(options: RunOptions): Promise<void> {
  const logger = jsonLog({ level: options.logLevel });
  const log: Log = {
    info: (message, fields) => logger.info(fields ?? {}, message),
    error: (message, fields) => logger.error(fields ?? {}, message),
  };
  const clock = systemClock({ keepsAlive: true });
  const metrics = createMetrics();
  const client = connect(clusterConfig(options), {
    clock,
    userAgent: USER_AGENT,
    onRequest: (record) => metrics.requested(record),
  });
  const stop = new AbortController();
  stopOnSignals(stop, log);
  let operator: Operator | undefined;
  const health = await startHealthServer(
    options.healthAddr,
    () => operator !== undefined && known.has(operator.engine),
  );
  const metricsServer = await startMetricsServer(options.metricsAddr, metrics);
  try {
    log.info("starting", { health: health.url, metrics: metricsServer.url });
    const lease = options.leaderElection
      ? await takeLeadership({
          client,
          clock,
          namespace: options.runtimeNamespace,
          log,
          signal: stop.signal,
          onLost: (failure) => stop.abort(failure),
        })
      : undefined;
    operator = await startIn({ options, client, clock, log, onEvent: logEvents(log, metrics) });
    operator.engine.synced.then(
      () => known.add((operator as Operator).engine),
      () => undefined,
    );
    log.info("reconciling", { artifacts: operator.artifactServer.url });
    await aborted(stop.signal);
    await operator.stop();
    await lease?.release();
  } finally {
    await Promise.all([health.close(), metricsServer.close(), client.close()]);
  }
  const reason: unknown = stop.signal.reason;
  if (reason instanceof Failure && reason.reason !== "Internal") throw reason;
}

/** Engines that know every object of their start. */
const known = new WeakSet<Engine>();

function clusterConfig(options: RunOptions): Parameters<typeof connect>[0] {
  const isTold = options.kubeconfig !== undefined || options.context !== undefined;
  const inCluster = isTold ? undefined : inClusterConfig(process.env);
  return inCluster ?? loadKubeconfig({ path: options.kubeconfig, context: options.context, env: process.env });
}

type Parts = Pick<Parameters<typeof startOperator>[0], "client" | "clock" | "log" | "onEvent"> & {
  options: RunOptions;
};

async function startIn({ options, ...parts }: Parts): Promise<Operator> {
  const concurrency = Number(options.concurrent);
  if (!Number.isInteger(concurrency) || concurrency < 1) {
    throw new Failure({ reason: "UsageError", message: `--concurrent: "${options.concurrent}" is no positive number` });
  }
  const engine: EngineOptions = {
    concurrency,
    overrideManagers: options.overrideManager,
    customStageKinds: options.customApplyStageKinds,
    noCrossNamespaceRefs: !options.crossNamespaceRefs,
    ...(options.watchAllNamespaces ? {} : { namespace: options.runtimeNamespace }),
    ...(options.watchLabelSelector === undefined ? {} : { labelSelector: options.watchLabelSelector }),
  };
  const { host, port } = parseAddress(options.storageAddr, "--storage-addr");
  const baseUrl = options.storageAdvAddr === undefined ? {} : { baseUrl: `http://${options.storageAdvAddr}` };
  mkdirSync(options.storagePath, { recursive: true, mode: 0o700 });
  return await startOperator({
    ...parts,
    cacheDirectory: options.storagePath,
    artifacts: { ...(host === undefined ? { host: "0.0.0.0" } : { host }), port, ...baseUrl },
    engine,
  });
}

function stopOnSignals(stop: AbortController, log: Log): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      log.info("stopping", { signal });
      stop.abort(new Failure({ reason: "Internal", message: `stopped by ${signal}` }));
    });
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
