// Events are written when nothing else is on its way: a count of requests waits for those of the work before.

import { setTimeout as sleep } from "node:timers/promises";
import { dig } from "@plumbline/core/model";
import { apiRequest } from "@plumbline/testkit/control-plane";
import { namespaces } from "./application.ts";
import type { Site } from "./open-site.ts";

const pollMs = 250;
/** As many polls in a row that find no further Event: a second. */
const quietPolls = 4;

/** Resolves when no Event has been added for a second. */
export async function whenEventsWritten(site: Site): Promise<void> {
  let before = -1;
  for (let quiet = 0; quiet < quietPolls;) {
    const answer = await apiRequest(site.plane, { path: `/api/v1/namespaces/${namespaces.flux}/events?limit=1` });
    const count = Number(dig(answer.json(), "metadata", "remainingItemCount") ?? 0);
    quiet = count === before ? quiet + 1 : 0;
    before = count;
    await sleep(pollMs);
  }
}
