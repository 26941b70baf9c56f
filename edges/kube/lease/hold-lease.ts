// Leader election by Lease, as client-go does it.

import { asFailure, type Clock, Failure, type Manifest, type ObjectRef, sleep } from "@plumbline/core/model";
import { isAlreadyExists, isConflict, isNotFound } from "../failure.ts";
import type { KubeClient } from "../kube-client.ts";
import {
  claim,
  type LeaseRecord,
  leaseSpec,
  mayTake,
  type Observation,
  observe,
  readLease,
  released,
} from "./lease-record.ts";

export interface LeaseDurations {
  /** Others wait this long after the last renewal they saw. */
  leaseMs: number;
  /** Without a successful renewal for this long the holder gives up; less than `leaseMs`. */
  renewMs: number;
  /** Between attempts. */
  retryMs: number;
}

/** As Flux's controllers. */
export const FLUX_LEASE_DURATIONS: LeaseDurations = { leaseMs: 35_000, renewMs: 30_000, retryMs: 5_000 };

export interface LeaseOptions {
  client: Pick<KubeClient, "get" | "create" | "update">;
  clock: Clock;
  namespace: string;
  name: string;
  /** Unique to this process: host name and a random id. */
  identity: string;
  durations?: LeaseDurations;
  /**
   * Until this resolves the lease is watched, not taken: the time of a holder that died passes meanwhile. For leases
   * that are taken one after the other. When it rejects, so does the waiting.
   */
  turn?: Promise<unknown>;
  /** While another holds it: called when the holder is first seen and when it changes. */
  onWaiting?: (holder: string) => void;
  /** Trouble on the way that does not lose the lease yet. */
  onTrouble?: (failure: Failure) => void;
  /** The lease is lost: stop writing now. Called once, not after a release. */
  onLost: (failure: Failure) => void;
  /**
   * Ends the waiting. A lease that is held stays held until `release`, so that what is being written can be finished
   * first; once the signal is aborted, a renewal that fails ends it without `onLost`.
   */
  signal: AbortSignal;
}

export interface HeldLease {
  /** Resolves once the lease is released or lost. */
  readonly ended: Promise<void>;
  /** False as soon as it is released, lost, or was not renewed for `renewMs`: ask before each irreversible write. */
  isHeld(): boolean;
  /**
   * Asks the API server whose it is: before what cannot be undone. Throws the failure that `onLost` gets when it is
   * somebody else's by now, and what the request throws.
   */
  confirm(signal?: AbortSignal): Promise<void>;
  /** Gives it back, so that the next holder need not wait. */
  release(): Promise<void>;
}

/** Resolves when the lease is held. Rejects with the signal's reason when that comes first. */
export async function holdLease(options: LeaseOptions): Promise<HeldLease> {
  const { leaseMs, renewMs, retryMs } = options.durations ?? FLUX_LEASE_DURATIONS;
  if (!(retryMs < renewMs && renewMs < leaseMs)) {
    throw new RangeError(`a lease needs retryMs < renewMs < leaseMs, not ${retryMs}, ${renewMs}, ${leaseMs}`);
  }
  const lease = new Lease(options);
  await lease.acquire();
  return lease;
}

class Lease implements HeldLease {
  readonly ended: Promise<void>;
  readonly #options: LeaseOptions;
  readonly #durations: LeaseDurations;
  readonly #release = new AbortController();
  readonly #end: () => void;
  #seen: Observation | undefined;
  /** As the server last answered it; undefined when unknown. */
  #object: Manifest | undefined;
  #renewedAt = -Infinity;
  #isLost = false;
  #waitingFor = "";

  constructor(options: LeaseOptions) {
    this.#options = options;
    this.#durations = options.durations ?? FLUX_LEASE_DURATIONS;
    const ending = Promise.withResolvers<void>();
    this.ended = ending.promise;
    this.#end = ending.resolve;
  }

