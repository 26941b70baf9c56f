// The watch as a state machine: what to ask next, and what an answer means. No I/O, no clock.

import { dig, digString, Failure, isObject, type Manifest } from "@plumbline/core/model";
import { apiStatus, isExpired, isInitializing, isInvalid } from "../failure.ts";
import type { WatchEvent } from "../watch-event.ts";

/**
 * - `starting`: what exists is being told, by a stream (`sendInitialEvents`) or by pages of a list.
 * - `live`: changes after `resourceVersion` are told.
 *
 * Versions go back when somebody puts an older backup of etcd in place: a watch that goes on from an old version hears
 * nothing until the new ones have outgrown it, and misses what was taken back. That takes the API server away for some
 * seconds, so after such a gap everything is told anew.
 */
export interface WatchState {
  phase: "starting" | "live";
  /** `list` once the server turned out to have no streaming of initial events. */
  mode: "stream" | "list";
  /** Where to go on; only in `live`. */
  resourceVersion: string;
  /** Token of the next page, in `starting` by `list`. */
  continueToken: string;
  /** `namespace/name` to `uid/resourceVersion` of all that was told and not taken back. Changed in place. */
  known: Map<string, string>;
  /** Keys told since `starting` began. Changed in place. */
  seen: Set<string>;
  isSynced: boolean;
  /** `disconnected` was told and `resumed` was not. */
  isOut: boolean;
  /** Attempts in a row that brought nothing. */
  failures: number;
  /** The server asked for this long a pause; 0 when it did not. */
  pauseMs: number;
  /** Attempts in a row that met a server which begins to cache the kind. */
  initializing: number;
  /** apiVersion and kind, for objects made up from a key. */
  apiVersion: string;
  kind: string;
}

export type WatchAction =
  | { type: "stream" }
  | { type: "list"; continue: string }
  | { type: "watch"; resourceVersion: string };

export type WatchInput =
  /** The server said 200 to a watch; there was none for so long before. */
  | { type: "opened"; gapMs: number }
  | { type: "frame"; frame: WatchFrame }
  | { type: "page"; items: readonly Manifest[]; resourceVersion: string; continue?: string }
  /** The stream ended without error after `openMs`. */
  | { type: "ended"; openMs: number; failure: Failure }
  /** No answer, a status other than 200, a broken stream, an ERROR frame. */
  | { type: "failed"; failure: Failure }
  /** Nothing came for too long. */
  | { type: "silent"; failure: Failure };

export interface WatchFrame {
  type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK";
  object: Manifest;
}

export interface WatchStep {
  events: WatchEvent[];
  state: WatchState;
  /** The connection in use is of no more use: act anew. */
  isOver: boolean;
}

/** A stream that ends sooner than this, having brought nothing, counts as a failure. */
const SHORT_STREAM_MS = 1000;
/** A watch of more objects than this fails: a server that invents them must not fill the memory. */
export const MAX_WATCHED_OBJECTS = 1_000_000;
/** In less than this nobody stops an API server, restores a backup and starts it again. */
const LONG_GAP_MS = 1000;
/** Outages this short before the first sync are not told: the server cuts young streams when it is busy. */
const UNTOLD_ENDS = 2;
/** First pause for a server that begins to cache the kind; after so many, doubling, it is an outage like any other. */
const INITIALIZING_PAUSE_MS = 50;
const INITIALIZING_TRIES = 4;
/** A server that begins to cache the kind is back from its outage: of the failures in it no more than these count on. */
const INITIALIZING_FAILURES = 2;

export function startState(kind: { apiVersion: string; kind: string }): WatchState {
  return {
    phase: "starting",
    mode: "stream",
    resourceVersion: "",
    continueToken: "",
    known: new Map(),
    seen: new Set(),
    isSynced: false,
    isOut: false,
    failures: 0,
    pauseMs: 0,
    initializing: 0,
    ...kind,
  };
}

/** What to ask the server now. */
export function nextAction(state: WatchState): WatchAction {
  if (state.phase === "live") return { type: "watch", resourceVersion: state.resourceVersion };
  return state.mode === "stream" ? { type: "stream" } : { type: "list", continue: state.continueToken };
}

