// Leader election on a real kube-apiserver, with short durations.

import assert from "node:assert/strict";
import { test } from "node:test";
import { dig, digString, type Failure } from "@plumbline/core/model";
import { movableClock } from "@plumbline/testkit/clock";
import { sharedCluster } from "@plumbline/testkit/control-plane";
import { type HeldLease, holdLease, type LeaseOptions, readLeaseHolder } from "../index.ts";
import { clientOf, eventually, testClient } from "../testing/clients.ts";
import { systemClock } from "@plumbline/edges/telemetry";

const realClock = systemClock({ keepsAlive: true });

const durations = { leaseMs: 3000, renewMs: 2000, retryMs: 200 };
const HOUR_MS = 3600 * 1000;
const look = { observeMs: 600, pollMs: 100 };

interface Contender {
  lease: HeldLease;
  lost: Failure[];
  waitedFor: string[];
}

async function contend(
  options: Pick<LeaseOptions, "client" | "namespace" | "identity"> & Partial<LeaseOptions>,
): Promise<Contender> {
  const lost: Failure[] = [];
  const waitedFor: string[] = [];
  const lease = await holdLease({
    clock: realClock,
    name: "leader",
    durations,
    signal: new AbortController().signal,
    onLost: (failure) => void lost.push(failure),
    onWaiting: (holder) => void waitedFor.push(holder),
    ...options,
  });
  return { lease, lost, waitedFor };
}

test("one holds, the other waits; a release hands over without waiting out the lease", async (t) => {
  const { client, namespace } = await testClient(t);
  const at = { client, clock: realClock, namespace, name: "leader", ...look };
  assert.equal((await readLeaseHolder(at)).state, "absent");
  const first = await contend({ client, namespace, identity: "one" });
  assert.equal(first.lease.isHeld(), true);
  assert.deepEqual(await readLeaseHolder(at).then(({ state, holder }) => [state, holder]), ["live", "one"]);
  const waiting = contend({ client, namespace, identity: "two" });
  await new Promise((resolve) => setTimeout(resolve, durations.leaseMs + 500));
  assert.equal(first.lease.isHeld(), true, "renewals keep it");
  const releasedAt = performance.now();
  await first.lease.release();
  assert.equal(first.lease.isHeld(), false);
  const second = await waiting;
  assert.ok(performance.now() - releasedAt < durations.leaseMs, "the handover is quicker than the lease's end");
  assert.deepEqual(second.waitedFor, ["one"]);
  await second.lease.release();
  assert.equal((await readLeaseHolder(at)).state, "released");
  assert.deepEqual([first.lost, second.lost], [[], []]);
  const object = await client.get({
    group: "coordination.k8s.io",
    version: "v1",
    kind: "Lease",
    namespace,
    name: "leader",
  });
  assert.equal(digString(object, "spec", "holderIdentity"), "");
});

for (const hours of [5, -5]) {
  test(`a holder that is cut off knows it before another takes over, whose clock is ${hours} hours off`, async (t) => {
    const { client, namespace } = await testClient(t);
    const cluster = await sharedCluster();
    const doomed = clientOf(cluster.kubeconfigPath, t).client;
    const first = await contend({ client: doomed, namespace, identity: "one" });
    const clock = { ...realClock, now: () => Date.now() + hours * HOUR_MS };
    let heldByBoth = false;
    const waiting = contend({ client, namespace, identity: "two", clock });
    const at = { client, clock: realClock, namespace, name: "leader", ...look };
    await new Promise((resolve) => setTimeout(resolve, 600));
    assert.equal(first.lease.isHeld(), true);
    await doomed.close();
    await eventually(() => first.lost.length === 1, "the loss is told");
    heldByBoth ||= first.lease.isHeld();
    assert.match(first.lost[0]?.message ?? "", /could not be renewed for 2 s/);
    assert.deepEqual(await readLeaseHolder({ ...at, observeMs: 200 }).then(({ holder }) => holder), "one");
    const second = await waiting;
    heldByBoth ||= first.lease.isHeld();
    assert.equal(heldByBoth, false);
    assert.equal(second.lease.isHeld(), true);
    await second.lease.release();
  });
}

