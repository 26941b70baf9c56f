// Who leads: two that start at once, a leader that dies, one that loses its lease in the middle of its work.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { digString, type Failure, type Manifest, type ObjectRef } from "@plumbline/core/model";
import { connect, type KubeClient, loadKubeconfig, type RequestRecord } from "@plumbline/edges/kube";
import { systemClock } from "@plumbline/edges/telemetry";
import { sharedCluster, withNamespace } from "@plumbline/testkit/control-plane";
import { withRequests } from "./faults/testing/requests.ts";
import { leaderOnly } from "./leader-only.ts";
import { type Leadership, takeLeadership } from "./leadership.ts";
import { startOperator } from "./start-operator.ts";
import { findConfigMap } from "./testing/config-map.ts";
import { eventually } from "./testing/eventually.ts";
import { configMap } from "./testing/manifests.ts";
import { openSite, type Site } from "./testing/site.ts";

const clock = systemClock({ keepsAlive: true });
const durations = { leaseMs: 3000, renewMs: 2000, retryMs: 200 };
const quiet = { info: () => undefined, error: () => undefined };
const OWN = "plumbline-leader-election";

function leaseRef(namespace: string, name = OWN): ObjectRef {
  return { group: "coordination.k8s.io", version: "v1", kind: "Lease", namespace, name };
}

interface Contender {
  client: KubeClient;
  requests: RequestRecord[];
  waits: string[];
  lost: Failure[];
  leading: Promise<Leadership>;
}

async function contend(t: TestContext, namespace: string): Promise<Contender> {
  const { kubeconfigPath } = await sharedCluster();
  const requests: RequestRecord[] = [];
  const client = connect(loadKubeconfig({ path: kubeconfigPath, env: {} }), {
    clock,
    userAgent: "plumbline-test/0",
    onRequest: (record) => void requests.push(record),
  });
  const stop = new AbortController();
  t.after(async () => {
    stop.abort(new Error("the test is over"));
    await client.close();
  });
  const waits: string[] = [];
  const lost: Failure[] = [];
  const leading = takeLeadership({
    client,
    clock,
    namespace,
    durations,
    signal: stop.signal,
    log: { ...quiet, info: (_message, fields) => void waits.push(String(fields?.["lease"])) },
    onLost: (failure) => void lost.push(failure),
  });
  leading.catch(() => undefined); // the one that never leads ends with the test
  return { client, requests, waits, lost, leading };
}

test("of two that start at once one leads and the other waits; when the leader is cut off, the other takes over and both never lead together", async (t) => {
  const namespace = await withNamespace(await sharedCluster(), t, "lead");
  const both = await Promise.all([contend(t, namespace), contend(t, namespace)]);
  const first = await Promise.race(both.map(async (one) => ({ one, leadership: await one.leading })));
  const other = both.find((one) => one !== first.one) ?? both[0];
  await eventually("the other waits", () => other.waits.includes(OWN));
  assert.equal(first.leadership.isHeld(), true);
  await first.leadership.confirm();
  await first.one.client.close();
  await eventually("the loss is known", () => first.one.lost.length === 1);
  assert.equal(first.leadership.isHeld(), false, "it knows before the other can lead");
  const next = await other.leading;
  assert.deepEqual([first.leadership.isHeld(), next.isHeld()], [false, true]);
  await assert.rejects(first.leadership.confirm(), /is lost/);
  assert.equal(first.one.lost.length, 1, "the loss is told once");
  await next.release();
});

test("leases that another Plumbline holds are looked at once, not watched for seconds", async (t) => {
  const namespace = await withNamespace(await sharedCluster(), t, "lead");
  const first = await contend(t, namespace);
  const leadership = await first.leading;
  const second = await contend(t, namespace);
  await eventually("it waits", () => second.waits.length > 0);
  const looks = second.requests.filter(({ verb, resource }) => verb === "get" && resource === "leases");
  // Each once, and each again in its turn to be taken; to watch Flux's two for 12 s would take 14 looks first.
  assert.ok(looks.length < 14, `${looks.length} looks`);
  await leadership.release();
  await (await second.leading).release();
});

interface Led {
  site: Site;
  lost: Failure[];
  /** Takes the lease as another process would. */
  steal(): Promise<unknown>;
  giveBack(): Promise<unknown>;
  leadership(): Leadership;
  /** Called before each write of the operator, before it is checked. */
  beforeWrite: (label: string) => Promise<void>;
}

