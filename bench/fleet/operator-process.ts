// The operator as a process of its own, measured from outside.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { releasedPlumb } from "../release.ts";
import { Failure } from "@plumbline/core/model";
import { processUsage } from "@plumbline/testkit/measure";
import type { Site } from "./open-site.ts";
import { form } from "./settings.ts";

export interface Usage {
  /** The most it ever held; now. */
  peakRssMb: number;
  rssMb: number;
  /** Of its git processes that live, each at its highest. */
  gitRssMb: number;
  cpuSeconds: number;
  /** Since the operator was started. */
  apiServerCpuSeconds: number;
}

/** A line of its log: `msg`, `ts`, and what belongs to it. */
export type LogLine = Record<string, unknown> & { msg?: string; ts?: string };

export interface OperatorProcess {
  /** `performance.now()` when it was started. */
  startedAt: number;
  usage(): Usage;
  /** Its log so far. */
  log(): LogLine[];
  /** The sum of a metric over all its labels, or over those that hold this text. */
  metric(name: string, label?: string): Promise<number>;
  /** Rejects with its last words when it ends by itself. */
  ended: Promise<never>;
  stop(): void;
  /** As a rollout ends it: it gives its leases back. */
  stopGently(): Promise<void>;
}

const checkout = resolve(import.meta.dirname, "../..");
const keptLogCharacters = 2000;

/** Starts `plumb run` against the site, with an empty cache, in the form that `BENCH_FORM` names. */
export function startOperator(site: Site, concurrency: number): OperatorProcess {
  const program = programOf(form());
  const scratch = mkdtempSync(join(tmpdir(), "plumbline-bench-"));
  const logFile = join(scratch, "operator.log");
  const output = openSync(logFile, "a");
  const { apiServer } = site.plane.pids();
  const apiServerBefore = processUsage(apiServer).cpuSeconds;
  const startedAt = performance.now();
  const args = [program, ...operatorArguments(site, scratch, concurrency)];
  const operator = spawn(process.execPath, args, { stdio: ["ignore", output, output] });
  closeSync(output);
  const ended = endOf(operator, logFile);
  // Whoever does not wait for it is not to be killed by it.
  ended.catch(() => undefined);
  const log = (): LogLine[] => readLog(logFile);
  return {
    startedAt,
    ended,
    log,
    usage: () => {
      const used = processUsage(operator.pid ?? 0);
      return {
        peakRssMb: used.peakRssBytes / 1e6,
        rssMb: used.rssBytes / 1e6,
        gitRssMb: used.descendantsPeakRssBytes / 1e6,
        cpuSeconds: used.cpuSeconds,
        apiServerCpuSeconds: processUsage(apiServer).cpuSeconds - apiServerBefore,
      };
    },
    metric: (name, label) => readMetric(log(), name, label ?? ""),
    stopGently: async () => {
      operator.kill("SIGTERM");
      await ended.catch(() => undefined); // it ends, as told
      rmSync(scratch, { recursive: true, force: true });
    },
    stop: () => {
      operator.kill("SIGKILL");
      rmSync(scratch, { recursive: true, force: true });
    },
  };
}

function programOf(what: "bundle" | "sources"): string {
  return what === "sources" ? join(checkout, "apps/cli/plumb.ts") : releasedPlumb();
}

function operatorArguments(site: Site, scratch: string, concurrency: number): string[] {
  const anyPort = "127.0.0.1:0";
  return [
    "run",
    `--kubeconfig=${site.plane.kubeconfigPath}`,
    `--storage-path=${join(scratch, "storage")}`,
    `--concurrent=${concurrency}`,
    `--storage-addr=${anyPort}`,
    `--metrics-addr=${anyPort}`,
    `--health-addr=${anyPort}`,
    // The address of artifacts stands in status: it is the same after a restart.
    "--storage-adv-addr=artifacts.example",
  ];
}

function readLog(file: string): LogLine[] {
  const lines = readFileSync(file, "utf8").split("\n").slice(0, -1);
  return lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line) as LogLine);
}

async function readMetric(log: readonly LogLine[], name: string, label: string): Promise<number> {
  const url = log.find(({ msg }) => msg === "starting")?.["metrics"];
  if (typeof url !== "string") throw new RangeError("the operator has not said where its metrics are");
  const text = await (await fetch(`${url}/metrics`)).text();
  const samples = text.split("\n").filter((line) => /^[a-z_]+/.exec(line)?.[0] === name && line.includes(label));
  return samples.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);
}

async function endOf(operator: ChildProcess, log: string): Promise<never> {
  const [code, signal] = (await once(operator, "exit")) as [number | null, string | null];
  const words = signal === "SIGKILL" ? "" : `:\n${readFileSync(log, "utf8").slice(-keptLogCharacters)}`;
  throw new Failure({ reason: "Internal", message: `the operator ended with ${signal ?? `code ${code}`}${words}` });
}
