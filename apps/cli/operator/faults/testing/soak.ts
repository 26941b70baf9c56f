// Random faults over an operator in a process of its own; at the end the cluster must be where Git is.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { digString, type Manifest } from "@plumbline/core/model";
import { type ControlPlane, startControlPlane, type TestHooks, withNamespace } from "@plumbline/testkit/control-plane";
import { type BadNetwork, badNetwork } from "@plumbline/testkit/faults";
import type { Fault } from "@plumbline/testkit/git-server";
import { INTENTS } from "../../intents-name.ts";
import { configMap } from "../../testing/manifests.ts";
import { openSite, type Site } from "../../testing/site.ts";
import { type HostedOperators, hostOperators } from "./hosted-operators.ts";

export interface SoakOptions {
  /** Operators that are killed, one after the other, before the one that lives through all rounds. */
  deaths: number;
  /** The rounds end when these are over, whatever comes first. */
  seconds: number;
  rounds: number;
  seed: number;
}

export interface SoakResult extends Life {
  deaths: number;
  apiServerRestarts: number;
  rewrittenHistories: number;
}

/** Of the operator that lives to the end. */
interface Life {
  rounds: number;
  /** After garbage collection, MiB: when a third of the rounds was over, and at the end. */
  heapMib: [number, number];
  rssMib: [number, number];
}

const OBJECTS = 12;
const MIB = 2 ** 20;
const SETTLE_MS = 120_000;
/** Of an operator that is killed. */
const ROUNDS_TO_DEATH = 5;
/** The API server is restarted every so many rounds: that takes seconds, and is not left to chance. */
const ROUNDS_PER_RESTART = 25;

/** Throws when the site does not converge at the end. */
export async function soak(test: TestHooks, options: SoakOptions): Promise<SoakResult> {
  const world = await openWorld(test, options.seed);
  for (; world.counts.deaths < options.deaths; world.counts.deaths++) await liveAndDie(world);
  const life = await liveToTheEnd(world, options);
  return { ...life, ...world.counts };
}

interface World {
  plane: ControlPlane;
  site: Site;
  network: BadNetwork;
  random: (below: number) => number;
  /** What Git says, by name. */
  values: Map<string, string>;
  /** The commit that every history begins with. */
  root: string;
  counts: Omit<SoakResult, keyof Life>;
  host: () => Promise<HostedOperators>;
}

async function openWorld(test: TestHooks, seed: number): Promise<World> {
  const plane = await startControlPlane();
  const network = await badNetwork(test, Number(new URL(plane.url).port));
  const namespace = await withNamespace(plane, test, "soak");
  const site = await openSite(test, { cluster: plane, namespace, afterwards: () => plane.stop() });
  await site.operator.stop(); // the one that is tested has a process of its own
  const cache = await mkdtemp(join(tmpdir(), "plumb-soak-"));
  test.after(() => rm(cache, { recursive: true, force: true }));
  const server = `https://127.0.0.1:${network.port}`;
  const host = (): Promise<HostedOperators> =>
    hostOperators(test, { kubeconfig: plane.kubeconfigPath, server, sites: [{ namespace, cache }] });
  const counts = { deaths: 0, apiServerRestarts: 0, rewrittenHistories: 0 };
  const root = await site.repository.head();
  const world: World = { plane, site, network, random: randomOf(seed), values: new Map(), root, counts, host };
  await commit(world);
  await site.source("fleet", { timeout: "5s" });
  await site.kustomization("app", { path: "./app", retryInterval: "1s" });
  return world;
}

/** An operator that is killed in the middle of whatever it does; Git and the cluster go on without it. */
async function liveAndDie(world: World): Promise<void> {
  const host = await world.host();
  for (let i = 0; i < ROUNDS_TO_DEATH; i++) await round(world);
  await commit(world);
  await pause(world.random(1500));
  await host.kill();
  await (world.counts.deaths % 2 === 0 ? rewriteHistory(world) : meddle(world));
}

async function liveToTheEnd(world: World, { seconds, rounds }: SoakOptions): Promise<Life> {
  const host = await world.host();
  const endsAt = performance.now() + seconds * 1000;
  const life: Life = { rounds: 0, heapMib: [0, 0], rssMib: [0, 0] };
  while (life.rounds < rounds && performance.now() < endsAt) {
    await (++life.rounds % ROUNDS_PER_RESTART === 0 ? restartApiServer(world) : round(world));
    if (life.heapMib[0] === 0 && isThird(life.rounds / rounds, endsAt, seconds)) await note(host, life, 0);
  }
  await settle(world);
  await note(host, life, 1);
  await host.kill();
  return life;
}

async function round(world: World): Promise<void> {
  await faults[world.random(faults.length)]?.(world);
  await pause(world.random(400));
}

function randomOf(seed: number): World["random"] {
  let state = (seed % 2147483646) + 1;
  return (below) => (state = (state * 48271) % 2147483647) % below;
}

function isThird(share: number, endsAt: number, seconds: number): boolean {
  return share >= 1 / 3 || endsAt - performance.now() <= (seconds * 2000) / 3;
}

