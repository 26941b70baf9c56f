// Flux's source-controller and kustomize-controller as processes beside an API server; without leader election, which
// they have only inside a cluster.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Cluster } from "@plumbline/testkit/control-plane";
import { kustomizeControllerBinary, sourceControllerBinary } from "./programs.ts";

export interface Flux {
  /** What the controllers logged so far; for messages of failed tests. */
  log(): string;
  /** Lets them end as a Deployment scaled to zero does. */
  stop(): Promise<void>;
}

export interface FluxOptions {
  /** `127.0.0.1:port`: where source-controller serves artifacts and says that it does. */
  artifacts: string;
  namespace: string;
}

const QUIET = ["--metrics-addr=0", "--health-addr=127.0.0.1:0", "--log-level=info"];

export async function startFlux(cluster: Cluster, options: FluxOptions): Promise<Flux> {
  const storage = await mkdtemp(join(tmpdir(), "plumbline-flux-storage-"));
  const programs: [string, string[]][] = [
    [
      await sourceControllerBinary(),
      [`--storage-path=${storage}`, `--storage-addr=${options.artifacts}`, `--storage-adv-addr=${options.artifacts}`],
    ],
    [await kustomizeControllerBinary(), []],
  ];
  let text = "";
  const children = programs.map(([program, args]) => {
    const child = spawn(program, [...args, ...QUIET], {
      env: { ...process.env, KUBECONFIG: cluster.kubeconfigPath, RUNTIME_NAMESPACE: options.namespace },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (part: string) => (text += part));
    }
    return child;
  });
  return {
    log: () => text,
    stop: async () => {
      await Promise.all(children.map(ended));
      await rm(storage, { recursive: true, force: true });
    },
  };
}

const PATIENCE_MS = 30_000;

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
    child.once("exit", () => {
      clearTimeout(timer);
      resolve();
    });
    child.kill("SIGTERM");
  });
}