  isHeld(): boolean {
    if (this.#isLost || this.#release.signal.aborted) return false;
    return this.#options.clock.monotonic() - this.#renewedAt < this.#durations.renewMs;
  }

  async confirm(signal?: AbortSignal): Promise<void> {
    const { identity, client } = this.#options;
    if (!this.isHeld()) throw this.#lose(this.#seen?.record.holder ?? "");
    const call = { timeoutMs: this.#durations.retryMs, urgent: true, ...(signal ? { signal } : {}) };
    const { holder } = readLease(await client.get(this.#ref(), call));
    if (holder !== identity) throw this.#lose(holder);
  }

  async release(): Promise<void> {
    this.#release.abort();
    await this.ended;
  }

  async acquire(): Promise<void> {
    const { signal, clock, turn } = this.#options;
    if (turn) await this.#watchUntil(turn);
    for (;;) {
      signal.throwIfAborted();
      if (await this.#try(signal)) break;
      await sleep(clock, this.#durations.retryMs, signal);
    }
    void this.#keep().finally(() => this.#end());
  }

  async #watchUntil(turn: Promise<unknown>): Promise<void> {
    const { signal, clock, onTrouble } = this.#options;
    const { retryMs, renewMs } = this.#durations;
    const turned = new AbortController();
    const end = (): void => turned.abort();
    turn.then(end, end);
    const until = AbortSignal.any([signal, turned.signal]);
    while (!until.aborted) {
      await this.#look({ signal: until, timeoutMs: renewMs, urgent: true }).catch((thrown: unknown) => {
        if (!until.aborted) onTrouble?.(asFailure(thrown));
      });
      await sleep(clock, retryMs, until).catch(() => {}); // the abort is looked at above
    }
    await turn;
  }

  async #keep(): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#release;
    const wait = (ms: number): Promise<void> => sleep(clock, ms, signal).catch(() => {}); // the abort is looked at below
    while (!signal.aborted && !this.#isLost) {
      await wait(this.#durations.retryMs);
      if (signal.aborted || this.#isLost) break;
      const isRenewed = await this.#try(signal);
      if (signal.aborted || isRenewed) continue;
      if (this.#options.signal.aborted) return void (this.#isLost = true);
      const holder = this.#seen?.record.holder ?? "";
      const isTaken = holder !== this.#options.identity && holder !== "";
      if (isTaken || clock.monotonic() - this.#renewedAt >= this.#durations.renewMs) this.#lose(holder);
    }
    if (!this.#isLost) await this.#giveBack();
  }

  #lose(holder: string): Failure {
    const { namespace, name, identity, onLost } = this.#options;
    const isNews = !this.#isLost && !this.#release.signal.aborted;
    this.#isLost = true;
    const isTaken = holder !== identity && holder !== "";
    const why = isTaken ? `${holder} holds it now` : `it could not be renewed for ${this.#durations.renewMs / 1000} s`;
    const failure = new Failure({
      reason: "ClusterUnreachable",
      message: `the lease ${namespace}/${name} is lost: ${why}`,
      hint: "Check the connection to the API server and that one operator only runs; this one starts over.",
      where: { object: `Lease/${namespace}/${name}` },
    });
    if (isNews) onLost(failure);
    return failure;
  }

  /** One attempt to take or renew; false when it did not work, whatever the cause. */
  async #try(signal: AbortSignal): Promise<boolean> {
    const { clock, identity } = this.#options;
    const startedAt = clock.monotonic();
    try {
      const call = { signal, timeoutMs: this.#timeLeftMs(startedAt), urgent: true };
      // The holder writes straight away: its own last answer tells the version.
      if (!this.#object || this.#seen?.record.holder !== identity) await this.#look(call);
      if (this.#seen && !mayTake(this.#seen, identity, clock.monotonic())) return this.#waitFor(this.#seen.record);
      await this.#write(this.#claim(), call);
      // The time of asking counts, not of the answer: others may have seen it as early as that.
      this.#renewedAt = startedAt;
      return true;
    } catch (thrown) {
      if (signal.aborted) return false;
      this.#object = undefined;
      if (!isConflict(thrown) && !isAlreadyExists(thrown)) this.#options.onTrouble?.(asFailure(thrown));
      return false;
    }
  }

  /** No attempt to renew goes on beyond the moment at which the lease counts as lost. */
  #timeLeftMs(at: number): number {
    const { renewMs } = this.#durations;
    return this.#renewedAt === -Infinity ? renewMs : Math.max(1, this.#renewedAt + renewMs - at);
  }

  #waitFor(record: LeaseRecord): false {
    if (record.holder !== this.#waitingFor) {
      this.#waitingFor = record.holder;
      this.#options.onWaiting?.(record.holder);
    }
    return false;
  }

  async #look(call: CallTerms): Promise<void> {
    const object = await this.#options.client.get(this.#ref(), call).catch((thrown: unknown) => {
      if (isNotFound(thrown)) return undefined;
      throw thrown;
    });
    this.#object = object;
    this.#seen = object && observe(this.#seen, readLease(object), this.#options.clock.monotonic());
  }

  #claim(): LeaseRecord {
    const { identity, clock } = this.#options;
    const durationSeconds = Math.round(this.#durations.leaseMs / 1000);
    return claim(this.#seen?.record, { identity, durationSeconds, now: clock.now() });
  }

  async #write(record: LeaseRecord, call: CallTerms): Promise<void> {
    const { client, namespace, name } = this.#options;
    const fresh = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { namespace, name } };
    const spec = leaseSpec(record);
    this.#object = this.#object
      ? await client.update({ ...this.#object, spec }, call)
      : await client.create({ ...fresh, spec }, call);
    this.#seen = observe(this.#seen, readLease(this.#object), this.#options.clock.monotonic());
  }

  /** Best effort, within the time in which the lease is still ours. */
  async #giveBack(): Promise<void> {
    const { identity, clock } = this.#options;
    const call = { timeoutMs: this.#durations.retryMs, urgent: true };
    try {
      await this.#look(call);
      const record = this.#seen?.record;
      if (record?.holder === identity) await this.#write(released(record, clock.now()), call);
    } catch (thrown) {
      this.#options.onTrouble?.(asFailure(thrown));
    }
  }

  #ref(): ObjectRef {
    const { namespace, name } = this.#options;
    return { group: "coordination.k8s.io", version: "v1", kind: "Lease", namespace, name };
  }
}

interface CallTerms {
  signal?: AbortSignal;
  timeoutMs: number;
  urgent: boolean;
}
