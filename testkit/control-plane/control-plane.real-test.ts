// The control plane itself: versions, access, restarts, audit, and that nothing outlives whoever started it.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { type JsonValue, dig, digString } from "@plumbline/core/model";
import { corpusTest } from "@plumbline/testkit/corpus";
import { kubectlBinary } from "@plumbline/testkit/go";
import {
  type ControlPlane,
  apiRequest,
  countRequests,
  serviceAccountToken,
  startControlPlane,
  withNamespace,
} from "./index.ts";

const run = promisify(execFile);

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function until(isTrue: () => boolean | Promise<boolean>, timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await isTrue())) {
    if (performance.now() > deadline) assert.fail(`not so within ${timeoutMs} ms: ${isTrue.toString()}`);
    await sleep(50);
  }
}

test("a control plane answers, restarts, counts requests and leaves nothing behind", async (t) => {
  const plane = await startControlPlane({ audit: true });
  t.after(() => plane.stop());

  await t.test("it is the version we say, for kubectl too", async () => {
    const version = (await apiRequest(plane, { path: "/version" })).json();
    assert.equal(digString(version, "gitVersion"), "v1.36.3");
    const args = ["--kubeconfig", plane.kubeconfigPath, "version", "-o", "json"];
    const { stdout } = await run(await kubectlBinary(), args);
    const said = JSON.parse(stdout) as Record<string, { gitVersion: string }>;
    assert.equal(said["clientVersion"]?.gitVersion, "v1.36.3");
    assert.equal(said["serverVersion"]?.gitVersion, "v1.36.3");
  });

  await t.test("strangers get 401, a ServiceAccount gets what RBAC gives it", async (t) => {
    assert.equal((await apiRequest(plane, { path: "/api/v1/namespaces", token: "guess" })).status, 401);
    const namespace = await withNamespace(plane, t);
    const token = await serviceAccountToken(plane, namespace, "reader");
    const path = `/api/v1/namespaces/${namespace}/configmaps`;
    assert.equal((await apiRequest(plane, { path, token })).status, 403);
    const subject = { kind: "ServiceAccount", name: "reader", namespace };
    const body = {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "RoleBinding",
      metadata: { name: "reader" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" },
      subjects: [subject],
    };
    const bindings = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/rolebindings`;
    assert.equal((await apiRequest(plane, { method: "POST", path: bindings, body })).status, 201);
    await until(async () => (await apiRequest(plane, { path, token })).status === 200, 5000);
  });

  await t.test("controllers run: a Deployment gets its ReplicaSet, and a deleted owner takes it along", async (t) => {
    const namespace = await withNamespace(plane, t);
    const apps = `/apis/apps/v1/namespaces/${namespace}`;
    const labels = { app: "web" };
    const body = {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "web" },
      spec: {
        replicas: 0,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name: "web", image: "web:1" }] } },
      },
    };
    const path = `${apps}/deployments/web?fieldManager=test&force=true`;
    assert.equal((await apiRequest(plane, { method: "PATCH", path, body })).status, 201);
    const replicaSets = async (): Promise<number> => {
      const items = dig((await apiRequest(plane, { path: `${apps}/replicasets` })).json(), "items");
      return Array.isArray(items) ? items.length : -1;
    };
    await until(async () => (await replicaSets()) === 1, 10_000);
    await apiRequest(plane, { method: "DELETE", path: `${apps}/deployments/web` });
    await until(async () => (await replicaSets()) === 0, 30_000);
  });

  await t.test("the audit log tells who asked for what", async () => {
    await plane.audit?.skip();
    await apiRequest(plane, { path: "/api/v1/namespaces/default/configmaps" });
    const body = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "audited" } };
    const path = "/api/v1/namespaces/default/configmaps/audited?fieldManager=test&dryRun=All";
    await apiRequest(plane, { method: "PATCH", path, body });
    const events = await plane.audit?.read({ username: "admin", namespace: "default" });
    assert.deepEqual(
      countRequests(events ?? []).sort((a, b) => (a.verb < b.verb ? -1 : 1)),
      [
        { verb: "list", resource: "configmaps", dryRun: false, count: 1 },
        { verb: "patch", resource: "configmaps", dryRun: true, count: 1 },
      ],
    );
  });

  await t.test("the API server crashes and comes back at the same address with the same objects", async () => {
    const before = plane.pids().apiServer;
    await plane.stopApiServer();
    await assert.rejects(apiRequest(plane, { path: "/readyz" }), { code: "ECONNREFUSED" });
    await plane.startApiServer();
    assert.notEqual(plane.pids().apiServer, before);
    assert.equal((await apiRequest(plane, { path: "/api/v1/namespaces/default" })).status, 200);
    assert.match(await plane.metrics(), /^apiserver_request_total\{/m);
  });

  await t.test("stopped, its processes and its folder are gone", async () => {
    const pids = Object.values(plane.pids());
    assert.equal(pids.every(isAlive), true);
    await plane.stop();
    assert.equal(pids.some(isAlive), false);
    assert.equal(existsSync(dirname(plane.kubeconfigPath)), false);
  });
});

for (const how of ["killed", "ended with its whole group"] as const) {
  test(`a control plane dies with its parent when that is ${how}, and its folder goes too`, { timeout: 120_000 }, (t) =>
    diesWithItsParent(t, (pid) => (how === "killed" ? process.kill(pid, "SIGKILL") : process.kill(-pid, "SIGTERM"))),
  );
}

async function diesWithItsParent(t: TestContext, end: (pid: number) => boolean): Promise<void> {
  const script = `
    import { startControlPlane } from "@plumbline/testkit/control-plane";
    const plane = await startControlPlane({ controllerManagerArgs: false });
    console.log(JSON.stringify({ pids: Object.values(plane.pids()), file: plane.kubeconfigPath }));
    setInterval(() => undefined, 1000);
  `;
  const parent = spawn(process.execPath, ["--input-type=module", "-e", script], {
    cwd: import.meta.dirname,
    stdio: ["ignore", "pipe", "inherit"],
    detached: true,
  });
  t.after(() => parent.kill("SIGKILL"));
  const [line] = (await once(parent.stdout.setEncoding("utf8"), "data")) as [string];
  const { pids, file } = JSON.parse(line) as { pids: number[]; file: string };
  assert.equal(pids.length, 2);
  assert.equal(pids.every(isAlive) && existsSync(file), true);
  end(parent.pid ?? 0);
  await until(() => !pids.some(isAlive), 5000);
  await until(() => !existsSync(dirname(file)), 10_000);
}

test("a flag the API server does not know comes back as a Failure with its words", async () => {
  const start = (): Promise<ControlPlane> => startControlPlane({ apiServerArgs: ["--no-such-flag"] });
  await assert.rejects(start, {
    name: "Failure",
    reason: "ClusterUnreachable",
    message: /unknown flag: --no-such-flag/,
  });
});

corpusTest(
  "flux-cluster/etcd-data.tar.zst",
  "a control plane starts on the etcd of another cluster",
  async (path, t) => {
    const plane = await startControlPlane({ etcdData: path });
    t.after(() => plane.stop());
    const answer = await apiRequest(plane, { path: "/apis/kustomize.toolkit.fluxcd.io/v1/kustomizations" });
    const items = dig(answer.json(), "items") as JsonValue[];
    const names = items.map((item) => digString(item, "metadata", "name"));
    assert.deepEqual(names, [
      "contoso3-stockholm-infra",
      "contoso3-stockholm-sets",
      "fleet-0",
      "fleet-1",
      "fleet-broken",
      "fleet-suspended",
      "ipc-platform-config-workloads",
    ]);
  },
);
