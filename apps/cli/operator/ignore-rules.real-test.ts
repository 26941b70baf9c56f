// spec.ignore: fields that others may change, on a real API server.

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { dig, isObject, type JsonObject, type JsonValue, type Manifest } from "@plumbline/core/model";
import { configMapRef } from "./testing/config-map.ts";
import { eventually } from "./testing/eventually.ts";
import { configMap, deployment } from "./testing/manifests.ts";
import { conditionOf, openSite, type Site } from "./testing/site.ts";

const OURS = "kustomize-controller";
const replicas = [{ paths: ["/spec/replicas"], target: { kind: "Deployment" } }];

const ref = ({ namespace }: Site): Parameters<Site["client"]["get"]>[0] => ({
  group: "apps",
  version: "v1",
  kind: "Deployment",
  namespace,
  name: "web",
});
const live = (site: Site): Promise<Manifest> => site.client.get(ref(site));
const replicasOf = async (site: Site): Promise<JsonValue | undefined> => dig(await live(site), "spec", "replicas");
const containersOf = (object: Manifest): JsonObject[] =>
  dig(object, "spec", "template", "spec", "containers") as JsonObject[]; // the API server requires them
const imageOf = async (site: Site): Promise<JsonValue | undefined> => containersOf(await live(site))[0]?.["image"];

/** Whether the fields that we have applied count this one in. */
function isOurs(object: Manifest, field: string): boolean {
  const entries = dig(object, "metadata", "managedFields") as JsonObject[]; // every object has them
  const ours = entries.find(({ manager, operation }) => manager === OURS && operation === "Apply");
  return isObject(dig(ours, "fieldsV1", "f:spec", field));
}

/** As an autoscaler that uses server-side apply. */
async function scaleByApply(site: Site, count: number): Promise<void> {
  const { namespace } = site;
  const metadata = { name: "web", namespace };
  const object = { apiVersion: "apps/v1", kind: "Deployment", metadata, spec: { replicas: count } };
  await site.client.apply(object, { fieldManager: "scaler", force: true });
}

async function update(site: Site, body: JsonObject, fieldManager = "hand"): Promise<void> {
  await site.client.patch(ref(site), { type: "merge", body }, { fieldManager });
}

/** Edits something that is put right: what happened before has been looked at by then. */
async function fence(site: Site): Promise<void> {
  const body = { data: { value: "by hand" } };
  const before = site.events.length;
  await site.client.patch(configMapRef(site, "fence"), { type: "merge", body }, { fieldManager: "hand" });
  await eventually("the fence is put right", () => site.events.slice(before).some(({ type }) => type === "repaired"));
}

const writes = (site: Site): number =>
  site.requests.filter(({ verb, resource, dryRun }) => verb === "PATCH" && resource === "deployments" && !dryRun)
    .length;

const files = (site: Site, image = "example/web:1"): Record<string, string> => ({
  "app/web.yaml": deployment("web", site.namespace, image),
  "app/fence.yaml": configMap("fence", site.namespace),
});

async function open(t: TestContext, ignore: JsonValue = replicas): Promise<Site> {
  const site = await openSite(t);
  const head = await site.repository.commit(files(site));
  await site.source("fleet");
  await site.kustomization("app", { path: "./app", ignore });
  await site.applied("app", head);
  return site;
}

