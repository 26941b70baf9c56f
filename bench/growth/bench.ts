// How do time, processor and memory grow with the number of applications?

import { applyScript, sendFloor } from "@plumbline/testkit/floor";
import { describeMachine, formatTable, growthExponent } from "@plumbline/testkit/measure";
import {
  applicationObjects,
  floorStatus,
  form,
  kustomizationsPath,
  namespaces,
  openSite,
  setting,
  startOperator,
  whenAllReady,
} from "../fleet/index.ts";

interface Size {
  count: number;
  floorSeconds: number;
  seconds: number;
  cpuSeconds: number;
  apiServerCpuSeconds: number;
  peakRssMb: number;
}

/** The largest is `BENCH_COUNT`. */
const parts = [8, 4, 2, 1];
const floorConcurrency = 16;

export async function bench(say: (line: string) => void): Promise<string> {
  const largest = setting("COUNT", 2000);
  const machine = describeMachine();
  const sizes: Size[] = [];
  for (const count of new Set(parts.map((part) => Math.ceil(largest / part)))) {
    const size = await measure(count);
    sizes.push(size);
    say(`${size.count}: ${size.seconds.toFixed(1)} s, floor ${size.floorSeconds.toFixed(1)} s`);
  }
  const cell = (value: number): number => Math.round(value * 100) / 100;
  const rows = sizes.map(({ count, floorSeconds, seconds, cpuSeconds, apiServerCpuSeconds, peakRssMb }) =>
    [count, seconds, floorSeconds, seconds / floorSeconds, cpuSeconds, apiServerCpuSeconds, peakRssMb].map(cell),
  );
  const of = (pick: (size: Size) => number): string =>
    growthExponent(sizes.map((size) => [size.count, pick(size)])).toFixed(2);
  const exponents = [
    ["seconds", of((size) => size.seconds)],
    ["seconds of the floor", of((size) => size.floorSeconds)],
    ["CPU", of((size) => size.cpuSeconds)],
    ["CPU of the API server", of((size) => size.apiServerCpuSeconds)],
  ];
  const head = ["Kustomizations", "s", "plain floor, s", "ratio", "CPU, s", "API server CPU, s", `RSS (${form()}), MB`];
  return [machine, formatTable(head, rows), formatTable(["grows with the power", "of the number"], exponents)].join(
    "\n\n",
  );
}

/** Floor and operator, each on a cluster of its own. */
async function measure(count: number): Promise<Size> {
  const floorSeconds = await floorOf(count);
  const site = await openSite({ applications: count });
  const operator = startOperator(site, setting("CONCURRENCY", 20));
  try {
    const at = await whenAllReady(site, operator);
    return { count, floorSeconds, seconds: (at - operator.startedAt) / 1000, ...operator.usage() };
  } finally {
    operator.stop();
    await site.stop();
  }
}

async function floorOf(count: number): Promise<number> {
  const site = await openSite({ applications: count });
  try {
    const scripts = site.kustomizations.map((name) =>
      applyScript({
        objects: applicationObjects(name),
        delivery: { path: `${kustomizationsPath}/${name}`, namespace: namespaces.flux, name, status: floorStatus },
      }),
    );
    return (await sendFloor({ cluster: site.plane, scripts, concurrency: floorConcurrency })).seconds;
  } finally {
    await site.stop();
  }
}
