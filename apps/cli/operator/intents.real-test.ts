// What runs are about to create is known to the cluster before it is created: beside their status, or in it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { dig, type Manifest, type ObjectRef } from "@plumbline/core/model";
import type { EngineOptions } from "@plumbline/engine/run";
import type { KubeClient } from "@plumbline/edges/kube";
import { withRequests } from "./faults/testing/requests.ts";
import { INTENTS } from "./intents-name.ts";
import { eventually } from "./testing/eventually.ts";
import { configMap, deployment } from "./testing/manifests.ts";
import { conditionOf, openSite, type Site } from "./testing/site.ts";

const names = Array.from({ length: 12 }, (_, i) => `app-${i}`);

interface Applying {
  site: Site;
  /** What the cluster knew when an object was about to be written, by object: the intents, and the delivery's status. */
  known: Map<string, { intents: string; inventory: string }>;
  /** Writes of the intents. */
  writes: string[];
}

/** Twelve deliveries of one commit, each of one object of its own name, all applied. */
async function applyAll(t: Parameters<typeof openSite>[0], engine: EngineOptions): Promise<Applying> {
  const known: Applying["known"] = new Map();
  const writes: string[] = [];
  const look = async (client: KubeClient, namespace: string, name: string): Promise<void> => {
    const kustomization = {
      group: "kustomize.toolkit.fluxcd.io",
      version: "v1",
      kind: "Kustomization",
      namespace,
      name,
    };
    const [intents, delivery] = await Promise.all([client.find(intentsRef(namespace)), client.find(kustomization)]);
    const inventory = delivery && dig(delivery, "status", "inventory");
    known.set(name, { intents: JSON.stringify(intents?.data ?? null), inventory: JSON.stringify(inventory ?? null) });
  };
  const site = await openSite(t, {
    engine,
    wrap: (client, namespace) =>
      withRequests(client, async (label, when) => {
        if (when === "after") return;
        const applied = /^apply ConfigMap\/\S+\/(\S+) /.exec(label)?.[1];
        if (applied !== undefined) await look(client, namespace, applied);
        if (label.includes(INTENTS) && !label.startsWith("get")) writes.push(label);
      }),
  });
  const files = names.map((name) => [`${name}/cm.yaml`, configMap(name, site.namespace)] as const);
  const commit = await site.repository.commit(Object.fromEntries(files), { message: "all" });
  await Promise.all(names.map((name) => site.kustomization(name, { path: `./${name}` })));
  await site.source("fleet");
  await Promise.all(names.map((name) => site.applied(name, commit)));
  return { site, known, writes };
}

function intentsRef(namespace: string): ObjectRef {
  return { group: "", version: "v1", kind: "ConfigMap", namespace, name: INTENTS };
}

test("an object stands among the intents before it is written; many runs share a write", async (t) => {
  const { known, writes } = await applyAll(t, {});
  assert.deepEqual([...known.keys()].sort(), [...names].sort());
  for (const [name, { intents, inventory }] of known) {
    assert.ok(intents.includes(`\\"${name}\\"`), `${name} was not announced: ${intents}`);
    assert.equal(inventory, "null", "its status has to be written once only");
  }
  assert.ok(writes.length < names.length, `${writes.length} writes: ${writes.join(", ")}`);
});

test("where intents cannot be kept, an object stands in the inventory of its delivery before it is written", async (t) => {
  const { known } = await applyAll(t, { intents: { namespace: "not-there", name: INTENTS } });
  assert.deepEqual([...known.keys()].sort(), [...names].sort());
  for (const [name, { inventory }] of known) assert.ok(inventory.includes(`_${name}__ConfigMap`), inventory);
});

function inventoryOf(object: Manifest): string {
  return JSON.stringify(dig(object, "status", "inventory") ?? null);
}

const isOfBuild = ({ reason }: { reason: string }): boolean => reason === "BuildFailed" || reason === "ArtifactFailed";

test("a run that waits for health for long has its objects in its status: Flux may take over at any time", async (t) => {
  const site = await openSite(t, { files: { "app/a.yaml": "" } });
  await site.repository.commit({ "app/a.yaml": deployment("slow", site.namespace, "example/app:1", 1) });
  await site.source("fleet");
  await site.kustomization("app", { path: "./app", wait: true, timeout: "1m" });
  const waiting = await site.ready(
    "app",
    (_, object) => conditionOf(object, "Reconciling")?.message.includes("health checks") === true,
  );
  assert.match(inventoryOf(waiting), /_slow_apps_Deployment/);
});

test("what a superseded run created is in the status of the next one, although that fails before it writes", async (t) => {
  const site = await openSite(t);
  await site.repository.commit({ "app/a.yaml": deployment("slow", site.namespace, "example/app:1", 1) });
  await site.source("fleet");
  await site.kustomization("app", { path: "./app", wait: true, timeout: "1m" });
  const isApplied = (): boolean => site.events.some((event) => event.type === "delivery" && event.step === "applied");
  await eventually("it is applied", isApplied);
  await site.kustomization("app", { path: "./nowhere", wait: true, timeout: "1m" });
  const failed = await site.ready("app", isOfBuild);
  assert.match(inventoryOf(failed), /_slow_apps_Deployment/);
});

test("what a run created is in its status, although it fails later and an earlier one announced it in vain", async (t) => {
  const site = await openSite(t);
  const { namespace } = site;
  const other = `${namespace}-more`;
  const around = (label: string): string =>
    `apiVersion: v1\nkind: Namespace\nmetadata:\n  name: ${other}\n  labels: { a: "${label}" }\n`;
  await site.repository.commit({ "app/ns.yaml": around("no label"), "app/cm.yaml": configMap("a", namespace) });
  await site.source("fleet");
  await site.kustomization("app", { path: "./app" });
  await site.ready("app", ({ status, message }) => status === "False" && message.includes("no label"));
  const bad = configMap("a", namespace).replace("value:", '"no key":');
  await site.repository.commit({ "app/ns.yaml": around("label"), "app/cm.yaml": bad });
  const failed = await site.ready("app", ({ status, message }) => status === "False" && message.includes("no key"));
  assert.match(inventoryOf(failed), new RegExp(`_${other}__Namespace`));
});

test("where the cluster's rules refuse the ConfigMap, runs go on without it", async (t) => {
  const site = await openSite(t);
  const metadata = { namespace: site.namespace, name: INTENTS };
  await site.client.create({ apiVersion: "v1", kind: "ConfigMap", metadata, immutable: true });
  const commit = await site.repository.commit({ "app/a.yaml": configMap("a", site.namespace) });
  await site.source("fleet");
  await site.kustomization("app", { path: "./app" });
  await site.applied("app", commit);
});