test("an ignored field that another manager applied is left, and no longer sent when something else is written", async (t) => {
  const site = await open(t);
  const before = writes(site);
  await scaleByApply(site, 2);
  const scaled = dig(await live(site), "metadata", "generation");
  await fence(site);
  assert.equal(await replicasOf(site), 2);
  assert.equal(dig(await live(site), "metadata", "generation"), scaled);
  assert.equal(writes(site), before, "nothing is written for an ignored field alone");

  const containers = containersOf(await live(site)).map((container) => ({ ...container, image: "example/evil" }));
  await update(site, { spec: { template: { spec: { containers } } } });
  await eventually("drift of another field is put right", async () => (await imageOf(site)) === "example/web:1");
  assert.equal(await replicasOf(site), 2);
  assert.equal(isOurs(await live(site), "f:replicas"), false);
  const repaired = site.events.findLast((event) => event.type === "repaired");
  assert.deepEqual(repaired?.repair.fields, ['spec.template.spec.containers[name="app"].image']);

  await site.applied("app", await site.repository.commit(files(site, "example/web:2")));
  assert.equal(await imageOf(site), "example/web:2");
  assert.equal(await replicasOf(site), 2);

  await scaleByApply(site, 3);
  await site.operator.stop();
  site.requests.length = 0;
  await site.restart();
  await site.applied("app", await site.repository.commit({ "app/more.yaml": configMap("more", site.namespace) }));
  await fence(site);
  assert.equal(writes(site), 0, "a restart writes nothing for it either");
  assert.equal(await replicasOf(site), 3);
});

test("an ignored field that somebody updated is left, and sent with its value of now", async (t) => {
  const site = await open(t);
  const before = writes(site);
  await update(site, { spec: { replicas: 2 } });
  await fence(site);
  assert.equal(await replicasOf(site), 2);
  assert.equal(writes(site), before);
  await site.applied("app", await site.repository.commit(files(site, "example/web:2")));
  assert.equal(await imageOf(site), "example/web:2");
  assert.equal(await replicasOf(site), 2);
  assert.equal(isOurs(await live(site), "f:replicas"), true);
  await site.client.delete(ref(site));
  await eventually("a deleted object is made as Git says", async () => {
    const found = await site.client.find(ref(site));
    return found !== undefined && dig(found, "spec", "replicas") === 0;
  });
});

test("rules are for the objects of their target, and a rule that goes has its fields put right", async (t) => {
  const site = await open(t, [{ paths: ["/spec/replicas"], target: { kind: "Deploy", labelSelector: "tier=web" } }]);
  await update(site, { spec: { replicas: 2 } });
  await eventually("the rule is for other kinds", async () => (await replicasOf(site)) === 0);
  const target = { kind: "Deploy.*", name: "w.b", labelSelector: "tier=web" };
  await update(site, { metadata: { labels: { tier: "web" } } });
  await site.kustomization("app", { path: "./app", ignore: [{ paths: ["/spec/replicas"], target }] });
  await site.ready(
    "app",
    ({ status }, object) => status === "True" && dig(object, "status", "observedGeneration") === 2,
  );
  await update(site, { spec: { replicas: 2 } });
  await fence(site);
  assert.equal(await replicasOf(site), 2, "a label that only the cluster has counts");
  await site.kustomization("app", { path: "./app", ignore: [] });
  await eventually("Git's value is back", async () => (await replicasOf(site)) === 0);
});

test("a path or a target that cannot be read is named in the condition, and nothing is written", async (t) => {
  const site = await open(t);
  const message = async (ignore: JsonValue, part: RegExp): Promise<void> => {
    await site.kustomization("app", { path: "./app", ignore });
    const failed = await site.ready("app", (ready) => ready.status === "False" && part.test(ready.message));
    assert.equal(conditionOf(failed, "Ready")?.reason, "InvalidSpec");
    assert.equal(conditionOf(failed, "Stalled")?.status, "True");
  };
  const before = writes(site);
  await message(
    [{ paths: ["/spec/replicas", "spec.replicas"] }],
    /spec\.ignore\[0\]\.paths\[1\] must be a JSON Pointer/,
  );
  await message([{ paths: [""] }], /spec\.ignore\[0\]\.paths\[0\] is "", the whole object/);
  await message([{ paths: ["/metadata/labels"] }], /the labels that tell whose the object is/);
  await message(
    [{ paths: ["/spec/replicas"], target: { kind: "(" } }],
    /spec\.ignore\[0\]\.target: error parsing regexp/,
  );
  const head = await site.repository.commit(files(site, "example/web:2"));
  await site.kustomization("app", { path: "./app", ignore: replicas });
  assert.equal(writes(site), before);
  await site.applied("app", head);
  assert.equal(await imageOf(site), "example/web:2", "and it goes on where the rule is corrected");
});
