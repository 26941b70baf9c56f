// Health that changes with time alone: no event tells of it, so the wait looks again by itself.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure, type Manifest } from "@plumbline/core/model";
import { type SteppedClock, steppedClock } from "@plumbline/testkit/clock";
import type { Dialect, Kube, KubeEvent } from "../ports/index.ts";
import { ManagedObjects } from "../watch/managed-objects.ts";
import { NamedObjects } from "../watch/named-objects.ts";
import type { ApplyContext } from "./apply-context.ts";
import { waitForHealth } from "./health-wait.ts";

const TIMEOUT_MS = 600_000;
const pod = { group: "", version: "v1", kind: "Pod", namespace: "site", name: "a" };
const other = { ...pod, name: "b" };
/** Nothing is to be logged. */
const log = { info: assert.fail, error: assert.fail };
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface Bench {
  clock: SteppedClock;
  tell: (event: KubeEvent) => void;
  reads: string[];
  wait: (refs: readonly (typeof pod)[]) => Promise<unknown>;
}

function unschedulable(name: string, created: string, resourceVersion: number): Manifest {
  const metadata = { name, namespace: "site", uid: name, resourceVersion: String(resourceVersion) };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { ...metadata, creationTimestamp: created },
    status: { phase: "Pending", conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable" }] },
  };
}

/** A cluster of which the test tells the events; objects are read as they were told last. */
async function open(): Promise<Bench> {
  const clock = steppedClock(Date.parse("2026-01-01T00:00:00Z"));
  const reads: string[] = [];
  const objects = new Map<string, Manifest>();
  let on = (_event: KubeEvent): void => undefined;
  const kube = {
    watch: (options: { on(event: KubeEvent): void }) => {
      on = (event) => options.on(event);
      return { synced: Promise.resolve(), stop: () => undefined };
    },
    find: async ({ name }: { name: string }) => {
      reads.push(name);
      return objects.get(name);
    },
  } as unknown as Kube; // the rest is not used
  const owner = { kind: "Kustomization", namespace: "site", name: "app" };
  const dialect = {
    ownerSelector: "o",
    managers: { apply: "plumb" },
    ownerOf: () => owner,
  } as unknown as Dialect;
  const onSuspect = (): void => assert.fail("nothing was written");
  const managed = new ManagedObjects({ kube, dialect, clock, log, sha256: (text) => text, override: [], onSuspect });
  const named = new NamedObjects(kube, clock);
  const ready = managed.ensure([pod], {});
  on({ type: "synced" });
  await ready;
  const context = { kube, clock, managed, named, call: {} } as unknown as ApplyContext; // the rest is not used
  return {
    clock,
    reads,
    tell: (event) => {
      if ("object" in event) objects.set(String((event.object.metadata as { name: string }).name), event.object);
      on(event);
    },
    wait: (refs) => {
      const targets = refs.map((ref) => ({ key: `site/${ref.name}//Pod`, ref, mayVanish: false }));
      const over = waitForHealth(targets, context, { timeoutMs: TIMEOUT_MS, reason: "HealthCheckFailed" });
      return over.catch((error: unknown) => error);
    },
  };
}

test("a Pod that cannot be scheduled fails when its time is up, though no event comes, and is read once for that", async () => {
  const { clock, tell, reads, wait } = await open();
  tell({ type: "added", object: unschedulable("a", "2026-01-01T00:00:00Z", 1) });
  const over = wait([pod]);
  await settle();
  clock.advance(14_000);
  await settle();
  assert.deepEqual(reads, []);
  clock.advance(1000);
  const failure = await over;
  assert.ok(failure instanceof Failure);
  assert.match(failure.message, /Pod\/site\/a status: 'Failed': Pod could not be scheduled/);
  assert.deepEqual(reads, ["a"]);
  assert.equal(clock.pending(), 0);
});

test("changes of other objects, however often they come, do not put that off", async () => {
  const { clock, tell, wait } = await open();
  tell({ type: "added", object: unschedulable("a", "2026-01-01T00:00:00Z", 1) });
  tell({ type: "added", object: unschedulable("b", "2026-01-01T01:00:00Z", 2) });
  let ended: unknown;
  const over = wait([pod, other]).then((result) => (ended = result));
  for (let second = 1; second <= 15; second++) {
    await settle();
    clock.advance(1000);
    const phase = second % 2 === 0 ? "Pending" : "Running";
    const object = unschedulable("b", "2026-01-01T01:00:00Z", 2 + second);
    tell({ type: "modified", object: { ...object, status: { ...(object.status as object), phase } } });
  }
  for (let i = 0; i < 5; i++) await settle();
  assert.ok(ended instanceof Failure, "it has failed by now");
  assert.match(ended.message, /Pod\/site\/a status: 'Failed'/);
  await over;
});
