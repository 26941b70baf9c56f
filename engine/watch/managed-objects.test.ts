// Events that come late: what they say of an object that we have made anew since.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import type { Manifest } from "@plumbline/core/model";
import { steppedClock } from "@plumbline/testkit/clock";
import type { Dialect, Kube, KubeEvent } from "../ports/index.ts";
import { ManagedObjects } from "./managed-objects.ts";
import type { Suspect } from "./tracked.ts";

const OWNER = "site/app";
const ref = { group: "", version: "v1", kind: "ConfigMap", namespace: "site", name: "a" };
const KEY = "site/a//ConfigMap";

function object(uid: string, resourceVersion: string): Manifest {
  const metadata = { name: "a", namespace: "site", uid, resourceVersion };
  return { apiVersion: "v1", kind: "ConfigMap", metadata, data: { value: "1" } };
}

/** Nothing is to be logged. */
const log = { info: assert.fail, error: assert.fail };

async function start(): Promise<{ managed: ManagedObjects; tell: (event: KubeEvent) => void; suspects: Suspect[] }> {
  let tell = (_event: KubeEvent): void => undefined;
  const suspects: Suspect[] = [];
  // A watch whose events the test writes itself; nothing else of the cluster is asked.
  const kube = {
    watch: (options: { on(event: KubeEvent): void }) => {
      tell = (event) => options.on(event);
      return { synced: Promise.resolve(), stop: () => undefined };
    },
  } as unknown as Kube;
  const dialect = {
    ownerSelector: "owner",
    managers: { apply: "plumb" },
    ownerOf: () => ({ kind: "Kustomization", namespace: "site", name: "app" }),
  } as unknown as Dialect; // the rest is not used
  const managed = new ManagedObjects({
    kube,
    dialect,
    clock: steppedClock(),
    log,
    sha256: (text) => createHash("sha256").update(text).digest("hex"),
    override: [],
    onSuspect: (suspect) => void suspects.push(suspect),
  });
  const ready = managed.ensure([ref], {});
  tell({ type: "synced" });
  await ready;
  return { managed, tell: (event) => tell(event), suspects };
}

test("the deletion of what we replaced ourselves says nothing of what we made", async () => {
  const { managed, tell, suspects } = await start();
  tell({ type: "added", object: object("1", "10") });
  managed.writing(ref, OWNER);
  tell({ type: "deleted", object: object("1", "11"), observed: true });
  managed.wrote(object("2", "12"), OWNER, "hash");
  tell({ type: "added", object: object("2", "12") });
  assert.equal(managed.get(KEY)?.exists, true);
  assert.equal(managed.get(KEY)?.health.status, "Current");
  assert.equal(suspects.length, 0);
});

test("leaving the selector before our last write is old news, a deletion after it is drift", async () => {
  const { managed, tell, suspects } = await start();
  managed.wrote(object("1", "12"), OWNER, "hash");
  tell({ type: "deleted", object: object("1", "11"), observed: true });
  assert.equal(managed.get(KEY)?.exists, true);
  tell({ type: "deleted", object: object("1", "13"), observed: true });
  assert.equal(managed.get(KEY)?.exists, false);
  assert.deepEqual(
    suspects.map(({ what }) => what),
    ["deleted"],
  );
});

test("adoptSame() takes what an earlier process applied for ours only when a dry-run of it would change nothing", async () => {
  const entry = (fields: object): Manifest[] => [
    { manager: "plumb", operation: "Apply", fieldsV1: { "f:data": fields } } as Manifest,
  ];
  const applied = (version: string, data: Record<string, string>, owned: object = { "f:value": {} }): Manifest => {
    const { metadata, ...rest } = object("1", version);
    return { ...rest, data, metadata: { ...(metadata as object), managedFields: entry(owned) } };
  };
  const live = applied("10", { value: "1", others: "2" });
  const rows: [Manifest, boolean][] = [
    [live, true],
    [applied("10", { value: "1", others: "3" }), true],
    [applied("10", { value: "2", others: "2" }), false],
    [applied("11", { value: "1", others: "2" }), false],
    [applied("10", { value: "1", others: "2" }, { "f:value": {}, "f:others": {} }), false],
    [object("1", "10"), false],
  ];
  for (const [answer, isSame] of rows) {
    const { managed, tell } = await start();
    assert.equal(managed.isDoubtful(ref), false, "not there");
    tell({ type: "added", object: live });
    assert.equal(managed.isDoubtful(ref), true);
    assert.equal(managed.adoptSame(answer, "hash"), isSame, JSON.stringify(answer));
    assert.equal(managed.get(KEY)?.baseline?.desiredHash, isSame ? "hash" : undefined);
    assert.equal(managed.isDoubtful(ref), !isSame);
  }
  const { managed, tell } = await start();
  tell({ type: "added", object: object("1", "10") });
  assert.equal(managed.isDoubtful(ref), false, "none of ours");
  assert.equal(managed.adoptSame(object("1", "10"), "hash"), false);
});
