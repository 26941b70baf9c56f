// An inventory that is larger than what etcd takes: told as such, and nothing is written that could not be recorded.

import assert from "node:assert/strict";
import { test } from "node:test";
import { conditionOf, openSite } from "./testing/site.ts";
import { configMap } from "./testing/manifests.ts";

/** With names of 253 characters: more than 1.5 MiB of inventory. */
const COUNT = 6000;

test("more objects than the status can list: the Kustomization says so, nothing is made, and a smaller commit goes", async (t) => {
  const site = await openSite(t);
  const { namespace } = site;
  const names = Array.from({ length: COUNT }, (_, i) => String(i).padStart(253, "n"));
  const commit = (list: readonly string[]): Promise<string> =>
    site.repository.commit({ "app/all.yaml": list.map((name) => configMap(name, namespace)).join("---\n") });
  await commit(names);
  await site.source("fleet");
  await site.kustomization("app", { path: "./app", retryInterval: "10m" });
  const refused = await site.ready("app", ({ status }) => status === "False");
  assert.match(
    conditionOf(refused, "Ready")?.message ?? "",
    /the inventory of 6000 objects does not fit into the status .* too large.*Split it into several Kustomizations/,
  );
  const { items } = await site.client.listAll({ group: "", kind: "ConfigMap" }, { namespace });
  assert.equal(items.length, 1, "only the cluster's own");
  await site.applied("app", await commit(names.slice(0, 3)));
});
