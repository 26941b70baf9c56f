// The operator as a process of its own, measured from outside.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Failure } from "@plumbline/core/model";
import { processUsage } from "@plumbline/testkit/measure";
import type { Site } from "./open-site.ts";

export interface Usage {
  peakRssMb: number;
  /** Of its git processes that live, each at its highest. */
  gitRssMb: number;
  cpuSeconds: number;
  /** Since the operator was started. */
  apiServerCpuSeconds: number;
}

export interface OperatorProcess {
  /** `performance.now()` when it was started. */
  startedAt: number;
  usage(): Usage;
  /** Rejects with its last words when it ends by itself. */
  ended: Promise<never>;
  stop(): void;
}

const checkout = resolve(import.meta.dirname, "../..");
const keptLogCharacters = 2000;

/** Starts `plumb run` against the site, with an empty cache. */
export function startOperator(site: Site, concurrency: number): OperatorProcess {
  const scratch = mkdtempSync(join(tmpdir(), "plumbline-bench-"));
  const log = join(scratch, "operator.log");
  const output = openSync(log, "a");
  const { apiServer } = site.plane.pids();
  const apiServerBefore = processUsage(apiServer).cpuSeconds;
  const startedAt = performance.now();
  const args = operatorArguments(site, scratch, concurrency);
  const operator = spawn(process.execPath, args, { stdio: ["ignore", output, output] });
  closeSync(output);
  const ended = endOf(operator, log);
  // Whoever does not wait for it is not to be killed by it.
  ended.catch(() => undefined);
  return {
    startedAt,
    ended,
    usage: () => {
      const used = processUsage(operator.pid ?? 0);
      return {
        peakRssMb: used.peakRssBytes / 1e6,
        gitRssMb: used.descendantsPeakRssBytes / 1e6,
        cpuSeconds: used.cpuSeconds,
        apiServerCpuSeconds: processUsage(apiServer).cpuSeconds - apiServerBefore,
      };
    },
    stop: () => {
      operator.kill("SIGKILL");
      rmSync(scratch, { recursive: true, force: true });
    },
  };
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

async function endOf(operator: ChildProcess, log: string): Promise<never> {
  const [code, signal] = (await once(operator, "exit")) as [number | null, string | null];
  const words = signal === "SIGKILL" ? "" : `:\n${readFileSync(log, "utf8").slice(-keptLogCharacters)}`;
  throw new Failure({ reason: "Internal", message: `the operator ended with ${signal ?? `code ${code}`}${words}` });
}
