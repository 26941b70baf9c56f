// The floor really does what it says: objects exist, status is written, dry-runs write nothing, refusals are told.

import assert from "node:assert/strict";
import { test } from "node:test";
import { dig, digString } from "@plumbline/core/model";
import { apiRequest, sharedCluster, withNamespace } from "@plumbline/testkit/control-plane";
import { type FloorApp, applyScript, sendFloor } from "./index.ts";

/** An app of one ConfigMap, reported in the status of the namespace: no custom resource is needed to try it. */
function app(namespace: string, name: string): FloorApp {
  const manifest = { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace }, data: { name } };
  const condition = {
    type: name,
    status: "True",
    reason: "Floor",
    message: "",
    lastTransitionTime: "2026-01-01T00:00:00Z",
  };
  return {
    objects: [{ path: `/api/v1/namespaces/${namespace}/configmaps/${name}`, manifest }],
    delivery: { path: `/api/v1/namespaces/${namespace}`, namespace, name, status: { conditions: [condition] } },
  };
}

async function configMaps(namespace: string): Promise<string[]> {
  const cluster = await sharedCluster();
  const items = dig(
    (await apiRequest(cluster, { path: `/api/v1/namespaces/${namespace}/configmaps` })).json(),
    "items",
  );
  const names = Array.isArray(items) ? items.map((item) => digString(item, "metadata", "name") ?? "") : [];
  return names.filter((name) => name !== "kube-root-ca.crt");
}

test("sendFloor() applies each object and writes each status once", async (t) => {
  const cluster = await sharedCluster();
  const namespace = await withNamespace(cluster, t, "floor");
  const scripts = ["a", "b", "c"].map((name) => applyScript(app(namespace, name)));
  const result = await sendFloor({ cluster, scripts, concurrency: 2 });
  assert.equal(result.requests, 6);
  assert.deepEqual(result.answers, { "PATCH 201": 3, "PATCH 200": 3 });
  assert.deepEqual(await configMaps(namespace), ["a", "b", "c"]);
  assert.ok(result.seconds > 0);
});

test("sendFloor() with dry-runs, a finalizer and events sends them too", async (t) => {
  const cluster = await sharedCluster();
  const namespace = await withNamespace(cluster, t, "floor");
  const script = applyScript({ ...app(namespace, "a"), dryRuns: true });
  const dryRunsOnly = script.slice(0, 1);
  assert.deepEqual((await sendFloor({ cluster, scripts: [dryRunsOnly], concurrency: 1 })).answers, { "PATCH 201": 1 });
  assert.deepEqual(await configMaps(namespace), []);
  const { delivery, objects } = app(namespace, "a");
  const onConfigMap = { ...delivery, path: objects[0]?.path ?? "" };
  await sendFloor({ cluster, scripts: [applyScript(app(namespace, "a"))], concurrency: 1 });
  const all = applyScript({ objects, delivery: onConfigMap, dryRuns: true, finalizerAndEvents: true });
  const withoutStatus = all.filter(([request]) => !request?.path.includes("/status?"));
  const { answers } = await sendFloor({ cluster, scripts: [withoutStatus], concurrency: 1 });
  assert.deepEqual(answers, { "PATCH 200": 3, "POST 201": 2 });
  t.after(async () => {
    const body = { metadata: { finalizers: null } };
    const contentType = "application/merge-patch+json";
    await apiRequest(cluster, { method: "PATCH", path: onConfigMap.path, contentType, body });
  });
});

test("sendFloor() stops at a refusal and tells the API server's words", async (t) => {
  const cluster = await sharedCluster();
  const namespace = await withNamespace(cluster, t, "floor");
  const script = applyScript(app(namespace, "Not_A_Name"));
  const sending = sendFloor({ cluster, scripts: [script], concurrency: 1 });
  await assert.rejects(sending, { name: "Failure", reason: "Internal", message: /was answered 422: .*Not_A_Name/ });
  const nobody = { ...cluster, url: "https://127.0.0.1:1" };
  await assert.rejects(sendFloor({ cluster: nobody, scripts: [script], concurrency: 1 }), {
    reason: "ClusterUnreachable",
  });
});
