// What we install, on a real kube-apiserver: accepted as it stands, filling defaults in, refusing what Flux refuses.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { crdOf, mergeCrd } from "@plumbline/core/crd";
import {
  type DeliveryOutcome,
  dig,
  digString,
  Failure,
  formatRef,
  type JsonObject,
  type Manifest,
  type Reason,
  refOf,
  type RunFacts,
  type SourceOutcome,
} from "@plumbline/core/model";
import {
  gitRepositoryDefinition,
  gitRepositoryStatus,
  kustomizationDefinition,
  kustomizationStatus,
  readGitRepository,
  readKustomization,
  stepMessage,
} from "@plumbline/dialects/flux";
import { crdManifests, installManifests } from "../../apps/cli/install/install-manifests.ts";
import { defaultInstallOptions } from "../../apps/cli/install/install-options.ts";
import { statusPatch } from "@plumbline/core/report";
import { type ApiAnswer, apiRequest, type Cluster, startControlPlane } from "@plumbline/testkit/control-plane";

/** REST resource of each kind that is installed or tried here. */
const resources: Record<string, string> = {
  Namespace: "namespaces",
  CustomResourceDefinition: "customresourcedefinitions",
  ServiceAccount: "serviceaccounts",
  ClusterRole: "clusterroles",
  ClusterRoleBinding: "clusterrolebindings",
  Role: "roles",
  RoleBinding: "rolebindings",
  Service: "services",
  Deployment: "deployments",
  PersistentVolumeClaim: "persistentvolumeclaims",
  NetworkPolicy: "networkpolicies",
  GitRepository: "gitrepositories",
  Kustomization: "kustomizations",
  MaintenanceWindow: "maintenancewindows",
  ClusterMaintenanceWindow: "clustermaintenancewindows",
};

function pathOf(manifest: Manifest): string {
  const { group, version, kind, namespace, name } = refOf(manifest);
  const api = group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
  return `${api}${namespace === "" ? "" : `/namespaces/${namespace}`}/${resources[kind]}/${name}`;
}

function apply(cluster: Cluster, manifest: Manifest): Promise<ApiAnswer> {
  const path = `${pathOf(manifest)}?fieldManager=plumbline-test&force=true&fieldValidation=Strict`;
  return apiRequest(cluster, { method: "PATCH", path, body: manifest });
}

async function mustApply(cluster: Cluster, manifest: Manifest): Promise<JsonObject> {
  const answer = await apply(cluster, manifest);
  assert.ok(answer.status < 300, `${formatRef(refOf(manifest))}: ${answer.text}`);
  return answer.json();
}

/** Served means that the API server answers a list of the version. */
async function untilServed(cluster: Cluster, path: string): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if ((await apiRequest(cluster, { path })).status === 200) return;
    await sleep(50);
  }
  assert.fail(`${path} is not served`);
}

function repository(spec: JsonObject): Manifest {
  const metadata = { name: "fleet", namespace: "default" };
  return { apiVersion: "source.toolkit.fluxcd.io/v1", kind: "GitRepository", metadata, spec };
}

function kustomization(spec: JsonObject): Manifest {
  return {
    apiVersion: "kustomize.toolkit.fluxcd.io/v1",
    kind: "Kustomization",
    metadata: { name: "apps", namespace: "default" },
    spec: { interval: "1m", prune: true, sourceRef: { kind: "GitRepository", name: "fleet" }, ...spec },
  };
}

test("what we install works on a real API server", async (t) => {
  const cluster = await startControlPlane();
  t.after(() => cluster.stop());

  await t.test("a definition that stands in storedVersions is never dropped", () => keepStoredVersions(cluster));
  await t.test("every manifest is accepted as it stands", async () => {
    for (const manifest of installManifests({ ...defaultInstallOptions, cacheSize: "1Gi" })) {
      if (manifest.kind !== "CustomResourceDefinition") await mustApply(cluster, manifest);
    }
    for (const crd of crdManifests()) {
      const answer = await apiRequest(cluster, { path: pathOf(crd) });
      await mustApply(cluster, mergeCrd(answer.status === 200 ? answer.json() : undefined, crd).manifest);
    }
    await untilServed(cluster, "/apis/source.toolkit.fluxcd.io/v1/gitrepositories");
    await untilServed(cluster, "/apis/kustomize.toolkit.fluxcd.io/v1/kustomizations");
  });
  await t.test("defaults are filled in", () => defaultsAreFilledIn(cluster));
  await t.test("what Flux's definitions refuse is refused", () => wrongObjectsAreRefused(cluster));
  await t.test("every status that we write is accepted as it stands", () => statusesAreAccepted(cluster));
  await t.test("kubectl gets Flux's columns, short names and categories", () => columnsAndNames(cluster));
});

