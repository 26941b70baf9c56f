// The operator with exactly the rights that the installation gives it, on a real API server with RBAC.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { dig, digString, formatRef, isObject, type JsonObject, type Manifest, refOf } from "@plumbline/core/model";
import { installManifests } from "../../apps/cli/install/install-manifests.ts";
import { apiRequest, type Cluster, serviceAccountToken, startControlPlane } from "@plumbline/testkit/control-plane";
import { startTestGitServer } from "@plumbline/testkit/git-server";

const namespace = "flux-system";
const checkout = join(import.meta.dirname, "..", "..");
const readyWithinMs = 60_000;

const groups: Record<string, string> = {
  Namespace: "api/v1/namespaces",
  ServiceAccount: "api/v1/serviceaccounts",
  Service: "api/v1/services",
  Secret: "api/v1/secrets",
  ClusterRole: "apis/rbac.authorization.k8s.io/v1/clusterroles",
  ClusterRoleBinding: "apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
  Role: "apis/rbac.authorization.k8s.io/v1/roles",
  RoleBinding: "apis/rbac.authorization.k8s.io/v1/rolebindings",
  CustomResourceDefinition: "apis/apiextensions.k8s.io/v1/customresourcedefinitions",
  NetworkPolicy: "apis/networking.k8s.io/v1/networkpolicies",
  GitRepository: "apis/source.toolkit.fluxcd.io/v1/gitrepositories",
  Kustomization: "apis/kustomize.toolkit.fluxcd.io/v1/kustomizations",
};

function pathOf(manifest: Manifest): string {
  const { kind, namespace: place, name } = refOf(manifest);
  const path = groups[kind] ?? "";
  const slash = path.lastIndexOf("/");
  const scoped = place === "" ? path : `${path.slice(0, slash)}/namespaces/${place}${path.slice(slash)}`;
  return `/${scoped}/${name}`;
}

async function apply(cluster: Cluster, manifest: Manifest): Promise<void> {
  const path = `${pathOf(manifest)}?fieldManager=admin&force=true`;
  for (let tries = 0; ; tries++) {
    const answer = await apiRequest(cluster, { method: "PATCH", path, body: manifest });
    if (answer.status < 300) return;
    assert.ok(answer.status === 404 && tries < 100, `${formatRef(refOf(manifest))}: ${answer.text}`);
    await sleep(50); // the definition is not served yet
  }
}

function binding(name: string, role: string, place: string, account: string): Manifest {
  return {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    metadata: { name, namespace: place },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role },
    subjects: [{ kind: "ServiceAccount", name: account, namespace }],
  };
}

/** What an administrator sets up: a namespace for a tenant, and an account with rights in it alone. */
function tenant(): Manifest[] {
  return [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: "line" } },
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "applier", namespace } },
    binding("applier", "admin", "line", "applier"),
    { apiVersion: "v1", kind: "Secret", metadata: { name: "site", namespace }, stringData: { site: "hall-a" } },
    { apiVersion: "v1", kind: "Secret", metadata: { name: "login", namespace }, stringData: { bearerToken: "t0ken" } },
  ];
}

function objects(url: string): Manifest[] {
  const kustomization = (name: string, path: string): Manifest => ({
    apiVersion: "kustomize.toolkit.fluxcd.io/v1",
    kind: "Kustomization",
    metadata: { name, namespace },
    spec: {
      interval: "10m",
      timeout: "30s",
      prune: true,
      path,
      sourceRef: { kind: "GitRepository", name: "fleet" },
      serviceAccountName: "applier",
      postBuild: { substituteFrom: [{ kind: "Secret", name: "site" }] },
    },
  });
  return [
    {
      apiVersion: "source.toolkit.fluxcd.io/v1",
      kind: "GitRepository",
      metadata: { name: "fleet", namespace },
      spec: { url, interval: "1m", ref: { branch: "main" }, secretRef: { name: "login" } },
    },
    kustomization("allowed", "./allowed"),
    kustomization("denied", "./denied"),
  ];
}

const files = {
  "allowed/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: line}\ndata: {site: '${site}'}\n",
  "denied/b.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b, namespace: default}\n",
};

