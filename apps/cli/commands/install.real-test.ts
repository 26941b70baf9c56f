// What `plumb install` prints and writes, on a real API server.

import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test, type TestContext } from "node:test";
import {
  dig,
  digString,
  isObject,
  type JsonObject,
  type JsonValue,
  type Manifest,
  type ObjectRef,
  refOf,
} from "@plumbline/core/model";
import { parseYamlAll } from "@plumbline/core/yaml";
import { connect, type KubeClient, loadKubeconfig } from "@plumbline/edges/kube";
import { systemClock } from "@plumbline/edges/telemetry";
import { sharedCluster, withNamespace } from "@plumbline/testkit/control-plane";
import { configMap, deployment } from "../operator/testing/manifests.ts";
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

/** A checkout whose folder `clusters/a` leads to a Deployment, a ConfigMap and what a tenant's account applies. */
async function checkout(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "plumb-checkout-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const kustomization = (name: string, more: JsonObject): string =>
    JSON.stringify({
      apiVersion: "kustomize.toolkit.fluxcd.io/v1",
      kind: "Kustomization",
      metadata: { name, namespace: "shop" },
      spec: { interval: "10m", prune: true, sourceRef: { kind: "GitRepository", name: "fleet" }, ...more },
    });
  const files = {
    "clusters/a/apps.yaml": kustomization("apps", { path: "./apps" }),
    "clusters/a/tenant.yaml": kustomization("tenant", { path: "./tenant", serviceAccountName: "till" }),
    "apps/web.yaml": deployment("web", "shop"),
    "apps/settings.yaml": configMap("settings", "shop"),
    "tenant/cm.yaml": `apiVersion: v1\nkind: Secret\nmetadata:\n  name: of-the-tenant\n  namespace: shop\n`,
    "elsewhere/node.yaml": `apiVersion: v1\nkind: Node\nmetadata:\n  name: of-no-cluster\n`,
  };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}

/** Who may do everything, by the bindings among these manifests. */
function clusterAdmins(manifests: readonly Manifest[]): string[] {
  const isAll = (rule: JsonValue): boolean => JSON.stringify(dig(rule, "resources")) === '["*"]';
  const rulesOf = ({ rules }: Manifest): JsonValue[] => (Array.isArray(rules) ? rules : []);
  const roles = manifests.filter(({ kind }) => kind === "ClusterRole");
  const powerful = new Set([
    "cluster-admin",
    ...roles.filter((role) => rulesOf(role).some(isAll)).map((role) => refOf(role).name),
  ]);
  const bindings = manifests.filter(({ kind }) => kind === "ClusterRoleBinding" || kind === "RoleBinding");
  return bindings.filter((one) => powerful.has(digString(one, "roleRef", "name") ?? "")).map((one) => refOf(one).name);
}

test("--rights repository explains each right on stderr, binds no administrator, and the API server takes all of it", async (t) => {
  const cluster = await sharedCluster();
  const namespace = await withNamespace(cluster, t, "install");
  const install = ["install", "--export", "-n", namespace];
  const computed = await plumb(
    [...install, "--rights", "repository", "--repository", await checkout(t), "--path", "clusters/a"],
    {
      KUBECONFIG: "/nowhere",
    },
  );
  assert.equal(computed.code, 0, computed.stderr);
  assert.match(computed.stderr, /^Rights for 5 objects of 3 builds:$/m);
  assert.match(computed.stderr, /^deployments\.apps +get,list,watch,create,patch,delete +Deployment\/shop\/web$/m);
  assert.match(computed.stderr, /^configmaps +get,list,watch,create,patch,delete +ConfigMap\/shop\/settings$/m);
  assert.match(computed.stderr, /^serviceaccounts till +impersonate +spec\.serviceAccountName$/m);
  assert.doesNotMatch(computed.stderr, /^(secrets|nodes) /m);

  const manifests = parseYamlAll(computed.stdout).map(({ value }) => value as Manifest); // each is written by toYaml
  assert.deepEqual(clusterAdmins(manifests), []);
  const all = await plumb([...install, "--rights", "cluster"]);
  assert.deepEqual(clusterAdmins(parseYamlAll(all.stdout).map(({ value }) => value as Manifest)), [
    "plumbline-cluster-reconciler",
  ]);
  const client = connect(loadKubeconfig({ path: cluster.kubeconfigPath, env: {} }), {
    clock: systemClock({ keepsAlive: true }),
    userAgent: "plumbline-test/0",
  });
  t.after(() => client.close());
  for (const manifest of manifests) {
    const { object } = await client.apply(manifest, { fieldManager: "plumb-install", force: true, dryRun: true });
    assert.deepEqual(refOf(object), refOf(manifest));
  }
  const reconciler = manifests.find(
    (one) => one.kind === "ClusterRole" && refOf(one).name === "plumbline-repository-reconciler",
  );
  assert.match(JSON.stringify(reconciler?.rules), /"deployments"/);
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
