// The raw floor of a fleet: the requests that its applications take at least, each floor on a cluster of its own.

import type { JsonObject } from "@plumbline/core/model";
import { type FloorResult, type FloorScript, applyScript, sendFloor } from "@plumbline/testkit/floor";
import { processUsage } from "@plumbline/testkit/measure";
import { applicationObjects, namespaces } from "./application.ts";
import { type Site, type SiteOptions, kustomizationsPath, openSite } from "./open-site.ts";

export const floors = ["plain", "dry-runs", "dry-runs, finalizer, events"] as const;
export type Floor = (typeof floors)[number];

const sweep = [8, 16, 32, 64];
/** With fewer applications the concurrency makes no difference. */
const leastToSweep = 50;
const smallConcurrency = 16;

/** The concurrency at which the plain floor takes least. */
export async function bestConcurrency(options: SiteOptions, say: (line: string) => void): Promise<number> {
  if ((options.kustomizations ?? options.applications) < leastToSweep) return smallConcurrency;
  const found: { concurrency: number; seconds: number }[] = [];
  for (const concurrency of sweep) {
    const { seconds } = await runFloor(options, "plain", concurrency);
    say(`floor at concurrency ${concurrency}: ${seconds.toFixed(2)} s`);
    found.push({ concurrency, seconds });
  }
  return found.sort((a, b) => a.seconds - b.seconds)[0]?.concurrency ?? smallConcurrency;
}

/** What a first run of all applications takes at least. */
export function runFloor(options: SiteOptions, floor: Floor, concurrency: number): Promise<Sent> {
  const scriptOf = (name: string): FloorScript =>
    applyScript({
      objects: applicationObjects(name),
      delivery: deliveryOf(name),
      dryRuns: floor !== "plain",
      finalizerAndEvents: floor === "dry-runs, finalizer, events",
    });
  return onSite(options, (site) => send(site, site.kustomizations.map(scriptOf), concurrency));
}

/** What a commit to the Deployment of one application takes at least: its dry-run and apply, and a status of each. */
export function runCommitFloor(options: SiteOptions, concurrency: number): Promise<Sent> {
  const scriptOf = (name: string, index: number): FloorScript => {
    const touched = applicationObjects(name).filter(({ manifest }) => index === 0 && manifest.kind === "Deployment");
    return applyScript({ objects: touched, delivery: deliveryOf(name), dryRuns: index === 0 });
  };
  return onSite(options, (site) => send(site, site.kustomizations.map(scriptOf), concurrency));
}

export async function onSite<T>(options: SiteOptions, work: (site: Site) => Promise<T>): Promise<T> {
  const site = await openSite(options);
  try {
    return await work(site);
  } finally {
    await site.stop();
  }
}

type Sent = FloorResult & { apiCpu: number };

async function send({ plane }: Site, scripts: readonly FloorScript[], concurrency: number): Promise<Sent> {
  const { apiServer } = plane.pids();
  const before = processUsage(apiServer).cpuSeconds;
  const result = await sendFloor({ cluster: plane, scripts, concurrency });
  return { ...result, apiCpu: processUsage(apiServer).cpuSeconds - before };
}

function deliveryOf(name: string): { path: string; namespace: string; name: string; status: JsonObject } {
  return { path: `${kustomizationsPath}/${name}`, namespace: namespaces.flux, name, status: floorStatus };
}

/** A status of the size that an operator writes. */
const floorStatus: JsonObject = {
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
