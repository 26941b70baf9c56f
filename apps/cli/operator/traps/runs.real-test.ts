// Traps of a re-implementation of Flux (11, 12, 19, 21, 22, 24, 27): when a run is made, and what it leaves in status.

import assert from "node:assert/strict";
import { readFile, rm } from "node:fs/promises";
import { test } from "node:test";
import { dig, digString, isObject, type JsonValue, type Manifest } from "@plumbline/core/model";
import { eventually } from "../testing/eventually.ts";
import { configMap } from "../testing/manifests.ts";
import { conditionOf, FLUX_KINDS, openSite, type Site, siteLabel } from "../testing/site.ts";
import { openTenant } from "../testing/tenant.ts";

const observed = async (site: Site, name: string): Promise<unknown> =>
  dig(await site.get("Kustomization", name), "status", "observedGeneration");

test("trap 11: observedGeneration moves only on success or for good, and with a suspension of what is Ready", async (t) => {
  const site = await openSite(t);
  const { namespace } = site;
  const head = await site.repository.commit({ "app/a.yaml": configMap("a", namespace) });
  await site.source("fleet");
  await site.kustomization("app", { path: "./app" });
  await site.applied("app", head);
  assert.equal(await observed(site, "app"), 1);
  await site.kustomization("app", { path: "./nowhere" });
  await site.ready("app", ({ reason }) => reason === "ArtifactFailed");
  assert.equal(await observed(site, "app"), 1, "a failure that is tried again");
  await site.kustomization("app", { path: "./app" });
  await site.ready(
    "app",
    ({ status }, object) => status === "True" && dig(object, "status", "observedGeneration") === 3,
  );
  await site.kustomization("app", { path: "./app", suspend: true });
  await eventually("a suspended one that was Ready counts as such", async () => (await observed(site, "app")) === 4);
  // So whoever depends on it is not held up.
  await site.kustomization("after", { path: "./app", dependsOn: [{ name: "app" }], targetNamespace: namespace });
  await site.applied("after", head);
});

test("trap 11: dependsOn on the same source waits until the dependency applied the same revision", async (t) => {
  const site = await openSite(t);
  const { namespace } = site;
  const first = await site.repository.commit({
    "one/a.yaml": configMap("one", namespace),
    "two/a.yaml": configMap("two", namespace),
  });
  await site.source("fleet");
  await site.kustomization("one", { path: "./one" });
  await site.kustomization("two", { path: "./two", dependsOn: [{ name: "one" }] });
  await site.applied("two", first);
  await site.repository.commit({ "one/a.yaml": "kind: [", "two/a.yaml": configMap("two", namespace, "2") });
  await site.ready("one", ({ reason }) => reason === "BuildFailed");
  await site.ready("two", ({ reason }) => reason === "DependencyNotReady");
  const two = { group: "", version: "v1", kind: "ConfigMap", namespace, name: "two" };
  assert.equal(dig(await site.client.get(two), "data", "value"), "1");
  const third = await site.repository.commit({ "one/a.yaml": configMap("one", namespace, "3") });
  await site.applied("two", third);
  assert.equal(dig(await site.client.get(two), "data", "value"), "2");
});

test("trap 12: retryInterval instead of backoff; wait true ignores healthChecks", async (t) => {
  const site = await openSite(t);
  const { namespace } = site;
  await site.repository.commit({ "app/a.yaml": configMap("a", "not-there-yet") });
  await site.source("fleet", { interval: "10m" });
  await site.kustomization("app", {
    path: "./app",
    retryInterval: "1s",
    wait: true,
    healthChecks: [{ apiVersion: "v1", kind: "ConfigMap", name: "nobody", namespace }],
  });
  await site.ready("app", ({ reason }) => reason === "ReconciliationFailed");
  const ends = (): number[] =>
    site.events.flatMap((event) => (event.type === "delivery-ended" && event.key.endsWith("/app") ? [event.atMs] : []));
  await eventually("it is tried five times", () => ends().length >= 5);
  const gaps = ends()
    .slice(1)
    .map((at, index) => at - (ends()[index] ?? 0));
  // A delay that doubles would be eight times as long at the end.
  assert.ok(Math.max(...gaps) / Math.min(...gaps) < 4, `no growing delay: ${gaps.join(", ")}`);
  const head = await site.repository.commit({ "app/a.yaml": configMap("a", namespace) });
  await site.source("fleet", { interval: "1s" });
  const applied = await site.applied("app", head);
  assert.equal(conditionOf(applied, "Healthy")?.status, "True", "the object of healthChecks does not exist");
});

