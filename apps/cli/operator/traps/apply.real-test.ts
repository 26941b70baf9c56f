// Traps of a re-implementation of Flux (4, 6, 7, 8, 13, 14, 15): what is sent, when, and in which order.

import assert from "node:assert/strict";
import { test } from "node:test";
import { dig, digString, type Manifest, type ObjectRef, refOf } from "@plumbline/core/model";
import { eventually } from "../testing/eventually.ts";
import { configMap, customKind, deployment } from "../testing/manifests.ts";
import { conditionOf, openSite, type Site } from "../testing/site.ts";

const MANAGER = "kustomize-controller";

function refTo(site: Site, kind: string, name: string, group = ""): ObjectRef {
  return { group, version: "v1", kind, namespace: site.namespace, name };
}

async function applied(
  site: Site,
  files: Record<string, string>,
  spec: Parameters<Site["kustomization"]>[1] = {},
): Promise<void> {
  const head = await site.repository.commit(files);
  await site.source("fleet");
  await site.kustomization("app", { path: "./app", ...spec });
  await site.applied("app", head);
}

function managersOf(object: Manifest): string[] {
  const entries = dig(object, "metadata", "managedFields");
  return (Array.isArray(entries) ? entries : []).map((entry) => digString(entry, "manager") ?? "").sort();
}

test("trap 4: kubectl ownership is absorbed, also what was done while nobody watched; flux-client-side-apply is kept", async (t) => {
  const site = await openSite(t);
  const { namespace } = site;
  await applied(site, { "app/a.yaml": configMap("a", namespace) });
  await site.operator.stop();
  const ref = refTo(site, "ConfigMap", "a");
  for (const [fieldManager, key] of [
    ["kubectl-edit", "byhand"],
    ["flux-client-side-apply", "kept"],
  ] as const) {
    await site.client.patch(ref, { type: "merge", body: { data: { [key]: "1" } } }, { fieldManager });
  }
  await site.restart();
  await eventually(
    "what kubectl added goes",
    async () => dig(await site.client.get(ref), "data", "byhand") === undefined,
  );
  const object = await site.client.get(ref);
  assert.deepEqual(object.data, { value: "1", kept: "1" });
  assert.deepEqual(managersOf(object), ["flux-client-side-apply", MANAGER]);
});

test("trap 6: change detection ignores what others add; replicas that Git omits are left to the autoscaler", async (t) => {
  const site = await openSite(t);
  const { namespace } = site;
  await applied(site, {
    "app/d.yaml": deployment("web", namespace).replace("  replicas: 0\n", ""),
    "app/a.yaml": configMap("a", namespace),
  });
  const ref = refTo(site, "Deployment", "web", "apps");
  await site.client.patch(ref, { type: "merge", body: { spec: { replicas: 3 } } }, { fieldManager: "autoscaler" });
  const mark = { metadata: { labels: { mine: "yes" }, annotations: { note: "1" } } };
  await site.client.patch(refTo(site, "ConfigMap", "a"), { type: "merge", body: mark }, { fieldManager: "somebody" });
  const before = await site.client.get(refTo(site, "ConfigMap", "a"));
  const head = await site.repository.commit({ "other.txt": "a commit that changes no object" });
  await site.applied("app", head);
  await site.restart();
  await site.applied("app", head);
  assert.equal(dig(await site.client.get(ref), "spec", "replicas"), 3);
  assert.equal(dig(await site.client.get(ref), "metadata", "generation"), 2, "only the autoscaler moved it");
  assert.deepEqual(await site.client.get(refTo(site, "ConfigMap", "a")), before);
});

test("trap 7: immutable errors: force recreates for an immutable field, and never for a mere mistake", async (t) => {
  const site = await openSite(t);
  const { namespace } = site;
  const job = (image: string): string =>
    `apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: once\n  namespace: ${namespace}\nspec:\n  suspend: true\n  template:\n    spec:\n      restartPolicy: Never\n      containers: [{ name: main, image: "${image}" }]\n`;
  await applied(site, { "app/job.yaml": job("example/a:1") }, { force: true });
  const ref = refTo(site, "Job", "once", "batch");
  const first = digString(await site.client.get(ref), "metadata", "uid");
  const changed = await site.repository.commit({ "app/job.yaml": job("example/a:2") });
  await site.applied("app", changed);
  const second = digString(await site.client.get(ref), "metadata", "uid");
  assert.notEqual(second, first, "an immutable template is made anew");
  await site.repository.commit({ "app/job.yaml": job("example/a:2").replace("Never", "Sometimes") });
  await site.ready("app", ({ reason }) => reason === "ReconciliationFailed");
  assert.equal(digString(await site.client.get(ref), "metadata", "uid"), second, "a typo deletes nothing");
});

