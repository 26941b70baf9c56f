// Somebody edits or deletes what Git describes: how soon is it put back?

import { setTimeout as sleep } from "node:timers/promises";
import { Failure, type JsonObject, dig, digString } from "@plumbline/core/model";
import { type ApiRequest, apiRequest } from "@plumbline/testkit/control-plane";
import { describeMachine, formatTable, quantile } from "@plumbline/testkit/measure";
import {
  type Seen,
  type Site,
  applicationObjects,
  countedRequests,
  namespaces,
  openSite,
  operatorRequests,
  setting,
  startOperator,
  usageRows,
  watchObjects,
  whenAllReady,
  whenEventsWritten,
} from "../fleet/index.ts";

interface Kind {
  what: string;
  path: string;
  edit: (name: string) => Omit<ApiRequest, "path">;
  isRepaired: (seen: Seen, before: JsonObject) => boolean;
}

/** 20 edits a second. */
const pauseMs = 50;
const limitMs = 60_000;

const kinds: readonly Kind[] = [
  {
    what: "a Deployment scaled by hand",
    path: `/apis/apps/v1/namespaces/${namespaces.applications}/deployments`,
    edit: () => merge({ spec: { replicas: 3 } }),
    isRepaired: ({ object }) => dig(object, "spec", "replicas") === 0,
  },
  {
    what: "a Service pointed elsewhere",
    path: `/api/v1/namespaces/${namespaces.applications}/services`,
    edit: () => merge({ spec: { selector: { app: "elsewhere" } } }),
    isRepaired: ({ object, name }) => digString(object, "spec", "selector", "app") === name,
  },
  {
    what: "an Ingress deleted",
    path: `/apis/networking.k8s.io/v1/namespaces/${namespaces.applications}/ingresses`,
    edit: () => ({ method: "DELETE" }),
    isRepaired: ({ type, object }, before) => type === "ADDED" && uid(object) !== uid(before),
  },
];

export async function bench(say: (line: string) => void): Promise<string> {
  const count = setting("COUNT", 1000);
  const edits = Math.min(count, setting("EDITS", 200));
  const site = await openSite({ applications: count, audit: true });
  const operator = startOperator(site, setting("CONCURRENCY", 20));
  try {
    const machine = describeMachine();
    await whenAllReady(site, operator);
    await whenEventsWritten(site);
    await operatorRequests(site); // from here on they count
    const before = operator.usage();
    const started = performance.now();
    const measured: { kind: Kind; times: number[] }[] = [];
    for (const kind of kinds) {
      const times = await Promise.race([repairTimes(site, kind, edits), operator.ended]);
      measured.push({ kind, times });
      say(`${kind.what}: p50 ${ms(times, 0.5)} ms, p99 ${ms(times, 0.99)} ms`);
    }
    const took: [string, number][] = [
      ["wall time, s", Math.round((performance.now() - started) / 100) / 10],
      ...usageRows(operator, before),
    ];
    await whenEventsWritten(site);
    const requests = countedRequests(await operatorRequests(site)).map(({ verb, resource, dryRun, count: times }) => [
      dryRun ? `${verb} (dry-run)` : verb,
      resource,
      times,
    ]);
    await operator.stopGently();
    const rows = [];
    for (const { kind, times } of measured) {
      const floor = await floorTimes(site, kind, edits);
      const ratio = Math.round((quantile(times, 0.5) / quantile(floor, 0.5)) * 100) / 100;
      const ours = [ms(times, 0.5), ms(times, 0.99), ms(times, 1)];
      rows.push([kind.what, times.length, ...ours, ms(floor, 0.5), ms(floor, 0.99), ratio]);
    }
    const head = ["what happened", "times", "p50, ms", "p99, ms", "worst, ms", "floor: p50", "p99", "p50 / floor"];
    const title = `${1000 / pauseMs} edits a second on different objects among ${count} Kustomizations; the floor is one server-side apply of the object, sent at the answer to the edit`;
    const usage = formatTable(["what it took", "value"], took);
    const asked = formatTable(["verb", "resource", "requests"], requests);
    return [title, machine, formatTable(head, rows), usage, asked].join("\n\n");
  } finally {
    operator.stop();
    await site.stop();
  }
}

