// A cluster on which everything is applied: what does a start with an empty disk ask, and when is all known to be Ready?

import { setTimeout as sleep } from "node:timers/promises";
import { Failure } from "@plumbline/core/model";
import { apiRequest } from "@plumbline/testkit/control-plane";
import { describeMachine, formatTable } from "@plumbline/testkit/measure";
import {
  type OperatorProcess,
  type Site,
  applicationObjects,
  countedRequests,
  kustomizationsPath,
  openSite,
  operatorRequests,
  setting,
  startOperator,
  usageRows,
  whenAllReady,
} from "../fleet/index.ts";

const pollMs = 100;
const limitMs = 120_000;
/** What is written late is to be counted too. */
const settleMs = 5000;
const reading = new Set(["get", "list", "watch"]);

export async function bench(say: (line: string) => void): Promise<string> {
  const count = setting("COUNT", 1000);
  const concurrency = setting("CONCURRENCY", 20);
  const site = await openSite({ applications: count, audit: true });
  try {
    const first = startOperator(site, concurrency);
    await Promise.race([whenAllReady(site, first).then(() => sleep(settleMs)), first.ended]);
    await first.stopGently();
    say(`${count} Kustomizations are applied`);
    const machine = describeMachine();
    const rows = await secondStart(site, concurrency);
    return [
      `start on ${count} applied Kustomizations, empty cache`,
      machine,
      formatTable(["what", "value"], rows),
    ].join("\n\n");
  } finally {
    await site.stop();
  }
}

/** Milliseconds of the lists that a start cannot do without, one after the other, by somebody who does nothing with them. */
async function listsAlone({ plane }: Site): Promise<number> {
  const folders = applicationObjects("any").map(({ path }) => path.slice(0, path.lastIndexOf("/")));
  const started = performance.now();
  for (const path of [kustomizationsPath, ...folders]) (await apiRequest(plane, { path })).json();
  return performance.now() - started;
}

async function secondStart(site: Site, concurrency: number): Promise<[string, number][]> {
  await operatorRequests(site);
  site.git.reset();
  const operator = startOperator(site, concurrency);
  try {
    const seconds = await Promise.race([whenAllLookedAt(site, operator), operator.ended]);
    const usage = usageRows(operator);
    await sleep(settleMs);
    const events = await operatorRequests(site);
    const requests = countedRequests(events);
    // Single objects that something refers to are watched by their names.
    const kinds = countedRequests(events.filter(({ requestURI }) => !requestURI.includes("metadata.name%3D")));
    const git = site.git.counts();
    const floorMs = await listsAlone(site);
    return [
      ["all looked at and found Ready after, s", Math.round(seconds * 100) / 100],
      ["floor: a list of each kind, s", Math.round(floorMs) / 1000],
      ["the start / floor", Math.round((seconds / floorMs) * 100_000) / 100],
      ["writes", requests.filter(({ verb }) => !reading.has(verb)).reduce((sum, { count }) => sum + count, 0)],
      [
        "most lists and watches of one kind",
        Math.max(0, ...kinds.filter(({ verb }) => verb === "list" || verb === "watch").map(({ count }) => count)),
      ],
      ...requests.map(({ verb, resource, count }): [string, number] => [`requests: ${verb} ${resource}`, count]),
      ["ls-refs to Git", git["ls-refs"]],
      ["fetches from Git", git.fetch],
      ...usage,
    ];
  } finally {
    operator.stop();
  }
}

/** Seconds from the start of the process until its log says of the last one that its run ended well. */
async function whenAllLookedAt(site: Site, operator: OperatorProcess): Promise<number> {
  const deadline = operator.startedAt + limitMs;
  for (;;) {
    const ended = operator.log().filter(({ msg }) => msg?.startsWith("Reconciliation finished"));
    if (new Set(ended.map((line) => line["name"])).size === site.kustomizations.length) {
      const last = Math.max(...ended.map(({ ts }) => Date.parse(ts ?? "")));
      return (last - performance.timeOrigin - operator.startedAt) / 1000;
    }
    const message = `after ${limitMs / 1000} s ${ended.length} of ${site.kustomizations.length} runs have ended`;
    if (performance.now() > deadline) throw new Failure({ reason: "HealthCheckFailed", message });
    await sleep(pollMs);
  }
}
