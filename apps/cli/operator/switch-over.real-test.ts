// The etcd of a cluster as real Flux left it, taken over: nothing that Flux had applied is written, nor asked about.

import assert from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { dig, digString, isObject, type JsonValue, type Manifest } from "@plumbline/core/model";
import { connect, type KubeClient, loadKubeconfig } from "@plumbline/edges/kube";
import { createBareRepository, type GitServer, startGitServer } from "@plumbline/edges/git-http";
import { systemClock } from "@plumbline/edges/telemetry";
import type { EngineEvent } from "@plumbline/engine/ports";
import { type Cluster, startControlPlane } from "@plumbline/testkit/control-plane";
import { corpusTest } from "@plumbline/testkit/corpus";
import { startOperator } from "./start-operator.ts";
import { conditionOf } from "./testing/site.ts";

/** The URLs of the recorded GitRepositories name it. */
const GIT_PORT = 8418;
const PATIENCE_MS = 60_000;
/** Long enough for a retry or a repair that should not be. */
const QUIET_MS = 2000;
const OWNER = "kustomize.toolkit.fluxcd.io/name";
const KUSTOMIZATIONS = { group: "kustomize.toolkit.fluxcd.io", version: "v1", kind: "Kustomization" };
const REPOSITORIES = { group: "source.toolkit.fluxcd.io", version: "v1", kind: "GitRepository" };
const USER_AGENT = "plumbline-switch-over-test/0";
/** What an operator may write to in a switch-over: the state of its own objects, and events. */
const OURS = new Set(["kustomizations", "gitrepositories", "events"]);

async function serveBundles(folder: string, t: TestContext): Promise<GitServer | undefined> {
  const root = await mkdtemp(join(tmpdir(), "plumb-switch-git-"));
  t.after(() => rm(root, { recursive: true, force: true }));
  for (const bundle of (await readdir(folder)).filter((name) => name.endsWith(".bundle"))) {
    const repository = await createBareRepository(join(root, `${basename(bundle, ".bundle")}.git`));
    await repository.git("fetch", "-q", join(folder, bundle), "+refs/heads/*:refs/heads/*");
  }
  try {
    const server = await startGitServer({ root, port: GIT_PORT });
    t.after(() => server.close());
    return server;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    t.skip(`port ${GIT_PORT}, which the recorded objects name, is taken on this machine`);
    return undefined;
  }
}

function clientOf(cluster: Cluster, t: TestContext): KubeClient {
  const config = loadKubeconfig({ path: cluster.kubeconfigPath, env: {} });
  const client = connect(config, { clock: systemClock({ keepsAlive: true }), userAgent: USER_AGENT });
  t.after(() => client.close());
  return client;
}

function isWrite(verb: string): boolean {
  return verb !== "get" && verb !== "list" && verb !== "watch";
}

/** Every object in every inventory, and whatever else carries the owner label, by a key that names it. */
async function managedObjects(client: KubeClient): Promise<Map<string, Manifest>> {
  const found = new Map<string, Manifest>();
  for (const resource of await client.discovery.all()) {
    if (!resource.verbs.includes("list")) continue;
    const { items } = await client.listAll(resource, { labelSelector: OWNER });
    for (const item of items) {
      const { name = "", namespace = "" } = item.metadata as { name?: string; namespace?: string };
      found.set(`${namespace}_${name}_${resource.group}_${resource.kind}`, item);
    }
  }
  return found;
}

async function byName(client: KubeClient, kind: typeof KUSTOMIZATIONS): Promise<Map<string, Manifest>> {
  const { items } = await client.listAll(kind);
  return new Map(items.map((item) => [digString(item, "metadata", "name") ?? "", item]));
}

function inventoryIds(object: Manifest | undefined): string[] {
  const entries = dig(object, "status", "inventory", "entries");
  return (Array.isArray(entries) ? entries : []).map((entry) => digString(entry, "id") ?? "");
}

function revisionsOf(status: JsonValue | undefined): JsonValue {
  return ["lastAppliedRevision", "lastAttemptedRevision", "observedGeneration"].map(
    (field) => dig(status, field) ?? null,
  );
}

/** As Flux writes them: the newest state of a field, not how we would word it. */
function assertFluxShaped(object: Manifest): void {
  const conditions = dig(object, "status", "conditions");
  assert.ok(Array.isArray(conditions) && conditions.length > 0);
  for (const condition of conditions) {
    const keys = isObject(condition) ? Object.keys(condition).sort() : [];
    assert.deepEqual(keys, ["lastTransitionTime", "message", "observedGeneration", "reason", "status", "type"]);
  }
}

interface TakenOver {
  before: Manifest;
  after: Manifest;
}

