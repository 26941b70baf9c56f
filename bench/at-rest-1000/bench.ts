// Nothing changes: what does the operator still ask of the API server and of Git, and what does it use?

import { setTimeout as sleep } from "node:timers/promises";
import { countRequests } from "@plumbline/testkit/control-plane";
import { describeMachine, formatTable } from "@plumbline/testkit/measure";
import { openSite, operatorRequests, setting, startOperator, whenAllReady } from "../fleet/index.ts";

const settleMs = 10_000;

export async function bench(say: (line: string) => void): Promise<string> {
  const count = setting("COUNT", 1000);
  const seconds = setting("SECONDS", 60);
  const site = await openSite({ applications: count, audit: true });
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
    const after = operator.usage();
    const requests = countRequests(await operatorRequests(site));
    const git = Object.values(site.git.counts()).reduce((sum, value) => sum + value, 0);
    const rows: [string, number][] = [
      ...requests.map(({ verb, resource, count: times }): [string, number] => [`requests: ${verb} ${resource}`, times]),
      ["requests to Git", git],
      ["CPU, ms", Math.round((after.cpuSeconds - before.cpuSeconds) * 1000)],
      ["CPU of the API server, ms", Math.round((after.apiServerCpuSeconds - before.apiServerCpuSeconds) * 1000)],
      ["peak RSS since the start, MB", Math.round(after.peakRssMb)],
    ];
    return [`${count} Kustomizations at rest, in ${seconds} s`, machine, formatTable(["what", "value"], rows)].join(
      "\n\n",
    );
  } finally {
    operator.stop();
    await site.stop();
  }
}
