// Events that come late: what they say of an object that we have made anew since.

import assert from "node:assert/strict";
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
    sha256: (text) => text,
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
