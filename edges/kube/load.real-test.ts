// Many calls against a real kube-apiserver that is small, or that dies in the middle.

import assert from "node:assert/strict";
import { test } from "node:test";
import { dig, Failure, type Manifest } from "@plumbline/core/model";
import { startControlPlane } from "@plumbline/testkit/control-plane";
import { isTooManyRequests } from "./index.ts";
import { clientOf, testClient } from "./testing/clients.ts";

const mine = { fieldManager: "plumbline-test", force: true };

function configMap(namespace: string, i: number): Manifest {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { namespace, name: `c${i}` }, data: { i: String(i) } };
}

test("a server that takes two writes at once gets all of them, at the pace it can keep", async (t) => {
  const flags = ["--enable-priority-and-fairness=false", "--max-mutating-requests-inflight=2"];
  const plane = await startControlPlane({ controllerManagerArgs: false, apiServerArgs: flags });
  t.after(() => plane.stop());
  const { client, records } = clientOf(plane.kubeconfigPath, t);
  const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" };
  const subjects = [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "load" }];
  const binding = {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata: { name: "load" },
  };
  await client.apply({ ...binding, roleRef, subjects }, mine);
  // Members of system:masters are never told to wait, so somebody else asks.
  const as = { impersonate: { user: "load" }, timeoutMs: 120_000 };
  const count = 150;
  const results = await Promise.allSettled(
    Array.from({ length: count }, (_, i) => client.apply(configMap("default", i), { ...mine, ...as })),
  );
  const refusals = records.filter((record) => record.status === 429).length;
  const failed = results.filter((result) => result.status === "rejected");
  t.diagnostic(`${count} applies, ${refusals} refusals, limit ${client.load().limit}, ${failed.length} given up`);
  assert.ok(refusals > 0, "the server did refuse");
  assert.ok(client.load().limit <= 6, `the limit came down to ${client.load().limit}`);
  assert.ok(failed.every((result) => isTooManyRequests(result.reason)));
  assert.equal(failed.length, 0);
  assert.deepEqual([client.load().inFlight, client.load().waiting], [0, 0]);
});

test("a server that is killed under load fails calls by name, and all of them go through afterwards", async (t) => {
  const plane = await startControlPlane({ controllerManagerArgs: false });
  t.after(() => plane.stop());
  const { client } = clientOf(plane.kubeconfigPath, t);
  const all = Array.from({ length: 600 }, (_, i) => configMap("default", i));
  const applyAll = (): Promise<PromiseSettledResult<unknown>[]> =>
    Promise.allSettled(all.map((object) => client.apply(object, mine)));
  const first = applyAll();
  await new Promise((resolve) => setTimeout(resolve, 100));
  await plane.stopApiServer("SIGKILL");
  const failed = (await first).filter((result) => result.status === "rejected");
  for (const { reason } of failed) {
    assert.ok(reason instanceof Failure && reason.reason === "ClusterUnreachable", String(reason));
    assert.ok(reason.hint && reason.message.includes("ConfigMap/default/c"), reason.message);
  }
  t.diagnostic(`${failed.length} of ${all.length} failed at the crash`);
  await plane.startApiServer();
  const second = await applyAll();
  assert.equal(second.filter((result) => result.status === "rejected").length, 0);
  const page = await client.listAll({ group: "", kind: "ConfigMap" }, { namespace: "default" });
  const there = page.items.filter((item) => dig(item, "data", "i") !== undefined);
  assert.equal(there.length, all.length);
  assert.deepEqual([client.load().inFlight, client.load().waiting], [0, 0]);
});

test("small work is not starved by large: its calls take turns with the others'", async (t) => {
  const { client, namespace } = await testClient(t, { concurrency: { start: 4, max: 4, min: 4 } });
  const order: string[] = [];
  const apply = async (i: number, fairKey: string): Promise<void> => {
    await client.apply(configMap(namespace, i), { ...mine, fairKey });
    order.push(fairKey);
  };
  const work = Array.from({ length: 200 }, (_, i) => apply(i, "large"));
  work.push(apply(1000, "small"), apply(1001, "small"));
  await Promise.all(work);
  assert.ok(order.lastIndexOf("small") < 40, `the small work was done after ${order.lastIndexOf("small")} others`);
});

test("a large list and 400 times 4 applies cost little", async (t) => {
  const { client, namespace } = await testClient(t);
  const count = 1600;
  const cpu = async (work: () => Promise<unknown>): Promise<number> => {
    const before = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / count;
  };
  const all = Array.from({ length: count }, (_, i) => configMap(namespace, i));
  const each = await cpu(() => Promise.all(all.map((object) => client.apply(object, mine))));
  const again = await cpu(() => Promise.all(all.map((object) => client.apply(object, mine))));
  const listed = await cpu(() => client.listAll({ group: "", kind: "ConfigMap" }, { namespace }));
  t.diagnostic(
    `CPU per apply ${each.toFixed(0)} us, again ${again.toFixed(0)} us, per listed object ${listed.toFixed(0)} us`,
  );
  assert.ok(again < 1000 && listed < 200);
});
