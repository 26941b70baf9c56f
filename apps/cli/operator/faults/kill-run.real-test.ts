// kill -9 of the real program in mid-apply, with another one waiting for its lease.

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { test, type TestContext } from "node:test";
import { dig, digString, type Manifest } from "@plumbline/core/model";
import { sharedCluster } from "@plumbline/testkit/control-plane";
import { type BadNetwork, badNetwork } from "@plumbline/testkit/faults";
import { type Running, startPlumb } from "../../commands/testing/plumb.ts";
import { INTENTS } from "../intents-name.ts";
import { eventually } from "../testing/eventually.ts";
import { configMap } from "../testing/manifests.ts";
import { openSite, type Site } from "../testing/site.ts";

const LEASES = ["plumbline", "source-controller", "kustomize-controller"].map((name) => `${name}-leader-election`);
/** As Flux's controllers. */
const LEASE_MS = 35_000;
/** Each byte of the doomed one's traffic comes this much later, so that an apply is long enough to die in. */
const SLOW_MS = 50;

const namesOf = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${prefix}${i}`);
/** Applied first, in the order of names; only the commit that the program dies in has them. */
const fresh = namesOf("a-fresh", 20);
const kept = namesOf("kept", 100);
const old = namesOf("old", 10);

interface RunSite {
  site: Site;
  /** The way of the first program to the API server. */
  network: BadNetwork;
  start: (through: "bad network" | "good network") => Running;
}

async function open(t: TestContext): Promise<RunSite> {
  const { kubeconfigPath, url } = await sharedCluster();
  const site = await openSite(t);
  // The operators under test are child processes.
  await site.operator.engine.synced;
  await site.operator.stop();
  const directory = await mkdtemp(join(tmpdir(), "plumb-kill-run-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const network = await badNetwork(t, Number(new URL(url).port));
  const kubeconfig = join(directory, "kubeconfig");
  const text = (await readFile(kubeconfigPath, "utf8")).replaceAll(url, `https://127.0.0.1:${network.port}`);
  await writeFile(kubeconfig, text, { mode: 0o600 });
  const start: RunSite["start"] = (through) => {
    const addresses = ["--health-addr", "--metrics-addr", "--storage-addr"].flatMap((flag) => [flag, "127.0.0.1:0"]);
    const cluster = ["--kubeconfig", through === "bad network" ? kubeconfig : kubeconfigPath];
    const scope = ["--runtime-namespace", site.namespace, "--no-watch-all-namespaces"];
    return startPlumb(t, ["run", ...cluster, ...scope, ...addresses, "--storage-path", join(directory, through)]);
  };
  return { site, network, start };
}

async function configMaps(site: Site): Promise<Map<string, Manifest>> {
  const { items } = await site.client.listAll({ group: "", kind: "ConfigMap" }, { namespace: site.namespace });
  const named = items.map((item): [string, Manifest] => [digString(item, "metadata", "name") ?? "", item]);
  return new Map(named.filter(([name]) => name !== "kube-root-ca.crt" && name !== INTENTS));
}

interface Lease {
  holder: string;
  acquiredAt: number;
  renewedAt: number;
}

async function leases(site: Site): Promise<Lease[]> {
  const ref = { group: "coordination.k8s.io", version: "v1", kind: "Lease", namespace: site.namespace };
  const found = await Promise.all(LEASES.map((name) => site.client.get({ ...ref, name })));
  return found.map((lease) => ({
    holder: digString(lease, "spec", "holderIdentity") ?? "",
    acquiredAt: Date.parse(digString(lease, "spec", "acquireTime") ?? ""),
    renewedAt: Date.parse(digString(lease, "spec", "renewTime") ?? ""),
  }));
}

function files(site: Site, names: readonly string[], value: string): Record<string, string> {
  return Object.fromEntries(names.map((name) => [`app/${name}.yaml`, configMap(name, site.namespace, value)]));
}

const valueOf = (object: Manifest | undefined): string | undefined => digString(object ?? {}, "data", "value");
const field = (object: Manifest | undefined, name: string): string | undefined =>
  digString(object ?? {}, "metadata", name);