/** Pause before the next action: none after progress, then 0.5 s doubling to 30 s, spread by up to half. */
export function pauseBefore(state: WatchState, random: number): number {
  if (state.initializing > 0)
    return Math.round(INITIALIZING_PAUSE_MS * 2 ** (state.initializing - 1) * (1 + random / 2));
  const backoffMs = state.failures === 0 ? 0 : Math.min(30_000, 500 * 2 ** Math.min(10, state.failures - 1));
  return Math.round(Math.max(state.pauseMs, backoffMs) * (1 + random / 2));
}

/** One input. The given state must not be used again: its maps are changed in place. */
export function step(state: WatchState, input: WatchInput): WatchStep {
  switch (input.type) {
    case "opened":
      return opened(state, input.gapMs);
    case "frame":
      return frameCame(state, input.frame);
    case "page":
      return pageCame(state, input);
    case "ended":
      return ended(state, input);
    case "silent":
      // A server that ignores `sendInitialEvents` never says that they ended.
      return failed(state.phase === "starting" ? { ...state, mode: "list" } : state, input.failure);
    case "failed":
      return failed(state, input.failure);
  }
}

/** In `starting` the outage ends when everything is told, in `live` with the connection. */
function opened(before: WatchState, gapMs: number): WatchStep {
  const state = before.initializing === 0 ? before : { ...before, initializing: 0 };
  if (state.isSynced && gapMs >= LONG_GAP_MS) return anew(state);
  if (state.phase === "starting" || !state.isOut) return going(state);
  return going({ ...state, isOut: false }, [{ type: "resumed" }]);
}

function anew(state: WatchState): WatchStep {
  for (const [key, stamp] of state.known) state.known.set(key, `${uidOf(stamp)}/`);
  const message = `there was no watch of ${state.kind} for some seconds`;
  const failure = new Failure({ reason: "ClusterUnreachable", message, hint: "Everything is told anew." });
  const start = { ...state, phase: "starting" as const, resourceVersion: "", seen: new Set<string>() };
  // The server is back: what it failed before must not put off the telling.
  const [next, events] = out({ ...start, failures: 0, pauseMs: 0 }, failure);
  const told = { events: [...events, { type: "anew" as const }], state: next };
  return { ...told, isOver: state.phase === "live" };
}

function frameCame(before: WatchState, { type, object }: WatchFrame): WatchStep {
  const state = before.failures === 0 && before.pauseMs === 0 ? before : { ...before, failures: 0, pauseMs: 0 };
  const resourceVersion = digString(object, "metadata", "resourceVersion") ?? "";
  if (type === "BOOKMARK") return bookmarkCame(state, object, resourceVersion);
  const events = type === "DELETED" ? forget(state, object) : tell(state, object);
  if (state.known.size > MAX_WATCHED_OBJECTS) return tooMany(state);
  // Initial events come in the order of keys: their versions are no place to resume from.
  if (state.phase === "live" && resourceVersion !== "") return going({ ...state, resourceVersion }, events);
  return going(state, events);
}

function bookmarkCame(state: WatchState, object: Manifest, resourceVersion: string): WatchStep {
  if (resourceVersion === "") return going(state);
  if (state.phase === "live") return going({ ...state, resourceVersion });
  const isEnd = dig(object, "metadata", "annotations", "k8s.io/initial-events-end") === "true";
  return isEnd ? toldAll(state, resourceVersion) : going(state);
}

function pageCame(state: WatchState, page: Extract<WatchInput, { type: "page" }>): WatchStep {
  const events: WatchEvent[] = [];
  for (const item of page.items) for (const event of tell(state, item)) events.push(event);
  if (state.known.size > MAX_WATCHED_OBJECTS) return tooMany(state);
  const continueToken = page.continue ?? "";
  const next = { ...state, continueToken, failures: 0, pauseMs: 0 };
  if (continueToken !== "") return { events, state: next, isOver: true };
  const done = toldAll(next, page.resourceVersion);
  return { events: [...events, ...done.events], state: done.state, isOver: true };
}

/** Everything that exists is told: what was known and did not come is gone. */
function toldAll(state: WatchState, resourceVersion: string): WatchStep {
  const events: WatchEvent[] = [];
  for (const [key, stamp] of state.known) {
    if (state.seen.has(key)) continue;
    state.known.delete(key);
    events.push({ type: "deleted", object: objectOf(state, key, stamp), observed: false });
  }
  if (!state.isSynced) events.push({ type: "synced", resourceVersion });
  if (state.isOut) events.push({ type: "resumed" });
  const next = { ...state, phase: "live" as const, resourceVersion, seen: new Set<string>(), isSynced: true };
  return going({ ...next, isOut: false, failures: 0, pauseMs: 0, continueToken: "" }, events);
}