async function openLed(t: TestContext): Promise<Led> {
  const lost: Failure[] = [];
  const stop = new AbortController();
  t.after(async () => stop.abort(new Error("the test is over")));
  let leadership: Leadership | undefined;
  const led = { lost, beforeWrite: async (_label: string) => undefined } as unknown as Led; // the rest follows
  const site = await openSite(t, {
    wrap: async (client, namespace) => {
      const onLost = (failure: Failure): void => void lost.push(failure);
      const { signal } = stop;
      leadership = await takeLeadership({ client, clock, namespace, log: quiet, signal, durations, onLost });
      return withRequests(leaderOnly(client, leadership, clock), async (label, when) => {
        if (when === "before") await led.beforeWrite(label);
      });
    },
  });
  const take = (holderIdentity: string): Promise<Manifest> =>
    site.client.patch(leaseRef(site.namespace), { type: "merge", body: { spec: { holderIdentity } } });
  return Object.assign(led, {
    site,
    steal: () => take("plumbline_thief"),
    giveBack: () => take(""),
    leadership: () => leadership as Leadership, // the site is open only when it leads
  });
}

test("a lease that is taken in mid-apply stops the writer; the next leader does the work", async (t) => {
  const led = await openLed(t);
  const { site } = led;
  const names = ["a", "b", "c", "d", "e", "f"];
  let stolen: Promise<void> | undefined;
  const steal = async (): Promise<void> => {
    await led.steal();
    await eventually("the loss is known", () => !led.leadership().isHeld());
  };
  led.beforeWrite = async (label) => {
    if (label.startsWith("apply ConfigMap")) await (stolen ??= steal());
  };
  const files = names.map((name) => [`app/${name}.yaml`, configMap(name, site.namespace)]);
  const commit = await site.repository.commit(Object.fromEntries(files), { message: "six" });
  await site.source("fleet");
  await site.kustomization("app", { path: "./app" });
  await eventually("the run ends", () => site.events.some((event) => event.type === "delivery-ended"));
  assert.match(led.lost[0]?.message ?? "", /plumbline_thief holds it now/);
  for (const name of names)
    assert.equal(await findConfigMap(site, name), undefined, `${name} was written without the lease`);
  led.beforeWrite = async () => undefined;
  await led.giveBack();
  await site.restart();
  await site.applied("app", commit);
});

test("pruning asks the API server whose the lease is: one that was taken a moment ago deletes nothing", async (t) => {
  const led = await openLed(t);
  const { site } = led;
  const first = await site.repository.commit(
    { "app/a.yaml": configMap("a", site.namespace), "app/b.yaml": configMap("b", site.namespace) },
    { message: "two" },
  );
  await site.source("fleet");
  await site.kustomization("app", { path: "./app" });
  await site.applied("app", first);
  let held: boolean | undefined;
  led.beforeWrite = async (label) => {
    if (!label.startsWith("delete ConfigMap") || held !== undefined) return;
    await led.steal();
    held = led.leadership().isHeld();
  };
  await site.repository.commit({ "app/b.yaml": null }, { message: "one" });
  await eventually("the loss is known", () => led.lost.length === 1);
  assert.equal(held, true, "nothing but the question could tell");
  await eventually("the run fails", () =>
    site.events.some((event) => event.type === "delivery-ended" && event.outcome.kind === "failed"),
  );
  assert.ok(await findConfigMap(site, "b"), "deleted without the lease");
  const object = await site.get("Kustomization", "app");
  assert.match(digString(object, "status", "lastAppliedRevision") ?? "", new RegExp(`${first}$`));
});

test("two operators that nothing keeps apart apply the same, and write nothing twice", async (t) => {
  const site = await openSite(t);
  const { kubeconfigPath } = await sharedCluster();
  const client = connect(loadKubeconfig({ path: kubeconfigPath, env: {} }), { clock, userAgent: "plumbline-test/0" });
  const cacheDirectory = await mkdtemp(join(tmpdir(), "plumb-second-"));
  const second = await startOperator({
    client,
    cacheDirectory,
    clock,
    log: quiet,
    artifacts: { port: 0 },
    engine: { namespace: site.namespace },
  });
  t.after(async () => {
    await second.stop();
    await client.close();
    await rm(cacheDirectory, { recursive: true, force: true });
  });
  const commit = await site.repository.commit(
    { "app/a.yaml": configMap("a", site.namespace), "app/b.yaml": configMap("b", site.namespace) },
    { message: "one" },
  );
  await site.source("fleet");
  await site.kustomization("app", { path: "./app" });
  await site.applied("app", commit);
  const before = await findConfigMap(site, "a");
  const next = await site.repository.commit(
    { "app/b.yaml": configMap("b", site.namespace, "2"), "app/c.yaml": configMap("c", site.namespace) },
    { message: "two" },
  );
  await site.applied("app", next);
  await eventually("both are at the same commit", () =>
    [site.operator, second].every(({ engine }) =>
      engine.deliveries.get(`${site.namespace}/app`)?.applied?.revision.resolved.revision.endsWith(next),
    ),
  );
  assert.equal(digString((await findConfigMap(site, "b")) ?? {}, "data", "value"), "2");
  assert.ok(await findConfigMap(site, "c"));
  const after = await findConfigMap(site, "a");
  const mark = (object: Manifest = {}): unknown[] => [
    digString(object, "metadata", "uid"),
    digString(object, "metadata", "resourceVersion"),
  ];
  assert.deepEqual(mark(after), mark(before), "written again, or made anew");
});
