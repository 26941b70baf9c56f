// A definition gets new defaults under objects that are applied: no event tells, and every object reads differently.

import assert from "node:assert/strict";
import { test } from "node:test";
import { dig, digString, type JsonObject, type Manifest, type ObjectRef } from "@plumbline/core/model";
import { apiRequest, sharedCluster } from "@plumbline/testkit/control-plane";
import { eventually } from "./testing/eventually.ts";
import { openSite, type Site } from "./testing/site.ts";

const COUNT = 50;
/** Longer than anything that a watch brings takes. */
const REST_MS = 2000;

/** Structs in every way in which managedFields own them: field by field, as a whole, as items, and sent empty. */
function definition(group: string, fresh: JsonObject = {}): Manifest {
  const size = { type: "integer" };
  const struct = { type: "object", properties: { size, ...fresh } };
  const named = { type: "object", required: ["name"], properties: { name: { type: "string" }, ...fresh } };
  const keyed = { "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"] };
  const properties = {
    plain: struct,
    empty: struct,
    whole: { ...struct, "x-kubernetes-map-type": "atomic" },
    list: { type: "array", items: named },
    items: { type: "array", items: named, ...keyed },
  };
  const schema = { type: "object", properties: { spec: { type: "object", properties } } };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `gadgets.${group}` },
    spec: {
      group,
      names: { kind: "Gadget", plural: "gadgets", singular: "gadget", listKind: "GadgetList" },
      scope: "Namespaced",
      versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: schema } }],
    },
  };
}

function gadget(name: string, { namespace }: Site, group: string): string {
  return `apiVersion: ${group}/v1
kind: Gadget
metadata: { name: ${name}, namespace: ${namespace} }
spec:
  plain: { size: 1 }
  empty: {}
  whole: { size: 1 }
  list: [{ name: a }, { name: b }]
  items: [{ name: a }, { name: b }]
`;
}

const withDefault = { mode: { type: "string", default: "fast" } };

async function versions(site: Site, group: string): Promise<Record<string, string>> {
  const { items } = await site.client.listAll({ group, kind: "Gadget" }, { namespace: site.namespace });
  const at = (item: Manifest, key: string): string => digString(item, "metadata", key) ?? "";
  return Object.fromEntries(items.map((item) => [at(item, "name"), at(item, "resourceVersion")]));
}

function writesOf(site: Site): string[] {
  const reads = new Set(["get", "list", "watch"]);
  return site.requests
    .filter(({ verb, resource }) => !reads.has(verb) && resource !== "leases")
    .map(({ verb, resource, dryRun }) => `${dryRun ? "try" : verb} ${resource}`);
}

function repairs(site: Site): string[] {
  return site.events.flatMap((event) => (event.type === "repaired" ? [event.repair.ref.name] : []));
}

test(`new defaults under ${COUNT} custom resources: nothing is written at rest, and a restart repairs nothing`, async (t) => {
  const site = await openSite(t);
  const group = `${site.namespace}.example.com`;
  await site.apply(definition(group));
  const cluster = await sharedCluster();
  const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/gadgets.${group}`;
  t.after(() => apiRequest(cluster, { method: "DELETE", path }));
  const names = Array.from({ length: COUNT }, (_, i) => `gadget-${i}`);
  const files = Object.fromEntries(names.map((name) => [`app/${name}.yaml`, gadget(name, site, group)]));
  const head = await site.repository.commit(files);
  await site.source("fleet", { interval: "10m" });
  await site.kustomization("app", { path: "./app" });
  await site.applied("app", head);
  await site.client.discovery.refresh();
  const before = await versions(site, group);
  assert.equal(Object.keys(before).length, COUNT);

  const rest = (): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, REST_MS));
  await eventually("the last word of the first run", () => writesOf(site).at(-1) === "patch configmaps");
  site.requests.length = 0;
  site.events.length = 0;
  await site.apply(definition(group, withDefault));
  const first: ObjectRef = { group, version: "v1", kind: "Gadget", namespace: site.namespace, name: "gadget-0" };
  const modeOf = async (...path: string[]): Promise<unknown> =>
    dig(await site.client.get(first), "spec", ...path, "mode");
  await eventually("objects read with the default", async () => (await modeOf("plain")) === "fast");
  await rest();
  assert.deepEqual(writesOf(site), []);
  for (const path of ["empty", "whole"]) assert.equal(await modeOf(path), "fast", path);

  await site.restart();
  await eventually("it was looked at", () => site.events.some(({ type }) => type === "delivery-ended"));
  await rest();
  const cost = Object.groupBy(writesOf(site), (write) => write);
  t.diagnostic(`a restart costs ${cost["try gadgets"]?.length} dry-runs of ${COUNT} objects`);
  assert.deepEqual([cost["try gadgets"]?.length, cost["apply gadgets"]], [COUNT, undefined]);
  assert.deepEqual(cost["patch kustomizations/status"], undefined);
  assert.deepEqual(repairs(site), []);
  assert.deepEqual(await versions(site, group), before);

  // What was adopted is watched as well as ever, and a write of others, which stores the defaults, is no drift.
  const label = { metadata: { labels: { mine: "yes" } } };
  await site.client.patch({ ...first, name: "gadget-1" }, { type: "merge", body: label }, { fieldManager: "somebody" });
  const edit = { spec: { whole: { size: 2 } } };
  await site.client.patch(first, { type: "merge", body: edit }, { fieldManager: "somebody" });
  await eventually(
    "the edit is put right",
    async () => dig(await site.client.get(first), "spec", "whole", "size") === 1,
  );
  await eventually("it is told", () => repairs(site).length > 0);
  assert.deepEqual(repairs(site), ["gadget-0"]);
});
