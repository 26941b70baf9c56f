// An API server whose answers come late: less is asked of it at once, small deliveries get through, and nothing fails.

import assert from "node:assert/strict";
import { test } from "node:test";
import { digString } from "@plumbline/core/model";
import type { KubeClient } from "@plumbline/edges/kube";
import { sharedCluster } from "@plumbline/testkit/control-plane";
import { badNetwork } from "@plumbline/testkit/faults";
import { eventually } from "../testing/eventually.ts";
import { configMap } from "../testing/manifests.ts";
import { openSite } from "../testing/site.ts";
import { withRequests } from "./testing/requests.ts";

/** Each is written twice: once to try it. */
const LARGE = 30;
/** Of each way, there and back. */
const DELAY_MS = 750;

test("answers come 1500 ms late: a small delivery is ready before a large one is written, and nothing fails", async (t) => {
  const network = await badNetwork(t, Number(new URL((await sharedCluster()).url).port));
  const labels: string[] = [];
  let client: KubeClient | undefined;
  const site = await openSite(t, {
    server: `https://127.0.0.1:${network.port}`,
    wrap: (own) => {
      client = own;
      return withRequests(own, async (label, when) => void (when === "after" && labels.push(label)));
    },
  });
  const limit = (): number => client?.load().limit ?? 0;
  const folder = (name: string, count: number): [string, string][] =>
    Array.from({ length: count }, (_, i) => [`${name}/${i}.yaml`, configMap(`${name}-${i}`, site.namespace)]);
  const files = Object.fromEntries([...folder("warm", LARGE), ...folder("large", LARGE), ...folder("small", 1)]);
  const head = await site.repository.commit(files);
  await site.source("fleet", { interval: "10m" });
  // While the server is quick, so that it is known for that.
  await site.kustomization("warm", { path: "./warm" });
  await site.applied("warm", head);
  const quick = limit();

  site.requests.length = 0;
  network.delay(DELAY_MS);
  await site.kustomization("large", { path: "./large" });
  const isOf = (name: string) => (label: string) => label.includes(`ConfigMap/${site.namespace}/${name}-`);
  await eventually("the large one is on its way", () => labels.some(isOf("large")));
  await site.kustomization("small", { path: "./small" });
  await site.applied("small", head);
  const written = labels.filter((label) => label.startsWith("apply") && isOf("large")(label)).length;
  assert.ok(written < LARGE, `the large one had written ${written} of ${LARGE} when the small one was ready`);
  await site.applied("large", head);
  t.diagnostic(`${written} of ${LARGE} were written; the limit went from ${quick} to ${limit()} requests at once`);
  assert.ok(limit() < quick && limit() >= 2, `${limit()} requests at once, ${quick} before`);

  const { items } = await site.client.listAll({ group: "", kind: "Event" }, { namespace: site.namespace });
  const warnings = items.filter((item) => digString(item, "type") === "Warning");
  assert.deepEqual(
    warnings.map((item) => digString(item, "message")),
    [],
  );
  const failures = site.events.filter(
    (event) =>
      event.type === "source-failed" ||
      event.type === "repair-failed" ||
      (event.type === "delivery-ended" && event.outcome.kind !== "applied"),
  );
  assert.deepEqual(failures, []);
  const lost = site.requests.filter(({ status }) => status === 0 || status === 429 || status >= 500);
  assert.deepEqual(lost, [], "no request was given up or refused");
});