test("trap 19: artifact reproducibility: the same commit gives the same revision and bytes, and is served while it runs", async (t) => {
  const site = await openSite(t);
  await site.repository.commit({ "app/a.yaml": configMap("a", site.namespace) });
  const artifactOf = async (name: string): Promise<Record<string, unknown>> => {
    const object = await site.ready(name, ({ status }) => status === "True", "GitRepository");
    const found = dig(object, "status", "artifact");
    return isObject(found) ? found : {};
  };
  await site.source("one");
  await site.source("two");
  const [one, two] = [await artifactOf("one"), await artifactOf("two")];
  assert.deepEqual([one.revision, one.digest], [two.revision, two.digest]);
  await site.restart();
  await site.source("three");
  const three = await artifactOf("three");
  assert.deepEqual([three.revision, three.digest], [one.revision, one.digest]);
  const answer = await fetch(String(three.url));
  assert.equal(answer.status, 200);
  const bytes = await answer.arrayBuffer();
  const digest = Buffer.from(await crypto.subtle.digest("SHA-256", bytes)).toString("hex");
  assert.equal(`sha256:${digest}`, three.digest);
});

test("trap 21: impersonation: without its account nothing is done, never with the controller's own rights", async (t) => {
  const site = await openSite(t);
  const { namespace } = site;
  await site.repository.commit({ "app/a.yaml": configMap("a", namespace) });
  await site.source("fleet");
  await site.kustomization("app", { path: "./app", serviceAccountName: "nobody" });
  const failed = await site.ready("app", ({ status }) => status === "False");
  assert.match(conditionOf(failed, "Ready")?.message ?? "", new RegExp(`system:serviceaccount:${namespace}:nobody`));
  const ref = { group: "", version: "v1", kind: "ConfigMap", namespace, name: "a" };
  assert.equal(await site.client.find(ref), undefined);
});

test("trap 21: the cross-namespace lock covers sources, and not dependsOn, as with Flux", async (t) => {
  const site = await openSite(t, { allNamespaces: true, engine: { noCrossNamespaceRefs: true } });
  const other = await openTenant(t, site, "own namespace");
  const head = await site.repository.commit({
    "app/a.yaml": configMap("a", site.namespace),
    "base/b.yaml": configMap("b", other.namespace),
  });
  await site.source("fleet");
  const base = { name: "base", namespace: other.namespace };
  await site.kustomization("app", { path: "./app", dependsOn: [base] });
  const waiting = await site.ready("app", ({ status }) => status === "False");
  const { reason, message } = conditionOf(waiting, "Ready") ?? {};
  assert.equal(reason, "DependencyNotReady");
  assert.match(message ?? "", new RegExp(`dependency '${other.namespace}/base' not found`));
  // With a source of another namespace it is refused,
  await other.kustomization("base", { path: "./base" });
  const ref = { ...FLUX_KINDS.Kustomization, ...base };
  const isRefused = async (): Promise<boolean> => {
    const ready = conditionOf(await site.client.get(ref), "Ready");
    return ready?.reason === "AccessDenied" && /cross-namespace references have been blocked/.test(ready.message);
  };
  await eventually("the source of another namespace is blocked", isRefused);
  assert.equal(await other.configMap("b"), undefined);
  // and with one of its own it is Ready, which lets the other go from across the border.
  await site.apply({
    apiVersion: "source.toolkit.fluxcd.io/v1",
    kind: "GitRepository",
    metadata: { name: "own", namespace: other.namespace, labels: { [siteLabel]: site.namespace } },
    spec: { url: site.repository.url, interval: "1s", ref: { branch: "main" } },
  });
  await other.kustomization("base", { path: "./base", sourceRef: { kind: "GitRepository", name: "own" } });
  await site.applied("app", head);
  assert.ok(await other.configMap("b"));
});

test("trap 22: sharding and several installs: objects of another shard get no status and no finalizer", async (t) => {
  const site = await openSite(t, { engine: { labelSelector: "!sharding.fluxcd.io/key" } });
  const { namespace } = site;
  const head = await site.repository.commit({ "app/a.yaml": configMap("a", namespace) });
  await site.source("fleet");
  await site.kustomization("theirs", { path: "./app" }, { labels: { "sharding.fluxcd.io/key": "shard1" } });
  await site.kustomization("ours", { path: "./app" });
  await site.applied("ours", head);
  const theirs = await site.get("Kustomization", "theirs");
  assert.deepEqual(theirs.status, { observedGeneration: -1 });
  assert.equal(dig(theirs, "metadata", "finalizers"), undefined);
});

