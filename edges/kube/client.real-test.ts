// Every verb against a real kube-apiserver.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { digString, dig, Failure, type Manifest, refOf } from "@plumbline/core/model";
import { apiRequest, serviceAccountToken, sharedCluster } from "@plumbline/testkit/control-plane";
import { kubectlBinary } from "@plumbline/testkit/go";
import {
  apiStatus,
  connect,
  isAlreadyExists,
  isConflict,
  isForbidden,
  isInvalid,
  isKindUnknown,
  isNotFound,
  isUnauthorized,
  isUnreachable,
  loadKubeconfig,
} from "./index.ts";
import { eventually, testClient } from "./testing/clients.ts";
import { systemClock } from "@plumbline/edges/telemetry";

const realClock = systemClock({ keepsAlive: true });

const mine = { fieldManager: "plumbline-test" };

function configMap(namespace: string, name: string, data: Record<string, string> = {}): Manifest {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { namespace, name }, data };
}

async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const thrown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(thrown instanceof Failure, `a Failure was expected, not ${String(thrown)}`);
  return thrown;
}

test("an object goes through create, get, update, patch and delete", async (t) => {
  const { client, namespace, records } = await testClient(t);
  const created = await client.create(configMap(namespace, "a", { k: "1" }));
  const ref = refOf(created);
  assert.equal(digString(await client.get(ref), "data", "k"), "1");
  assert.ok(isAlreadyExists(await failureOf(client.create(configMap(namespace, "a")))));
  const updated = await client.update({ ...created, data: { k: "2" } });
  assert.equal(digString(updated, "data", "k"), "2");
  assert.ok(isConflict(await failureOf(client.update({ ...created, data: { k: "3" } }))));
  const merged = await client.patch(ref, { type: "merge", body: { data: { m: "1" } } });
  assert.deepEqual(merged["data"], { k: "2", m: "1" });
  const patch = [
    { op: "test", path: "/data/k", value: "2" },
    { op: "remove", path: "/data/m" },
  ];
  assert.deepEqual((await client.patch(ref, { type: "json", body: patch }))["data"], { k: "2" });
  const strategic = await client.patch(ref, { type: "strategic", body: { metadata: { labels: { a: "b" } } } });
  assert.equal(digString(strategic, "metadata", "labels", "a"), "b");
  const partial = await client.get(ref, { metadataOnly: true });
  assert.deepEqual([partial["kind"], partial["data"]], ["ConfigMap", undefined]);
  assert.equal(await client.delete(ref, { dryRun: true }), undefined);
  assert.ok(await client.find(ref), "a dry-run deletes nothing");
  const stale = { preconditions: { uid: "00000000-0000-0000-0000-000000000000" } };
  assert.ok(isConflict(await failureOf(client.delete(ref, stale))));
  assert.equal(await client.delete(ref, { propagationPolicy: "Background" }), undefined);
  assert.equal(await client.find(ref), undefined);
  assert.ok(isNotFound(await failureOf(client.get(ref))));
  const verbs = records.filter((record) => record.resource === "configmaps").map((record) => record.verb);
  assert.deepEqual(new Set(verbs), new Set(["create", "get", "update", "patch", "delete"]));
  assert.ok(records.every((record) => record.durationMs >= 0 && record.status > 0));
  assert.equal(records.filter((record) => record.dryRun).length, 1);
});

test("an object with a finalizer is answered by delete as long as it is there", async (t) => {
  const { client, namespace } = await testClient(t);
  const object = configMap(namespace, "held");
  Object.assign(dig(object, "metadata") ?? {}, { finalizers: ["plumbline.test/hold"] });
  const ref = refOf(await client.create(object));
  assert.ok(digString(await client.delete(ref), "metadata", "deletionTimestamp"));
  await client.patch(ref, { type: "merge", body: { metadata: { finalizers: null } } });
  assert.equal(await client.find(ref), undefined);
});

test("apply() creates, keeps the version of what does not change, and reports conflicts by field and manager", async (t) => {
  const { client, namespace } = await testClient(t);
  const first = await client.apply(configMap(namespace, "a", { k: "1" }), mine);
  assert.equal(first.created, true);
  const again = await client.apply(configMap(namespace, "a", { k: "1" }), mine);
  assert.equal(again.created, false);
  const version = (object: Manifest): string => digString(object, "metadata", "resourceVersion") ?? "";
  assert.equal(version(again.object), version(first.object));
  const dry = await client.apply(configMap(namespace, "a", { k: "2" }), { ...mine, dryRun: true });
  assert.equal(digString(dry.object, "data", "k"), "2");
  assert.equal(digString(await client.get(refOf(first.object)), "data", "k"), "1");
  const conflict = await failureOf(client.apply(configMap(namespace, "a", { k: "3" }), { fieldManager: "other" }));
  assert.ok(isConflict(conflict));
  assert.equal(conflict.where?.field, "data.k");
  assert.match(apiStatus(conflict)?.causes[0]?.message ?? "", /plumbline-test/);
  const forced = await client.apply(configMap(namespace, "a", { k: "3" }), { fieldManager: "other", force: true });
  assert.equal(digString(forced.object, "data", "k"), "3");
  const partial = await client.apply(configMap(namespace, "a", { k: "3" }), {
    fieldManager: "other",
    metadataOnly: true,
  });
  assert.equal(version(partial.object), version(forced.object));
  assert.deepEqual([partial.object["kind"], partial.object["data"]], ["ConfigMap", undefined]);
});