/** Kills it when it has created some of what is new and changed not all of the rest; what it left is returned. */
async function killInMidApply({ site, network }: RunSite, doomed: Running): Promise<Map<string, Manifest>> {
  network.delay(SLOW_MS);
  const second = { ...files(site, fresh, "1"), ...files(site, kept, "2") };
  await site.repository.commit(second, { message: "second", fresh: true });
  await eventually("something new is there", async () => {
    const now = await configMaps(site);
    return fresh.some((name) => now.has(name));
  });
  doomed.child.kill("SIGKILL");
  assert.equal(await doomed.ended, null);
  await pause(500); // what is on its way at the API server
  const left = await configMaps(site);
  const counts = [fresh, old].map((names) => names.filter((name) => left.has(name)).length);
  const changed = kept.filter((name) => valueOf(left.get(name)) === "2").length;
  assert.ok((counts[0] ?? 0) > 0 && changed < kept.length, `it died in mid-apply: ${counts.join()}, ${changed}`);
  assert.equal(counts[1], old.length, "nothing is pruned before all is applied");
  return left;
}

test("kill -9 of `plumb run` in mid-apply: the one that waits leads when the lease has run out, and ends where Git is", async (t) => {
  const at = await open(t);
  const { site, start } = at;
  const doomed = start("bad network");
  await doomed.logged("reconciling");
  const first = { ...files(site, kept, "1"), ...files(site, old, "1") };
  const commit = await site.repository.commit(first, { message: "first", fresh: true });
  await site.source("fleet");
  await site.kustomization("app", { path: "./app" });
  await site.applied("app", commit);
  const before = await configMaps(site);
  const next = start("good network");
  const waiting = await next.logged("waiting for the leader to go");
  const left = await killInMidApply(at, doomed);
  const dead = await leases(site);
  assert.ok(dead.every(({ holder }) => holder === waiting["holder"]));
  const last = await site.repository.commit(files(site, kept, "2"), { message: "last", fresh: true });

  await next.logged("reconciling");
  await site.applied("app", last);
  const taken = await leases(site);
  assert.notEqual(taken[0]?.holder, dead[0]?.holder);
  assert.ok(taken.every(({ holder }) => holder === taken[0]?.holder));
  for (const [i, { acquiredAt }] of taken.entries()) {
    const ranOutAt = (dead[i]?.renewedAt ?? NaN) + LEASE_MS;
    assert.ok(acquiredAt >= ranOutAt, `${LEASES[i]} was taken before it had run out`);
    assert.ok(acquiredAt < ranOutAt + LEASE_MS, `${LEASES[i]} was not watched while another was waited for`);
  }
  const after = await configMaps(site);
  assert.deepEqual([...after.keys()].sort(), [...kept].sort(), "nothing is lost or orphaned");
  for (const name of kept) {
    const [was, is] = [left.get(name), after.get(name)];
    assert.equal(valueOf(is), "2", name);
    assert.equal(field(is, "uid"), field(before.get(name), "uid"), `${name} was made anew`);
    if (valueOf(was) === "2")
      assert.equal(field(is, "resourceVersion"), field(was, "resourceVersion"), `${name} was written without need`);
    else
      assert.ok(writtenAt(is) >= Math.floor((taken[0]?.acquiredAt ?? NaN) / 1000) * 1000, `${name}: no leader wrote`);
  }
  const entries = dig(await site.get("Kustomization", "app"), "status", "inventory", "entries");
  assert.ok(Array.isArray(entries));
  const ids = entries.map((entry) => digString(entry, "id") ?? "").sort();
  assert.deepEqual(ids, kept.map((name) => `${site.namespace}_${name}__ConfigMap`).sort());
  next.child.kill("SIGTERM");
  assert.deepEqual([await next.ended, next.stderr()], [0, ""]);
});

/** In whole seconds, as the API server notes it. */
function writtenAt(object: Manifest | undefined): number {
  const entries = dig(object ?? {}, "metadata", "managedFields");
  const times = Array.isArray(entries) ? entries.map((entry) => Date.parse(digString(entry, "time") ?? "")) : [];
  return Math.max(...times);
}
