// One operator at a time, and never beside Flux: the leases that Flux's controllers hold are ours while we run.

import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { type Clock, Failure } from "@plumbline/core/model";
import { type HeldLease, holdLease, type KubeClient, readLeaseHolder } from "@plumbline/edges/kube";
import type { Log } from "@plumbline/engine/ports";

/** Flux's controllers whose work we do. */
const FLUX_LEASES = ["source-controller-leader-election", "kustomize-controller-leader-election"];
/** Our own, which makes a second Plumbline wait. */
const OWN_LEASE = "plumbline-leader-election";
const IDENTITY_PREFIX = "plumbline_";

export interface LeadershipOptions {
  client: KubeClient;
  clock: Clock;
  namespace: string;
  log: Log;
  signal: AbortSignal;
  onLost: (failure: Failure) => void;
}

/**
 * Resolves when we lead. A live holder of one of Flux's leases that is no Plumbline is refused at once, by name: two
 * engines on one cluster would undo each other's work. A Plumbline that leads already is waited for.
 */
export async function takeLeadership(
  options: LeadershipOptions,
): Promise<{ release(): Promise<void>; isHeld(): boolean }> {
  const { client, clock, namespace, log, signal } = options;
  await refuseLiveFlux(options);
  const identity = `${IDENTITY_PREFIX}${hostname()}_${randomUUID()}`;
  const held: HeldLease[] = [];
  const release = async (): Promise<void> => {
    await Promise.all(held.map((lease) => lease.release()));
  };
  const take = async (name: string): Promise<void> => {
    const onWaiting = (holder: string): void => log.info("waiting for the leader to go", { lease: name, holder });
    const onTrouble = (failure: Failure): void =>
      log.error("lease not renewed", { lease: name, error: failure.message });
    held.push(
      await holdLease({
        client,
        clock,
        namespace,
        name,
        identity,
        signal,
        onWaiting,
        onTrouble,
        onLost: options.onLost,
      }),
    );
  };
  try {
    for (const name of [OWN_LEASE, ...FLUX_LEASES]) await take(name);
  } catch (error) {
    await release();
    throw error;
  }
  return { isHeld: () => held.every((lease) => lease.isHeld()), release };
}

async function refuseLiveFlux({ client, clock, namespace, signal }: LeadershipOptions): Promise<void> {
  const found = await Promise.all(
    FLUX_LEASES.map(async (name) => ({ name, ...(await readLeaseHolder({ client, clock, namespace, name, signal })) })),
  );
  const live = found.filter(({ state, holder }) => state === "live" && !holder.startsWith(IDENTITY_PREFIX));
  if (live.length === 0) return;
  const holders = live.map(({ name, holder }) => `${name} by ${holder}`).join(", ");
  const deployments = live.map(({ name }) => name.replace("-leader-election", "")).join(" ");
  throw new Failure({
    reason: "Conflict",
    message: `Flux is running in namespace ${namespace}: leases held: ${holders}`,
    hint: `Stop it first: kubectl -n ${namespace} scale deployment ${deployments} --replicas=0`,
    retry: "never",
  });
}
