// Objects that are nested deeper than our own code can follow: they must end no watch, and no process.

import assert from "node:assert/strict";
import { test } from "node:test";
import { dig } from "@plumbline/core/model";
import { apiRequest, sharedCluster } from "@plumbline/testkit/control-plane";
import { eventually } from "./testing/eventually.ts";
import { customKind } from "./testing/manifests.ts";
import { openSite, type Site } from "./testing/site.ts";

/** Deep enough for our stack to end; the API server takes 10,000 levels, and seconds for them. */
const DEPTH = 3000;

/** As somebody who may write things, under any field manager that he likes. */
async function applyDeep(site: Site, name: string, manager: string): Promise<number> {
  const { namespace } = site;
  const labels = { "kustomize.toolkit.fluxcd.io/name": "app", "kustomize.toolkit.fluxcd.io/namespace": namespace };
  const head = { apiVersion: `${namespace}.example.com/v1`, kind: "Thing", metadata: { name, namespace, labels } };
  const deep = `${'{"deep":'.repeat(DEPTH)}1${"}".repeat(DEPTH)}`;
  const body = `${JSON.stringify(head).slice(0, -1)},"evil":${deep}}`;
  const path = `/apis/${namespace}.example.com/v1/namespaces/${namespace}/things/${name}?fieldManager=${manager}&force=true`;
  return (await apiRequest(await sharedCluster(), { method: "PATCH", path, body })).status;
}

test("objects that nest 3000 levels deep, others' and our own, leave everything going and our own put right", async (t) => {
  const site = await openSite(t);
  const { namespace } = site;
  const group = `${namespace}.example.com`;
  const thing = `apiVersion: ${group}/v1\nkind: Thing\nmetadata: { name: t, namespace: ${namespace} }\nspec: { size: 1 }\n`;
  const commit = await site.repository.commit({ "app/crd.yaml": customKind(group), "app/thing.yaml": thing });
  await site.source("fleet");
  await site.kustomization("app", { path: "./app" });
  await site.applied("app", commit);
  await site.client.discovery.refresh();
  const ref = { group, version: "v1", kind: "Thing", namespace, name: "t" };
  assert.equal(await applyDeep(site, "evil", "kustomize-controller"), 201);
  assert.equal(await applyDeep(site, "t", "kubectl-edit"), 200);
  await site.client.patch(ref, { type: "merge", body: { spec: { size: 2 } } }, { fieldManager: "hand" });
  await eventually("the edit is put right", async () => dig(await site.client.get(ref), "spec", "size") === 1);
  const next = await site.repository.commit({ "app/thing.yaml": thing.replace("size: 1", "size: 3") });
  await site.applied("app", next);
  assert.equal(dig(await site.client.get(ref), "spec", "size"), 3);
  await site.restart();
  await site.client.patch(ref, { type: "merge", body: { spec: { size: 2 } } }, { fieldManager: "hand" });
  await eventually("after a restart too", async () => dig(await site.client.get(ref), "spec", "size") === 3);
});
