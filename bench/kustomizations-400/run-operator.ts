// One measured run of the operator: from the start of its process until every Kustomization is Ready.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Failure } from "@plumbline/core/model";
import { processUsage } from "@plumbline/testkit/measure";
import { type Site, countReady, kustomizationPath } from "./site.ts";
import { watchReady } from "./watch-ready.ts";

export interface OperatorRun {
  /** Until the last was Ready. */
  seconds: number;
  peakRssMb: number;
  /** Of its git processes, each at its highest. */
  gitRssMb: number;
  cpuSeconds: number;
  apiServerCpuSeconds: number;
}

const limitMs = 180_000;
const checkout = resolve(import.meta.dirname, "../..");

export async function runOperator(site: Site, count: number, concurrency: number): Promise<OperatorRun> {
  const scratch = mkdtempSync(join(tmpdir(), "plumbline-bench-"));
  const log = join(scratch, "operator.log");
  const apiServer = site.plane.pids().apiServer;
  const cpuBefore = processUsage(apiServer).cpuSeconds;
  const started = performance.now();
  const operator = spawn(process.execPath, operatorArguments(site, scratch, concurrency), {
    stdio: ["ignore", openSync(log, "a"), openSync(log, "a")],
  });
  const watching = new AbortController();
  try {
    await Promise.race([allReady(site, count, watching.signal), endOf(operator, log)]);
    const seconds = (performance.now() - started) / 1000;
    const usage = processUsage(operator.pid ?? 0);
    return {
      seconds,
      peakRssMb: usage.peakRssBytes / 1e6,
      gitRssMb: usage.descendantsPeakRssBytes / 1e6,
      cpuSeconds: usage.cpuSeconds,
      apiServerCpuSeconds: processUsage(apiServer).cpuSeconds - cpuBefore,
    };
  } finally {
    watching.abort();
    operator.kill("SIGKILL");
    rmSync(scratch, { recursive: true, force: true });
  }
}

function operatorArguments(site: Site, scratch: string, concurrency: number): string[] {
  const anyPort = "127.0.0.1:0";
  return [
    join(checkout, "apps/cli/plumb.ts"),
    "run",
    `--kubeconfig=${site.plane.kubeconfigPath}`,
    `--storage-path=${join(scratch, "storage")}`,
    `--concurrent=${concurrency}`,
    `--storage-addr=${anyPort}`,
    `--metrics-addr=${anyPort}`,
    `--health-addr=${anyPort}`,
    "--log-level=error",
  ];
}

function allReady(site: Site, count: number, signal: AbortSignal): Promise<void> {
  const ready = new Set<string>();
  return new Promise((resolveAll, reject) => {
    const timer = setTimeout(() => void tooLate(site, count).then(reject, reject), limitMs);
    signal.addEventListener("abort", () => clearTimeout(timer));
    const onReady = (name: string): void => {
      if (ready.add(name).size === count) resolveAll();
    };
    watchReady(site.plane, kustomizationPath("").slice(0, -1), onReady, signal);
  });
}

async function tooLate(site: Site, count: number): Promise<Failure> {
  const { ready, example } = await countReady(site.plane);
  const message = `after ${limitMs / 1000} s ${ready} of ${count} Kustomizations are Ready; one that is not: ${example}`;
  return new Failure({ reason: "HealthCheckFailed", message });
}

async function endOf(operator: ReturnType<typeof spawn>, log: string): Promise<never> {
  const [code, signal] = (await once(operator, "exit")) as [number | null, string | null];
  const words = readFileSync(log, "utf8").slice(-2000);
  throw new Failure({ reason: "Internal", message: `the operator ended with ${signal ?? `code ${code}`}:\n${words}` });
}
