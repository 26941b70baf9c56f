// Starts, restarts and stops a control plane.

import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Failure, type JsonObject, asFailure } from "@plumbline/core/model";
import { etcdBinary, kubeApiserverBinary, kubeControllerManagerBinary } from "@plumbline/testkit/go";
import { apiServerArguments, controllerManagerArguments, etcdArguments, files } from "./arguments.ts";
import { type AuditLog, auditEverything, openAuditLog } from "./audit.ts";
import { type Cluster, apiRequest, kubeconfigText } from "./cluster.ts";
import { type Prepared, prepare } from "./layout.ts";
import { hasDefaultAccount, isReady, servesCustomResources } from "./readiness.ts";
import { type Supervised, supervise } from "./supervise.ts";

export interface ControlPlaneOptions {
  /** More flags for kube-apiserver, such as `--enable-admission-plugins=...`; a flag given twice counts as the last says. */
  apiServerArgs?: readonly string[];
  /** More flags for kube-controller-manager; `false` starts none (nothing is garbage-collected, no default accounts). */
  controllerManagerArgs?: readonly string[] | false;
  /** Writes an audit log: `true` records the metadata of every finished request, or an audit.k8s.io/v1 Policy. */
  audit?: boolean | JsonObject;
  /** An etcd data directory, or a `.tar` or `.tar.zst` of one, to start on; it is copied and never written. */
  etcdData?: string;
}

export interface ControlPlane extends Cluster {
  /** Present when `audit` was asked for. */
  readonly audit: AuditLog | undefined;
  /** Process ids, for measuring; a restart changes that of the API server. */
  pids(): { etcd: number; apiServer: number; controllerManager?: number };
  /** The API server's metrics in Prometheus' text format. */
  metrics(): Promise<string>;
  /** Ends the API server, by default as a crash would; clients see refused connections until it is started again. */
  stopApiServer(signal?: "SIGTERM" | "SIGKILL"): Promise<void>;
  /** Starts it again at the same address, and waits until it is ready. */
  startApiServer(): Promise<void>;
  restartApiServer(signal?: "SIGTERM" | "SIGKILL"): Promise<void>;
  /** Ends the API server and etcd, keeps a copy of etcd's data, and starts them again. */
  backUp(): Promise<void>;
  /** Ends the API server and etcd, puts the copy back in place, and starts them again: versions go back with it. */
  restoreBackUp(): Promise<void>;
  /** Ends everything and removes the temporary folder. Calling it again does nothing. */
  stop(): Promise<void>;
}

const attempts = 3;
const readyTimeoutMs = 60_000;
const pollMs = 50;

/**
 * Ready means: the API server says so and serves the custom resources it was started with, and with a controller
 * manager the namespace `default` has its ServiceAccount.
 * Programs are built on first use (see testkit/go). Everything listens on 127.0.0.1, and dies with this process.
 */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const programs = {
    etcd: await etcdBinary(),
    apiServer: await kubeApiserverBinary(),
    manager: options.controllerManagerArgs === false ? undefined : await kubeControllerManagerBinary(),
  };
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(programs, options);
    } catch (thrown) {
      // Another process took one of the ports meanwhile.
      if (attempt === attempts || !asFailure(thrown).message.includes("address already in use")) throw thrown;
    }
  }
}

interface Programs {
  etcd: string;
  apiServer: string;
  manager: string | undefined;
}

