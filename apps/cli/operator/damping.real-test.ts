// A field that somebody else writes again and again, on a real API server with a rival that never rests.

import assert from "node:assert/strict";
import { test } from "node:test";
import { digString, type ObjectRef } from "@plumbline/core/model";
import type { KubeClient } from "@plumbline/edges/kube";
import { hurriedClock } from "@plumbline/testkit/clock";
import { configMapRef } from "./testing/config-map.ts";
import { eventually } from "./testing/eventually.ts";
import { configMap } from "./testing/manifests.ts";
import { conditionOf, openSite } from "./testing/site.ts";

const RIVAL_PAUSE_MS = 100;
/** Four minutes pass in each second. */
const HURRY = 240;
/** Real seconds in which the rival is let write: a quarter of an hour of the operator's time. */
const FIGHT_MS = 4000;

/** Writes the field every 100 ms until told to stop. */
function startRival(client: KubeClient, target: ObjectRef): { stop: () => Promise<number> } {
  let isOver = false;
  let writes = 0;
  const fight = async (): Promise<number> => {
    while (!isOver) {
      const body = { data: { value: `rival ${writes++}` } };
      await client.patch(target, { type: "merge", body }, { fieldManager: "rival" });
      await new Promise((resolve) => setTimeout(resolve, RIVAL_PAUSE_MS));
    }
    return writes;
  };
  const ended = fight();
  return {
    stop: () => {
      isOver = true;
      return ended;
    },
  };
}

test("a rival that writes every 100 ms is answered ever more seldom and named; when it rests there is peace", async (t) => {
  const site = await openSite(t, { clock: hurriedClock(HURRY) });
  const { client, namespace } = site;
  await site.source("fleet", { interval: "30m" });
  const head = await site.repository.commit({
    "app/a.yaml": configMap("a", namespace),
    "app/b.yaml": configMap("b", namespace),
  });
  await site.kustomization("app", { path: "./app", interval: "10m", retryInterval: "10m" });
  await site.applied("app", head);
  site.requests.length = 0;
  const rival = startRival(client, configMapRef(site, "a"));
  t.after(() => rival.stop());
  await new Promise((resolve) => setTimeout(resolve, FIGHT_MS));
  const contested = conditionOf(await site.get("Kustomization", "app"), "Contested");
  assert.equal(contested?.status, "True");
  assert.equal(contested.reason, "FoughtOver");
  assert.match(contested.message, new RegExp(`ConfigMap/${namespace}/a: data\\.value .* by rival;`));
  assert.equal(conditionOf(await site.get("Kustomization", "app"), "Ready")?.status, "True");

  const body = { data: { value: "by hand" } };
  await client.patch(configMapRef(site, "b"), { type: "merge", body }, { fieldManager: "kubectl-edit" });
  const valueOf = async (name: string): Promise<string | undefined> =>
    digString(await client.get(configMapRef(site, name)), "data", "value");
  await eventually("another object is repaired as ever", async () => (await valueOf("b")) === "1");

  const writes = await rival.stop();
  const sent = (verb: string, resource: string): number =>
    site.requests.filter((request) => request.verb === verb && request.resource === resource).length;
  const answers = sent("apply", "configmaps");
  assert.ok(writes > 20, `the rival wrote ${writes} times`);
  assert.ok(answers >= 6 && answers <= 14, `${answers} applies against ${writes} writes in 16 minutes`);
  assert.ok(sent("get", "configmaps") === 0, "nothing is read");
  t.diagnostic(`${writes} writes of the rival, ${answers} applies, ${site.requests.length} requests in all`);

  await eventually("the last word is Git's", async () => (await valueOf("a")) === "1");
  await eventually("the condition goes", async () => {
    return conditionOf(await site.get("Kustomization", "app"), "Contested") === undefined;
  });
});
