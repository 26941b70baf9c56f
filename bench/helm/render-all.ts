// One process that renders every case once for each line on standard input, and answers with a line of JSON: the
// milliseconds of each case and the peak of memory so far. The first line holds the cases.

import { createInterface } from "node:readline";
import { peakMb } from "@plumbline/testkit/measure";
import { type Case, runOurs } from "../../conformance/helm/real-helm.ts";

export interface Pass {
  ms: number[];
  peakMb: number;
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