async function startOnce(programs: Programs, options: ControlPlaneOptions): Promise<ControlPlane> {
  const policy = options.audit === true ? auditEverything : options.audit || undefined;
  const at = await prepare(policy, options.etcdData);
  const log = (name: string): string => join(at.folder, `${name}.log`);
  const running: { etcd?: Supervised; apiServer?: Supervised; manager?: Supervised } = {};
  const stop = async (): Promise<void> => {
    await Promise.all(Object.values(running).map((program) => program.end()));
    await rm(at.folder, { recursive: true, force: true });
  };
  let cluster: Cluster | undefined;
  const startApiServer = async (): Promise<Cluster> => {
    const args = apiServerArguments(at, policy !== undefined, options.apiServerArgs ?? []);
    running.apiServer = supervise(programs.apiServer, args, log("kube-apiserver"));
    await waitUntil(running, () => isReady(at));
    cluster ??= await describe(at);
    const ready = cluster;
    await waitUntil(running, () => servesCustomResources(ready));
    return ready;
  };
  try {
    const startEtcd = (): void => {
      running.etcd = supervise(programs.etcd, etcdArguments(at), log("etcd"), at.folder);
    };
    startEtcd();
    const ready = await startApiServer();
    if (programs.manager) {
      const args = controllerManagerArguments(at, options.controllerManagerArgs || []);
      running.manager = supervise(programs.manager, args, log("kube-controller-manager"));
      await waitUntil(running, () => hasDefaultAccount(ready));
    }
    return controlPlane(ready, at, { running, startEtcd, startApiServer, stop, audited: policy !== undefined });
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

interface Handles {
  running: { etcd?: Supervised; apiServer?: Supervised; manager?: Supervised };
  startEtcd: () => void;
  startApiServer: () => Promise<Cluster>;
  stop: () => Promise<void>;
  audited: boolean;
}

function controlPlane(cluster: Cluster, at: Prepared, handles: Handles): ControlPlane {
  const { running, startEtcd, startApiServer, stop } = handles;
  const data = join(at.folder, "etcd");
  const copy = join(at.folder, "etcd.backup");
  const withoutEtcd = async (work: () => Promise<void>): Promise<void> => {
    await running.apiServer?.end("SIGKILL");
    await running.etcd?.end("SIGTERM");
    await work();
    startEtcd();
    await startApiServer();
  };
  const stopApiServer: ControlPlane["stopApiServer"] = async (signal = "SIGKILL") => running.apiServer?.end(signal);
  return {
    ...cluster,
    audit: handles.audited ? openAuditLog(join(at.folder, files.auditLog)) : undefined,
    pids: () => ({
      etcd: running.etcd?.pid ?? -1,
      apiServer: running.apiServer?.pid ?? -1,
      ...(running.manager && { controllerManager: running.manager.pid }),
    }),
    metrics: async () => (await apiRequest(cluster, { path: "/metrics" })).text,
    stopApiServer,
    startApiServer: async () => void (await startApiServer()),
    restartApiServer: async (signal) => {
      await stopApiServer(signal);
      await startApiServer();
    },
    backUp: () => withoutEtcd(() => cp(data, copy, { recursive: true, force: true })),
    restoreBackUp: () =>
      withoutEtcd(async () => {
        await rm(data, { recursive: true });
        await cp(copy, data, { recursive: true });
      }),
    stop,
  };
}

/** Reads the certificate the API server made for itself, and writes the kubeconfigs. */
async function describe(at: Prepared): Promise<Cluster> {
  const caPem = await readFile(join(at.folder, files.certificate), "utf8");
  const url = `https://127.0.0.1:${at.apiPort}`;
  const kubeconfigPath = join(at.folder, files.kubeconfig);
  const write = (name: string, token: string): Promise<void> =>
    writeFile(join(at.folder, name), kubeconfigText({ url, caPem }, token), { mode: 0o600 });
  await write(files.kubeconfig, at.adminToken);
  await write(files.managerKubeconfig, at.managerToken);
  return { kubeconfigPath, url, caPem, adminToken: at.adminToken };
}

async function waitUntil(running: Handles["running"], isTrue: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + readyTimeoutMs;
  while (!(await isTrue())) {
    for (const [name, program] of Object.entries(running)) {
      const exit = program.exit();
      if (exit !== undefined) throw await notStarted(name, program, `ended with ${exit}`);
    }
    if (performance.now() > deadline) {
      const [name, program] = Object.entries(running).at(-1) as [string, Supervised];
      throw await notStarted(name, program, `was not ready within ${readyTimeoutMs / 1000} s`);
    }
    await sleep(pollMs);
  }
}

async function notStarted(name: string, program: Supervised, how: string): Promise<Failure> {
  const message = `the control plane's ${name} ${how}; its last words:\n${await program.lastLines()}`;
  return new Failure({ reason: "ClusterUnreachable", message });
}