test("trap 24: status size: many long refusals make one message that fits, and the run's end is told", async (t) => {
  const site = await openSite(t);
  const { namespace } = site;
  // Each refusal is as long as the API server makes it, and there are many of them.
  const keys = Array.from({ length: 200 }, (_, i) => `  "no good key ${i} ${"x".repeat(40)}": "1"\n`).join("");
  const bad = (name: string): string =>
    `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n  namespace: ${namespace}\ndata:\n${keys}`;
  const names = Array.from({ length: 40 }, (_, i) => `bad-${i}`);
  await site.repository.commit(Object.fromEntries(names.map((name) => [`app/${name}.yaml`, bad(name)])));
  await site.source("fleet");
  await site.kustomization("app", { path: "./app" });
  const failed = await site.ready("app", ({ reason }) => reason === "ReconciliationFailed");
  const size = Buffer.byteLength(conditionOf(failed, "Ready")?.message ?? "");
  assert.ok(size > 5000 && size <= 32_768, String(size));
  const gone = Object.fromEntries(names.map((name) => [`app/${name}.yaml`, null]));
  await site.repository.commit(gone);
  const head = await site.repository.commit({ "app/a.yaml": configMap("a", namespace) });
  await site.applied("app", head);
});

test("trap 25: a suspended source serves the commit it had, none newer, also where its storage is gone", async (t) => {
  const site = await openSite(t);
  const { namespace } = site;
  const head = await site.repository.commit({
    "app/a.yaml": configMap("a", namespace),
    "more/b.yaml": configMap("b", namespace),
  });
  await site.source("fleet");
  await site.kustomization("app", { path: "./app" });
  await site.applied("app", head);
  await site.source("fleet", { suspend: true });
  await site.operator.stop();
  await rm(site.cacheDirectory, { recursive: true, force: true });
  await site.repository.commit({ "more/b.yaml": configMap("b", namespace, "newer") });
  await site.restart();
  await site.kustomization("more", { path: "./more" });
  await site.applied("more", head);
  const ref = { group: "", version: "v1", kind: "ConfigMap", namespace, name: "b" };
  assert.equal(dig(await site.client.get(ref), "data", "value"), "1");
});

const FLUX_LIFE = new URL("../../../../conformance/flux-switch-over/testdata/flux-life.json", import.meta.url);

/** What real Flux left of a Kustomization with `wait`, of its source and of a ConfigMap of it, when it had applied all. */
async function recordedOfFlux(): Promise<Record<"kustomization" | "repository" | "object", Manifest>> {
  const steps: unknown = JSON.parse(await readFile(FLUX_LIFE, "utf8"));
  const step = Array.isArray(steps)
    ? (steps as JsonValue[]).find((one) => dig(one, "step") === "born and applied")
    : undefined;
  const parts = { kustomization: dig(step, "kustomization"), repository: dig(step, "repository") };
  const object = dig(step, "objects", "ConfigMap/settings");
  return { ...parts, object } as Record<"kustomization" | "repository" | "object", Manifest>; // as it was recorded
}

/** Who wrote what: `manager operation subresource`, without those who made the object. */
function managersOf(object: Manifest): string[] {
  const entries = dig(object, "metadata", "managedFields");
  return (Array.isArray(entries) ? entries : [])
    .map((entry) => ["manager", "operation", "subresource"].map((field) => digString(entry, field) ?? "").join(" "))
    .filter((entry) => !/^(?:a-user|test-user) /.test(entry))
    .sort();
}

test("trap 27: rollback to Flux: finalizer, managers and every field of status are Flux's own", async (t) => {
  const site = await openSite(t);
  const head = await site.repository.commit({ "app/a.yaml": configMap("a", site.namespace) });
  await site.source("fleet");
  await site.kustomization("app", { path: "./app", wait: true });
  const ours = {
    kustomization: await site.applied("app", head),
    repository: await site.get("GitRepository", "fleet"),
    object: await site.client.get({
      group: "",
      version: "v1",
      kind: "ConfigMap",
      namespace: site.namespace,
      name: "a",
    }),
  };
  const theirs = await recordedOfFlux();
  for (const which of ["kustomization", "repository", "object"] as const) {
    const [is, was] = [ours[which], theirs[which]];
    assert.deepEqual(managersOf(is), managersOf(was), which);
    assert.ok(managersOf(is).length > 0, which);
    assert.deepEqual(dig(is, "metadata", "finalizers"), dig(was, "metadata", "finalizers"), which);
    assert.deepEqual(Object.keys(is.status ?? {}).sort(), Object.keys(was.status ?? {}).sort(), which);
  }
  assert.equal(digString(ours.kustomization, "status", "lastAppliedRevision"), `main@sha1:${head}`);
});