/** Milliseconds from the answer to the edit until the watch shows the object as Git has it. */
async function repairTimes(site: Site, kind: Kind, edits: number): Promise<number[]> {
  const watching = new AbortController();
  const live = new Map<string, JsonObject>();
  const open = new Map<string, { object: JsonObject; done: (at: number) => void }>();
  const onSeen = (seen: Seen): void => {
    const waiting = open.get(seen.name);
    if (
      waiting &&
      seen.type !== "DELETED" &&
      isLater(seen.object, waiting.object) &&
      kind.isRepaired(seen, waiting.object)
    ) {
      open.delete(seen.name);
      waiting.done(seen.at);
    }
    live.set(seen.name, seen.object);
  };
  await watchObjects(site.plane, kind.path, { signal: watching.signal, onSeen });
  try {
    const repairs: Promise<number>[] = [];
    for (const name of spread(site.kustomizations, edits)) {
      const path = `${kind.path}/${name}`;
      const before = live.get(name) ?? {};
      const repaired = new Promise<number>((resolve) => open.set(name, { object: before, done: resolve }));
      await answered(site, { ...kind.edit(name), path });
      const started = performance.now();
      repairs.push(repaired.then((at) => Math.max(0, at - started)));
      await sleep(pauseMs);
    }
    return await Promise.race([Promise.all(repairs), tooLate(open, watching.signal)]);
  } finally {
    watching.abort();
  }
}

/** Milliseconds of the apply alone that puts each edit right, without anybody who watches. */
async function floorTimes(site: Site, kind: Kind, edits: number): Promise<number[]> {
  const times: number[] = [];
  for (const name of spread(site.kustomizations, edits)) {
    const object = applicationObjects(name).find(({ path }) => path === `${kind.path}/${name}`);
    await answered(site, { ...kind.edit(name), path: `${kind.path}/${name}` });
    const started = performance.now();
    const path = `${object?.path}?fieldManager=plumbline-floor&force=true`;
    await answered(site, { method: "PATCH", path, body: { ...object?.manifest } });
    times.push(performance.now() - started);
    await sleep(pauseMs);
  }
  return times;
}

async function answered(site: Site, request: ApiRequest): Promise<void> {
  const { status, text } = await apiRequest(site.plane, request);
  const isDone = status === 200 || status === 201;
  if (!isDone) throw new Failure({ reason: "Internal", message: text, where: { object: request.path } });
}

function ms(times: readonly number[], q: number): number {
  return Math.round(quantile(times, q));
}

/** `count` of the names, evenly over the list. */
function spread(names: readonly string[], count: number): string[] {
  return Array.from({ length: count }, (_, i) => names[Math.floor((i * names.length) / count)] ?? "");
}

async function tooLate(open: ReadonlyMap<string, unknown>, signal: AbortSignal): Promise<never> {
  await sleep(limitMs, undefined, { signal });
  const message = `${open.size} objects were not repaired within ${limitMs / 1000} s, ${[...open.keys()][0]} among them`;
  throw new Failure({ reason: "HealthCheckFailed", message });
}

/** The event that shows the edit itself, and what came before it, do not count as its repair. */
function isLater(object: JsonObject, before: JsonObject): boolean {
  return digString(object, "metadata", "resourceVersion") !== digString(before, "metadata", "resourceVersion");
}

function merge(body: JsonObject): Omit<ApiRequest, "path"> {
  return { method: "PATCH", contentType: "application/merge-patch+json", body };
}

function uid(object: JsonObject): string | undefined {
  return digString(object, "metadata", "uid");
}