async function keepStoredVersions(cluster: Cluster): Promise<void> {
  const old = crdOf({ ...kustomizationDefinition, version: "v1beta2" });
  const path = "/apis/kustomize.toolkit.fluxcd.io/v1beta2/kustomizations";
  await mustApply(cluster, old);
  await untilServed(cluster, path);
  const manifest = { ...kustomization({ path: "./old" }), apiVersion: "kustomize.toolkit.fluxcd.io/v1beta2" };
  await mustApply(cluster, manifest);

  const ours = crdOf(kustomizationDefinition);
  const refused = await apply(cluster, ours);
  assert.equal(refused.status, 422, "dropping a stored version is refused by the API server");
  assert.match(refused.text, /status\.storedVersions/u);

  const live = (await apiRequest(cluster, { path: pathOf(ours) })).json();
  const merged = mergeCrd(live, ours);
  assert.deepEqual(merged.keptVersions, ["v1beta2"]);
  await mustApply(cluster, merged.manifest);
  await untilServed(cluster, "/apis/kustomize.toolkit.fluxcd.io/v1/kustomizations");
  const asV1 = (await apiRequest(cluster, { path: pathOf(kustomization({})) })).json();
  assert.equal(digString(asV1, "spec", "path"), "./old");
  assert.equal((await apiRequest(cluster, { path })).status, 200, "the old version is still served");
  assert.equal(readKustomization(asV1).build.path, "./old");
  await apiRequest(cluster, { method: "DELETE", path: pathOf(kustomization({})) });
}

async function defaultsAreFilledIn(cluster: Cluster): Promise<void> {
  const source = await mustApply(
    cluster,
    repository({ url: "https://x.example.com/a", interval: "1m", verify: { secretRef: { name: "k" } } }),
  );
  assert.equal(digString(source, "spec", "timeout"), "60s");
  assert.equal(digString(source, "spec", "verify", "mode"), "HEAD");
  assert.equal(dig(source, "status", "observedGeneration"), -1);
  const postBuild = { substituteFrom: [{ kind: "Secret", name: "s" }] };
  const delivery = await mustApply(cluster, kustomization({ postBuild }));
  assert.equal(dig(delivery, "spec", "force"), false);
  assert.deepEqual(dig(delivery, "spec", "postBuild", "substituteFrom"), [
    { kind: "Secret", name: "s", optional: false },
  ]);
  assert.equal(dig(delivery, "status", "observedGeneration"), -1);
}

async function wrongObjectsAreRefused(cluster: Cluster): Promise<void> {
  const url = "https://x.example.com/a";
  const rows: [Manifest, RegExp][] = [
    [repository({ url: "git@x:y", interval: "1m" }), /spec\.url/u],
    [repository({ url, interval: "1d" }), /spec\.interval/u],
    [repository({ url, interval: "1m", timeout: "1h" }), /spec\.timeout/u],
    [repository({ url }), /spec\.interval: Required/u],
    [repository({ url, interval: "1m", serviceAccountName: "x" }), /serviceAccountName can only be set when provider/u],
    [repository({ url, interval: "1m", refs: {} }), /unknown field|field not declared in schema/u],
    [kustomization({ sourceRef: { kind: "HelmChart", name: "x" } }), /spec\.sourceRef\.kind/u],
    [kustomization({ kubeConfig: {} }), /exactly one of spec\.kubeConfig/u],
    [kustomization({ kubeConfig: { secretRef: { name: "a" }, configMapRef: { name: "b" } } }), /exactly one of/u],
    [kustomization({ targetNamespace: "" }), /spec\.targetNamespace/u],
    [kustomization({ deletionPolicy: "Keep" }), /spec\.deletionPolicy/u],
  ];
  for (const [manifest, message] of rows) {
    const answer = await apply(cluster, manifest);
    assert.ok(answer.status >= 400, `${JSON.stringify(manifest.spec)} was accepted`);
    assert.match(answer.text, message);
  }
}

