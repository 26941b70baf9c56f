// What Plumbline leaves after each step of a life, field by field beside what real Flux left after the same step.

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "@plumbline/edges/telemetry";
import { startControlPlane } from "@plumbline/testkit/control-plane";
import { startTestGitServer } from "@plumbline/testkit/git-server";
import { crdManifests } from "../../apps/cli/install/install-manifests.ts";
import { clientOf } from "../../apps/cli/operator/testing/flux-cluster.ts";
import { startOperator } from "../../apps/cli/operator/start-operator.ts";
import { allowed } from "./allowed.ts";
import { differences, judge, normalized } from "./compare-recordings.ts";
import { KUSTOMIZATION, type Recording, recordLife } from "./life.ts";

const NAMESPACE = "flux-system";
/** As in the recording: digests depend on it. */
const NAME = "apple";

test("after each step every field reads as Flux writes it, but for those with a reason", async (t) => {
  const plane = await startControlPlane({ controllerManagerArgs: false });
  t.after(() => plane.stop());
  const client = clientOf(plane, t, "a-user/0");
  for (const crd of crdManifests()) await client.apply(crd, { fieldManager: "plumb-install", force: true });
  while (!(await client.discovery.find(KUSTOMIZATION))) await client.discovery.refresh();
  await client.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } });
  const git = await startTestGitServer();
  t.after(() => git.close());
  const cacheDirectory = await mkdtemp(join(tmpdir(), "plumb-life-"));
  t.after(() => rm(cacheDirectory, { recursive: true, force: true }));
  const operator = await startOperator({
    client: clientOf(plane, t, "plumbline/0"),
    cacheDirectory,
    clock: systemClock({ keepsAlive: true }),
    log: { info: () => undefined, error: () => undefined },
    artifacts: { port: 0 },
  });
  t.after(() => operator.stop());

  const repository = await git.create(NAME);
  const ours = await recordLife({ client, namespace: NAMESPACE, name: NAME, repository, log: () => "" });

  const recorded = await readFile(join(import.meta.dirname, "testdata", "flux-life.json"), "utf8");
  const theirs = JSON.parse(recorded) as Recording[];
  const found = differences(theirs, normalized(ours, NAME));
  const { unexplained, unused } = judge(found, allowed);
  assert.deepEqual(unexplained, []);
  assert.deepEqual(unused, []);
  t.diagnostic(`${theirs.length} steps, ${found.length} fields differ, each with one of ${allowed.length} reasons`);
});
