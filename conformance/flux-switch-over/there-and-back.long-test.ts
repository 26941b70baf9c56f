// Real Flux after Plumbline and Plumbline after real Flux, on one cluster: whoever comes goes on where the other stopped.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { dig, digString, type Manifest, refOf } from "@plumbline/core/model";
import { corpusTest } from "@plumbline/testkit/corpus";
import { startTestGitServer, type TestRepository } from "@plumbline/testkit/git-server";
import {
  type FluxCluster,
  KUSTOMIZATIONS,
  managedObjects,
  objectsByName,
  openFluxCluster,
  REPOSITORIES,
} from "../../apps/cli/operator/testing/flux-cluster.ts";
import { differences, normalized } from "./compare-recordings.ts";
import { type Engine, startFluxOn, startPlumblineOn, until } from "./engines.ts";
import { type Recording, recordLife } from "./life.ts";

const NAMESPACE = "flux-system";
const NAME = "apple";
const REQUEST = "reconcile.fluxcd.io/requestedAt";
/** What an engine may write to while nothing is to be done: the state of its own objects, and events. */
const OWN_RESOURCES = new Set(["kustomizations", "gitrepositories", "helmcharts", "events", "leases"]);

/** Asks every source and then every Kustomization that is not suspended for a run, and waits until each has had it. */
async function runEverything({ client }: FluxCluster, engine: Engine, request: string): Promise<void> {
  for (const kind of [REPOSITORIES, KUSTOMIZATIONS]) {
    const active = [...(await objectsByName(client, kind)).values()].filter(
      (object) => dig(object, "spec", "suspend") !== true,
    );
    for (const object of active) {
      const body = { metadata: { annotations: { [REQUEST]: request } } };
      await client.patch(refOf(object), { type: "merge", body }, { fieldManager: "flux" });
    }
    await until(`${kind.kind}s handle ${request}`, engine, async () => {
      const now = await objectsByName(client, kind);
      const isHandled = (object: Manifest): boolean =>
        digString(now.get(refOf(object).name), "status", "lastHandledReconcileAt") === request;
      return active.every(isHandled);
    });
  }
}

/** The engine takes over, looks at everything, and nothing that is managed is written. */
async function takesOver(site: FluxCluster, engine: Engine, request: string): Promise<number> {
  const before = await managedObjects(site.client);
  await site.plane.audit?.skip();
  await runEverything(site, engine, request);
  const requests = (await site.plane.audit?.read()) ?? [];
  const writes = requests.filter(
    ({ verb, requestURI, objectRef, userAgent, responseStatus }) =>
      !["get", "list", "watch"].includes(verb) &&
      !requestURI.includes("dryRun=All") &&
      !OWN_RESOURCES.has(objectRef?.resource ?? "") &&
      !(userAgent ?? "").startsWith("plumbline-test") &&
      !(userAgent ?? "").startsWith("kube-apiserver") &&
      (responseStatus?.code ?? 0) < 300,
  );
  assert.deepEqual(
    writes.map(({ verb, requestURI, userAgent }) => `${verb} ${requestURI} ${userAgent}`),
    [],
  );
  const after = await managedObjects(site.client);
  assert.deepEqual([...after.keys()].sort(), [...before.keys()].sort());
  for (const [key, object] of before) assert.deepEqual(after.get(key), object, key);
  return before.size;
}

/** A new commit goes through, whoever is there. */
async function deploys(site: FluxCluster, engine: Engine, repository: TestRepository, value: string): Promise<void> {
  const settings = `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  value: "${value}"\n`;
  const commit = await repository.commit({ "app/settings.yaml": settings });
  await runEverything(site, engine, `commit ${value}`);
  await until(`the commit of ${value} is applied`, engine, async () => {
    const object = (await objectsByName(site.client, KUSTOMIZATIONS)).get(NAME);
    return (digString(object, "status", "lastAppliedRevision") ?? "").endsWith(commit);
  });
  const ref = { group: "", version: "v1", kind: "ConfigMap", namespace: NAME, name: "settings" };
  assert.equal(digString(await site.client.get(ref), "data", "value"), value);
}

corpusTest(
  "flux-cluster",
  "Plumbline, then real Flux, then Plumbline: nobody writes what another applied",
  async (folder, t) => {
    const site = await openFluxCluster(folder, t, { atPort: true });
    const git = await startTestGitServer();
    t.after(() => git.close());
    const repository = await git.create(NAME);

    const first = await startPlumblineOn(site, t);
    await recordLife({ client: site.client, namespace: NAMESPACE, name: NAME, repository, log: () => first.log() });
    const taken = await takesOver(site, first, "plumbline first");
    await first.stop();

    const second = await startFluxOn(site, t);
    assert.equal(await takesOver(site, second, "flux"), taken);
    await deploys(site, second, repository, "by Flux");
    await second.stop();

    const third = await startPlumblineOn(site, t);
    assert.equal(await takesOver(site, third, "plumbline again"), taken);
    await deploys(site, third, repository, "by Plumbline");
    t.diagnostic(`${taken} managed objects went from hand to hand twice, none written`);
  },
);

/** Told as often as time allows, and in the middle of a retry: chance decides. */
const CHANCE = [
  /^events\["GitRepository (?:Normal GarbageCollectionSucceeded|Normal GitOperationSucceeded|Warning GitOperationFailed): /,
  /^repository\.status\.conditions\[Reconciling\]\.reason$/,
];

corpusTest("flux-cluster", "the recording of a life is what real Flux writes", async (folder, t) => {
  const site = await openFluxCluster(folder, t, { atPort: true });
  const git = await startTestGitServer();
  t.after(() => git.close());
  const engine = await startFluxOn(site, t);
  const repository = await git.create(NAME);
  const lived = await recordLife({
    client: site.client,
    namespace: NAMESPACE,
    name: NAME,
    repository,
    log: () => engine.log(),
  });
  const recorded = await readFile(join(import.meta.dirname, "testdata", "flux-life.json"), "utf8");
  const found = differences(JSON.parse(recorded) as Recording[], normalized(lived, NAME));
  assert.deepEqual(
    found.filter(({ path }) => !CHANCE.some((pattern) => pattern.test(path))),
    [],
  );
});
