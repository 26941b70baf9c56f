// The etcd of a cluster as real Flux left it, taken over: nothing that Flux had applied is written, nor asked about.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { dig, digString, isObject, type JsonValue, type Manifest, refOf } from "@plumbline/core/model";
import type { KubeClient } from "@plumbline/edges/kube";
import { systemClock } from "@plumbline/edges/telemetry";
import type { EngineEvent } from "@plumbline/engine/ports";
import type { AuditEvent, Cluster } from "@plumbline/testkit/control-plane";
import { corpusTest } from "@plumbline/testkit/corpus";
import { startOperator } from "./start-operator.ts";
import { eventually } from "./testing/eventually.ts";
import {
  clientOf,
  KUSTOMIZATIONS,
  managedObjects,
  objectsByName,
  openFluxCluster,
  REPOSITORIES,
} from "./testing/flux-cluster.ts";
import { conditionOf } from "./testing/site.ts";

const PATIENCE_MS = 60_000;
/** Long enough for a retry or a repair that should not be. */
const QUIET_MS = 2000;
const USER_AGENT = "plumbline-switch-over-test/0";
/** What an operator may write to in a switch-over: the state of its own objects, and events. */
const OURS = new Set(["kustomizations", "gitrepositories", "events"]);
/** Where the recorded artifacts were served: in a cluster both stand behind one Service. */
const ARTIFACTS = "http://127.0.0.1:9790";
const ACCOUNT = "system:serviceaccount:flux-system:flux-applier";

/** Starts the operator on the cluster; resolves when it has looked at everything that `expected` names. */
async function runOperator(plane: Cluster, expected: ReadonlySet<string>, t: TestContext): Promise<EngineEvent[]> {
  const events: EngineEvent[] = [];
  const ended = new Set<string>();
  const cacheDirectory = await mkdtemp(join(tmpdir(), "plumb-switch-"));
  t.after(() => rm(cacheDirectory, { recursive: true, force: true }));
  const operator = await startOperator({
    client: clientOf(plane, t, USER_AGENT),
    cacheDirectory,
    clock: systemClock({ keepsAlive: true }),
    log: { info: () => undefined, error: () => undefined },
    artifacts: { port: 0, baseUrl: ARTIFACTS },
    onEvent: (event) => {
      events.push(event);
      if (event.type === "delivery-ended") ended.add(basename(event.key));
    },
  });
  t.after(() => operator.stop());
  for (const start = performance.now(); ended.size < expected.size; await sleep(50)) {
    const waited = performance.now() - start;
    assert.ok(waited < PATIENCE_MS, `looked at ${[...ended].join(", ")} of ${[...expected].join(", ")}`);
  }
  await sleep(QUIET_MS);
  assert.deepEqual([...ended].sort(), [...expected].sort());
  return events;
}

