// Real repositories, reconciled on a real API server as their users do, beside `kustomize build | kubectl apply --server-side`.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import {
  dig,
  type Manifest,
  type ObjectRef,
  digString,
  formatRef,
  isObject,
  type JsonObject,
} from "@plumbline/core/model";
import { parseYamlAll } from "@plumbline/core/yaml";
import { decodeInventory } from "@plumbline/dialects/flux";
import { connect, type KubeClient, loadKubeconfig } from "@plumbline/edges/kube";
import { systemClock } from "@plumbline/edges/telemetry";
import { type Cluster, startControlPlane, type TestHooks } from "@plumbline/testkit/control-plane";
import { corpusPath, corpusTest } from "@plumbline/testkit/corpus";
import { kubectlBinary, kustomizeBinary } from "@plumbline/testkit/go";
import { conditionOf, openSite, type Site } from "./testing/site.ts";

const run = promisify(execFile);
const FACTORY = "repos/docnolan+IPC-Platform-Engineering";
const CONTOSO = "repos/buzzfrog+contoso3";

function clientOf(cluster: Cluster, t: TestHooks): KubeClient {
  const client = connect(loadKubeconfig({ path: cluster.kubeconfigPath, env: {} }), {
    clock: systemClock({ keepsAlive: true }),
    userAgent: "plumbline-test/0",
  });
  t.after(() => client.close());
  return client;
}

async function kubectlApply(cluster: Cluster, manifests: string): Promise<void> {
  const kubectl = await kubectlBinary();
  const child = spawn(kubectl, ["--kubeconfig", cluster.kubeconfigPath, "apply", "--server-side", "-f", "-"], {
    stdio: ["pipe", "ignore", "pipe"],
  });
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  child.stdin.end(manifests);
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  assert.equal(code, 0, errors);
}

/** What must be equal: everything but what the API server and controllers say, and our owner labels. */
function comparable(object: Manifest): JsonObject {
  const { status: _status, metadata, ...rest } = object;
  const labels = isObject(metadata) && isObject(metadata.labels) ? { ...metadata.labels } : {};
  for (const key of Object.keys(labels)) if (key.startsWith("kustomize.toolkit.fluxcd.io/")) delete labels[key];
  const annotations = isObject(metadata) && isObject(metadata.annotations) ? { ...metadata.annotations } : {};
  delete annotations["deployment.kubernetes.io/revision"];
  const spec = isObject(rest.spec) ? { ...rest.spec } : rest.spec;
  if (isObject(spec)) for (const assigned of ["clusterIP", "clusterIPs", "healthCheckNodePort"]) delete spec[assigned];
  if (isObject(spec) && Array.isArray(spec.ports)) {
    spec.ports = spec.ports.map((port) =>
      isObject(port) ? Object.fromEntries(Object.entries(port).filter(([key]) => key !== "nodePort")) : port,
    );
  }
  const shown = {
    ...rest,
    ...(spec === undefined ? {} : { spec }),
    metadata: { name: digString(object, "metadata", "name") ?? "", labels, annotations },
  };
  return JSON.parse(
    JSON.stringify(shown).replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "a uid"),
  ) as JsonObject;
}

/** Every object that the build gives is in both clusters, equal. */
async function assertSame(built: string, ours: KubeClient, theirs: KubeClient): Promise<number> {
  const refs = parseYamlAll(built)
    .map(({ value }) => value)
    .filter(isObject);
  for (const manifest of refs) {
    const [group = "", version = ""] = (digString(manifest, "apiVersion") ?? "").includes("/")
      ? (digString(manifest, "apiVersion") ?? "").split("/")
      : ["", digString(manifest, "apiVersion")];
    const ref: ObjectRef = {
      group,
      version,
      kind: digString(manifest, "kind") ?? "",
      namespace: digString(manifest, "metadata", "namespace") ?? "",
      name: digString(manifest, "metadata", "name") ?? "",
    };
    assert.deepEqual(comparable(await ours.get(ref)), comparable(await theirs.get(ref)), formatRef(ref));
  }
  return refs.length;
}

