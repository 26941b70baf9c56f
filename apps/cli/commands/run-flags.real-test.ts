// The flags of `plumb run` that keep tenants apart and deletions small: each leads to its condition.

import assert from "node:assert/strict";
import { test } from "node:test";
import { sharedCluster } from "@plumbline/testkit/control-plane";
import { configMap } from "../operator/testing/manifests.ts";
import { conditionOf, siteLabel } from "../operator/testing/site.ts";
import { openTenant, statusOf, verdict } from "../operator/testing/tenant.ts";
import { openRunSite } from "./testing/run-on-site.ts";
import { wrongContext } from "./testing/wrong-context.ts";

test("guard, lock of namespaces, default account, label selector and context: each flag of plumb run does what it says", async (t) => {
  const { site, start } = await openRunSite(t, { watchAll: true });
  const [owner, stranger] = [await openTenant(t, site), await openTenant(t, site, "own namespace")];
  const { namespace } = site;
  const names = ["a", "b", "c", "d"];
  const head = await site.repository.commit({
    ...Object.fromEntries(names.map((name) => [`guarded/${name}.yaml`, configMap(name, namespace)])),
    "beyond/cm.yaml": configMap("planted", stranger.namespace),
    "foreign/cm.yaml": configMap("foreign", stranger.namespace),
    "unlabelled/cm.yaml": configMap("unlabelled", namespace),
  });
  await site.source("fleet");
  // First of all, so that whoever may see it has seen it before the others.
  await site.kustomization("unlabelled", { path: "./unlabelled" }, { labels: { [siteLabel]: "of-another-shard" } });
  const untouched = await statusOf(site, owner, "unlabelled");
  for (const name of ["guarded", "beyond"]) await site.kustomization(name, { path: `./${name}` });
  await stranger.kustomization("foreign", { path: "./foreign" });
  start(
    ...wrongContext(t, await sharedCluster()).right,
    `--watch-label-selector=${siteLabel}=${namespace}`,
    "--prune-guard=30%",
    `--default-service-account=${owner.account}`,
    "--no-cross-namespace-refs",
  );

  await site.applied("guarded", head);
  const beyond = await verdict(site, owner, "beyond");
  assert.equal(beyond.status, "False");
  assert.match(beyond.message, new RegExp(`system:serviceaccount:${namespace}:${owner.account}`));
  assert.match(beyond.message, new RegExp(`ConfigMap/${stranger.namespace}/planted`));
  assert.equal(await stranger.configMap("planted"), undefined);

  const foreign = await verdict(site, stranger, "foreign");
  assert.deepEqual([foreign.status, foreign.reason], ["False", "AccessDenied"]);
  assert.match(foreign.message, new RegExp(`GitRepository/${namespace}/fleet.*cross-namespace references have been`));
  assert.equal(await stranger.configMap("foreign"), undefined);

  await site.repository.commit({ "guarded/a.yaml": null, "guarded/b.yaml": null });
  const guarded = await site.ready("guarded", ({ status }) => status === "False");
  assert.equal(conditionOf(guarded, "Ready")?.reason, "PruneGuarded");
  assert.match(conditionOf(guarded, "Ready")?.message ?? "", /would delete 2 of 4 objects, and the guard lets 30% go/);
  for (const name of names) assert.ok(await owner.configMap(name), name);

  assert.deepEqual(await statusOf(site, owner, "unlabelled"), untouched, "not even a finalizer");
  assert.equal(await owner.configMap("unlabelled"), undefined);
  await site.kustomization("unlabelled", { path: "./unlabelled" });
  assert.equal((await verdict(site, owner, "unlabelled")).status, "True", "it was the label that was missing");
});