test("the holder's wall clock jumps by 7 hours, forth and back twice as far: it holds on, and nobody takes it", async (t) => {
  const { client, namespace } = await testClient(t);
  const clock = movableClock(new Date().toISOString());
  const first = await contend({ client, namespace, identity: "one", clock });
  const stop = new AbortController();
  const waiting = contend({ client, namespace, identity: "two", signal: stop.signal });
  let isStolen = false;
  waiting.then(
    () => (isStolen = true),
    () => undefined, // the end of the test
  );
  const ref = { group: "coordination.k8s.io", version: "v1", kind: "Lease", namespace, name: "leader" };
  const renewedAt = async (): Promise<number> =>
    Date.parse(digString(await client.get(ref), "spec", "renewTime") ?? "") - Date.now();
  for (const [jumpHours, isNow] of [
    [7, 7],
    [-14, -7],
    [7, 0],
  ] as const) {
    clock.jump(jumpHours * HOUR_MS);
    const isNear = async (): Promise<boolean> => Math.abs((await renewedAt()) - isNow * HOUR_MS) < 60_000;
    await eventually(isNear, `a renewal ${isNow} hours off`);
    // Longer than the lease: who does not believe in the renewals would take it.
    await new Promise((resolve) => setTimeout(resolve, durations.leaseMs + 500));
    assert.deepEqual([first.lease.isHeld(), isStolen], [true, false], `${isNow} hours off`);
    await first.lease.confirm();
  }
  const spec = dig(await client.get(ref), "spec");
  assert.deepEqual([digString(spec, "holderIdentity"), dig(spec, "leaseTransitions")], ["one", 0]);
  assert.deepEqual(first.lost, []);
  stop.abort(new Error("stop"));
  await assert.rejects(waiting);
  await first.lease.release();
});

test("a lease that is taken away is lost at once, and the taker is named", async (t) => {
  const { client, namespace } = await testClient(t);
  const held = await contend({ client, namespace, identity: "one" });
  const ref = { group: "coordination.k8s.io", version: "v1", kind: "Lease", namespace, name: "leader" };
  await client.patch(ref, { type: "merge", body: { spec: { holderIdentity: "thief" } } });
  await eventually(() => held.lost.length === 1, "the loss is told");
  assert.match(held.lost[0]?.message ?? "", /thief holds it now/);
  assert.equal(held.lease.isHeld(), false);
  await held.lease.ended;
  const at = { client, clock: realClock, namespace, name: "leader", ...look };
  assert.deepEqual(await readLeaseHolder(at).then(({ state, holder }) => [state, holder]), ["silent", "thief"]);
});

test("the signal ends the waiting; what is held stays held until it is released", async (t) => {
  const { client, namespace } = await testClient(t);
  const stopOne = new AbortController();
  const first = await contend({ client, namespace, identity: "one", signal: stopOne.signal });
  const stopTwo = new AbortController();
  const waiting = contend({ client, namespace, identity: "two", signal: stopTwo.signal });
  const reason = new Error("stop");
  stopTwo.abort(reason);
  await assert.rejects(waiting, reason);
  stopOne.abort(reason);
  await new Promise((resolve) => setTimeout(resolve, durations.renewMs + 300));
  assert.equal(first.lease.isHeld(), true, "the last writes are still covered");
  await first.lease.release();
  const at = { client, clock: realClock, namespace, name: "leader", ...look };
  assert.equal((await readLeaseHolder(at)).state, "released");
});

test("a client that is closed while stopping ends the lease without a word", async (t) => {
  const { namespace } = await testClient(t);
  const cluster = await sharedCluster();
  const { client } = clientOf(cluster.kubeconfigPath, t);
  const stop = new AbortController();
  const held = await contend({ client, namespace, identity: "one", signal: stop.signal });
  stop.abort(new Error("stop"));
  await client.close();
  await held.lease.ended;
  assert.deepEqual([held.lease.isHeld(), held.lost], [false, []]);
});
