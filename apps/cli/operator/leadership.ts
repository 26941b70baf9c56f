// One operator at a time, and never beside Flux: the leases that Flux's controllers hold are ours while we run.

import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { type Clock, Failure } from "@plumbline/core/model";
import {
  type HeldLease,
  holdLease,
  type KubeClient,
  type LeaseDurations,
  type LeaseHolder,
  readLeaseHolder,
} from "@plumbline/edges/kube";
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
  /** Called once, when a lease is lost: stop now. */
  onLost: (failure: Failure) => void;
  /** As Flux's controllers unless told. */
  durations?: LeaseDurations;
}

export interface Leadership {
  /** False as soon as one of the leases is lost or could not be renewed in time. */
  isHeld(): boolean;
  /** Asks the API server whether this process still leads; throws Failure when it does not. */
  confirm(signal?: AbortSignal): Promise<void>;
  release(): Promise<void>;
}

/**
 * Resolves when we lead. A live holder of one of Flux's leases that is no Plumbline is refused at once, by name: two
 * engines on one cluster would undo each other's work. A Plumbline that leads already is waited for.
 */
export async function takeLeadership(options: LeadershipOptions): Promise<Leadership> {
  const { client, clock, namespace, log, signal } = options;
  await refuseLiveFlux(options);
  const identity = `${IDENTITY_PREFIX}${hostname()}_${randomUUID()}`;
  const held: HeldLease[] = [];
  let isLost = false;
  const onLost = (failure: Failure): void => {
    if (!isLost) options.onLost(failure);
    isLost = true;
  };
  const release = async (): Promise<void> => {
    await Promise.all(held.map((lease) => lease.release()));
  };
  const take = async (name: string, turn: Promise<void> | undefined): Promise<void> => {
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
        onLost,
        ...(turn ? { turn } : {}),
        ...(options.durations ? { durations: options.durations } : {}),
      }),
    );
  };
  try {
    let turn: Promise<void> | undefined;
    // One after the other, but all are watched from now on: a leader that died is waited for once.
    const taking = [OWN_LEASE, ...FLUX_LEASES].map((name) => (turn = take(name, turn)));
    await Promise.allSettled(taking);
    await turn;
  } catch (error) {
    await release();
    throw error;
  }
  return {
    isHeld: () => held.every((lease) => lease.isHeld()),
    // Whoever takes over takes this one first.
    confirm: async (signal) => await held[0]?.confirm(signal),
    release,
  };
}

async function refuseLiveFlux({ client, clock, namespace, signal }: LeadershipOptions): Promise<void> {
  const look = async (name: string): Promise<LeaseHolder & { name: string }> => {
    const at = { client, clock, namespace, name, signal };
    const found = await readLeaseHolder({ ...at, observeMs: 0 });
    // Whether a Plumbline lives is found out at its own lease; only Flux is watched here, for seconds.
    const isOther = found.holder !== "" && !found.holder.startsWith(IDENTITY_PREFIX);
    return { name, ...(isOther ? await readLeaseHolder(at) : found) };
  };
  const found = await Promise.all(FLUX_LEASES.map(look));
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
