// One process that renders every case once for each line on standard input, and answers with a line of JSON: the
// milliseconds of each case and the peak of memory so far. The first line holds the cases.

import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { type Case, runOurs } from "../../conformance/helm/real-helm.ts";

export interface Pass {
  ms: number[];
  peakMb: number;
}

/** Peak of the resident memory of a process, in MB. */
export function peakMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1024);
}

function pass(cases: readonly Case[]): Pass {
  const ms = cases.map((each) => {
    const start = performance.now();
    runOurs(each);
    return performance.now() - start;
  });
  return { ms, peakMb: peakMb(process.pid) };
}

async function main(): Promise<void> {
  let cases: Case[] | undefined;
  for await (const line of createInterface({ input: process.stdin })) {
    cases ??= JSON.parse(line) as Case[]; // the bench's own list
    process.stdout.write(`${JSON.stringify(pass(cases))}\n`);
  }
}

if (import.meta.main) await main();
