// An API server that says 429: the operator waits as long as it is told, and a small delivery does not wait for a large one.

import assert from "node:assert/strict";
import { test } from "node:test";
import { sharedCluster } from "@plumbline/testkit/control-plane";
import { eventually } from "./testing/eventually.ts";
import { configMap } from "./testing/manifests.ts";
import { openSite } from "./testing/site.ts";
import { startThrottlingProxy } from "./testing/throttling-proxy.ts";

/** Each is written twice: once to try it. */
const LARGE = 120;
const RETRY_AFTER_SECONDS = 1;
/** A timer counts from the start of its turn of the event loop, which a busy machine makes long. */
const TURN_MS = 150;

test("a small delivery gets through while a large one is throttled, and no write comes back before Retry-After", async (t) => {
  const proxy = await startThrottlingProxy(t, await sharedCluster(), {
    writesPerSecond: 20,
    retryAfterSeconds: RETRY_AFTER_SECONDS,
    throttles: (path) => path.includes("/configmaps/"),
  });
  const site = await openSite(t, { server: proxy.url });
  const files: Record<string, string> = { "small/one.yaml": configMap("small", site.namespace) };
  for (let i = 0; i < LARGE; i++) files[`large/${i}.yaml`] = configMap(`large-${i}`, site.namespace);
  const head = await site.repository.commit(files);
  await site.source("fleet");
  await site.kustomization("large", { path: "./large", timeout: "5m" });
  await eventually("the large one is told to wait", () => proxy.attempts.some(({ refused }) => refused));
  await site.kustomization("small", { path: "./small", timeout: "5m" });
  await site.applied("small", head);

  const refusals = proxy.attempts.filter(({ refused }) => refused);
  const waits = refusals.map(({ key, atMs }) => {
    const next = proxy.attempts.find((attempt) => attempt.key === key && attempt.atMs > atMs);
    return next === undefined ? Infinity : next.atMs - atMs;
  });
  assert.ok(
    Math.min(...waits) >= RETRY_AFTER_SECONDS * 1000 - TURN_MS,
    `an attempt came back after ${Math.min(...waits)} ms`,
  );
  const refusedEarly = refusals.length;
  await site.applied("large", head);
  const lastOf = (name: string): number =>
    proxy.attempts.findLastIndex(({ key }) => key.includes(`/configmaps/${name}`));
  assert.ok(lastOf("small") < lastOf("large-"), "the small one was written while the large one was on its way");
  t.diagnostic(`${refusedEarly} writes were refused until the small one was done, of ${proxy.attempts.length} in all`);
});
