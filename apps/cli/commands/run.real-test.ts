// The operator as a process: its endpoints, its leases, its log, its end.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { digString } from "@plumbline/core/model";
import { configMap } from "../operator/testing/manifests.ts";
import { SMALL_HEAP } from "../operator/small-memory.ts";
import { eventually } from "../operator/testing/eventually.ts";
import type { Site } from "../operator/testing/site.ts";
import { openRunSite } from "./testing/run-on-site.ts";

const LEASES = ["plumbline", "source-controller", "kustomize-controller"].map((name) => `${name}-leader-election`);

async function holders(site: Site): Promise<(string | undefined)[]> {
  const ref = { group: "coordination.k8s.io", version: "v1", kind: "Lease", namespace: site.namespace };
  const leases = await Promise.all(LEASES.map((name) => site.client.find({ ...ref, name })));
  return leases.map((lease) => lease && digString(lease, "spec", "holderIdentity"));
}

async function statusOf(url: string): Promise<number> {
  return (await fetch(url)).status;
}

test("run serves probes and metrics, holds Flux's leases and its own, logs as Flux does, and ends well", async (t) => {
  const { site, start } = await openRunSite(t);
  const running = start();
  const { health, metrics } = await running.logged("starting");
  const commandLine = readFileSync(`/proc/${running.child.pid}/cmdline`, "utf8").split("\0");
  assert.deepEqual(commandLine.slice(1, 1 + SMALL_HEAP.length), SMALL_HEAP, "it started itself in little memory");
  assert.equal(await statusOf(`${String(health)}/healthz`), 200);
  await eventually("ready", async () => (await statusOf(`${String(health)}/readyz`)) === 200);
  const [own = "", ...flux] = await holders(site);
  assert.match(own, /^plumbline_/);
  assert.deepEqual(flux, [own, own]);

  const commit = await site.repository.commit({ "app/cm.yaml": configMap("a", site.namespace) }, { message: "one" });
  await site.source("fleet");
  await site.kustomization("app", { path: "./app" });
  await site.applied("app", commit);
  const line = await running.logged(/^Reconciliation finished in \d+ms$/);
  assert.equal(line["level"], "info");
  assert.match(String(line["ts"]), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  const { controller, namespace, name, revision } = line;
  const expected = {
    controller: "kustomization",
    namespace: site.namespace,
    name: "app",
    revision: `main@sha1:${commit}`,
  };
  assert.deepEqual({ controller, namespace, name, revision }, expected);
  const exposed = await (await fetch(`${String(metrics)}/metrics`)).text();
  assert.match(
    exposed,
    /^gotk_reconcile_duration_seconds_count\{kind="Kustomization",name="app",namespace="[^"]+"\} \d/m,
  );
  assert.match(exposed, /^rest_client_requests_total\{method="\w+",code="200"\} \d/m);

  const second = start();
  const waiting = await second.logged("waiting for the leader to go");
  assert.deepEqual([waiting["lease"], waiting["holder"]], [LEASES[0], own]);
  const other = String((await second.logged("starting"))["health"]);
  assert.deepEqual([await statusOf(`${other}/healthz`), await statusOf(`${other}/readyz`)], [200, 503]);

  running.child.kill("SIGTERM");
  assert.deepEqual([await running.ended, running.stderr()], [0, ""]);
  await second.logged("reconciling");
  const after = await holders(site);
  assert.notEqual(after[0], own);
  assert.deepEqual(after, [after[0], after[0], after[0]]);
  second.child.kill("SIGINT");
  assert.deepEqual([await second.ended, second.stderr()], [0, ""]);
  assert.deepEqual(await holders(site), ["", "", ""]);
});

test("run refuses to start beside a living Flux, names its holder and says what to do", async (t) => {
  const { site, start } = await openRunSite(t);
  const lease = "kustomize-controller-leader-election";
  const renew = async (): Promise<unknown> =>
    await site.apply({
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata: { name: lease, namespace: site.namespace },
      spec: {
        holderIdentity: "kustomize-controller-abc_123",
        leaseDurationSeconds: 35,
        renewTime: new Date().toISOString().replace("Z", "000Z"),
      },
    });
  await renew();
  const timer = setInterval(() => void renew().catch(() => undefined), 500);
  t.after(() => clearInterval(timer));
  const running = start();
  assert.equal(await running.ended, 1);
  assert.equal(
    running.stderr(),
    `✗ Flux is running in namespace ${site.namespace}: leases held: ${lease} by kustomize-controller-abc_123\n` +
      `  Stop it first: kubectl -n ${site.namespace} scale deployment kustomize-controller --replicas=0\n`,
  );
  assert.deepEqual(await holders(site), [undefined, undefined, "kustomize-controller-abc_123"]);
});

test("a run that waits for its turn ends well when told to, and holds nothing", async (t) => {
  const { site, start } = await openRunSite(t);
  const lease = (name: string): Promise<unknown> =>
    site.apply({
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata: { name, namespace: site.namespace },
      spec: {
        holderIdentity: "plumbline_other",
        leaseDurationSeconds: 35,
        renewTime: new Date().toISOString().replace("Z", "000Z"),
      },
    });
  // It takes its own, then waits for this one.
  await lease("source-controller-leader-election");
  const timer = setInterval(() => void lease("source-controller-leader-election").catch(() => undefined), 500);
  t.after(() => clearInterval(timer));
  const running = start();
  await running.logged("waiting for the leader to go");
  running.child.kill("SIGTERM");
  assert.deepEqual([await running.ended, running.stderr()], [0, ""]);
  assert.deepEqual(await holders(site), ["", "plumbline_other", undefined]);
});

test("a taken port ends it at once with the flag to change", async (t) => {
  const { start } = await openRunSite(t);
  const first = start("--no-leader-election");
  const { metrics } = await first.logged("starting");
  const second = start("--metrics-addr", new URL(String(metrics)).host);
  assert.equal(await second.ended, 2);
  assert.match(
    second.stderr(),
    /^✗ cannot listen on 127\.0\.0\.1:\d+: .*EADDRINUSE.*\n {2}Choose another address with --metrics-addr\.\n$/,
  );
});