test("a refused object names its field; an unknown field is an error or a warning as asked", async (t) => {
  const { client, namespace } = await testClient(t);
  const bad = { ...configMap(namespace, "a"), apiVersion: "apps/v1", kind: "Deployment", spec: { replicas: -1 } };
  delete (bad as Manifest)["data"];
  const invalid = await failureOf(client.apply(bad, mine));
  assert.ok(isInvalid(invalid));
  assert.equal(invalid.reason, "ReconciliationFailed");
  assert.ok((apiStatus(invalid)?.causes.length ?? 0) >= 2);
  assert.match(invalid.where?.field ?? "", /^spec\./);
  const unknown = { ...configMap(namespace, "b"), surprise: 1 };
  assert.ok(isInvalid(await failureOf(client.create(unknown, { fieldValidation: "Strict" }))));
  const created = await client.create(unknown, { fieldValidation: "Warn" });
  assert.equal(created["surprise"], undefined);
});

test("warnings of the server are handed on", async (t) => {
  const { client, namespace } = await testClient(t);
  const applied = await client.apply(
    { apiVersion: "v1", kind: "Endpoints", metadata: { namespace, name: "old" } },
    mine,
  );
  assert.match(applied.warnings.join(), /Endpoints is deprecated/);
});

test("no message tells what a Secret holds", async (t) => {
  const { client, namespace } = await testClient(t);
  const value = "not-base64-but-very-secret";
  const secret = { apiVersion: "v1", kind: "Secret", metadata: { namespace, name: "s" }, data: { password: value } };
  const tries = [
    () => client.apply(secret, mine),
    () => client.create(secret),
    () => client.create({ ...secret, data: { "bad key": "c2VjcmV0" } }),
    () => client.create({ ...secret, data: {}, type: "kubernetes.io/tls", stringData: { "tls.crt": value } }),
    () => client.create({ ...secret, data: value }),
  ];
  for (const attempt of tries) {
    const failure = await failureOf(attempt());
    const told = JSON.stringify([failure.message, failure.hint, failure.where, apiStatus(failure)]);
    assert.ok(!told.includes("very-secret") && !told.includes("c2VjcmV0"), told);
  }
});

test("subresources are written on their own, and scale is a patch", async (t) => {
  const { client, namespace } = await testClient(t);
  const template = { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "c", image: "i" }] } };
  const spec = { replicas: 0, selector: { matchLabels: { a: "b" } }, template };
  const object = { apiVersion: "apps/v1", kind: "Deployment", metadata: { namespace, name: "d" }, spec };
  const { object: created } = await client.apply(object, mine);
  const ref = refOf(created);
  await client.patch(ref, { type: "merge", body: { spec: { replicas: 2 } } }, { subresource: "scale" });
  assert.equal(dig(await client.get(ref), "spec", "replicas"), 2);
  const condition = { type: "Test", status: "True", reason: "R", message: "m" };
  const body = { status: { conditions: [condition] } };
  const patched = await client.patch(ref, { type: "merge", body }, { subresource: "status" });
  assert.ok(JSON.stringify(dig(patched, "status", "conditions")).includes('"Test"'));
});

test("list() pages, selects, and fills in kinds; listAll() reads every page", async (t) => {
  const { client, namespace, records } = await testClient(t);
  const work = Array.from({ length: 25 }, (_, i) => {
    const object = configMap(namespace, `c${i}`);
    Object.assign(dig(object, "metadata") ?? {}, { labels: { odd: String(i % 2) } });
    return client.create(object);
  });
  await Promise.all(work);
  const kind = { group: "", kind: "ConfigMap" };
  const page = await client.list(kind, { namespace, limit: 10, labelSelector: "odd" });
  assert.equal(page.items.length, 10);
  assert.ok(page.continue);
  assert.ok(page.items.every((item) => item["kind"] === "ConfigMap" && item["apiVersion"] === "v1"));
  const before = records.length;
  const all = await client.listAll(kind, { namespace, limit: 10, labelSelector: "odd" });
  assert.equal(all.items.length, 25);
  assert.equal(records.length - before, 3);
  assert.equal((await client.listAll(kind, { namespace, labelSelector: "odd=1" })).items.length, 12);
  const one = await client.list(kind, { namespace, fieldSelector: "metadata.name=c3", metadataOnly: true });
  assert.deepEqual(
    one.items.map((item) => [item["kind"], item["apiVersion"], item["data"]]),
    [["ConfigMap", "v1", undefined]],
  );
});

