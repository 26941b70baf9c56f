// What `plumb install` prints and writes, on a real API server.

import assert from "node:assert/strict";
import { test } from "node:test";
import { dig, digString, isObject, type JsonObject, type Manifest, type ObjectRef } from "@plumbline/core/model";
import { parseYamlAll } from "@plumbline/core/yaml";
import { connect, type KubeClient, loadKubeconfig } from "@plumbline/edges/kube";
import { systemClock } from "@plumbline/edges/telemetry";
import { sharedCluster } from "@plumbline/testkit/control-plane";
import { plumb } from "./testing/plumb.ts";

const crd = (name: string): ObjectRef => ({
  group: "apiextensions.k8s.io",
  version: "v1",
  kind: "CustomResourceDefinition",
  namespace: "",
  name,
});

test("--export prints what would be written and asks no cluster", async () => {
  const { code, stdout, stderr } = await plumb(["install", "--export", "--image", "example/plumb:1"], {
    KUBECONFIG: "/nowhere",
  });
  assert.deepEqual([code, stderr], [0, ""]);
  const manifests = parseYamlAll(stdout).map(({ value }) => value);
  const kinds = new Set(manifests.map((manifest) => digString(manifest, "kind")));
  for (const kind of ["Namespace", "CustomResourceDefinition", "ClusterRoleBinding", "Deployment"]) {
    assert.ok(kinds.has(kind), kind);
  }
  assert.match(stdout, /image: example\/plumb:1\n/);
  const crds = await plumb(["install", "--export", "--crds-only"]);
  assert.equal(
    crds.stdout.match(/^kind: (.*)$/gm)?.every((line) => line === "kind: CustomResourceDefinition"),
    true,
  );
});

test("--crds-only can be repeated and keeps a version that objects are still stored in", async (t) => {
  const { kubeconfigPath } = await sharedCluster();
  const client = connect(loadKubeconfig({ path: kubeconfigPath, env: {} }), {
    clock: systemClock({ keepsAlive: true }),
    userAgent: "plumbline-test/0",
  });
  const install = (): ReturnType<typeof plumb> => plumb(["install", "--crds-only", "--kubeconfig", kubeconfigPath]);
  const first = await install();
  assert.deepEqual([first.code, first.stderr], [0, ""]);
  assert.match(first.stdout, /✔ CustomResourceDefinition\/kustomizations\.kustomize\.toolkit\.fluxcd\.io \w+\n/);
  const ref = crd("kustomizations.kustomize.toolkit.fluxcd.io");
  const before = versionsOf(await client.get(ref)).filter((version) => digString(version, "name") === "v1");
  const old = { ...before[0], name: "v1beta2", served: true, storage: false };
  const setVersions = (versions: JsonObject[], storedVersions: string[]): Promise<void> =>
    writeVersions(client, ref, { versions, storedVersions });
  t.after(async () => {
    await setVersions(before, ["v1"]);
    await client.close();
  });
  await setVersions([...before, old], ["v1beta2", "v1"]);
  const again = await install();
  assert.deepEqual([again.code, again.stderr], [0, ""]);
  assert.match(again.stdout, /kustomizations\.kustomize\.toolkit\.fluxcd\.io configured\n/);
  const names = new Set(versionsOf(await client.get(ref)).map((version) => digString(version, "name")));
  assert.deepEqual(names, new Set(["v1", "v1beta2"]));
});

function versionsOf(manifest: Manifest): JsonObject[] {
  const versions = dig(manifest, "spec", "versions");
  return Array.isArray(versions) ? versions.filter(isObject) : [];
}

/** Stored versions go first: the API server keeps no version out of spec that status still names. */
async function writeVersions(
  client: KubeClient,
  ref: ObjectRef,
  { versions, storedVersions }: { versions: JsonObject[]; storedVersions: string[] },
): Promise<void> {
  const writer = { fieldManager: "flux" };
  const body = { status: { storedVersions } };
  const status = (): Promise<unknown> =>
    client.patch(ref, { type: "merge", body }, { ...writer, subresource: "status" });
  const isRemoval = storedVersions.length === 1;
  if (isRemoval) await status();
  await client.patch(ref, { type: "merge", body: { spec: { versions } } }, writer);
  if (!isRemoval) await status();
}