async function note(host: HostedOperators, life: Life, at: 0 | 1): Promise<void> {
  const { heapBytes, rssBytes } = await host.measure();
  life.heapMib[at] = Math.round(heapBytes / MIB);
  life.rssMib[at] = Math.round(rssBytes / MIB);
}

async function commit(world: World): Promise<string> {
  const { site, random, values } = world;
  const files: Record<string, string | null> = {};
  for (let i = 0; i < 3; i++) {
    const name = `o${random(OBJECTS)}`;
    const isGone = random(4) === 0 && values.size > 3;
    if (isGone) values.delete(name);
    else values.set(name, String(random(1000)));
    files[`app/${name}.yaml`] = isGone ? null : configMap(name, site.namespace, values.get(name));
  }
  files["app/always.yaml"] = configMap("always", site.namespace, "1");
  return await site.repository.commit(files, { message: "change" });
}

/** A force-push: what Git says stays, under a history that the last commit is no part of. */
async function rewriteHistory({ site, values, root, counts }: World): Promise<void> {
  const { repository } = site;
  const old = await repository.head();
  const files: Record<string, string | null> = { "app/always.yaml": configMap("always", site.namespace, "1") };
  for (let i = 0; i < OBJECTS; i++) {
    const value = values.get(`o${i}`);
    files[`app/o${i}.yaml`] = value === undefined ? null : configMap(`o${i}`, site.namespace, value);
  }
  const head = await repository.commit(files, { message: "history anew", parent: root });
  assert.notEqual(old, root);
  assert.equal(await repository.git("merge-base", old, head), root, "the old head is no ancestor of the new one");
  counts.rewrittenHistories++;
}

/** By a crash, or in order. */
async function restartApiServer({ plane, random, counts }: World): Promise<void> {
  await plane.stopApiServer(random(2) === 0 ? "SIGKILL" : "SIGTERM");
  await pause(random(1000));
  await plane.startApiServer();
  counts.apiServerRestarts++;
}

async function withGitFault({ site, random }: World, fault: Fault): Promise<void> {
  site.git.fault = fault;
  await pause(random(1500));
  site.git.fault = undefined;
}

/** Another's doing: an edit or a deletion of an object of ours. */
async function meddle({ site, random }: World): Promise<void> {
  const name = `o${random(OBJECTS)}`;
  const ref = { group: "", version: "v1", kind: "ConfigMap", namespace: site.namespace, name };
  const edit = { type: "merge" as const, body: { data: { value: "by hand" } } };
  const work = random(2) === 0 ? site.client.delete(ref) : site.client.patch(ref, edit, { fieldManager: "hand" });
  await work.catch((error: unknown) => assert.match(String(error), /not found/));
}

const faults: readonly ((world: World) => Promise<unknown>)[] = [
  commit,
  commit,
  meddle,
  meddle,
  async ({ network }) => network.cut(),
  async ({ network }) => network.freeze(),
  async ({ network, random }) => {
    network.refuse(true);
    network.cut();
    await pause(random(800));
    network.refuse(false);
  },
  async ({ network, random }) => {
    network.delay(random(100));
    await pause(200);
    network.delay(0);
  },
  (world) => withGitFault(world, { kind: "reset" }),
  (world) => withGitFault(world, { kind: "hang" }),
  (world) => withGitFault(world, { kind: "status", status: 503 }),
  (world) => withGitFault(world, { kind: "truncate", bytes: world.random(500) }),
  (world) => withGitFault(world, { kind: "corrupt", at: world.random(500) }),
  rewriteHistory,
];

async function settle(world: World): Promise<void> {
  const { site, network, values } = world;
  network.refuse(false);
  network.delay(0);
  network.cut();
  site.git.fault = undefined;
  const head = await commit(world);
  const expected = JSON.stringify([...values, ["always", "1"] as const].sort(byName));
  const deadline = performance.now() + SETTLE_MS;
  for (let found = ""; ; await pause(250)) {
    found = JSON.stringify(await state(site));
    const object = await site.get("Kustomization", "app");
    const revision = digString(object, "status", "lastAppliedRevision") ?? "";
    if (found === expected && revision.endsWith(head)) return;
    if (performance.now() > deadline) assert.fail(`at ${revision}, wanted ${head}:\n${found}\n${expected}`);
  }
}

async function state(site: Site): Promise<[string, string][]> {
  const { items } = await site.client.listAll({ group: "", kind: "ConfigMap" }, { namespace: site.namespace });
  const text = (item: Manifest, ...path: string[]): string => digString(item, ...path) ?? "";
  const others = new Set(["kube-root-ca.crt", INTENTS]);
  const ours = items.filter((item) => !others.has(text(item, "metadata", "name")));
  return ours
    .map((item): [string, string] => [text(item, "metadata", "name"), text(item, "data", "value")])
    .sort(byName);
}

function byName(a: readonly [string, string], b: readonly [string, string]): number {
  return a[0] < b[0] ? -1 : 1;
}