test("a list larger than the response limit fails by name, not by memory", async (t) => {
  const { client, namespace } = await testClient(t, { maxResponseBytes: 200_000 });
  const work = Array.from({ length: 8 }, (_, i) =>
    client.create(configMap(namespace, `c${i}`, { v: "x".repeat(50_000) })),
  );
  await Promise.all(work);
  const failure = await failureOf(client.list({ group: "", kind: "ConfigMap" }, { namespace }));
  assert.equal(failure.reason, "LimitExceeded");
  const page = await client.listAll({ group: "", kind: "ConfigMap" }, { namespace, limit: 2 });
  assert.ok(page.items.length >= 8);
});

test("an impersonated call has exactly the rights of whom it acts as", async (t) => {
  const { client, namespace } = await testClient(t);
  const cluster = await sharedCluster();
  await serviceAccountToken(cluster, namespace, "tenant");
  const user = `system:serviceaccount:${namespace}:tenant`;
  const as = { impersonate: { user, groups: ["system:serviceaccounts"], extra: { "plumbline.test/Why?": ["a b"] } } };
  const denied = await failureOf(client.apply(configMap(namespace, "a"), { ...mine, ...as }));
  assert.ok(isForbidden(denied));
  assert.equal(denied.reason, "AccessDenied");
  assert.ok(denied.message.includes(user) && (denied.hint ?? "").includes("patch"), denied.message);
  const metadata = { namespace, name: "tenant" };
  const rules = [{ apiGroups: [""], resources: ["configmaps"], verbs: ["get", "patch", "create"] }];
  const rbac = "rbac.authorization.k8s.io";
  await client.apply({ apiVersion: `${rbac}/v1`, kind: "Role", metadata, rules }, mine);
  const roleRef = { apiGroup: rbac, kind: "Role", name: "tenant" };
  const subjects = [{ kind: "ServiceAccount", name: "tenant", namespace }];
  await client.apply({ apiVersion: `${rbac}/v1`, kind: "RoleBinding", metadata, roleRef, subjects }, mine);
  await eventually(
    () =>
      client.apply(configMap(namespace, "a"), { ...mine, ...as }).then(
        () => true,
        () => false,
      ),
    "the role is in force",
  );
  assert.ok(isForbidden(await failureOf(client.delete({ ...refOf(configMap(namespace, "a")) }, as))));
});

test("a wrong token is told as such", async (t) => {
  const cluster = await sharedCluster();
  const config = loadKubeconfig({ path: cluster.kubeconfigPath, env: {} });
  const wrong = connect(
    { ...config, credentials: { type: "token", token: "no" } },
    { clock: realClock, userAgent: "t/0" },
  );
  t.after(() => wrong.close());
  const failure = await failureOf(wrong.getPath("/api"));
  assert.ok(isUnauthorized(failure));
  assert.equal(failure.reason, "AuthenticationFailed");
});

test("a server that cannot be reached or trusted is told with the next step", async (t) => {
  const cluster = await sharedCluster();
  const config = loadKubeconfig({ path: cluster.kubeconfigPath, env: {} });
  const rows: [Partial<typeof config>, RegExp, RegExp][] = [
    [{ server: "https://127.0.0.1:1" }, /ECONNREFUSED/, /API server runs/],
    [{ tls: { skipVerify: false } }, /self-signed|unable to verify|issuer/, /certificate-authority-data/],
    [{ tls: { ...config.tls, serverName: "elsewhere.example" } }, /altnames|does not match/i, /tls-server-name/],
    [{ server: config.server.replace("https", "http") }, /./, /./],
    [{ proxyUrl: "http://127.0.0.1:1" }, /proxy 127.0.0.1:1.*ECONNREFUSED/, /proxy-url/],
  ];
  for (const [change, message, hint] of rows) {
    const client = connect({ ...config, ...change }, { clock: realClock, userAgent: "t/0" });
    t.after(() => client.close());
    const failure = await failureOf(client.getPath("/version", { timeoutMs: 5000 }));
    assert.match(failure.message, message);
    assert.match(failure.hint ?? "", hint);
    if (change.server?.startsWith("http:") !== true) assert.ok(isUnreachable(failure), failure.message);
  }
});

