// Waits until every Kustomization of a site is Ready.

import { Failure, dig } from "@plumbline/core/model";
import type { OperatorProcess } from "./operator-process.ts";
import { type Site, isReady, kustomizationsPath } from "./open-site.ts";
import { watchObjects } from "./watch-objects.ts";

const limitMs = 300_000;

/**
 * Resolves with `performance.now()` of the moment when the last was seen Ready (at the commit, when one is given).
 * Throws `HealthCheckFailed` with the status of one that is not after 5 minutes, or why the operator ended.
 */
export async function whenAllReady(site: Site, operator: OperatorProcess, commit?: string): Promise<number> {
  const watching = new AbortController();
  const ready = new Set<string>();
  let waitingFor = "nothing was seen of any";
  const all = new Promise<number>((resolve, reject) => {
    const giveUp = (): void => reject(tooLate(ready.size, site.kustomizations.length, waitingFor));
    const timer = setTimeout(giveUp, limitMs);
    watching.signal.addEventListener("abort", () => clearTimeout(timer));
    void watchObjects(site.plane, kustomizationsPath, {
      signal: watching.signal,
      onSeen: ({ name, object, at }) => {
        if (!isReady(object, commit)) waitingFor = `${name}: ${JSON.stringify(dig(object, "status") ?? null)}`;
        else if (ready.add(name).size === site.kustomizations.length) resolve(at);
      },
    });
  });
  try {
    return await Promise.race([all, operator.ended]);
  } finally {
    watching.abort();
  }
}

function tooLate(ready: number, all: number, waitingFor: string): Failure {
  const message = `after ${limitMs / 1000} s ${ready} of ${all} Kustomizations are Ready; last seen unready: ${waitingFor}`;
  return new Failure({ reason: "HealthCheckFailed", message });
}
