// Both programs from start to finish on every case, by the size of the output.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { releasedPlumb } from "../release.ts";
import { kustomizeBinary } from "@plumbline/testkit/go";
import { median } from "@plumbline/testkit/measure";
import type { RepoCase } from "../../conformance/kustomize/corpus.ts";

interface Row {
  bytes: number;
  mine: number;
  theirs: number;
  /** CPU of all counted runs, from the kernel's counters: ticks of 10 ms that add up over the builds. */
  mineCpu: number;
  theirsCpu: number;
}

const SIZES: readonly (readonly [title: string, fromBytes: number])[] = [
  ["less than 2 KB", 0],
  ["2 to 10 KB", 2_000],
  ["10 to 50 KB", 10_000],
  ["50 KB to 3.5 MB", 50_000],
];

/** The shorter of `rounds` runs each, taking turns, after one that fills caches. */
export async function asProcesses(cases: readonly RepoCase[], rounds: number): Promise<string[]> {
  const kustomize = await kustomizeBinary();
  const plumb = releasedPlumb();
  return table(cases.map((each) => race(each, { plumb, kustomize, rounds })));
}

function race(test: RepoCase, by: { plumb: string; kustomize: string; rounds: number }): Row {
  const directory = join(test.root, test.directory);
  const row: Row = { bytes: 0, mine: Infinity, theirs: Infinity, mineCpu: 0, theirsCpu: 0 };
  for (let round = 0; round <= by.rounds; round++) {
    const mine = timed(process.execPath, [by.plumb, "kustomize", "build", directory]);
    const theirs = timed(by.kustomize, ["build", directory]);
    if (round === 0) continue;
    row.bytes = theirs.bytes;
    row.mine = Math.min(row.mine, mine.ms);
    row.theirs = Math.min(row.theirs, theirs.ms);
    row.mineCpu += mine.cpuMs / by.rounds;
    row.theirsCpu += theirs.cpuMs / by.rounds;
  }
  return row;
}

const TICK_MS = 10;

/** User and system time of the children that have ended (proc(5): the 14th and 15th field after the name). */
function childrenCpuMs(): number {
  const fields = readFileSync("/proc/self/stat", "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return (Number(fields[13]) + Number(fields[14])) * TICK_MS;
}

function timed(program: string, args: string[]): { ms: number; cpuMs: number; bytes: number } {
  const cpu = childrenCpuMs();
  const start = performance.now();
  const { stdout } = spawnSync(program, args, { stdio: ["ignore", "pipe", "ignore"], maxBuffer: 1 << 28 });
  return { ms: performance.now() - start, cpuMs: childrenCpuMs() - cpu, bytes: stdout.length };
}

function table(rows: readonly Row[]): string[] {
  const line = (title: string, some: readonly Row[]): string => {
    const mean = (of: (row: Row) => number): number => some.reduce((sum, row) => sum + of(row), 0) / some.length;
    const [mine, theirs] = [mean((row) => row.mine), mean((row) => row.theirs)];
    const middle = [median(some.map((row) => row.mine)), median(some.map((row) => row.theirs))] as const;
    const slower = some.filter((row) => row.mine > row.theirs).length;
    const cpu = [mean((row) => row.mineCpu), mean((row) => row.theirsCpu)] as const;
    const figures = [mine, theirs, ...middle, ...cpu].map((ms) => ms.toFixed(1));
    return `| ${title} | ${some.length} | ${figures.join(" | ")} | ${(theirs / mine).toFixed(2)}x | ${slower} |`;
  };
  const classes = SIZES.map(([title, from], i) => {
    const until = SIZES[i + 1]?.[1] ?? Infinity;
    return { title, some: rows.filter(({ bytes }) => bytes >= from && bytes < until) };
  });
  return [
    "| output | builds | plumb mean, ms | kustomize mean | plumb median | kustomize median | plumb CPU mean | kustomize CPU mean | ratio of means | plumb slower in |",
    "|---|---|---|---|---|---|---|---|---|---|",
    line("all", rows),
    ...classes.filter(({ some }) => some.length > 0).map(({ title, some }) => line(title, some)),
  ];
}
