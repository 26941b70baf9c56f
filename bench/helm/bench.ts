// Every chart of the corpus, with its defaults and each file of its ci/ folder, beside Helm's Go library in one warm
// process and beside the real binary. Needs PLUMBLINE_CORPUS. A warm process renders all charts in turn, as an operator
// does; ours and the library's take turns from pass to pass.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { releasedPlumb } from "../release.ts";
import { corpusPath } from "@plumbline/testkit/corpus";
import { helmBinary } from "@plumbline/testkit/go";
import { describeMachine, formatTable, median, peakMb, quantile } from "@plumbline/testkit/measure";
import { Failure } from "@plumbline/core/model";
import type { Case } from "../../conformance/helm/real-helm.ts";
import { type Oracle, startOracle } from "../../conformance/template/oracle.ts";
import type { Pass } from "./render-all.ts";

const rounds = Number(process.env["BENCH_ROUNDS"] ?? 5);
const warmUp = 6;
/** The nursery of the operator (decision 0130), without what it gives up in speed to save memory. */
const nodeFlags = ["--max-semi-space-size=8"];

interface Sample {
  oursMs: number;
  libraryMs: number;
}

interface Warm {
  samples: Sample[];
  oursPeak: number;
  libraryPeak: number;
}

export async function bench(say: (line: string) => void): Promise<string> {
  const root = corpusPath("charts");
  if (root === undefined) {
    throw new Failure({ reason: "NotFound", message: "there is no corpus", hint: "Set PLUMBLINE_CORPUS" });
  }
  const cases = casesOf(root).slice(0, Number(process.env["BENCH_COUNT"] ?? Infinity));
  const machine = describeMachine();
  say(`${cases.length} renders, ${rounds} rounds`);
  const warm = await warmSamples(cases);
  say("processes");
  const helm = await helmBinary();
  const plumb = releasedPlumb();
  const processes = cases.map((test) => processSample({ helm, plumb }, test));
  return [machine, "", inProcess(warm), "", asProcesses(warm.samples, processes)].join("\n");
}

/** A chart's figure is the median of its rounds; the passes before them fill caches and let compilers settle. */
async function warmSamples(cases: Case[]): Promise<Warm> {
  const oracle = await startOracle();
  const own = startOwn();
  const passes: { ours: Pass; library: number[] }[] = [];
  for (let round = -warmUp; round < rounds; round++) {
    const measured = { ours: await own.pass(cases), library: await libraryPass(oracle, cases) };
    if (round >= 0) passes.push(measured);
  }
  const libraryPeak = peakMb(oracle.pid);
  oracle.close();
  own.close();
  const samples = cases.map((_, i) => ({
    oursMs: median(passes.map(({ ours }) => ours.ms[i] ?? Number.NaN)),
    libraryMs: median(passes.map(({ library }) => library[i] ?? Number.NaN)),
  }));
  return { samples, oursPeak: passes.at(-1)?.ours.peakMb ?? Number.NaN, libraryPeak };
}

async function libraryPass(oracle: Oracle, cases: Case[]): Promise<number[]> {
  const ms: number[] = [];
  for (const test of cases) {
    const answer = await oracle.run({ mode: "chart", name: "", template: "", ...test });
    ms.push((answer.loadMs ?? 0) + (answer.renderMs ?? 0));
  }
  return ms;
}

function startOwn(): { pass: (cases: Case[]) => Promise<Pass>; close: () => void } {
  const program = join(import.meta.dirname, "render-all.ts");
  const child: ChildProcess = spawn(process.execPath, [...nodeFlags, program], { stdio: ["pipe", "pipe", "inherit"] });
  const { stdin, stdout } = child;
  if (!stdin || !stdout) throw new TypeError("the process has no pipes");
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  return {
    pass: async (cases) => {
      stdin.write(`${JSON.stringify(cases)}\n`);
      return JSON.parse(String((await lines.next()).value)) as Pass; // our own program's answer
    },
    close: () => {
      stdin.end();
    },
  };
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

function inProcess({ samples, oursPeak, libraryPeak }: Warm): string {
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
    ["peak memory, MB", String(oursPeak), String(libraryPeak), ""],
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