test("discovery finds kinds by group and version, learns new CRDs, and forgets removed ones", async (t) => {
  const { client, namespace, records } = await testClient(t);
  const deployment = await client.discovery.resourceFor({ group: "apps", kind: "Deployment" });
  assert.deepEqual([deployment.version, deployment.plural, deployment.namespaced], ["v1", "deployments", true]);
  assert.ok(deployment.subresources.includes("scale") && deployment.verbs.includes("watch"));
  assert.ok((await client.discovery.all()).length > 50);
  assert.equal(records.length, 2);
  const group = `${namespace}.plumbline.test`;
  const kind = { group, kind: "Widget" };
  const unknown = await failureOf(client.get({ ...kind, version: "v1", namespace, name: "w" }));
  assert.ok(isKindUnknown(unknown));
  assert.match(unknown.hint ?? "", /Install the CRD/);
  await client.apply(widgetCrd(group), mine);
  t.after(async () => {
    const cluster = await sharedCluster();
    const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.${group}`;
    await apiRequest(cluster, { method: "DELETE", path });
  });
  await eventually(async () => {
    await client.discovery.refresh();
    return client.discovery.cached(kind) !== undefined;
  }, "the CRD is served");
  const widget = { apiVersion: `${group}/v1`, kind: "Widget", metadata: { namespace, name: "w" } };
  const spec = { big: 9007199254740993n, small: 7 };
  await client.apply({ ...widget, spec }, mine);
  assert.deepEqual((await client.get(refOf(widget)))["spec"], spec);
  const crd = { group: "apiextensions.k8s.io", version: "v1", kind: "CustomResourceDefinition", namespace: "" };
  await client.delete({ ...crd, name: `widgets.${group}` });
  await eventually(
    () =>
      client.get(refOf(widget)).then(
        () => false,
        (thrown: unknown) => isKindUnknown(thrown),
      ),
    "the kind is gone",
  );
});

function widgetCrd(group: string): Manifest {
  const spec = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
  const schema = { openAPIV3Schema: { type: "object", properties: { spec } } };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `widgets.${group}` },
    spec: {
      group,
      scope: "Namespaced",
      names: { kind: "Widget", plural: "widgets", singular: "widget" },
      versions: [{ name: "v1", served: true, storage: true, schema }],
    },
  };
}

test("an aborted call rejects with the signal's reason, a slow one with its time", async (t) => {
  const { client } = await testClient(t);
  const reason = new Error("enough");
  await assert.rejects(client.getPath("/version", { signal: AbortSignal.abort(reason) }), reason);
  await client.getPath("/version");
  const later = new AbortController();
  const pending = client.getPath("/openapi/v2", { signal: later.signal });
  setTimeout(() => later.abort(reason), 1);
  await assert.rejects(pending, reason);
  const failure = await failureOf(client.getPath("/openapi/v2", { timeoutMs: 1 }));
  assert.equal(failure.reason, "ClusterUnreachable");
  assert.match(failure.message, /not done within 0.001 s/);
});

test("through kubectl proxy, which speaks HTTP/1.1 only, all of it works as well", async (t) => {
  const { namespace } = await testClient(t);
  const cluster = await sharedCluster();
  const args = ["--kubeconfig", cluster.kubeconfigPath, "proxy", "--port=0", "--reject-methods="];
  const proxy = spawn(await kubectlBinary(), args, { stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => void proxy.kill());
  const [line] = (await once(proxy.stdout, "data")) as [Buffer]; // stdout without encoding gives buffers
  const port = /127\.0\.0\.1:(\d+)/.exec(line.toString())?.[1] ?? "";
  const config = loadKubeconfig({ path: cluster.kubeconfigPath, env: {} });
  const server = `http://127.0.0.1:${port}`;
  const options = { clock: realClock, userAgent: "plumbline-test/0" };
  const client = connect({ ...config, server, credentials: { type: "anonymous" } }, options);
  t.after(() => client.close());
  const told: string[] = [];
  const watch = client.watch({
    resource: { group: "", kind: "ConfigMap" },
    namespace,
    labelSelector: "through=proxy",
    on: (event) => void told.push(event.type),
  });
  await watch.synced;
  const object = configMap(namespace, "a", { k: "1" });
  Object.assign(dig(object, "metadata") ?? {}, { labels: { through: "proxy" } });
  const { created } = await client.apply(object, mine);
  assert.equal(created, true);
  await Promise.all(Array.from({ length: 50 }, (_, i) => client.apply(configMap(namespace, `b${i}`), mine)));
  assert.equal(await client.delete(refOf(object), { propagationPolicy: "Background" }), undefined);
  await eventually(() => told.length === 3, "the deletion is told");
  assert.deepEqual(told, ["synced", "added", "deleted"]);
});
