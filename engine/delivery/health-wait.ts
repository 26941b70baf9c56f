// Waits until objects are ready: woken by their watches, ended by the first failed one or by the deadline.

import { type Health, healthOf } from "@plumbline/core/health";
import { Failure, type Manifest, type ObjectRef, formatRef } from "@plumbline/core/model";
import type { ApplyContext } from "./apply-context.ts";

export interface HealthTarget {
  key: string;
  ref: ObjectRef;
  /** A Job that may remove itself when it is done (`ttlSecondsAfterFinished`): gone is as good as complete. */
  mayVanish: boolean;
}

export interface HealthWaitOptions {
  timeoutMs: number;
  reason: "HealthCheckFailed" | "ReconciliationFailed";
  /** Called before it waits, each time: what is ready already waits for nothing. */
  onWait?: () => void;
}

/** How often an object is looked at that no watch tells of. */
const POLL_MS = 2000;
/** The message names this many objects; the rest is counted. */
const MAX_LISTED = 10;

/** Throws Failure naming what is not ready and why; rejects with the signal's reason when aborted. */
export async function waitForHealth(
  targets: readonly HealthTarget[],
  context: ApplyContext,
  options: HealthWaitOptions,
): Promise<void> {
  const { managed, named, call } = context;
  const isForeign = ({ key, ref }: HealthTarget): boolean =>
    !managed.get(key) || managed.isBlind(ref, call.impersonate);
  const waiting: Waiting = {
    targets,
    foreign: targets.filter(isForeign),
    wakers: new Set(),
    seen: new Map(),
    due: new Map(),
    isStale: true,
  };
  const wake = (): void => {
    waiting.isStale = true;
    waiting.wakers.forEach((waker) => waker());
  };
  // With the rights of the delivery: its messages must not tell what its account cannot read.
  const stops = waiting.foreign.map(({ ref }) => named.subscribe(ref, wake, call.impersonate));
  try {
    await waitForAll(waiting, context, options);
  } finally {
    for (const stop of stops) stop();
  }
}

interface Waiting {
  targets: readonly HealthTarget[];
  /** Not ours: watched one by one. */
  foreign: readonly HealthTarget[];
  wakers: Set<() => void>;
  /** Health of what is not ours, by key. */
  seen: Map<string, Health>;
  /** When the health of an object is to be looked at again, monotonic, by key; as long as it is that health. */
  due: Map<string, { health: Health; atMs: number }>;
  /** Something of what is not ours changed since it was looked at. */
  isStale: boolean;
}

async function waitForAll(waiting: Waiting, context: ApplyContext, options: HealthWaitOptions): Promise<void> {
  const deadline = context.clock.monotonic() + options.timeoutMs;
  for (;;) {
    waiting.isStale = false;
    await lookAtForeign(waiting, context);
    const status = (target: HealthTarget): Health => statusOf(target, context, waiting.seen);
    const open = waiting.targets.filter((target) => status(target).status !== "Current");
    if (open.length === 0) return;
    const failed = open.filter((target) => status(target).status === "Failed");
    if (failed.length > 0) throw unhealthy("failed early due to stalled resources", failed, status, options);
    const leftMs = deadline - context.clock.monotonic();
    if (leftMs > 0) {
      // A change that came while others were still being read has woken nobody.
      options.onWait?.();
      if (!waiting.isStale) await pause(open, waiting, context, { leftMs, status });
      continue;
    }
    // A lost event must not fail a run: what is still open is read once more from the API server.
    const still = await stillOpen(open, context);
    if (still.length === 0) return;
    throw unhealthy(`timeout after ${options.timeoutMs / 1000}s waiting for`, still, status, options);
  }
}

async function lookAtForeign(waiting: Waiting, context: ApplyContext): Promise<void> {
  for (const { key, ref } of waiting.foreign) {
    const object = await context.named.value(ref, context.call);
    waiting.seen.set(key, object ? judge(object, context) : { status: "NotFound", message: "not found" });
  }
}

function pauseFor({ foreign }: Waiting, { named, call }: ApplyContext, leftMs: number): number {
  return foreign.every(({ ref }) => named.isLive(ref, call.impersonate)) ? leftMs : Math.min(leftMs, POLL_MS);
}

function judge(object: Manifest, context: ApplyContext): Health {
  return healthOf(object, { now: context.clock.now() });
}

