// Every chart of the corpus, with its defaults and each file of its ci/ folder, beside Helm's Go library in one warm
// process and beside the real binary. Needs PLUMBLINE_CORPUS.

import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { releasedPlumb } from "../release.ts";
import { corpusPath } from "@plumbline/testkit/corpus";
import { helmBinary } from "@plumbline/testkit/go";
import { describeMachine, formatTable, median, quantile } from "@plumbline/testkit/measure";
import { Failure } from "@plumbline/core/model";
import { type Case, runOurs } from "../../conformance/helm/real-helm.ts";
import { type Oracle, startOracle } from "../../conformance/template/oracle.ts";

const rounds = Number(process.env["BENCH_ROUNDS"] ?? 5);

interface Sample {
  oursMs: number;
  libraryMs: number;
}

/** Takes turns between ours and the library; a chart's figure is the median of its rounds. */
export async function bench(say: (line: string) => void): Promise<string> {
  const root = corpusPath("charts");
  if (root === undefined) {
    throw new Failure({ reason: "NotFound", message: "there is no corpus", hint: "Set PLUMBLINE_CORPUS" });
  }
  const cases = casesOf(root);
  const machine = describeMachine();
  const oracle = await startOracle();
  say(`${cases.length} renders, ${rounds} rounds`);
  const samples: Sample[] = [];
  for (const test of cases) samples.push(await sampleOf(oracle, test));
  const libraryPeak = peakMb(oracle.pid);
  oracle.close();
  say("processes");
  const helm = await helmBinary();
  const plumb = releasedPlumb();
  const processes = cases.map((test) => processSample({ helm, plumb }, test));
  return [machine, "", inProcess(samples, libraryPeak), "", asProcesses(samples, processes)].join("\n");
}

function casesOf(root: string): Case[] {
  const charts = readdirSync(root).filter((name) => existsSync(join(root, name, "Chart.yaml")));
  return charts.flatMap((name) => {
    const chart = join(root, name);
    const ci = join(chart, "ci");
    const files = existsSync(ci) ? readdirSync(ci).filter((file) => /\.ya?ml$/.test(file)) : [];
    return [{ chart }, ...files.map((file) => ({ chart, valueFiles: [join(ci, file)] }))];
  });
}

async function sampleOf(oracle: Oracle, test: Case): Promise<Sample> {
  const ours: number[] = [];
  const library: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const start = performance.now();
    runOurs(test);
    const oursMs = performance.now() - start;
    const answer = await oracle.run({ mode: "chart", name: "", template: "", ...test });
    if (round === 0) continue;
    ours.push(oursMs);
    library.push((answer.loadMs ?? 0) + (answer.renderMs ?? 0));
  }
  return { oursMs: median(ours), libraryMs: median(library) };
}

interface ProcessSample {
  oursMs: number;
  helmMs: number;
}

/** The shorter of two runs each, taking turns, after one that fills caches. */
function processSample({ helm, plumb }: { helm: string; plumb: string }, test: Case): ProcessSample {
  const args = ["template", "rel", test.chart, "-n", "ns", ...(test.valueFiles ?? []).flatMap((file) => ["-f", file])];
  const time = (program: string, before: string[]): number => {
    const start = performance.now();
    spawnSync(program, [...before, ...args], { stdio: "ignore" });
    return performance.now() - start;
  };
  const sample: ProcessSample = { oursMs: Infinity, helmMs: Infinity };
  for (let round = 0; round < 3; round++) {
    const helmMs = time(helm, []);
    const oursMs = time(process.execPath, [plumb, "helm"]);
    if (round === 0) continue;
    sample.helmMs = Math.min(sample.helmMs, helmMs);
    sample.oursMs = Math.min(sample.oursMs, oursMs);
  }
  return sample;
}

const sum = (values: number[]): number => values.reduce((total, each) => total + each, 0);
const geometric = (values: number[]): number => Math.exp(sum(values.map(Math.log)) / values.length);
const ms = (value: number): string => value.toFixed(2);

function inProcess(samples: Sample[], libraryPeak: number): string {
  const ours = samples.map((each) => each.oursMs);
  const library = samples.map((each) => each.libraryMs);
  const ratios = samples.map((each) => each.libraryMs / each.oursMs);
  const rows: [string, string, string, string][] = [
    ["sum, ms", ms(sum(ours)), ms(sum(library)), ratio(sum(library) / sum(ours))],
    ["median, ms", ms(median(ours)), ms(median(library)), ratio(median(library) / median(ours))],
    ["95 %, ms", ms(quantile(ours, 0.95)), ms(quantile(library, 0.95)), ""],
    ["worst, ms", ms(Math.max(...ours)), ms(Math.max(...library)), ""],
    ["geometric mean of the ratios", "", "", ratio(geometric(ratios))],
    ["slowest ratio", "", "", ratio(Math.min(...ratios))],
    ["peak memory, MB", String(peakMb(process.pid)), String(libraryPeak), ""],
  ];
  return formatTable(["load and render, warm", "ours", "Helm's library", "ratio"], rows);
}

function asProcesses(samples: Sample[], processes: ProcessSample[]): string {
  const ours = processes.map((each) => each.oursMs);
  const helm = processes.map((each) => each.helmMs);
  const warm = processes.map((each, i) => each.helmMs / (samples[i]?.oursMs ?? Number.NaN));
  const rows: [string, string, string, string][] = [
    ["sum, ms", ms(sum(ours)), ms(sum(helm)), ratio(sum(helm) / sum(ours))],
    ["median, ms", ms(median(ours)), ms(median(helm)), ratio(median(helm) / median(ours))],
    ["geometric mean of the ratios", "", "", ratio(geometric(processes.map((each) => each.helmMs / each.oursMs)))],
    ["renders where plumb is slower", String(processes.filter((each) => each.oursMs > each.helmMs).length), "", ""],
    ["ours warm beside the helm process, geometric mean", "", "", ratio(geometric(warm))],
  ];
  return formatTable(["one process per render", "plumb", "helm", "ratio"], rows);
}

const ratio = (value: number): string => `${value.toFixed(2)}x`;

function peakMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1024);
}
