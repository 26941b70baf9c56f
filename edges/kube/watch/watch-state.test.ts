// The state machine of the watch: one row per story, and a random server.

import assert from "node:assert/strict";
import { test } from "node:test";
import { digString, Failure, type Manifest } from "@plumbline/core/model";
import { failureOf } from "../failure.ts";
import type { Subject } from "../request.ts";
import type { WatchEvent } from "../watch-event.ts";
import { nextAction, pauseBefore, startState, step, type WatchInput, type WatchState } from "./watch-state.ts";

const subject: Subject = {
  verb: "watch",
  group: "",
  version: "v1",
  kind: "ConfigMap",
  resource: "configmaps",
  namespace: "n",
  name: "",
  dryRun: false,
};

function object(name: string, resourceVersion: number, uid = `u-${name}`): Manifest {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { namespace: "n", name, uid, resourceVersion: `${resourceVersion}` },
  };
}

const frame = (type: "ADDED" | "MODIFIED" | "DELETED", ...of: Parameters<typeof object>): WatchInput => ({
  type: "frame",
  frame: { type, object: object(...of) },
});
const added = (...of: Parameters<typeof object>): WatchInput => frame("ADDED", ...of);
const modified = (...of: Parameters<typeof object>): WatchInput => frame("MODIFIED", ...of);
const deleted = (...of: Parameters<typeof object>): WatchInput => frame("DELETED", ...of);

function bookmark(resourceVersion: number, isEnd = false): WatchInput {
  const annotations = isEnd ? { annotations: { "k8s.io/initial-events-end": "true" } } : {};
  const metadata = { resourceVersion: `${resourceVersion}`, ...annotations };
  return { type: "frame", frame: { type: "BOOKMARK", object: { kind: "ConfigMap", metadata } } };
}

const opened: WatchInput = { type: "opened", gapMs: 0 };
const openedLate: WatchInput = { type: "opened", gapMs: 1000 };
const broken = new Failure({ reason: "ClusterUnreachable", message: "broken" });
const ended = (openMs = 60_000): WatchInput => ({ type: "ended", openMs, failure: broken });
const failed = (failure = broken): WatchInput => ({ type: "failed", failure });
const silent: WatchInput = { type: "silent", failure: broken };

function status(code: number, retryAfter?: string): WatchInput {
  const body = JSON.stringify({ kind: "Status", code, reason: "", message: `status ${code}` });
  return failed(failureOf(subject, { status: code, body, retryAfter }, 0));
}

/** As kube-apiserver words it while it begins to cache a kind. */
function initializing(): WatchInput {
  const body = JSON.stringify({
    kind: "Status",
    code: 429,
    reason: "TooManyRequests",
    message: "storage is (re)initializing",
  });
  return failed(failureOf(subject, { status: 429, body, retryAfter: "1" }, 0));
}

const page = (items: Manifest[], resourceVersion: number, next?: string): WatchInput => ({
  type: "page",
  items,
  resourceVersion: `${resourceVersion}`,
  ...(next ? { continue: next } : {}),
});

/** `+a@1`, `~a@2`, `-a` (observed), `?a` (found missing), `synced`, `out`, `back`, `anew`. */
function short(event: WatchEvent): string {
  if (event.type === "synced") return "synced";
  if (event.type === "disconnected") return "out";
  if (event.type === "resumed") return "back";
  if (event.type === "anew") return "anew";
  const name = digString(event.object, "metadata", "name");
  if (event.type === "deleted") return `${event.observed ? "-" : "?"}${name}`;
  return `${event.type === "added" ? "+" : "~"}${name}@${digString(event.object, "metadata", "resourceVersion")}`;
}

function play(inputs: readonly WatchInput[]): { told: string; state: WatchState } {
  let state = startState({ apiVersion: "v1", kind: "ConfigMap" });
  const told: string[] = [];
  for (const input of inputs) {
    const next = step(state, input);
    state = next.state;
    told.push(...next.events.map(short));
  }
  return { told: told.join(" "), state };
}

const synced = [opened, added("a", 5), added("b", 3), bookmark(9, true)];