function startOperator(cluster: Cluster, token: string, work: string): { child: ChildProcess; log: () => string } {
  const kubeconfig = join(work, "kubeconfig");
  const user = { name: "u", user: { token } };
  const server = { server: cluster.url, "certificate-authority-data": Buffer.from(cluster.caPem).toString("base64") };
  const config = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "c",
    clusters: [{ name: "c", cluster: server }],
    users: [user],
    contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
  };
  writeFileSync(kubeconfig, JSON.stringify(config));
  const free = ["--storage-addr", "--metrics-addr", "--health-addr"].flatMap((flag) => [flag, "127.0.0.1:0"]);
  const args = ["apps/cli/plumb.ts", "run", "--kubeconfig", kubeconfig, "--storage-path", join(work, "cache"), ...free];
  const child = spawn(process.execPath, args, { cwd: checkout });
  child.stdin.end();
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (part: Buffer) => (text += part.toString()));
  return { child, log: () => text };
}

async function readyCondition(cluster: Cluster, manifest: Manifest): Promise<JsonObject | undefined> {
  const answer = await apiRequest(cluster, { path: pathOf(manifest) });
  const conditions = answer.status === 200 ? dig(answer.json(), "status", "conditions") : undefined;
  const found = Array.isArray(conditions) ? conditions.filter(isObject) : [];
  const ready = found.find((condition) => condition.type === "Ready" && condition.status !== "Unknown");
  // The API server serves definitions that were made a moment ago only after a while.
  const isWaiting = /before the maintenance windows are read/u.test(digString(ready, "message") ?? "");
  return isWaiting ? undefined : ready;
}

async function untilGone(cluster: Cluster, path: string, log: () => string): Promise<void> {
  const started = performance.now();
  while ((await apiRequest(cluster, { path })).status !== 404) {
    assert.ok(performance.now() - started < readyWithinMs, `${path} is still there\n${log()}`);
    await sleep(100);
  }
}

test("the installed rights are enough, and what a tenant may not do is not done for it", async (t) => {
  const cluster = await startControlPlane();
  t.after(() => cluster.stop());
  const git = await startTestGitServer();
  t.after(() => git.close());
  git.credentials = { bearerToken: "t0ken" };
  const work = mkdtempSync(join(tmpdir(), "plumbline-rights-"));
  t.after(() => rmSync(work, { recursive: true, force: true }));
  const repository = await git.create("fleet", files);
  const skipped = new Set(["Deployment"]);
  const installed = installManifests({ rights: "impersonate" }).filter((each) => !skipped.has(each.kind as string));
  const [source, allowed, denied] = objects(repository.url);
  assert.ok(source && allowed && denied);
  for (const manifest of [...installed, ...tenant(), source, allowed, denied]) await apply(cluster, manifest);

  const { child, log } = startOperator(cluster, await serviceAccountToken(cluster, namespace, "plumbline"), work);
  t.after(() => child.kill("SIGKILL"));
  const ended = new Map<Manifest, JsonObject>();
  for (const started = performance.now(); ended.size < 3; await sleep(100)) {
    assert.ok(performance.now() - started < readyWithinMs && child.exitCode === null, log());
    for (const manifest of [source, allowed, denied]) {
      const condition = await readyCondition(cluster, manifest);
      if (condition) ended.set(manifest, condition);
    }
  }

  assert.equal(ended.get(source)?.status, "True", log());
  assert.equal(ended.get(allowed)?.status, "True", log());
  const applied = (await apiRequest(cluster, { path: "/api/v1/namespaces/line/configmaps/a" })).json();
  assert.equal(digString(applied, "data", "site"), "hall-a");
  const intents = `/api/v1/namespaces/${namespace}/configmaps/plumbline-intents`;
  assert.equal((await apiRequest(cluster, { path: intents })).status, 200, "what it was about to create was noted");
  assert.equal(ended.get(denied)?.status, "False");
  assert.match(digString(ended.get(denied), "message") ?? "", /forbidden/u);
  assert.match(digString(ended.get(denied), "message") ?? "", /system:serviceaccount:flux-system:applier/u);
  assert.equal((await apiRequest(cluster, { path: "/api/v1/namespaces/default/configmaps/b" })).status, 404);

  await apiRequest(cluster, { method: "DELETE", path: pathOf(allowed) });
  await untilGone(cluster, pathOf(allowed), log);
  await untilGone(cluster, "/api/v1/namespaces/line/configmaps/a", log);
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  await exited;
  const refusals = log()
    .split("\n")
    .filter((line) => /forbidden/u.test(line) && !/flux-system:applier/u.test(line));
  assert.deepEqual(refusals, [], "the operator's own requests were all allowed");
});