corpusTest(
  FACTORY,
  "the factory platform's workloads, as Arc configures them, equal kustomize and kubectl",
  async (folder, t) => {
    const [plane, reference] = [await startControlPlane(), await startControlPlane()];
    const [ours, theirs] = [clientOf(plane, t), clientOf(reference, t)];
    const namespace = "flux-system";
    for (const client of [ours, theirs])
      await client.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
    const afterwards = (): Promise<unknown> => Promise.all([plane.stop(), reference.stop()]);
    const site = await openSite(t, { cluster: plane, namespace, folder, afterwards });
    await grant(site, "flux-applier");
    await site.apply({
      apiVersion: "source.toolkit.fluxcd.io/v1",
      kind: "GitRepository",
      metadata: { name: "ipc-platform-config", namespace, labels: arcLabels },
      spec: { url: site.repository.url, ref: { branch: "main" }, interval: "5m" },
    });
    await site.apply({
      apiVersion: "kustomize.toolkit.fluxcd.io/v1",
      kind: "Kustomization",
      metadata: { name: "ipc-platform-config-workloads", namespace, labels: arcLabels },
      spec: {
        sourceRef: { kind: "GitRepository", name: "ipc-platform-config", namespace },
        path: "./kubernetes/workloads",
        prune: true,
        interval: "5m",
        serviceAccountName: "flux-applier",
      },
    });
    const head = await site.repository.head();
    const object = await site.applied("ipc-platform-config-workloads", head);
    const { stdout } = await run(await kustomizeBinary(), ["build", join(folder, "kubernetes/workloads")], {
      maxBuffer: 1e8,
    });
    await kubectlApply(reference, stdout);
    const count = await assertSame(stdout, ours, theirs);
    const recorded = decodeInventory(object, dig(object, "status", "inventory", "entries"));
    assert.ok(Array.isArray(recorded));
    assert.equal(recorded.length, count);
    assert.ok(count > 10, `${count} objects`);
  },
);

/** What Arc puts on the objects that it generates. */
const arcLabels = {
  "clusterconfig.azure.com/is-managed": "true",
  "clusterconfig.azure.com/name": "ipc-platform-config",
  "clusterconfig.azure.com/namespace": "flux-system",
};

async function grant(site: Site, account: string): Promise<void> {
  const { namespace } = site;
  await site.apply({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: account, namespace } });
  await site.apply({
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata: { name: account },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
    subjects: [{ kind: "ServiceAccount", name: account, namespace }],
  });
}

corpusTest(
  FACTORY,
  "the factory platform's traps get the right error: a missing file, an empty file, an old API version",
  async (folder, t) => {
    const site = await openSite(t, { folder });
    await site.source("fleet");
    await site.kustomization("keyvault", { path: "./kubernetes/base/azure-keyvault" });
    const missing = await site.ready(
      "keyvault",
      ({ status, reason }) => status === "False" && reason === "BuildFailed",
    );
    assert.match(
      conditionOf(missing, "Ready")?.message ?? "",
      /no such file: kubernetes\/base\/azure-keyvault\/secret-provider-class\.yaml\. Correct the path/,
    );
    await site.kustomization("flux", { path: "./kubernetes/flux-system" });
    const old = await site.ready(
      "flux",
      ({ status, reason }) => status === "False" && reason === "ReconciliationFailed",
    );
    assert.match(
      conditionOf(old, "Ready")?.message ?? "",
      /no matches for kind "Kustomization" in version "kustomize.toolkit.fluxcd.io\/v1beta2".*v1/s,
    );
  },
);

corpusTest(
  CONTOSO,
  "contoso3's Stockholm site equals kustomize and kubectl; its SOPS setting is refused by name",
  async (folder, t) => {
    const [plane, reference] = [await startControlPlane(), await startControlPlane()];
    const [ours, theirs] = [clientOf(plane, t), clientOf(reference, t)];
    const namespace = "flux-workspace";
    for (const client of [ours, theirs])
      await client.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
    const afterwards = (): Promise<unknown> => Promise.all([plane.stop(), reference.stop()]);
    const site = await openSite(t, { cluster: plane, namespace, folder, afterwards });
    const head = await site.repository.head();
    const sourceRef = { kind: "GitRepository", name: "source-repository", namespace };
    await site.source("source-repository");
    const paths = {
      "busybox-line": "clusters/busybox-stockholm/sets/busybox-line",
      "busybox-stockholm-infra": "clusters/busybox-stockholm/infra",
    };
    await site.kustomization("busybox-line", {
      sourceRef,
      path: `./${paths["busybox-line"]}`,
      dependsOn: [{ name: "busybox-stockholm-infra" }],
    });
    await site.kustomization("busybox-stockholm-infra", { sourceRef, path: `./${paths["busybox-stockholm-infra"]}` });
    for (const name of Object.keys(paths)) await site.applied(name, head);
    for (const path of Object.values(paths).reverse()) {
      const { stdout } = await run(await kustomizeBinary(), ["build", join(folder, path)], { maxBuffer: 1e8 });
      await kubectlApply(reference, stdout);
      assert.ok((await assertSame(stdout, ours, theirs)) > 0);
    }
    await site.kustomization("with-sops", {
      sourceRef,
      path: `./${paths["busybox-line"]}`,
      decryption: { provider: "sops" },
    });
    const refused = await site.ready("with-sops", ({ status }) => status === "False");
    assert.equal(conditionOf(refused, "Stalled")?.status, "True");
    assert.match(conditionOf(refused, "Ready")?.message ?? "", /spec\.decryption/);
  },
);

test(
  "the corpus is where PLUMBLINE_CORPUS says",
  { skip: process.env["PLUMBLINE_CORPUS"] === undefined ? "corpus: NOT RUN (PLUMBLINE_CORPUS is not set)" : false },
  () => {
    assert.ok(corpusPath(FACTORY));
  },
);