test("step() tells what happens and knows what to ask next", () => {
  const rows: [string, WatchInput[], string, string][] = [
    ["a plain start", synced, "+a@5 +b@3 synced", "watch 9"],
    ["an empty start", [opened, bookmark(4, true)], "synced", "watch 4"],
    [
      "changes",
      [...synced, modified("a", 10), deleted("b", 11), added("c", 12)],
      "+a@5 +b@3 synced ~a@10 -b +c@12",
      "watch 12",
    ],
    ["a bookmark moves on", [...synced, bookmark(40)], "+a@5 +b@3 synced", "watch 40"],
    [
      "a clean end resumes from the last event",
      [...synced, modified("a", 10), ended()],
      "+a@5 +b@3 synced ~a@10",
      "watch 10",
    ],
    ["an end before the initial ones are told starts anew", [opened, added("a", 5), ended()], "+a@5", "stream"],
    [
      "versions of initial events are never resumed from",
      [opened, added("a", 5), ended(), opened, added("a", 5)],
      "+a@5",
      "stream",
    ],
    [
      "after a new start only the difference is told",
      [opened, added("a", 5), ended(), ...synced],
      "+a@5 +b@3 synced",
      "watch 9",
    ],
    [
      "what went between two starts is found",
      [opened, added("x", 2), ended(), ...synced],
      "+x@2 +a@5 +b@3 ?x synced",
      "watch 9",
    ],
    ["410 lists again", [...synced, status(410)], "+a@5 +b@3 synced", "stream"],
    [
      "a relist tells the difference",
      [...synced, status(410), opened, added("a", 5), added("c", 11), bookmark(12, true)],
      "+a@5 +b@3 synced +c@11 ?b",
      "watch 12",
    ],
    [
      "another object of the same name",
      [...synced, status(410), opened, added("a", 11, "u2"), modified("b", 12), bookmark(12, true)],
      "+a@5 +b@3 synced ?a +a@11 ~b@12",
      "watch 12",
    ],
    [
      "an outage is told once, and its end",
      [...synced, failed(), failed(), opened, modified("a", 10)],
      "+a@5 +b@3 synced out back ~a@10",
      "watch 10",
    ],
    ["an outage at the start", [failed(), failed(), ...synced], "out +a@5 +b@3 synced back", "watch 9"],
    [
      "an outage with a 410 at its end is over when all is told",
      [...synced, failed(), status(410), opened, added("b", 3), bookmark(20, true)],
      "+a@5 +b@3 synced out ?a back",
      "watch 20",
    ],
    [
      "503 and 429 are outages",
      [...synced, status(503), opened, status(429, "3")],
      "+a@5 +b@3 synced out back out",
      "watch 9",
    ],
    [
      "deleted while it is being told",
      [opened, added("a", 5), deleted("a", 8), bookmark(9, true)],
      "+a@5 -a synced",
      "watch 9",
    ],
    ["deleted before it was told", [opened, deleted("z", 8), bookmark(9, true)], "synced", "watch 9"],
    ["no streaming: 422 falls back to lists", [status(422)], "", "list "],
    ["no streaming: 400 too", [status(400)], "", "list "],
    ["a server that ignores the wish goes silent", [opened, added("a", 5), silent], "+a@5 out", "list "],
    ["silence when live is an outage", [...synced, silent], "+a@5 +b@3 synced out", "watch 9"],
    ["pages", [status(422), page([object("a", 5)], 7, "t"), page([object("b", 6)], 7)], "+a@5 +b@6 synced", "watch 7"],
    ["a next page is asked for by its token", [status(422), page([object("a", 5)], 7, "t")], "+a@5", "list t"],
    [
      "a page that fails is asked for again",
      [status(422), page([object("a", 5)], 7, "t"), failed()],
      "+a@5 out",
      "list t",
    ],
    [
      "an expired page token starts the list anew",
      [status(422), page([object("a", 5)], 7, "t"), status(410)],
      "+a@5",
      "list ",
    ],
    [
      "the list starts anew without telling twice",
      [status(422), page([object("a", 5)], 7, "t"), status(410), page([object("b", 6)], 8)],
      "+a@5 +b@6 ?a synced",
      "watch 8",
    ],
    [
      "after a gap everything is told anew, older or unchanged or not, and what is missing is taken back",
      [...synced, modified("a", 10), failed(), openedLate, opened, added("a", 5), added("c", 6), bookmark(6, true)],
      "+a@5 +b@3 synced ~a@10 out anew ~a@5 +c@6 ?b back",
      "watch 6",
    ],
    [
      "a gap without a failure before it is an outage too",
      [...synced, ended(), openedLate, opened, added("a", 5), added("b", 3), bookmark(9, true)],
      "+a@5 +b@3 synced out anew ~a@5 ~b@3 back",
      "watch 9",
    ],
    [
      "a gap that ends with a 410",
      [...synced, failed(), status(410), openedLate, added("a", 5), bookmark(9, true)],
      "+a@5 +b@3 synced out anew ~a@5 ?b back",
      "watch 9",
    ],
    ["a gap before the first sync is none", [failed(), openedLate, ...synced], "out +a@5 +b@3 synced back", "watch 9"],
    ["401 does not end the watch", [...synced, status(401), opened], "+a@5 +b@3 synced out back", "watch 9"],
    [
      "three early ends in a row are an outage",
      [opened, ended(0), opened, ended(0), opened, ended(0)],
      "out",
      "stream",
    ],
    [
      "a bookmark without version is nothing",
      [...synced, { type: "frame", frame: { type: "BOOKMARK", object: {} } }],
      "+a@5 +b@3 synced",
      "watch 9",
    ],
  ];
  for (const [name, inputs, told, next] of rows) {
    const result = play(inputs);
    assert.equal(result.told, told, name);
    const action = nextAction(result.state);
    const text =
      action.type === "watch"
        ? `watch ${action.resourceVersion}`
        : action.type === "list"
          ? `list ${action.continue}`
          : "stream";
    assert.equal(text, next, name);
  }
});

