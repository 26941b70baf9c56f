// Is another holder of a lease alive? Judged by seeing it renew, never by comparing clocks.

import { type Clock, sleep } from "@plumbline/core/model";
import { isNotFound } from "../failure.ts";
import type { KubeClient } from "../kube-client.ts";
import { type LeaseRecord, type Observation, observe, readLease } from "./lease-record.ts";

export interface HolderOptions {
  client: Pick<KubeClient, "get">;
  clock: Clock;
  namespace: string;
  name: string;
  /** How long to look; 12 s unless told, more than two of Flux's renewals apart. */
  observeMs?: number;
  /** Between two looks; 2 s unless told. */
  pollMs?: number;
  signal?: AbortSignal;
}

/**
 * - `absent`: there is no such lease. `released`: nobody holds it.
 * - `live`: it was renewed while we looked. `silent`: it names a holder that did not renew while we looked.
 */
export interface LeaseHolder {
  state: "absent" | "released" | "live" | "silent";
  holder: string;
  renewTime: string;
}

/** Answers as soon as it is certain: at once for absent and released, at the first renewal for live. */
export async function readLeaseHolder(options: HolderOptions): Promise<LeaseHolder> {
  const { clock, observeMs = 12_000, pollMs = 2_000, signal } = options;
  const startedAt = clock.monotonic();
  let seen: Observation | undefined;
  for (;;) {
    const record = await read(options);
    if (!record) return { state: "absent", holder: "", renewTime: "" };
    const { holder, renewTime } = record;
    if (holder === "") return { state: "released", holder, renewTime };
    const next = observe(seen, record, clock.monotonic());
    if (seen !== undefined && next !== seen) return { state: "live", holder, renewTime };
    seen = next;
    if (clock.monotonic() - startedAt >= observeMs) return { state: "silent", holder, renewTime };
    await sleep(clock, pollMs, signal);
  }
}

async function read(options: HolderOptions): Promise<LeaseRecord | undefined> {
  const { client, namespace, name, signal } = options;
  const ref = { group: "coordination.k8s.io", version: "v1", kind: "Lease", namespace, name };
  try {
    return readLease(await client.get(ref, { urgent: true, ...(signal ? { signal } : {}) }));
  } catch (thrown) {
    if (isNotFound(thrown)) return undefined;
    throw thrown;
  }
}
