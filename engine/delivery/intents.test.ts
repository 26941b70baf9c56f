// Intents of many runs in few writes, what counts after a restart, and what cannot be kept there.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure, type Manifest, type ObjectRef } from "@plumbline/core/model";
import { type SteppedClock, steppedClock } from "@plumbline/testkit/clock";
import { Intents, type IntentsOptions } from "./intents.ts";

const place = { namespace: "flux-system", name: "intents" };

function ref(name: string): ObjectRef {
  return { group: "", version: "v1", kind: "ConfigMap", namespace: "site", name };
}

interface Site {
  /** `null`: without a place. */
  open(place?: IntentsOptions["place"] | null): Intents;
  clock: SteppedClock;
  /** Of the ConfigMap; undefined where there is none. */
  data: Record<string, string> | undefined;
  /** Verbs of the writes so far. */
  writes: string[];
  /** What the next write fails with. */
  failure: Failure | undefined;
  /** What each read fails with. */
  readFailure: Failure | undefined;
}

/** One ConfigMap as the API server keeps it: a merge patch removes what is null, and nobody patches what is not there. */
function openSite(): Site {
  const clock = steppedClock();
  const write = (verb: string, change: () => void): Promise<Manifest> => {
    site.writes.push(verb);
    const { failure } = site;
    site.failure = undefined;
    if (failure) return Promise.reject(failure);
    if (verb === "patch" && !site.data)
      return Promise.reject(new Failure({ reason: "NotFound", message: "not found" }));
    change();
    return Promise.resolve({ apiVersion: "v1", kind: "ConfigMap", metadata: {} });
  };
  const kube = {
    find: () =>
      site.readFailure
        ? Promise.reject(site.readFailure)
        : Promise.resolve(site.data && { apiVersion: "v1", kind: "ConfigMap", data: { ...site.data } }),
    create: ({ data }: { data: Record<string, string> }) => write("create", () => (site.data = { ...data })),
    patch: (_ref: unknown, { body }: { body: { data: Record<string, string | null> } }) =>
      write("patch", () => {
        const merged = Object.entries({ ...site.data, ...body.data });
        site.data = Object.fromEntries(merged.filter((entry): entry is [string, string] => entry[1] !== null));
      }),
  };
  const dialect = { managers: { deliveryStatus: "status" } };
  const log = { info: () => undefined, error: () => undefined };
  const ports = { kube, clock, dialect, log, sha256: (text: string) => text } as unknown as IntentsOptions["ports"];
  const site: Site = {
    clock,
    data: undefined,
    writes: [],
    failure: undefined,
    readFailure: undefined,
    open: (where = place) => new Intents({ ports, place: where ?? undefined, signal: new AbortController().signal }),
  };
  return site;
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("the first intent is written at once, those that come meanwhile together with one write", async () => {
  const site = openSite();
  site.data = {};
  const intents = site.open();
  await intents.known;
  const first = intents.record("1", [], [ref("a")]);
  const others = ["2", "3", "4"].map((uid) => intents.record(uid, [], [ref(uid)]));
  assert.equal(await first, true);
  assert.deepEqual(Object.keys(site.data ?? {}), ["1"]);
  await settled();
  site.clock.advance(100);
  assert.deepEqual(await Promise.all(others), [true, true, true]);
  assert.deepEqual(Object.keys(site.data ?? {}), ["1", "2", "3", "4"]);
  assert.deepEqual(site.writes, ["patch", "patch"]);
});

test("a ConfigMap that is not there, or no more, is made with all intents there are", async () => {
  const site = openSite();
  const intents = site.open();
  await intents.known;
  await intents.record("1", [], [ref("a")]);
  site.data = undefined;
  const second = intents.record("2", [], [ref("b")]);
  site.clock.advance(100);
  await settled();
  assert.equal(await second, true);
  assert.deepEqual(Object.keys(site.data ?? {}), ["1", "2"]);
  assert.deepEqual(site.writes, ["patch", "create", "patch", "create"]);
});

test("what could not be removed goes with the next write, and so does what may have arrived", async () => {
  const site = openSite();
  site.data = {};
  const intents = site.open();
  await intents.known;
  await intents.record("1", [], [ref("a")]);
  intents.forget("1");
  site.data["2"] = "arrived, although the answer did not";
  site.failure = new Failure({ reason: "ClusterUnreachable", message: "away" });
  const second = assert.rejects(intents.record("2", [], [ref("b")]), { reason: "ClusterUnreachable" });
  site.clock.advance(100);
  await second;
  site.clock.advance(100);
  await settled();
  site.clock.advance(3000);
  await settled();
  assert.deepEqual(site.data, {});
});

test("after a restart an intent counts until the inventory is another one, and goes when nobody needs it", async () => {
  const site = openSite();
  await site.open().record("1", [ref("old")], [ref("old"), ref("new")]);
  const intents = site.open();
  await intents.known;
  assert.deepEqual(intents.withIntent("1", [ref("old")]), [ref("old"), ref("new")]);
  assert.deepEqual(intents.withIntent("2", [ref("old")]), [ref("old")]);
  assert.deepEqual(intents.withIntent("1", [ref("new")]), [ref("new")], "its status was written since");
  assert.deepEqual(intents.withIntent("1", [ref("old")]), [ref("old")], "and so it counts no more");
  site.clock.advance(3000);
  await settled();
  assert.deepEqual(Object.keys(site.data ?? {}), ["1"], "a start that has nothing to do writes nothing");
  await intents.record("2", [], [ref("b")]);
  assert.deepEqual(Object.keys(site.data ?? {}), ["2"], "it goes with the next one");
  intents.forget("2");
  site.clock.advance(100);
  await settled();
  site.clock.advance(3000);
  await settled();
  assert.deepEqual(site.data, {});
});

test("an intent of a delivery that is gone is tidied up", async () => {
  const site = openSite();
  await site.open().record("1", [], [ref("a")]);
  const intents = site.open();
  await intents.known;
  await intents.record("2", [], [ref("b")]);
  intents.forgetOthers(new Set(["2"]));
  await settled();
  site.clock.advance(100);
  await settled();
  site.clock.advance(3000);
  await settled();
  assert.deepEqual(Object.keys(site.data ?? {}), ["2"]);
});

test("what the cluster did not take counts as unknown", async () => {
  const site = openSite();
  site.data = {};
  const intents = site.open();
  await intents.known;
  site.failure = new Failure({ reason: "ClusterUnreachable", message: "away" });
  await assert.rejects(intents.record("1", [], [ref("a")]), { reason: "ClusterUnreachable" });
  assert.deepEqual(intents.withIntent("1", []), []);
});

test("without the right to write, without a place and for very many objects the status has to do", async () => {
  const site = openSite();
  site.data = {};
  const intents = site.open();
  await intents.known;
  const many = Array.from({ length: 1000 }, (_, i) => ref(`object-${i}`));
  assert.equal(await intents.record("1", [], many), false);
  assert.deepEqual(site.writes, []);
  site.failure = new Failure({ reason: "AccessDenied", message: "forbidden" });
  assert.equal(await intents.record("2", [], [ref("a")]), false);
  assert.equal(await intents.record("3", [], [ref("a")]), false, "it is not asked for again");
  assert.deepEqual(site.writes, ["patch"]);
  const nowhere = site.open(null);
  await nowhere.known;
  assert.equal(await nowhere.record("4", [], [ref("a")]), false);
});

test("where a rule of the cluster refuses the ConfigMap the status has to do; where somebody else makes it, this once", async () => {
  const site = openSite();
  site.data = {};
  const intents = site.open();
  await intents.known;
  site.failure = new Failure({ reason: "Conflict", message: "it exists" });
  assert.equal(await intents.record("1", [], [ref("a")]), false);
  const second = intents.record("2", [], [ref("b")]);
  await settled();
  site.clock.advance(100);
  assert.equal(await second, true, "the next one goes to the ConfigMap again");
  const third = intents.record("3", [], [ref("c")]);
  site.failure = new Failure({ reason: "ReconciliationFailed", message: "denied by a policy" });
  await settled();
  site.clock.advance(100);
  assert.equal(await third, false);
  assert.equal(await intents.record("4", [], [ref("d")]), false);
  assert.equal(site.writes.length, 3, "it is not asked for again");
});

test("an intent that a run left without a word is untold, until its inventory is told", async () => {
  const site = openSite();
  const before = site.open();
  await before.record("1", [], [ref("a")]);
  assert.equal(before.isUntold("1"), false, "its run tells");
  before.leaveUntold("1");
  assert.equal(before.isUntold("1"), true);
  before.forget("1");
  assert.equal(before.isUntold("1"), false);
  const after = site.open();
  await after.known;
  assert.equal(after.isUntold("1"), true, "nobody knows how far the run of an earlier process came");
});

test("a ConfigMap that cannot be read stops nothing for ever, a cluster that is away is waited for", async () => {
  const site = openSite();
  const states = async (intents: Intents, seconds: number): Promise<string[]> => {
    let state = "waiting";
    intents.known.then(() => (state = "known"), assert.fail);
    const seen: string[] = [];
    for (let i = 0; i < seconds; i++) {
      await settled();
      seen.push(state);
      site.clock.advance(1000);
    }
    return seen;
  };
  site.readFailure = new Failure({ reason: "ClusterUnreachable", message: "away" });
  assert.ok((await states(site.open(), 100)).every((state) => state === "waiting"));
  site.readFailure = new Failure({ reason: "ReconciliationFailed", message: "cannot be decrypted" });
  const intents = site.open();
  const seen = await states(intents, 31);
  assert.deepEqual([seen[28], seen[30]], ["waiting", "known"]);
  assert.equal(await intents.record("1", [], [ref("a")]), false, "the status has to do");
});

test("what is no intent is left alone: nothing is pruned for it", async () => {
  const site = openSite();
  const texts = [
    "",
    "{",
    "null",
    "[]",
    '{"before":"x","objects":[["","v1","ConfigMap","site"]]}',
    '{"before":1,"objects":[]}',
  ];
  site.data = Object.fromEntries(texts.map((text, i) => [`${i}`, text]));
  const intents = site.open();
  await intents.known;
  for (const uid of Object.keys(site.data)) assert.deepEqual(intents.withIntent(uid, [ref("a")]), [ref("a")]);
});
