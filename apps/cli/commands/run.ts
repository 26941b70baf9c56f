// `plumb run`: the operator.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { homedir, tmpdir } from "node:os";
import { Failure } from "@plumbline/core/model";
import { parseShare } from "@plumbline/core/plan";
import { createMetrics, jsonLog, systemClock } from "@plumbline/edges/telemetry";
import { connect, inClusterConfig, loadKubeconfig } from "@plumbline/edges/kube";
import type { EngineOptions } from "@plumbline/engine/run";
import type { Kube, Log } from "@plumbline/engine/ports";
import { Command, Option } from "commander";
import { USER_AGENT } from "../cluster/connection.ts";
import { logEvents } from "../operator/engine-log.ts";
import { leaderOnly } from "../operator/leader-only.ts";
import { takeLeadership } from "../operator/leadership.ts";
import { relieveMemory } from "../operator/memory-relief.ts";
import { parseAddress, startHealthServer, startMetricsServer } from "../operator/probe-server.ts";
import { isInLittleMemory } from "../operator/small-memory.ts";
import { INTENTS } from "../operator/intents-name.ts";
import { startOperator } from "../operator/start-operator.ts";

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
  defaultServiceAccount?: string;
  overrideManager: string[];
  customApplyStageKinds: string[];
  pruneGuard?: string;
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
      join(home(), ".cache", "plumbline", "operator"),
    )
    .option("--storage-addr <host:port>", "where artifacts are served", "127.0.0.1:9090")
    .option("--storage-adv-addr <host>", "host name that artifact URLs carry")
    .option("--metrics-addr <host:port>", "Prometheus metrics", "127.0.0.1:8080")
    .option("--health-addr <host:port>", "/healthz and /readyz", "127.0.0.1:9440")
    .option("--no-cross-namespace-refs", "refuse sources of other namespaces")
    .option(
      "--default-service-account <name>",
      "ServiceAccount whose rights a Kustomization without spec.serviceAccountName gets",
    )
    .option("--override-manager <name>", "field manager whose fields are taken over; repeatable", list, [])
    .option("--custom-apply-stage-kinds <group/Kind>", "kinds that are applied before the rest; repeatable", list, [])
    .option(
      "--prune-guard <share>",
      "ask before a run deletes more than this share of an inventory (30%), or builds nothing; default: never, as Flux",
    )
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

/** Of a user without a home directory, as in a Pod with any user id: the directory for files of a process. */
function home(): string {
  try {
    return homedir();
  } catch {
    return tmpdir();
  }
}

async function run(options: RunOptions): Promise<void> {
  const settings = readSettings(options);
  const logger = jsonLog({ level: options.logLevel });
  const log: Log = {
    info: (message, fields) => logger.info(fields ?? {}, message),
    error: (message, fields) => logger.error(fields ?? {}, message),
  };
  const stop = new AbortController();
  stopOnSignals(stop, log);
  try {
    await operate(options, { settings, log, stop });
  } catch (error) {
    if (error !== STOPPED) throw error;
  }
  const reason: unknown = stop.signal.reason;
  if (reason !== STOPPED) throw reason;
}

/** Why a process ends that was told to. */
const STOPPED = new Failure({ reason: "Internal", message: "stopped by a signal" });

interface Surroundings {
  settings: Settings;
  log: Log;
  stop: AbortController;
}

/** Until `stop`; closes what it opened in the opposite order, whatever happens: writes end before the leases go. */
async function operate(options: RunOptions, { settings, log, stop }: Surroundings): Promise<void> {
  await using open = new AsyncDisposableStack();
  const clock = systemClock({ keepsAlive: true });
  const metrics = createMetrics();
  const client = connect(clusterConfig(options), {
    clock,
    userAgent: USER_AGENT,
    onRequest: (record) => metrics.requested(record),
  });
  open.defer(() => client.close());
  let isReady = false;
  const health = await startHealthServer(options.healthAddr, () => isReady);
  open.defer(() => health.close());
  const metricsServer = await startMetricsServer(options.metricsAddr, metrics);
  open.defer(() => metricsServer.close());
  log.info("starting", { health: health.url, metrics: metricsServer.url });
  let kube: Kube = client;
  if (options.leaderElection) {
    const namespace = options.runtimeNamespace;
    const onLost = (failure: Failure): void => stop.abort(failure);
    const lease = await takeLeadership({ client, clock, namespace, log, signal: stop.signal, onLost });
    open.defer(() => lease.release());
    kube = leaderOnly(client, lease, clock);
  }
  if (isInLittleMemory()) open.defer(relieveMemory({ clock }));
  const operator = await startOperator({ ...settings, client: kube, clock, log, onEvent: logEvents(log, metrics) });
  open.defer(() => operator.stop());
  operator.engine.synced.then(
    () => (isReady = true),
    () => undefined, // stopped before
  );
  log.info("reconciling", { artifacts: operator.artifactServer.url });
  await aborted(stop.signal);
  isReady = false;
}

function clusterConfig(options: RunOptions): Parameters<typeof connect>[0] {
  const isTold = options.kubeconfig !== undefined || options.context !== undefined;
  const inCluster = isTold ? undefined : inClusterConfig(process.env);
  return inCluster ?? loadKubeconfig({ path: options.kubeconfig, context: options.context, env: process.env });
}

type Settings = Pick<Parameters<typeof startOperator>[0], "cacheDirectory" | "artifacts" | "engine">;

/** Checks every flag before anything is opened. Throws usage failures. */
function readSettings(options: RunOptions): Settings {
  const concurrency = Number(options.concurrent);
  if (!Number.isInteger(concurrency) || concurrency < 1) {
    throw new Failure({
      reason: "UsageError",
      message: `--concurrent: "${options.concurrent}" is no positive number`,
      hint: "Write a number such as 16.",
    });
  }
  const engine: EngineOptions = {
    concurrency,
    intents: { namespace: options.runtimeNamespace, name: INTENTS },
    ...pruneGuardOf(options.pruneGuard),
    overrideManagers: options.overrideManager,
    customStageKinds: options.customApplyStageKinds,
    noCrossNamespaceRefs: !options.crossNamespaceRefs,
    ...(options.defaultServiceAccount === undefined ? {} : { defaultServiceAccount: options.defaultServiceAccount }),
    ...(options.watchAllNamespaces ? {} : { namespace: options.runtimeNamespace }),
    ...(options.watchLabelSelector === undefined ? {} : { labelSelector: options.watchLabelSelector }),
  };
  const { host, port } = parseAddress(options.storageAddr, "--storage-addr");
  const baseUrl = options.storageAdvAddr === undefined ? {} : { baseUrl: `http://${options.storageAdvAddr}` };
  parseAddress(options.metricsAddr, "--metrics-addr");
  parseAddress(options.healthAddr, "--health-addr");
  mkdirSync(options.storagePath, { recursive: true, mode: 0o700 });
  return {
    cacheDirectory: options.storagePath,
    artifacts: { host: host ?? "0.0.0.0", port, ...baseUrl },
    engine,
  };
}

function pruneGuardOf(text: string | undefined): Pick<EngineOptions, "pruneGuard"> {
  if (text === undefined || text === "off") return {};
  const pruneGuard = parseShare(text);
  if (pruneGuard !== undefined) return { pruneGuard };
  throw new Failure({
    reason: "UsageError",
    message: `--prune-guard: "${text}" is no percentage`,
    hint: "Write a share such as 30%, or off.",
  });
}

function stopOnSignals(stop: AbortController, log: Log): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      log.info("stopping", { signal });
      stop.abort(STOPPED);
    });
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
