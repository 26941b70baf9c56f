// How do time, processor and memory grow with the number of applications?

import { describeMachine, formatTable, growthExponent } from "@plumbline/testkit/measure";
import {
  type Usage,
  bestConcurrency,
  form,
  onSite,
  requestsTable,
  runFloor,
  setting,
  startOperator,
  whenAllReady,
} from "../fleet/index.ts";

interface Size extends Usage {
  count: number;
  /** Seconds. */
  plain: number;
  dryRuns: number;
  seconds: number;
}

/** The largest is `BENCH_COUNT`. */
const parts = [8, 4, 2, 1];

export async function bench(say: (line: string) => void): Promise<string> {
  const largest = setting("COUNT", 2000);
  const concurrency = setting("CONCURRENCY", 20);
  const counts = [...new Set(parts.map((part) => Math.ceil(largest / part)))];
  const [smallest = largest] = counts;
  const machine = describeMachine();
  const best = await bestConcurrency({ applications: smallest }, say);
  const sizes: Size[] = [];
  for (const count of counts) {
    const size = await measure(count, concurrency, best);
    sizes.push(size);
    const { seconds, plain, dryRuns } = size;
    say(`${count}: ${seconds.toFixed(1)} s, floor ${plain.toFixed(1)} s, with dry-runs ${dryRuns.toFixed(1)} s`);
  }
  const title = `concurrency of the operator ${concurrency}, of the floors ${best} (the best of a sweep at ${smallest})`;
  const requests = await requestsTable({ applications: smallest, concurrency });
  return [machine, title, sizesTable(sizes), exponentsTable(sizes), `of ${smallest}:`, requests].join("\n\n");
}

function sizesTable(sizes: readonly Size[]): string {
  const cell = (value: number): number => Math.round(value * 100) / 100;
  const rows = sizes.map(({ count, seconds, plain, dryRuns, cpuSeconds, apiServerCpuSeconds, peakRssMb }) =>
    [
      count,
      seconds,
      plain,
      seconds / plain,
      dryRuns,
      seconds / dryRuns,
      cpuSeconds,
      apiServerCpuSeconds,
      peakRssMb,
    ].map(cell),
  );
  const head = [
    "Kustomizations",
    "s",
    "plain floor, s",
    "ratio",
    "floor with dry-runs, s",
    "ratio",
    "CPU, s",
    "API server CPU, s",
    `RSS (${form()}), MB`,
  ];
  return formatTable(head, rows);
}

function exponentsTable(sizes: readonly Size[]): string {
  const of = (pick: (size: Size) => number): string =>
    growthExponent(sizes.map((size) => [size.count, pick(size)])).toFixed(2);
  const exponents = [
    ["seconds", of((size) => size.seconds)],
    ["seconds of the floor", of((size) => size.plain)],
    ["seconds of the floor with dry-runs", of((size) => size.dryRuns)],
    ["CPU", of((size) => size.cpuSeconds)],
    ["CPU of the API server", of((size) => size.apiServerCpuSeconds)],
  ];
  return formatTable(["grows with the power", "of the number"], exponents);
}

/** Floors and operator, each on a cluster of its own. */
async function measure(count: number, concurrency: number, best: number): Promise<Size> {
  const options = { applications: count };
  const plain = (await runFloor(options, "plain", best)).seconds;
  const dryRuns = (await runFloor(options, "dry-runs", best)).seconds;
  return await onSite(options, async (site) => {
    const operator = startOperator(site, concurrency);
    try {
      const at = await whenAllReady(site, operator);
      return { count, plain, dryRuns, seconds: (at - operator.startedAt) / 1000, ...operator.usage() };
    } finally {
      operator.stop();
    }
  });
}