/** The state that Flux left is the state that we come to. */
function assertContinued(name: string, { before, after }: TakenOver): void {
  if (dig(before, "spec", "suspend") === true) {
    assert.deepEqual(after, before, name);
    return;
  }
  assertFluxShaped(after);
  assert.deepEqual(inventoryIds(after), inventoryIds(before), name);
  assert.deepEqual(revisionsOf(after.status), revisionsOf(before.status), name);
  const [was, is] = [conditionOf(before, "Ready"), conditionOf(after, "Ready")];
  assert.deepEqual([is?.status, is?.reason], [was?.status, was?.reason], name);
  if (was?.status === "True") assert.equal(is?.message, was.message, name);
  assert.deepEqual(dig(after, "metadata", "finalizers"), dig(before, "metadata", "finalizers"), name);
  assert.deepEqual(after.spec, before.spec, name);
}

/** Runs the operator on the cluster until it has looked at everything; resolves with its requests and its plans. */
async function runOperator(plane: Cluster, expected: ReadonlySet<string>, t: TestContext): Promise<EngineEvent[]> {
  const events: EngineEvent[] = [];
  const ended = new Set<string>();
  const cacheDirectory = await mkdtemp(join(tmpdir(), "plumb-switch-"));
  t.after(() => rm(cacheDirectory, { recursive: true, force: true }));
  const operator = await startOperator({
    client: clientOf(plane, t),
    cacheDirectory,
    clock: systemClock({ keepsAlive: true }),
    log: { info: () => undefined, error: () => undefined },
    artifacts: { port: 0 },
    onEvent: (event) => {
      events.push(event);
      if (event.type === "delivery-ended") ended.add(basename(event.key));
    },
  });
  try {
    for (const start = performance.now(); ended.size < expected.size; await sleep(50)) {
      const waited = performance.now() - start;
      assert.ok(waited < PATIENCE_MS, `looked at ${[...ended].join(", ")} of ${[...expected].join(", ")}`);
    }
    await sleep(QUIET_MS);
  } finally {
    await operator.stop();
  }
  assert.deepEqual([...ended].sort(), [...expected].sort());
  return events;
}

/** What the plans would write, by Kustomization. */
function plannedWrites(events: readonly EngineEvent[]): string[] {
  return events.flatMap((event) => {
    if (event.type !== "planned") return [];
    const changes = [...event.plan.stages.flatMap((stage) => stage.changes), ...event.plan.prune];
    return changes
      .filter(({ action }) => action !== "keep" && action !== "skip")
      .map(({ action, ref }) => `${basename(event.key)}: ${action} ${ref.kind}/${ref.name}`);
  });
}

corpusTest(
  "flux-cluster",
  "switching over from Flux writes no managed object and asks about none",
  async (folder, t) => {
    if (!(await serveBundles(folder, t))) return;
    const etcdData = join(folder, "etcd-data.tar.zst");
    const plane = await startControlPlane({ etcdData, controllerManagerArgs: false, audit: true });
    t.after(() => plane.stop());
    const client = clientOf(plane, t);
    const objects = await managedObjects(client);
    assert.ok(objects.size > 70, String(objects.size));
    const kustomizations = await byName(client, KUSTOMIZATIONS);
    const sources = await byName(client, REPOSITORIES);
    const active = new Set(
      [...kustomizations].filter(([, k]) => dig(k, "spec", "suspend") !== true).map(([name]) => name),
    );
    assert.equal(active.size, kustomizations.size - 1);
    await plane.audit?.skip();

    const events = await runOperator(plane, active, t);

    const requests = (await plane.audit?.read({ userAgent: USER_AGENT })) ?? [];
    const writes = requests.filter(({ verb, objectRef }) => isWrite(verb) && !OURS.has(objectRef?.resource ?? ""));
    // The one that the webhook holds has nothing in the cluster yet: each try asks about its objects, and writes none.
    const held = writes.filter(({ requestURI }) => requestURI.includes("/app-1?") && requestURI.includes("dryRun=All"));
    assert.deepEqual(
      writes.filter((event) => !held.includes(event)).map((event) => event.requestURI),
      [],
    );
    assert.ok(held.length > 0);
    const plans = plannedWrites(events);
    assert.ok(plans.length > 0 && plans.every((line) => line.startsWith("fleet-1: update ")), plans.join("\n"));

    const after = await managedObjects(client);
    assert.deepEqual([...after.keys()].sort(), [...objects.keys()].sort());
    for (const [key, object] of objects) assert.deepEqual(after.get(key), object, key);
    for (const [name, before] of kustomizations) {
      const now = (await byName(client, KUSTOMIZATIONS)).get(name);
      assert.ok(now);
      assertContinued(name, { before, after: now });
    }
    for (const [name, now] of await byName(client, REPOSITORIES)) {
      assertFluxShaped(now);
      const revision = (object: Manifest | undefined): unknown => dig(object, "status", "artifact", "revision");
      assert.equal(revision(now), revision(sources.get(name)), name);
    }
    t.diagnostic(
      `${objects.size} objects of ${kustomizations.size} Kustomizations: none written, ${held.length} dry-runs`,
    );
  },
);
