// A commit touches 1 of 1000 applications: how soon is that one Ready, how soon are all at the commit, and who asked what?

import { countRequests } from "@plumbline/testkit/control-plane";
import { describeMachine, formatTable, median } from "@plumbline/testkit/measure";
import {
  type LogLine,
  type OperatorProcess,
  type Site,
  applicationFile,
  isReady,
  kustomizationsPath,
  openSite,
  operatorRequests,
  requestReconcile,
  runCommitFloor,
  setting,
  startOperator,
  usageRows,
  watchObjects,
  whenAllReady,
  whenEventsWritten,
} from "../fleet/index.ts";

interface Round {
  touchedMs: number;
  allMs: number;
  /** From the moment the new commit was in the cache. */
  touchedAfterFetchMs: number;
  cpuSeconds: number;
  rendered: number;
  plansWithWork: number;
  requests: Record<string, number>;
}

export async function bench(say: (line: string) => void): Promise<string> {
  const count = setting("COUNT", 1000);
  const concurrency = setting("CONCURRENCY", 20);
  const floor = await runCommitFloor({ applications: count }, concurrency);
  say(`floor: ${Math.round(floor.seconds * 1000)} ms`);
  const site = await openSite({ applications: count, audit: true });
  const operator = startOperator(site, concurrency);
  try {
    const machine = describeMachine();
    const at = await whenAllReady(site, operator);
    say(`${count} Kustomizations Ready after ${((at - operator.startedAt) / 1000).toFixed(1)} s`);
    const rounds: Round[] = [];
    for (let i = 0; i < setting("ROUNDS", 5); i++) {
      const round = await commitOne(site, operator, i);
      rounds.push(round);
      say(
        `commit ${i + 1}: touched one Ready after ${Math.round(round.touchedMs)} ms, all after ${Math.round(round.allMs)} ms`,
      );
    }
    const usage = formatTable(["what it took, first run included", "value"], usageRows(operator));
    const title = `${count} Kustomizations, ${rounds.length} commits to one of them`;
    return [title, machine, table(rounds, floor.seconds * 1000), usage].join("\n\n");
  } finally {
    operator.stop();
    await site.stop();
  }
}

/** The clock starts when a fetch is asked for; the answer includes the fetch. */
async function commitOne(site: Site, operator: OperatorProcess, serial: number): Promise<Round> {
  const touched = site.kustomizations[(serial * 7) % site.kustomizations.length] ?? "";
  const commit = await site.repository.commit(applicationFile(touched, `commit-${serial}`));
  const watching = new AbortController();
  const touchedAt = new Promise<number>((resolve) => {
    void watchObjects(site.plane, kustomizationsPath, {
      signal: watching.signal,
      onSeen: ({ name, object, at }) => {
        if (name === touched && isReady(object, commit)) resolve(at);
      },
    });
  });
  await whenEventsWritten(site);
  await operatorRequests(site); // from here on they count
  const cpuBefore = operator.usage().cpuSeconds;
  const renderedBefore = await operator.metric("plumbline_builds_total", 'how="rendered"');
  const linesBefore = operator.log().length;
  const started = performance.now();
  await requestReconcile(site);
  const allAt = await whenAllReady(site, operator, commit);
  const lines = operator.log().slice(linesBefore);
  const cpuSeconds = operator.usage().cpuSeconds - cpuBefore;
  await whenEventsWritten(site);
  const fetched = lines.find(({ msg }) => msg === "revision fetched");
  const result = {
    touchedMs: (await touchedAt) - started,
    touchedAfterFetchMs: performance.timeOrigin + (await touchedAt) - Date.parse(fetched?.ts ?? ""),
    rendered: (await operator.metric("plumbline_builds_total", 'how="rendered"')) - renderedBefore,
    plansWithWork: lines.filter(hasWork).length,
    allMs: allAt - started,
    cpuSeconds,
    requests: Object.fromEntries(
      countRequests(await operatorRequests(site)).map(({ verb, resource, dryRun, count }) => [
        `${verb} ${resource}${dryRun ? " (dry-run)" : ""}`,
        count,
      ]),
    ),
  };
  watching.abort();
  return result;
}

function hasWork({ msg, plan }: LogLine): boolean {
  if (msg !== "planned" || typeof plan !== "object" || plan === null) return false;
  const { create, update, delete: deleted } = plan as Record<string, number | undefined>;
  return (create ?? 0) + (update ?? 0) + (deleted ?? 0) > 0;
}

function table(rounds: readonly Round[], floorMs: number): string {
  const of = (pick: (round: Round) => number): number => Math.round(median(rounds.map(pick)) * 100) / 100;
  const kinds = [...new Set(rounds.flatMap((round) => Object.keys(round.requests)))].sort();
  return formatTable(
    ["median", "value"],
    [
      ["touched application Ready at the commit, ms from the request to fetch", of((round) => round.touchedMs)],
      ["the same, ms from the end of the fetch", of((round) => round.touchedAfterFetchMs)],
      ["builds rendered", of((round) => round.rendered)],
      ["plans with something to do", of((round) => round.plansWithWork)],
      ["all Kustomizations at the commit, ms", of((round) => round.allMs)],
      ["floor: a dry-run, an apply and a status of each, ms", Math.round(floorMs)],
      ["all at the commit / floor", of((round) => round.allMs / floorMs)],
      ["CPU of the operator, s", of((round) => round.cpuSeconds)],
      ...kinds.map((kind): [string, number] => [`requests: ${kind}`, of((round) => round.requests[kind] ?? 0)]),
    ],
  );
}
