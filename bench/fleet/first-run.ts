// The frame of benches that ask how long an operator takes from its start until all is Ready, beside the raw floor.

import { countRequests } from "@plumbline/testkit/control-plane";
import { describeMachine, formatTable, median } from "@plumbline/testkit/measure";
import { bestConcurrency, floors, onSite, runFloor } from "./floor.ts";
import type { Site, SiteOptions } from "./open-site.ts";
import { type Usage, startOperator } from "./operator-process.ts";
import { form } from "./settings.ts";
import { operatorRequests } from "./operator-requests.ts";
import { whenAllReady } from "./when-all-ready.ts";
import { whenEventsWritten } from "./when-events-written.ts";

export interface FirstRunSettings extends SiteOptions {
  /** Each round measures every floor and the operator once. */
  rounds: number;
  /** How many Kustomizations the operator works on at the same time. */
  concurrency: number;
  /** What another program was measured at with the same work on such a machine. */
  peer?: { what: string; seconds: number };
}

type Run = Usage & { seconds: number };

/** Floor and operator take turns, each on a cluster of its own, so that the machine's moods meet both. */
export async function measureFirstRun(settings: FirstRunSettings, say: (line: string) => void): Promise<string> {
  const machine = describeMachine();
  const best = await bestConcurrency(settings, say);
  const seconds: Record<string, number[]> = {};
  const runs: Run[] = [];
  for (let round = 1; round <= settings.rounds; round++) {
    for (const floor of floors) {
      const result = await runFloor(settings, floor, best);
      (seconds[floor] ??= []).push(result.seconds);
      say(
        `round ${round}: floor (${floor}) ${result.seconds.toFixed(2)} s, API server ${result.apiCpu.toFixed(1)} CPU-s`,
      );
    }
    const run = await onSite(settings, (site) => runOperator(site, settings.concurrency));
    runs.push(run);
    say(`round ${round}: Plumbline ${formatRun(run)}`);
  }
  const kustomizations = settings.kustomizations ?? settings.applications;
  return [
    `${kustomizations} Kustomizations out of a repository of ${settings.applications} applications, ${settings.rounds} rounds; concurrency of the operator ${settings.concurrency}, of the floor ${best} (the best of a sweep)`,
    machine,
    timesTable(seconds, runs, settings.peer),
    usageTable(runs),
    await requestsTable(settings),
  ].join("\n\n");
}

/** Until the last one is Ready; `afterwards` is awaited before the operator is stopped, and not timed. */
async function runOperator(
  site: Site,
  concurrency: number,
  afterwards: (site: Site) => Promise<void> = async () => undefined,
): Promise<Run> {
  const operator = startOperator(site, concurrency);
  try {
    const at = await whenAllReady(site, operator);
    await afterwards(site);
    return { ...operator.usage(), seconds: (at - operator.startedAt) / 1000 };
  } finally {
    operator.stop();
  }
}

function timesTable(
  floorSeconds: Record<string, number[]>,
  runs: readonly Run[],
  peer: FirstRunSettings["peer"],
): string {
  const ours = runs.map((run) => run.seconds);
  const all: [string, number[]][] = Object.entries(floorSeconds).map(([floor, seconds]) => [
    `floor: ${floor}`,
    seconds,
  ]);
  all.push(["Plumbline, from process start to the last Ready", ours]);
  const rows = all.map(([what, seconds]): (string | number)[] => {
    const ratios = seconds.map((value, round) => (ours[round] ?? Number.NaN) / value);
    const each = seconds.map((value) => value.toFixed(2)).join(", ");
    return [what, each, rounded(median(seconds)), rounded(median(ratios))];
  });
  if (peer) {
    rows.push([`${peer.what}, recorded`, "", peer.seconds, rounded(median(ours.map((mine) => mine / peer.seconds)))]);
  }
  return formatTable(["what", "seconds", "median", "Plumbline / this"], rows);
}

function usageTable(runs: readonly Run[]): string {
  const of = (pick: (run: Run) => number): number => rounded(median(runs.map(pick)));
  return formatTable(
    ["median of the operator", "value"],
    [
      [`peak RSS (${form()}), MB`, of((run) => run.peakRssMb)],
      ["peak RSS of its git processes, MB", of((run) => run.gitRssMb)],
      ["CPU, s", of((run) => run.cpuSeconds)],
      ["CPU of the API server, s", of((run) => run.apiServerCpuSeconds)],
    ],
  );
}

/** One more run, not timed, with the audit log on: by verb and kind. Its events are written before it is stopped. */
export async function requestsTable(settings: SiteOptions & { concurrency: number }): Promise<string> {
  const counts = await onSite({ ...settings, audit: true }, async (site) => {
    await site.plane.audit?.skip();
    await runOperator(site, settings.concurrency, whenEventsWritten);
    return countRequests(await operatorRequests(site));
  });
  const rows = counts.map(({ verb, resource, dryRun, count }) => [
    dryRun ? `${verb} (dry-run)` : verb,
    resource,
    count,
  ]);
  const total = counts.reduce((sum, { count }) => sum + count, 0);
  return formatTable(["verb", "resource", "requests"], [...rows, ["all", "", total]]);
}

function formatRun(run: Run): string {
  const { seconds, peakRssMb, cpuSeconds, apiServerCpuSeconds } = run;
  const cpu = `CPU ${cpuSeconds.toFixed(1)} s, API server ${apiServerCpuSeconds.toFixed(1)} s`;
  return `${seconds.toFixed(2)} s, peak ${peakRssMb.toFixed(0)} MB, ${cpu}`;
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