test("a deletion found by listing again names the object with its uid", () => {
  const state = play(synced).state;
  let at = step(state, status(410)).state;
  at = step(at, added("a", 5)).state;
  const [event] = step(at, bookmark(20, true)).events;
  assert.deepEqual(event, {
    type: "deleted",
    observed: false,
    object: { apiVersion: "v1", kind: "ConfigMap", metadata: { namespace: "n", name: "b", uid: "u-b" } },
  });
});

test("pauseBefore() is none after progress, doubles to 30 s, and honours Retry-After", () => {
  const rows: [WatchInput[], number][] = [
    [synced, 0],
    [[...synced, ended()], 0],
    [[...synced, status(410)], 0],
    [[...synced, status(410), status(410)], 500],
    [[failed()], 500],
    [[failed(), failed(), failed()], 2000],
    [Array.from({ length: 40 }, () => failed()), 30_000],
    [[failed(), failed(), ...synced], 0],
    [[...synced, status(429, "20")], 20_000],
    [[...synced, status(429, "20"), bookmark(12)], 0],
    [[...synced, ended(10)], 500],
    [[opened, ended(0), opened, ended(0)], 1000],
    [[status(422)], 0],
    [[initializing()], 50],
    [[initializing(), initializing()], 100],
    [[initializing(), ...synced], 0],
    [[initializing(), failed()], 500],
    [Array.from({ length: 5 }, initializing), 1000],
    [[...Array.from({ length: 6 }, () => failed()), ...Array.from({ length: 5 }, initializing)], 2000],
  ];
  for (const [inputs, ms] of rows) {
    const { state } = play(inputs);
    assert.equal(pauseBefore(state, 0), ms);
    assert.equal(pauseBefore(state, 0.999), Math.round(ms * 1.4995));
  }
});

test("after a gap everything is told at once, however often the server was not there", () => {
  const { state } = play([...synced, ...Array.from({ length: 8 }, () => failed()), openedLate]);
  assert.equal(pauseBefore(state, 0), 0);
});

test("a server that begins to cache the kind is no outage before it has taken long", () => {
  const { told } = play(Array.from({ length: 4 }, initializing));
  assert.equal(told, "");
  assert.equal(play(Array.from({ length: 5 }, initializing)).state.isOut, true);
});

test("the machine remembers keys and versions only, and forgets what is gone", () => {
  const { state } = play([...synced, deleted("a", 10), modified("b", 11)]);
  assert.deepEqual([...state.known], [["n/b", "u-b/11"]]);
  assert.equal(state.seen.size, 0);
});

test("whatever is thrown at it, what was told adds up to what is there", () => {
  let seed = 7;
  const random = (n: number): number => (seed = (seed * 48271) % 2147483647) % n;
  for (let round = 0; round < 300; round++) {
    let state = startState({ apiVersion: "v1", kind: "ConfigMap" });
    const server = new Map<string, number>();
    const told = new Map<string, number>();
    let version = 1;
    const take = (input: WatchInput): void => {
      const next = step(state, input);
      state = next.state;
      for (const event of next.events) {
        const name = "object" in event ? (digString(event.object, "metadata", "name") ?? "") : "";
        const at = "object" in event ? Number(digString(event.object, "metadata", "resourceVersion")) : 0;
        if (event.type === "added") assert.ok(!told.has(name), "added what was there");
        if (event.type === "modified" || event.type === "deleted") assert.ok(told.has(name), "told of the unknown");
        if (event.type === "added" || event.type === "modified") told.set(name, at);
        if (event.type === "deleted") told.delete(name);
      }
    };
    let log: WatchInput[] = [];
    const change = (): void => {
      const name = `o${random(4)}`;
      version++;
      if (server.delete(name)) log.push(deleted(name, version));
      else {
        server.set(name, version);
        log.push(added(name, version));
      }
    };
    const settle = (): void => {
      if (state.phase === "live") for (const input of log) take(input);
      else {
        take(opened);
        for (const [name, at] of server) take(added(name, at));
        take(bookmark(version, true));
      }
      log = [];
    };
    for (let i = 0; i < 20; i++) {
      for (let n = random(4); n > 0; n--) change();
      const trouble = random(6);
      if (trouble === 0) take(status(410));
      else if (trouble === 1) take(failed());
      else if (trouble === 2 && state.phase === "starting") {
        for (const [name, at] of [...server].slice(0, 2)) take(added(name, at));
        take(ended());
      } else settle();
    }
    settle();
    assert.deepEqual(told, server);
  }
});
