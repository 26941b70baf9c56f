// Switches of the spec that only show over time: suspend and drift, prune off and on, ignore rules, Jobs, misspelt fields.

import assert from "node:assert/strict";
import { test } from "node:test";
import { digString } from "@plumbline/core/model";
import { findConfigMap } from "./testing/config-map.ts";
import { eventually } from "./testing/eventually.ts";
import { configMap, deployment } from "./testing/manifests.ts";
import { conditionOf, openSite, type Site } from "./testing/site.ts";

const valueOf = async (site: Site, name: string): Promise<string | undefined> => {
  const object = await findConfigMap(site, name);
  return object && digString(object, "data", "value");
};
const refOf = (site: Site, name: string): Parameters<Site["client"]["patch"]>[0] => ({
  group: "",
  version: "v1",
  kind: "ConfigMap",
  namespace: site.namespace,
  name,
});

test("drift in a suspended Kustomization stays until it is resumed, over a restart too", async (t) => {
  const site = await openSite(t);
  const head = await site.repository.commit({
    "app/a.yaml": configMap("a", site.namespace),
    "app/b.yaml": configMap("b", site.namespace),
  });
  await site.source("fleet");
  await site.kustomization("app", { path: "./app" });
  await site.applied("app", head);
  await site.kustomization("app", { path: "./app", suspend: true });
  await eventually("it is suspended", () => {
    return site.operator.engine.deliveries.get(`${site.namespace}/app`)?.delivery?.suspended === true;
  });
  const body = { data: { value: "by hand" } };
  await site.client.patch(refOf(site, "a"), { type: "merge", body }, { fieldManager: "kubectl-edit" });
  await site.client.delete(refOf(site, "b"));
  await new Promise((resolve) => setTimeout(resolve, 1000));
  await site.restart();
  await new Promise((resolve) => setTimeout(resolve, 1000));
  assert.equal(await valueOf(site, "a"), "by hand");
  assert.equal(await findConfigMap(site, "b"), undefined);
  await site.kustomization("app", { path: "./app", suspend: false });
  await eventually(
    "both are put right",
    async () => (await valueOf(site, "a")) === "1" && (await valueOf(site, "b")) === "1",
  );
});

test("what left the source while pruning was off is not deleted when it is on again, as with Flux", async (t) => {
  const site = await openSite(t);
  const names = ["a", "b", "c"];
  const head = await site.repository.commit(
    Object.fromEntries(names.map((name) => [`app/${name}.yaml`, configMap(name, site.namespace)])),
  );
  await site.source("fleet");
  await site.kustomization("app", { path: "./app", prune: false });
  await site.applied("app", head);
  const without = await site.applied("app", await site.repository.commit({ "app/a.yaml": null }));
  assert.ok(!JSON.stringify(without.status).includes("_a_"), "it left the inventory");
  await site.kustomization("app", { path: "./app", prune: true });
  await site.applied("app", await site.repository.commit({ "app/b.yaml": null }));
  assert.equal(await findConfigMap(site, "b"), undefined);
  assert.ok(await findConfigMap(site, "a"));
});

test("spec.ignore of a source leaves files out, replaces the default rules, and takes effect when it changes", async (t) => {
  const site = await openSite(t);
  const head = await site.repository.commit({
    "app/a.yaml": configMap("a", site.namespace),
    "app/b.yaml": configMap("b", site.namespace),
    "app/.sourceignore": "b.yaml\n",
  });
  await site.source("fleet", { ignore: "/app/a.yaml\n" });
  await site.kustomization("app", { path: "./app", prune: true });
  await site.ready("app", ({ status }) => status !== "Unknown");
  assert.equal(await findConfigMap(site, "a"), undefined, "ignored by the spec");
  assert.equal(await findConfigMap(site, "b"), undefined, "ignored by the file");
  await site.source("fleet", { ignore: "!/app/b.yaml\n" });
  await site.applied("app", head);
  await eventually(
    "the spec's last word brings both",
    async () => !!(await findConfigMap(site, "a")) && !!(await findConfigMap(site, "b")),
  );
  await site.source("fleet", { ignore: "/app/a.yaml\n!/app/b.yaml\n" });
  await eventually("what is ignored from now on is pruned", async () => (await findConfigMap(site, "a")) === undefined);
  assert.ok(await findConfigMap(site, "b"));
});

test("a Job that fails ends the wait at once, by name and reason", async (t) => {
  const site = await openSite(t);
  const job = `apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: late\n  namespace: ${site.namespace}\nspec:\n  activeDeadlineSeconds: 1\n  template:\n    spec:\n      restartPolicy: Never\n      containers:\n        - name: c\n          image: example/never\n`;
  await site.repository.commit({ "app/job.yaml": job });
  await site.source("fleet");
  await site.kustomization("app", { path: "./app", wait: true, timeout: "5m", retryInterval: "10m" });
  const failed = await site.ready("app", ({ reason }) => reason === "HealthCheckFailed");
  const message = conditionOf(failed, "Ready")?.message ?? "";
  assert.match(
    message,
    new RegExp(`Job/${site.namespace}/late status: 'Failed': Job Failed. failed: 1/1.*describe job late`),
  );
  assert.equal(conditionOf(failed, "Healthy")?.status, "False");
  const head = await site.repository.commit({ "app/job.yaml": configMap("instead", site.namespace) });
  await site.applied("app", head);
});

test("fields that a kind does not have are left out and told once per revision", async (t) => {
  const site = await openSite(t);
  const { namespace } = site;
  const misspelt = deployment("d", namespace).replace("replicas: 0", "replicas: 0\n  replcas: 3");
  const head = await site.repository.commit({ "app/d.yaml": misspelt });
  await site.source("fleet");
  await site.kustomization("app", { path: "./app" });
  const warnings = async (): Promise<string[]> => {
    const events = await site.client.listAll({ group: "", kind: "Event", version: "v1" }, { namespace });
    const found = events.items.filter((event) => event["reason"] === "UnknownField");
    return found.map((event) => digString(event, "message") ?? "").sort();
  };
  await site.applied("app", head);
  const told = `Deployment/${namespace}/d: unknown field "spec.replcas", left out: check the spelling`;
  await eventually("it is told", async () => (await warnings()).length > 0);
  assert.deepEqual(await warnings(), [told]);
  await site.applied("app", await site.repository.commit({ "README.md": "nothing that concerns it" }));
  await site.restart();
  await site.applied("app", await site.repository.commit({ "app/a.yaml": configMap("a", namespace) }));
  await eventually("it is told of the next revision that is built", async () => (await warnings()).length === 2);
});
