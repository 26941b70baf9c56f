// Nothing changes: what does the operator still ask of the API server and of Git, and what does it use?

import { setTimeout as sleep } from "node:timers/promises";
import { Failure } from "@plumbline/core/model";
import { describeMachine, formatTable } from "@plumbline/testkit/measure";
import {
  countedRequests,
  openSite,
  operatorRequests,
  setting,
  startOperator,
  usageRows,
  whenAllReady,
} from "../fleet/index.ts";

/** Events and status of the first run are written after the last Ready. */
const settleMs = 10_000;

export async function bench(say: (line: string) => void): Promise<string> {
  const count = setting("COUNT", 1000);
  const seconds = setting("SECONDS", 600);
  const intervalSeconds = setting("INTERVAL_SECONDS", 60);
  const site = await openSite({ applications: count, audit: true, intervalSeconds });
  const operator = startOperator(site, setting("CONCURRENCY", 20));
  try {
    const machine = describeMachine();
    await whenAllReady(site, operator);
    say(`${count} Kustomizations are Ready; now ${settleMs / 1000} s to settle and ${seconds} s of rest`);
    await sleep(settleMs);
    await operatorRequests(site);
    site.git.reset();
    const before = operator.usage();
    await Promise.race([sleep(seconds * 1000), operator.ended]);
    const usage = usageRows(operator, before);
    const requests = countedRequests(await operatorRequests(site));
    const total = (verb: (name: string) => boolean): number =>
      requests.filter((each) => verb(each.verb)).reduce((sum, each) => sum + each.count, 0);
    const git = site.git.counts();
    const intervals = Math.floor(seconds / intervalSeconds);
    // What should be nothing is refused here, not left to the reader: these are counts.
    const told = requests.map(({ verb, resource, count: times }) => `${times} ${verb} ${resource}`);
    if (git.fetch + git.other > 0) told.push(`${git.fetch + git.other} requests to Git that are no ls-refs`);
    if (git["ls-refs"] > intervals + 1) told.push(`${git["ls-refs"]} ls-refs in ${intervals} intervals`);
    if (told.length > 0) throw new Failure({ reason: "Internal", message: `not at rest: ${told.join(", ")}` });
    const rows: [string, number][] = [
      ["requests but watches and leases", total((verb) => verb !== "watch")],
      ["watches opened anew", total((verb) => verb === "watch")],
      ["ls-refs to Git", git["ls-refs"]],
      ["intervals of the one URL", intervals],
      ["other requests to Git", git.fetch + git.other],
      ...usage,
    ];
    const title = `${count} Kustomizations at rest, in ${seconds} s with an interval of ${intervalSeconds} s`;
    return [title, machine, formatTable(["what", "value"], rows)].join("\n\n");
  } finally {
    operator.stop();
    await site.stop();
  }
}
