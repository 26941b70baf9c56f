// Somebody edits or deletes what Git describes: how soon is it put back?

import { setTimeout as sleep } from "node:timers/promises";
import { Failure, type JsonObject, dig, digString } from "@plumbline/core/model";
import { type ApiRequest, apiRequest } from "@plumbline/testkit/control-plane";
import { describeMachine, formatTable, quantile } from "@plumbline/testkit/measure";
import {
  type Seen,
  type Site,
  namespaces,
  openSite,
  setting,
  startOperator,
  usageRows,
  watchObjects,
  whenAllReady,
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
  const site = await openSite({ applications: count });
  const operator = startOperator(site, setting("CONCURRENCY", 20));
  try {
    const machine = describeMachine();
    await whenAllReady(site, operator);
    const rows: (string | number)[][] = [];
    for (const kind of kinds) {
      const times = await Promise.race([repairTimes(site, kind, edits), operator.ended]);
      const of = (q: number): number => Math.round(quantile(times, q));
      rows.push([kind.what, times.length, of(0.5), of(0.99), of(1)]);
      say(`${kind.what}: p50 ${of(0.5)} ms, p99 ${of(0.99)} ms`);
    }
    const head = ["what happened", "times", "p50, ms", "p99, ms", "worst, ms"];
    const title = `${1000 / pauseMs} edits a second on different objects among ${count} Kustomizations`;
    const usage = formatTable(["what it took, first run included", "value"], usageRows(operator));
    return [title, machine, formatTable(head, rows), usage].join("\n\n");
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
      const answer = await apiRequest(site.plane, { ...kind.edit(name), path });
      if (answer.status !== 200)
        throw new Failure({ reason: "Internal", message: answer.text, where: { object: path } });
      const started = performance.now();
      repairs.push(repaired.then((at) => Math.max(0, at - started)));
      await sleep(pauseMs);
    }
    return await Promise.race([Promise.all(repairs), tooLate(open, watching.signal)]);
  } finally {
    watching.abort();
  }
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
