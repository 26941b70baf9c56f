// How fast do 400 Kustomizations turn Ready, how far is that from the raw floor, and what does it take?

import { countRequests } from "@plumbline/testkit/control-plane";
import { type FloorResult, applyScript, sendFloor } from "@plumbline/testkit/floor";
import { describeMachine, formatTable, median, processUsage } from "@plumbline/testkit/measure";
import { applicationNames, applicationObjects, namespaces } from "./fleet.ts";
import { type OperatorRun, runOperator } from "./run-operator.ts";
import { kustomizationPath, openSite } from "./site.ts";

type Floor = "plain" | "dry-runs" | "dry-runs, finalizer, events";

const settings = {
  count: Number(process.env["BENCH_COUNT"] ?? 400),
  rounds: Number(process.env["BENCH_ROUNDS"] ?? 3),
  concurrency: Number(process.env["BENCH_CONCURRENCY"] ?? 20),
  sweep: [8, 16, 32, 64],
};

/** Floor and operator take turns, each on a cluster of its own, so that the machine's moods meet both. */
export async function bench(say: (line: string) => void): Promise<string> {
  const machine = describeMachine();
  const best = await bestConcurrency(say);
  const runs: Record<Floor | "operator", number[]> = {
    plain: [],
    "dry-runs": [],
    "dry-runs, finalizer, events": [],
    operator: [],
  };
  const operator: OperatorRun[] = [];
  for (let round = 1; round <= settings.rounds; round++) {
    for (const kind of ["plain", "dry-runs", "dry-runs, finalizer, events"] as const) {
      const { seconds, apiCpu } = await floorRun(kind, best);
      runs[kind].push(seconds);
      say(`round ${round}: floor (${kind}) ${seconds.toFixed(2)} s, API server ${apiCpu.toFixed(1)} CPU-s`);
    }
    const run = await onSite({}, (site) => runOperator(site, settings.count, settings.concurrency));
    operator.push(run);
    runs.operator.push(run.seconds);
    say(`round ${round}: Plumbline ${formatRun(run)}`);
  }
  return [
    `${settings.count} Kustomizations, ${settings.rounds} rounds, operator concurrency ${settings.concurrency}, floor concurrency ${best}`,
    machine,
    "",
    timesTable(runs),
    "",
    usageTable(operator),
    "",
    await requestsTable(),
  ].join("\n");
}

async function bestConcurrency(say: (line: string) => void): Promise<number> {
  const found: { concurrency: number; seconds: number }[] = [];
  for (const concurrency of settings.sweep) {
    const { seconds } = await floorRun("plain", concurrency);
    say(`floor at concurrency ${concurrency}: ${seconds.toFixed(2)} s`);
    found.push({ concurrency, seconds });
  }
  return found.sort((a, b) => a.seconds - b.seconds)[0]?.concurrency ?? 16;
}

function floorRun(kind: Floor, concurrency: number): Promise<FloorResult & { apiCpu: number }> {
  return onSite({}, async ({ plane }) => {
    const scripts = applicationNames(settings.count).map((name) =>
      applyScript({
        objects: applicationObjects(name),
        delivery: { path: kustomizationPath(name), namespace: namespaces.flux, name, status: statusOfFloor },
        dryRuns: kind !== "plain",
        finalizerAndEvents: kind === "dry-runs, finalizer, events",
      }),
    );
    const { apiServer } = plane.pids();
    const before = processUsage(apiServer).cpuSeconds;
    const result = await sendFloor({ cluster: plane, scripts, concurrency });
    return { ...result, apiCpu: processUsage(apiServer).cpuSeconds - before };
  });
}

const statusOfFloor = {
  observedGeneration: 1,
  lastAppliedRevision: "main@sha1:0000000000000000000000000000000000000000",
  conditions: [
    {
      type: "Ready",
      status: "True",
      reason: "ReconciliationSucceeded",
      message: "Applied revision: main@sha1:0000000000000000000000000000000000000000",
      observedGeneration: 1,
      lastTransitionTime: "2026-01-01T00:00:00Z",
    },
  ],
};

async function onSite<T>(
  options: { audit?: boolean },
  work: (site: Awaited<ReturnType<typeof openSite>>) => Promise<T>,
): Promise<T> {
  const site = await openSite(settings.count, options);
  try {
    return await work(site);
  } finally {
    await site.stop();
  }
}

function timesTable(runs: Record<Floor | "operator", number[]>): string {
  const rows = Object.entries(runs).map(([what, seconds]) => {
    const ratios = seconds.map((value, round) => (runs.operator[round] ?? Number.NaN) / value);
    const name = what === "operator" ? "Plumbline, from process start to the last Ready" : `floor: ${what}`;
    return [
      name,
      seconds.map((value) => value.toFixed(2)).join(", "),
      rounded(median(seconds)),
      rounded(median(ratios)),
    ];
  });
  return formatTable(["what", "seconds", "median", "Plumbline / this"], rows);
}

function usageTable(runs: readonly OperatorRun[]): string {
  const of = (pick: (run: OperatorRun) => number): number => rounded(median(runs.map(pick)));
  return formatTable(
    ["median of the operator", "value"],
    [
      ["peak RSS, MB", of((run) => run.peakRssMb)],
      ["peak RSS of its git processes, MB", of((run) => run.gitRssMb)],
      ["CPU, s", of((run) => run.cpuSeconds)],
      ["CPU of the API server, s", of((run) => run.apiServerCpuSeconds)],
    ],
  );
}

/** One more run, not timed, with the audit log on. */
async function requestsTable(): Promise<string> {
  const counts = await onSite({ audit: true }, async (site) => {
    await site.plane.audit?.skip();
    await runOperator(site, settings.count, settings.concurrency);
    const events = await site.plane.audit?.read({ userAgent: "plumb" });
    return countRequests((events ?? []).filter((event) => event.userAgent !== "plumbline-testkit"));
  });
  const rows = counts.map(({ verb, resource, dryRun, count }) => [
    dryRun ? `${verb} (dry-run)` : verb,
    resource,
    count,
  ]);
  const total = counts.reduce((sum, { count }) => sum + count, 0);
  return formatTable(["verb", "resource", "requests"], [...rows, ["all", "", total]]);
}

function formatRun(run: OperatorRun): string {
  const { seconds, peakRssMb, cpuSeconds, apiServerCpuSeconds } = run;
  const cpu = `CPU ${cpuSeconds.toFixed(1)} s, API server ${apiServerCpuSeconds.toFixed(1)} s`;
  return `${seconds.toFixed(2)} s, peak ${peakRssMb.toFixed(0)} MB, ${cpu}`;
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