const facts: RunFacts = {
  revision: "main@sha1:0123456789abcdef0123456789abcdef01234567",
  digest: `sha256:${"a".repeat(64)}`,
  inventory: [{ group: "rbac.authorization.k8s.io", version: "v1", kind: "ClusterRole", namespace: "", name: "a:b" }],
  done: [],
  repairs: [],
  durationMs: 12.345,
  requestedAt: "2026-01-01T00:00:00Z",
};

function failureFor(reason: Reason, retry: "never" | "backoff"): Failure {
  return new Failure({ reason, message: "é".repeat(40_000), hint: "Do something", retry });
}

async function statusesAreAccepted(cluster: Cluster): Promise<void> {
  const reasons: Reason[] = [
    "BuildFailed",
    "HealthCheckFailed",
    "DependencyNotReady",
    "UnsupportedField",
    "PruneFailed",
  ];
  const failed = reasons.flatMap((reason) =>
    (["never", "backoff"] as const).map((retry): DeliveryOutcome => {
      const unhealthy = reason === "HealthCheckFailed";
      return { ...facts, kind: "failed", failure: failureFor(reason, retry), unhealthy };
    }),
  );
  const outcomes: DeliveryOutcome[] = [
    { ...facts, kind: "progressing", step: stepMessage("checking", "r", 60_000) },
    { ...facts, kind: "applied", checkedHealth: true },
    ...failed,
    { ...facts, kind: "applied", checkedHealth: false },
  ];
  let object = await mustApply(cluster, kustomization({}));
  for (const outcome of outcomes) {
    const status = kustomizationStatus({
      object,
      delivery: readKustomization(object),
      outcome,
      at: "2026-01-01T00:00:00Z",
    });
    object = await mustPatchStatus(cluster, object, status);
  }
  const artifact = {
    path: "p",
    url: "http://x/p",
    revision: "r",
    digest: "sha256:aa",
    sizeBytes: 1,
    lastUpdateTime: "2026-01-01T00:00:00Z",
  };
  const fetched: SourceOutcome = {
    kind: "fetched",
    revision: "r",
    artifact,
    commitSubject: undefined,
    requestedAt: "x",
  };
  const sources: SourceOutcome[] = [
    { ...fetched, artifact: undefined },
    fetched,
    ...(["AuthenticationFailed", "ArchiveOperationFailed"] as const).map((reason): SourceOutcome => ({
      kind: "failed",
      failure: failureFor(reason, "backoff"),
      requestedAt: undefined,
    })),
    { kind: "failed", failure: failureFor("URLInvalid", "never"), requestedAt: undefined },
  ];
  let source = await mustApply(cluster, repository({ url: "https://x.example.com/a", interval: "1m", ignore: "/x" }));
  for (const outcome of sources) {
    const status = gitRepositoryStatus({
      object: source,
      source: readGitRepository(source),
      outcome,
      at: "2026-01-01T00:00:00Z",
    });
    source = await mustPatchStatus(cluster, source, status);
  }
}

/** The answer holds exactly the status that was meant: nothing was pruned, nothing left over. */
async function mustPatchStatus(cluster: Cluster, object: Manifest, status: JsonObject | undefined): Promise<Manifest> {
  assert.ok(status);
  const recorded = object.status as JsonObject | undefined; // a mapping, if it is there
  const answer = await apiRequest(cluster, {
    method: "PATCH",
    path: `${pathOf(object)}/status?fieldManager=plumbline-test&fieldValidation=Strict`,
    contentType: "application/merge-patch+json",
    body: statusPatch(recorded, status) ?? {},
  });
  assert.equal(answer.status, 200, answer.text.slice(0, 2000));
  assert.deepEqual(answer.json().status, status);
  return answer.json();
}

async function columnsAndNames(cluster: Cluster): Promise<void> {
  for (const definition of [gitRepositoryDefinition, kustomizationDefinition]) {
    const group = `/apis/${definition.group}/v1`;
    const listed = (await apiRequest(cluster, { path: group })).json();
    const found = (dig(listed, "resources") as JsonObject[]).find((entry) => entry.name === definition.plural);
    assert.deepEqual(found?.shortNames, definition.shortNames);
    assert.deepEqual(found?.categories, definition.categories);
  }
}