function ended(state: WatchState, input: { openMs: number; failure: Failure }): WatchStep {
  if (state.phase === "live" && input.openMs >= SHORT_STREAM_MS) return over({ ...state, failures: 0, pauseMs: 0 });
  const next = restarted({ ...state, failures: state.failures + 1 });
  return next.failures > UNTOLD_ENDS ? over(...out(next, input.failure)) : over(next);
}

function failed(before: WatchState, failure: Failure): WatchStep {
  if (isInitializing(failure) && before.initializing < INITIALIZING_TRIES) {
    const failures = Math.min(before.failures, INITIALIZING_FAILURES);
    return over(restarted({ ...before, failures, initializing: before.initializing + 1 }));
  }
  const state = before.initializing === 0 ? before : { ...before, initializing: 0 };
  if (isExpired(failure)) {
    // The first 410 is the ordinary way to learn that the versions in between are gone.
    const next = restarted({ ...state, phase: "starting", resourceVersion: "", continueToken: "" });
    const isRepeated = state.phase === "starting" || state.failures > 0;
    return over(isRepeated ? { ...next, failures: state.failures + 1 } : next);
  }
  if (state.phase === "starting" && state.mode === "stream" && isInvalid(failure)) {
    return over(restarted({ ...state, mode: "list" }));
  }
  const pauseMs = apiStatus(failure)?.retryAfterMs ?? 0;
  return over(...out(restarted({ ...state, failures: state.failures + 1, pauseMs }), failure));
}

function tooMany(state: WatchState): WatchStep {
  const message = `the watch of ${state.kind} brings more than ${MAX_WATCHED_OBJECTS} objects`;
  const hint = "Watch with a selector or one namespace.";
  state.known.clear();
  return failed({ ...state, phase: "starting" }, new Failure({ reason: "LimitExceeded", message, hint }));
}

/** Before everything was told a new start is the only way on; a list goes on with its next page. */
function restarted(state: WatchState): WatchState {
  if (state.phase === "live" || (state.mode === "list" && state.continueToken !== "")) return state;
  return { ...state, seen: new Set() };
}

function out(state: WatchState, failure: Failure): [WatchState, WatchEvent[]] {
  if (state.isOut) return [state, []];
  return [{ ...state, isOut: true }, [{ type: "disconnected", failure }]];
}

const going = (state: WatchState, events: WatchEvent[] = []): WatchStep => ({ events, state, isOver: false });
const over = (state: WatchState, events: WatchEvent[] = []): WatchStep => ({ events, state, isOver: true });

function tell(state: WatchState, object: Manifest): WatchEvent[] {
  const key = keyOf(object);
  const stamp = stampOf(object);
  const before = state.known.get(key);
  state.known.set(key, stamp);
  if (state.phase === "starting") state.seen.add(key);
  if (before === undefined) return [{ type: "added", object }];
  if (before === stamp) return [];
  if (uidOf(before) === uidOf(stamp)) return [{ type: "modified", object }];
  return [
    { type: "deleted", object: objectOf(state, key, before), observed: false },
    { type: "added", object },
  ];
}

function forget(state: WatchState, object: Manifest): WatchEvent[] {
  const key = keyOf(object);
  state.seen.delete(key);
  return state.known.delete(key) ? [{ type: "deleted", object, observed: true }] : [];
}

function keyOf(object: Manifest): string {
  return `${digString(object, "metadata", "namespace") ?? ""}/${digString(object, "metadata", "name") ?? ""}`;
}

function stampOf(object: Manifest): string {
  const metadata = isObject(object["metadata"]) ? object["metadata"] : {};
  return `${digString(metadata, "uid") ?? ""}/${digString(metadata, "resourceVersion") ?? ""}`;
}

const uidOf = (stamp: string): string => stamp.slice(0, stamp.lastIndexOf("/"));

function objectOf(state: WatchState, key: string, stamp: string): Manifest {
  const slash = key.indexOf("/");
  const namespace = key.slice(0, slash);
  const metadata = { name: key.slice(slash + 1), uid: uidOf(stamp), ...(namespace === "" ? {} : { namespace }) };
  return { apiVersion: state.apiVersion, kind: state.kind, metadata };
}
