// The cache on the disk: a site without network, damaged files, a full disk, a clock that jumps.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { type Clock, digString, type Manifest } from "@plumbline/core/model";
import { systemClock } from "@plumbline/edges/telemetry";
import { sharedCluster } from "@plumbline/testkit/control-plane";
import { findConfigMap } from "../testing/config-map.ts";
import { eventually } from "../testing/eventually.ts";
import { configMap } from "../testing/manifests.ts";
import { openSite, type Site } from "../testing/site.ts";
import { hostOperators } from "./testing/hosted-operators.ts";

const HOUR = 3_600_000;

function value(object: Manifest | undefined): string | undefined {
  return digString(object ?? {}, "data", "value");
}

/** The operator's wall clock, as far off as the test says. */
function shiftable(): Clock & { shiftMs: number } {
  const clock = systemClock({ keepsAlive: true });
  const shifted = { ...clock, shiftMs: 0, now: () => clock.now() + shifted.shiftMs };
  return shifted;
}

async function open(t: TestContext, clock: Clock): Promise<Site> {
  const site = await openSite(t, { clock });
  const commit = await site.repository.commit(
    { "app/a.yaml": configMap("a", site.namespace), "app/b.yaml": configMap("b", site.namespace) },
    { message: "a and b" },
  );
  await site.source("fleet");
  await site.kustomization("app", { path: "./app" });
  await site.applied("app", commit);
  await site.ready("fleet", ({ status }) => status === "True", "GitRepository");
  return site;
}

async function healsDrift(site: Site): Promise<void> {
  const target = { group: "", version: "v1", kind: "ConfigMap", namespace: site.namespace, name: "a" };
  const wanted = value(await findConfigMap(site, "a"));
  await site.client.patch(target, { type: "merge", body: { data: { value: "by hand" } } }, { fieldManager: "hand" });
  await eventually("the edit is put right", async () => value(await findConfigMap(site, "a")) === wanted);
  await site.client.delete({ ...target, name: "b" });
  await eventually("the deleted one is back", async () => (await findConfigMap(site, "b")) !== undefined);
}

test("a site without network heals drift from its disk after a restart, days later too, and goes to the newest revision when the network is back", async (t) => {
  const clock = shiftable();
  const site = await open(t, clock);
  site.git.fault = { kind: "reset" };
  for (const days of [0, 40]) {
    clock.shiftMs = days * 24 * HOUR;
    await site.restart();
    await healsDrift(site);
  }
  await site.repository.commit({ "app/a.yaml": configMap("a", site.namespace, "2") }, { message: "2" });
  const newest = await site.repository.commit({ "app/b.yaml": null }, { message: "without b" });
  site.git.fault = undefined;
  await site.applied("app", newest);
  assert.equal(value(await findConfigMap(site, "a")), "2");
  assert.equal(await findConfigMap(site, "b"), undefined);
});

test("a clock that jumps by hours, forth and back, stops no poll and undoes nothing", async (t) => {
  const clock = shiftable();
  const site = await open(t, clock);
  for (const [i, hours] of [7, -9, 30 * 24, 0].entries()) {
    clock.shiftMs = hours * HOUR;
    const change = { "app/a.yaml": configMap("a", site.namespace, `jump ${i}`) };
    await site.applied("app", await site.repository.commit(change, { message: `jump ${i}` }));
    await healsDrift(site);
    assert.equal(value(await findConfigMap(site, "a")), `jump ${i}`);
  }
  await site.restart();
  await healsDrift(site);
});

/** What is done to a file of the cache while the operator is down. */
const damages: readonly { what: string; files: RegExp; harm: (file: string) => Promise<void> }[] = [
  { what: "packs cut short", files: /\.pack$/, harm: (file) => truncate(file, 60) },
  { what: "indexes emptied", files: /\.idx$/, harm: (file) => truncate(file, 0) },
  { what: "packs with a flipped byte", files: /\.pack$/, harm: (file) => flip(file) },
  { what: "records cut short", files: /records\/git-/, harm: (file) => truncate(file, 70) },
  { what: "records changed", files: /records\/git-/, harm: (file) => flip(file) },
  { what: "artifacts cut short", files: /artifacts\/.*\.tar\.gz$/, harm: (file) => truncate(file, 10) },
  { what: "repositories without HEAD", files: /repositories\/[^/]*\/HEAD$/, harm: (file) => rm(file) },
];

async function flip(file: string): Promise<void> {
  const bytes = await readFile(file);
  const at = Math.floor(bytes.length / 2);
  bytes[at] = (bytes[at] ?? 0) ^ 0xff;
  await writeFile(file, bytes);
}

test("cache files that were damaged on the disk are noticed and fetched anew, and never applied", async (t) => {
  const site = await open(t, shiftable());
  for (const [i, { what, files, harm }] of damages.entries()) {
    await site.operator.stop();
    const names = await readdir(site.cacheDirectory, { recursive: true });
    const hit = names.filter((name) => files.test(name.replaceAll("\\", "/")) && !name.endsWith("latest.tar.gz"));
    assert.ok(hit.length > 0, `no file for: ${what}`);
    for (const name of hit) await harm(join(site.cacheDirectory, name));
    await site.restart();
    await healsDrift(site);
    const change = { "app/a.yaml": configMap("a", site.namespace, `after ${i}`) };
    await site.applied("app", await site.repository.commit(change, { message: what }));
    assert.equal(value(await findConfigMap(site, "a")), `after ${i}`, what);
  }
});

const CACHE_MIB = 2;

/** A program that gives what it starts a small disk at `directory`; undefined where this machine does not let us. */
function onSmallDisk(directory: string): string[] | undefined {
  const script = `mount -t tmpfs -o size=${CACHE_MIB}m tmpfs "$0" && exec "$@"`;
  const within = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, directory];
  const [program, ...args] = within;
  return spawnSync(program ?? "", [...args, "true"]).status === 0 ? within : undefined;
}

test("a cache on a full disk is named as such, takes nothing away, and goes on when there is room", async (t) => {
  const site = await openSite(t);
  await site.operator.stop();
  const cache = await mkdtemp(join(tmpdir(), "plumb-full-"));
  t.after(() => rm(cache, { recursive: true, force: true }));
  const within = onSmallDisk(cache);
  if (!within) return t.skip("mounting a small disk needs user namespaces, which this machine does not allow");
  const { kubeconfigPath: kubeconfig } = await sharedCluster();
  const host = await hostOperators(t, { kubeconfig, sites: [{ namespace: site.namespace, cache }], within });
  const small = await site.repository.commit({ "app/a.yaml": configMap("a", site.namespace) }, { message: "a" });
  await site.source("fleet");
  await site.kustomization("app", { path: "./app" });
  await site.applied("app", small);
  const noise = crypto.getRandomValues(new Uint8Array(60_000));
  const large = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`noise/${i}`, noise.map((byte) => byte ^ i)]));
  await site.repository.commit({ ...large, "app/a.yaml": null }, { message: "more than the disk holds" });
  await site.ready(
    "fleet",
    ({ status, message }) => status === "False" && /disk .* is full/.test(message),
    "GitRepository",
  );
  assert.ok(await findConfigMap(site, "a"), "nothing is taken away");
  const fits = await site.repository.commit(
    { "app/a.yaml": configMap("a", site.namespace, "2") },
    { message: "small again", fresh: true },
  );
  await site.applied("app", fits);
  assert.equal(value(await findConfigMap(site, "a")), "2");
  await host.kill();
});
