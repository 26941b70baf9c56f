// The Lease object as leader election uses it (coordination.k8s.io/v1, client-go's rules): pure.

import { dig, digString, type JsonObject, type Manifest } from "@plumbline/core/model";

export interface LeaseRecord {
  /** Empty: released. */
  holder: string;
  durationSeconds: number;
  /** RFC 3339 with microseconds; empty when never set. */
  acquireTime: string;
  renewTime: string;
  transitions: number;
}

/**
 * What was seen, and when it was seen to change, in this process's own monotonic time: two clocks are never compared,
 * so a clock that is wrong anywhere neither keeps a dead holder alive nor unseats a living one.
 */
export interface Observation {
  record: LeaseRecord;
  changedAt: number;
}

export function readLease(object: Manifest): LeaseRecord {
  const spec = dig(object, "spec");
  const number = (key: string): number => {
    const value = dig(spec, key);
    return typeof value === "number" ? value : 0;
  };
  return {
    holder: digString(spec, "holderIdentity") ?? "",
    durationSeconds: number("leaseDurationSeconds"),
    acquireTime: digString(spec, "acquireTime") ?? "",
    renewTime: digString(spec, "renewTime") ?? "",
    transitions: number("leaseTransitions"),
  };
}

export function leaseSpec(record: LeaseRecord): JsonObject {
  return {
    holderIdentity: record.holder,
    leaseDurationSeconds: record.durationSeconds,
    acquireTime: record.acquireTime,
    renewTime: record.renewTime,
    leaseTransitions: record.transitions,
  };
}

/** Keeps the time of the last change: any difference of the record is a sign of life. */
export function observe(before: Observation | undefined, record: LeaseRecord, at: number): Observation {
  const isSame =
    before !== undefined &&
    before.record.holder === record.holder &&
    before.record.renewTime === record.renewTime &&
    before.record.acquireTime === record.acquireTime &&
    before.record.transitions === record.transitions;
  return isSame ? before : { record, changedAt: at };
}

/** True when `identity` may take the lease: it is free, its own, or not renewed for its holder's duration. */
export function mayTake(seen: Observation, identity: string, at: number): boolean {
  const { holder, durationSeconds } = seen.record;
  return holder === "" || holder === identity || at - seen.changedAt > durationSeconds * 1000;
}

/** The record to write: a renewal, or the beginning of a new holder's time. `now` is wall-clock time. */
export function claim(
  before: LeaseRecord | undefined,
  mine: { identity: string; durationSeconds: number; now: number },
): LeaseRecord {
  const time = microTime(mine.now);
  const { identity: holder, durationSeconds } = mine;
  if (!before) return { holder, durationSeconds, acquireTime: time, renewTime: time, transitions: 0 };
  if (before.holder === holder) return { ...before, durationSeconds, renewTime: time };
  return { holder, durationSeconds, acquireTime: time, renewTime: time, transitions: before.transitions + 1 };
}

/** What a graceful stop leaves: anybody may take it at once. */
export function released(before: LeaseRecord, now: number): LeaseRecord {
  const time = microTime(now);
  return { ...before, holder: "", durationSeconds: 1, acquireTime: time, renewTime: time };
}

/** meta/v1 MicroTime. */
function microTime(now: number): string {
  return new Date(now).toISOString().replace("Z", "000Z");
}