function isWrite({ verb }: AuditEvent): boolean {
  return verb !== "get" && verb !== "list" && verb !== "watch";
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
function assertContinued({ before, after }: TakenOver): void {
  assertFluxShaped(after);
  for (const field of ["lastAppliedRevision", "lastAttemptedRevision", "observedGeneration", "inventory"]) {
    assert.deepEqual(dig(after, "status", field), dig(before, "status", field), field);
  }
  const [was, is] = [conditionOf(before, "Ready"), conditionOf(after, "Ready")];
  assert.deepEqual([is?.status, is?.reason], [was?.status, was?.reason]);
  assert.deepEqual(dig(after, "metadata", "finalizers"), dig(before, "metadata", "finalizers"));
  assert.deepEqual(after.spec, before.spec);
  assert.equal(dig(after, "metadata", "generation"), dig(before, "metadata", "generation"));
}

/** What makes Pods start anew when it changes. */
function rolloutOf(object: Manifest): JsonValue {
  return [dig(object, "metadata", "generation") ?? null, dig(object, "spec", "template") ?? null];
}

function uidOf(object: Manifest): string {
  return digString(object, "metadata", "uid") ?? "";
}

function ownerUids(object: Manifest): string[] {
  const owners = dig(object, "metadata", "ownerReferences");
  return Array.isArray(owners) ? owners.map((owner) => digString(owner, "uid") ?? "") : [];
}

async function replicaSetsOf(client: KubeClient): Promise<readonly Manifest[]> {
  return (await client.listAll({ group: "apps", version: "v1", kind: "ReplicaSet" })).items;
}

/** Its controller has looked at it as it is now. */
function isObserved(object: Manifest): boolean {
  return dig(object, "status", "observedGeneration") === dig(object, "metadata", "generation");
}

/**
 * The managed objects, once the cluster's own controllers have made a ReplicaSet of each Deployment and then written
 * nothing to any of them for a while: from there on a ReplicaSet that changes is a rollout.
 */
async function whenControllersSettled(client: KubeClient): Promise<Map<string, Manifest>> {
  let seen = "";
  for (const start = performance.now(); performance.now() - start < PATIENCE_MS; await sleep(QUIET_MS)) {
    const objects = await managedObjects(client);
    const replicaSets = await replicaSetsOf(client);
    const owners = new Set(replicaSets.flatMap(ownerUids));
    const versions = [...objects.values(), ...replicaSets]
      .map((object) => `${uidOf(object)} ${digString(object, "metadata", "resourceVersion")}`)
      .join("\n");
    const deployments = [...objects.values()].filter(({ kind }) => kind === "Deployment");
    const areMade = deployments.every((object) => owners.has(uidOf(object)));
    if (versions === seen && areMade && [...deployments, ...replicaSets].every(isObserved)) return objects;
    seen = versions;
  }
  throw new RangeError(`the controllers still write after ${PATIENCE_MS / 1000} s`);
}

function withoutTime(conditions: JsonValue | undefined): JsonValue[] {
  if (!Array.isArray(conditions)) return [];
  return conditions.map((condition) => (isObject(condition) ? { ...condition, lastTransitionTime: null } : condition));
}

corpusTest("flux-cluster", "switching over from Flux", async (folder, t) => {
  const { plane, client } = await openFluxCluster(folder, t, { controllerManager: true });
  const objects = await whenControllersSettled(client);
  assert.ok(objects.size > 70, String(objects.size));
  const replicaSets = await replicaSetsOf(client);
  const kustomizations = await objectsByName(client, KUSTOMIZATIONS);
  const sources = await objectsByName(client, REPOSITORIES);
  const isActive = (object: Manifest): boolean => dig(object, "spec", "suspend") !== true;
  const active = new Set([...kustomizations].filter(([, object]) => isActive(object)).map(([name]) => name));
  assert.equal(active.size, kustomizations.size - 1);
  await plane.audit?.skip();

  const events = await runOperator(plane, active, t);
  const requests = (await plane.audit?.read({ userAgent: USER_AGENT })) ?? [];
  const after = await managedObjects(client);
  const now = await objectsByName(client, KUSTOMIZATIONS);
  const pair = (name: string): TakenOver => {
    const [before, later] = [kustomizations.get(name), now.get(name)];
    assert.ok(before && later, name);
    return { before, after: later };
  };

  await t.test("no managed object is written: every resourceVersion is equal, and so is everything else", () => {
    assert.deepEqual([...after.keys()].sort(), [...objects.keys()].sort());
    for (const [key, object] of objects) {
      assert.equal(
        digString(after.get(key), "metadata", "resourceVersion"),
        digString(object, "metadata", "resourceVersion"),
      );
      assert.deepEqual(after.get(key), object, key);
    }
  });

  await t.test("no managed object is asked about, but for those that a webhook holds", () => {
    const writes = requests.filter((event) => isWrite(event) && !OURS.has(event.objectRef?.resource ?? ""));
    // Nothing of it is in the cluster yet: each try asks about its objects, and writes none.
    const isHeld = ({ requestURI }: AuditEvent): boolean =>
      requestURI.includes("/app-1?") && requestURI.includes("dryRun=All");
    assert.deepEqual(
      writes.filter((event) => !isHeld(event)).map((event) => event.requestURI),
      [],
    );
    assert.ok(writes.length > 0);
    const plans = plannedWrites(events);
    assert.ok(plans.length > 0 && plans.every((line) => line.startsWith("fleet-1: update ")), plans.join("\n"));
  });

  await t.test("no application restarts: generations, Pod templates and ReplicaSets are equal", async () => {
    const workloads = [...objects].filter(([, object]) => dig(object, "spec", "template") !== undefined);
    assert.ok(workloads.length >= 10, String(workloads.length));
    for (const [key, object] of workloads) assert.deepEqual(rolloutOf(after.get(key) ?? {}), rolloutOf(object), key);
    assert.deepEqual(await replicaSetsOf(client), replicaSets);
  });

  await t.test("what was applied stays Ready, with the same message, inventory, revisions and generation", () => {
    const applied = [...kustomizations].filter(([, object]) => conditionOf(object, "Ready")?.status === "True");
    assert.ok(applied.length >= 4);
    for (const [name, before] of applied) {
      assertContinued(pair(name));
      const [was, is] = [conditionOf(before, "Ready"), conditionOf(pair(name).after, "Ready")];
      assert.equal(is?.message, was?.message, name);
    }
  });

  await t.test("suspended: the object is not touched at all", () => {
    const { before, after: later } = pair("fleet-suspended");
    assert.deepEqual(later, before);
  });

  await t.test("failing: it fails with the same reason, is retried, and nothing is pruned", () => {
    assertContinued(pair("fleet-broken"));
    const { after: later } = pair("fleet-broken");
    assert.equal(conditionOf(later, "Ready")?.reason, "ArtifactFailed");
    assert.equal(conditionOf(later, "Reconciling")?.reason, "ProgressingWithRetry");
    assert.deepEqual(withoutTime(dig(later, "status", "conditions")).length, 2);
  });

  await t.test("held by a webhook: it is held by it still, and none of its objects is made", () => {
    assertContinued(pair("fleet-1"));
    const ready = conditionOf(pair("fleet-1").after, "Ready");
    assert.equal(ready?.reason, "ReconciliationFailed");
    assert.match(ready?.message ?? "", /failed calling webhook "validate\.nginx\.ingress\.kubernetes\.io"/);
    assert.ok(![...after.keys()].some((key) => key.startsWith("bench_app-1_")));
  });

  await t.test(
    "sources: same revision, conditions and place; only the bytes of the archive are packed anew",
    async () => {
      const later = await objectsByName(client, REPOSITORIES);
      assert.equal(later.size, 3);
      for (const [name, before] of sources) {
        const is = later.get(name) ?? {};
        for (const field of ["revision", "path", "url"]) {
          assert.equal(
            digString(is, "status", "artifact", field),
            digString(before, "status", "artifact", field),
            name,
          );
        }
        assert.deepEqual(
          withoutTime(dig(is, "status", "conditions")),
          withoutTime(dig(before, "status", "conditions")),
        );
        assert.equal(dig(is, "status", "observedGeneration"), dig(before, "status", "observedGeneration"));
        assert.deepEqual(
          [is.spec, dig(is, "metadata", "finalizers")],
          [before.spec, dig(before, "metadata", "finalizers")],
        );
      }
    },
  );

  await t.test("impersonated: it goes on with the rights of its service account and no others", async () => {
    const name = "ipc-platform-config-workloads";
    assertContinued(pair(name));
    const isTheirs = (object: Manifest): boolean =>
      object.kind === "Deployment" && dig(object, "metadata", "labels", "kustomize.toolkit.fluxcd.io/name") === name;
    const victim = [...objects.values()].find(isTheirs);
    assert.ok(victim);
    await plane.audit?.skip();
    await client.delete(refOf(victim));
    await eventually("it is made again", async () => (await client.find(refOf(victim))) !== undefined);
    const made = ((await plane.audit?.read({ userAgent: USER_AGENT })) ?? []).filter(
      (event) => isWrite(event) && event.objectRef?.resource === "deployments",
    );
    assert.ok(made.length > 0);
    assert.deepEqual(new Set(made.map((event) => event.impersonatedUser?.username)), new Set([ACCOUNT]));
  });

  t.diagnostic(`${objects.size} objects of ${kustomizations.size} Kustomizations: none written`);
});