/** Health that changes with time alone sends no event: what is ours is looked at again, the others are anyway. */
async function recheck(targets: readonly HealthTarget[], { due }: Waiting, context: ApplyContext): Promise<void> {
  for (const { key, ref } of targets) {
    if ((due.get(key)?.atMs ?? Infinity) > context.clock.monotonic()) continue;
    due.delete(key);
    if (!context.managed.get(key)) continue;
    const object = await context.kube.find(ref, context.call);
    if (object) context.managed.recheck(object);
  }
}

function statusOf(target: HealthTarget, context: ApplyContext, seen: Map<string, Health>): Health {
  const health = seen.get(target.key) ?? context.managed.get(target.key)?.health;
  if (!health) return { status: "Unknown", message: "not read yet" };
  return health.status === "NotFound" && target.mayVanish ? { status: "Current", message: "finished" } : health;
}

async function stillOpen(targets: readonly HealthTarget[], context: ApplyContext): Promise<HealthTarget[]> {
  const open: HealthTarget[] = [];
  for (const target of targets) {
    const object = await context.kube.find(target.ref, context.call);
    const isDone = object ? judge(object, context).status === "Current" : target.mayVanish;
    if (!isDone) open.push(target);
  }
  return open;
}

/** Waits for a change, or for the time at which the health of one of them may be another without any. */
async function pause(
  open: readonly HealthTarget[],
  waiting: Waiting,
  context: ApplyContext,
  { leftMs, status }: { leftMs: number; status: (target: HealthTarget) => Health },
): Promise<void> {
  const { clock } = context;
  const timed = open.filter((target) => dueOf(target, status(target), waiting, clock.monotonic()) < Infinity);
  const nextMs = (): number => Math.min(...timed.map(({ key }) => waiting.due.get(key)?.atMs ?? Infinity));
  const soonestMs = Math.min(leftMs, Math.max(0, nextMs() - clock.monotonic()));
  if (soonestMs > 0) await changeOf(open, waiting, context, pauseFor(waiting, context, soonestMs));
  if (nextMs() <= clock.monotonic()) await recheck(timed, waiting, context);
}

/** Changes of others wake the wait early: the time counts from when this health was first seen. */
function dueOf({ key }: HealthTarget, health: Health, { due }: Waiting, nowMs: number): number {
  if (health.recheckAfterMs === undefined) return Infinity;
  const known = due.get(key);
  if (known?.health === health) return known.atMs;
  const atMs = nowMs + health.recheckAfterMs;
  due.set(key, { health, atMs });
  return atMs;
}

/** Resolves at the first change of any target, or after `ms`. */
function changeOf(
  targets: readonly HealthTarget[],
  { wakers }: Waiting,
  context: ApplyContext,
  ms: number,
): Promise<void> {
  const { clock, managed, call } = context;
  return new Promise((resolve, reject) => {
    const stops: (() => void)[] = [];
    const end = (settle: () => void): void => {
      for (const stop of stops) stop();
      settle();
    };
    const onAbort = (): void => end(() => reject(call.signal?.reason as Error));
    if (call.signal?.aborted) return onAbort();
    const wake = (): void => end(resolve);
    call.signal?.addEventListener("abort", onAbort, { once: true });
    wakers.add(wake);
    stops.push(() => call.signal?.removeEventListener("abort", onAbort));
    stops.push(() => wakers.delete(wake));
    stops.push(clock.after(ms, wake));
    for (const target of targets) stops.push(managed.onChange(target.key, wake));
  });
}

function unhealthy(
  what: string,
  targets: readonly HealthTarget[],
  statusFor: (target: HealthTarget) => Health,
  options: HealthWaitOptions,
): Failure {
  const lines = targets.map((target) => {
    const { status, message } = statusFor(target);
    return `${formatRef(target.ref)} status: '${status}'${message === "" ? "" : `: ${message}`}`;
  });
  const listed = lines.sort().slice(0, MAX_LISTED);
  if (lines.length > MAX_LISTED) listed.push(`and ${lines.length - MAX_LISTED} more`);
  const [first] = targets;
  return new Failure({
    reason: options.reason,
    message: `${what}: [${listed.join(", ")}]`,
    hint: first
      ? `Look at it: kubectl${first.ref.namespace ? ` -n ${first.ref.namespace}` : ""} describe ${first.ref.kind.toLowerCase()} ${first.ref.name}`
      : "",
    ...(first ? { where: { object: formatRef(first.ref) } } : {}),
  });
}