test("trap 8: ordering: a CRD, its namespace, a custom resource and a webhook of it work in one run", async (t) => {
  const site = await openSite(t);
  const { namespace } = site;
  const group = `${namespace}.example.org`;
  const webhook = `apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingWebhookConfiguration\nmetadata:\n  name: ${namespace}\nwebhooks:\n  - name: things.${group}\n    admissionReviewVersions: [v1]\n    sideEffects: None\n    failurePolicy: Fail\n    clientConfig: { url: "https://127.0.0.1:1/nobody" }\n    rules: [{ apiGroups: ["${group}"], apiVersions: [v1], operations: [CREATE], resources: [things] }]\n`;
  await applied(site, {
    "app/1-webhook.yaml": webhook,
    "app/2-thing.yaml": `apiVersion: ${group}/v1\nkind: Thing\nmetadata:\n  name: one\n  namespace: ${namespace}-x\n`,
    "app/3-namespace.yaml": `apiVersion: v1\nkind: Namespace\nmetadata:\n  name: ${namespace}-x\n`,
    "app/4-crd.yaml": customKind(group),
  });
  await site.client.discovery.refresh();
  const thing = { group, version: "v1", kind: "Thing", namespace: `${namespace}-x`, name: "one" };
  assert.ok(await site.client.find(thing), "the webhook, which refuses everything, came after it");
  const cleanUp: [string, string, string][] = [
    ["admissionregistration.k8s.io", "ValidatingWebhookConfiguration", namespace],
    ["apiextensions.k8s.io", "CustomResourceDefinition", `things.${group}`],
    ["", "Namespace", `${namespace}-x`],
  ];
  await site.operator.stop();
  for (const [of, kind, name] of cleanUp) {
    await site.client.delete({ group: of, version: "v1", kind, namespace: "", name });
  }
});

test("trap 13: Jobs in wait: a suspended Job is fine, one that runs must complete", async (t) => {
  const site = await openSite(t);
  const { namespace } = site;
  const job = (suspend: boolean): string =>
    `apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: once\n  namespace: ${namespace}\nspec:\n  suspend: ${suspend}\n  ttlSecondsAfterFinished: 0\n  template:\n    spec:\n      restartPolicy: Never\n      containers: [{ name: main, image: example/a }]\n`;
  await applied(site, { "app/job.yaml": job(true) }, { wait: true });
  const head = await site.repository.commit({ "app/job.yaml": job(false) });
  const waiting = await site.ready("app", ({ status }, object) => {
    const step = conditionOf(object, "Reconciling")?.message ?? "";
    return status === "Unknown" && step.startsWith("Running health checks");
  });
  assert.match(conditionOf(waiting, "Reconciling")?.message ?? "", new RegExp(head));
  // Its Pod ends, as a kubelet would tell; the Job completes, and by its TTL it is gone at once.
  const pods = (): Promise<Manifest[]> =>
    site.client
      .listAll({ group: "", version: "v1", kind: "Pod" }, { namespace, labelSelector: "job-name=once" })
      .then(({ items }) => items);
  await eventually("the Job has a Pod", async () => (await pods()).length > 0);
  for (const pod of await pods()) {
    const body = { status: { phase: "Succeeded" } };
    await site.client.patch(refOf(pod), { type: "merge", body }, { fieldManager: "kubelet", subresource: "status" });
  }
  await site.applied("app", head);
});

test("trap 14: substitution: newlines go, $$ is one $, values get their type anew, and what opts out stays", async (t) => {
  const site = await openSite(t);
  const { namespace } = site;
  const data = (name: string, text: string, head = ""): string =>
    `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n  namespace: ${namespace}\n${head}data:\n  value: "${text}"\n`;
  await site.apply({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "vars", namespace },
    data: { lines: "a\nb\n", count: "2" },
  });
  const optedOut = "  annotations: { kustomize.toolkit.fluxcd.io/substitute: disabled }\n";
  await applied(
    site,
    {
      "app/a.yaml": data("a", "${lines} $${lines} $lines ${missing:=else}"),
      "app/b.yaml": data("b", "${lines}", optedOut),
      "app/d.yaml": deployment("web", namespace).replace("replicas: 0", "replicas: ${count}"),
    },
    { postBuild: { substituteFrom: [{ kind: "ConfigMap", name: "vars" }] } },
  );
  const value = async (name: string): Promise<unknown> =>
    dig(await site.client.get(refTo(site, "ConfigMap", name)), "data", "value");
  assert.equal(await value("a"), "ab ${lines} $lines else");
  assert.equal(await value("b"), "${lines}");
  assert.equal(dig(await site.client.get(refTo(site, "Deployment", "web", "apps")), "spec", "replicas"), 2);
  // Without any variable nothing is touched.
  await site.repository.commit({ "plain/a.yaml": data("plain", "${lines}") });
  await site.kustomization("plain", { path: "./plain", postBuild: { substitute: {} } });
  await site.ready("plain", ({ status }) => status === "True");
  assert.equal(await value("plain"), "${lines}");
});

test("trap 15: SOPS: an encrypted Secret is never written as it stands, and decryption is refused by name", async (t) => {
  const site = await openSite(t);
  const { namespace } = site;
  const sealed = `apiVersion: v1\nkind: Secret\nmetadata:\n  name: sealed\n  namespace: ${namespace}\ndata:\n  password: ENC[AES256_GCM,data:abc=,type:str]\nsops:\n  mac: ENC[abc]\n  version: 3.9.0\n`;
  await site.repository.commit({ "app/s.yaml": sealed });
  await site.source("fleet");
  await site.kustomization("app", { path: "./app" });
  const failed = await site.ready("app", ({ status }) => status === "False");
  const ready = conditionOf(failed, "Ready");
  assert.equal(ready?.reason, "ReconciliationFailed");
  assert.match(ready?.message ?? "", /^Secret\/\S+\/sealed is SOPS encrypted, configuring decryption is required/);
  assert.equal(await site.client.find(refTo(site, "Secret", "sealed")), undefined);
  await site.kustomization("app", { path: "./app", decryption: { provider: "sops" } });
  const refused = await site.ready("app", ({ reason }) => reason === "UnsupportedField");
  assert.equal(conditionOf(refused, "Stalled")?.status, "True");
});
