// What is installed: complete, ordered, with no more rights than asked for.

import assert from "node:assert/strict";
import { test } from "node:test";
import { dig, formatRef, type JsonObject, type JsonValue, type Manifest, refKey, refOf } from "@plumbline/core/model";
import { installManifests } from "./install-manifests.ts";
import { defaultInstallOptions } from "./install-options.ts";

function find(manifests: Manifest[], ref: string): Manifest {
  const found = manifests.find((manifest) => formatRef(refOf(manifest)) === ref);
  assert.ok(found, `${ref} among ${manifests.map((manifest) => formatRef(refOf(manifest))).join(", ")}`);
  return found;
}

const all = installManifests(defaultInstallOptions);

test("every object is there once, labelled, and in a namespace exactly when its kind has one", () => {
  assert.equal(new Set(all.map((manifest) => refKey(refOf(manifest)))).size, all.length);
  for (const manifest of all) {
    assert.equal(dig(manifest, "metadata", "labels", "app.kubernetes.io/part-of"), "plumbline");
    const cluster = /^(Namespace|ClusterRole|ClusterRoleBinding|CustomResourceDefinition)$/u.test(
      manifest.kind as string,
    );
    assert.equal(
      dig(manifest, "metadata", "namespace"),
      cluster ? undefined : "flux-system",
      formatRef(refOf(manifest)),
    );
  }
});

test("what an object needs comes before it", () => {
  const order = all.map((manifest) => manifest.kind);
  assert.equal(order[0], "Namespace");
  assert.ok(order.indexOf("CustomResourceDefinition") < order.indexOf("Deployment"));
  assert.ok(order.indexOf("ServiceAccount") < order.indexOf("Deployment"));
});

test("consumers find artifacts under Flux's name", () => {
  const service = find(all, "Service/flux-system/source-controller");
  const port = (dig(service, "spec", "ports") as JsonObject[])[0];
  assert.deepEqual([port?.port, port?.targetPort], [80, "http"]);
  const template = dig(find(all, "Deployment/flux-system/plumbline"), "spec", "template");
  const selected = dig(service, "spec", "selector") as JsonObject;
  for (const [key, value] of Object.entries(selected)) assert.equal(dig(template, "metadata", "labels", key), value);
  const containers = dig(template, "spec", "containers") as JsonObject[];
  const names = (dig(containers[0], "ports") as JsonObject[]).map((entry) => entry.name);
  assert.deepEqual(names, ["http", "http-prom", "healthz"]);
});

test("without the right to everything the operator may impersonate and little else", () => {
  const restricted = installManifests({ ...defaultInstallOptions, rights: "impersonate" });
  const bound = (manifests: Manifest[]): JsonValue[] =>
    manifests
      .filter((manifest) => manifest.kind === "ClusterRoleBinding")
      .map((manifest) => dig(manifest, "roleRef", "name") ?? null);
  assert.deepEqual(bound(all), ["plumbline-operator", "cluster-admin"]);
  assert.deepEqual(bound(restricted), ["plumbline-operator"]);
  const rules = find(restricted, "ClusterRole/plumbline-operator").rules as JsonObject[];
  for (const rule of rules) for (const list of Object.values(rule)) assert.ok(!(list as string[]).includes("*"));
  const onSecrets = rules.filter((rule) => (rule.resources as string[]).includes("secrets"));
  assert.deepEqual(
    onSecrets.map((rule) => rule.verbs),
    [["get", "list", "watch"]],
  );
});

test("the process listens where the ports say, and artifacts are advertised under the Service", () => {
  const template = dig(find(all, "Deployment/flux-system/plumbline"), "spec", "template", "spec");
  const [container] = dig(template, "containers") as JsonObject[];
  assert.deepEqual(container?.args, [
    "run",
    "--storage-path=/data",
    "--storage-addr=0.0.0.0:9090",
    "--storage-adv-addr=source-controller.$(RUNTIME_NAMESPACE).svc.cluster.local.",
    "--metrics-addr=0.0.0.0:8080",
    "--health-addr=0.0.0.0:9440",
  ]);
});

test("what is not chosen is the default", () => {
  assert.deepEqual(installManifests(), all);
  assert.deepEqual(installManifests({ rights: undefined, networkPolicies: undefined, image: undefined }), all);
});

test("another namespace is used everywhere", () => {
  const text = JSON.stringify(installManifests({ ...defaultInstallOptions, namespace: "gitops" }));
  assert.ok(!text.includes("flux-system"));
  assert.ok(text.includes('"namespace":"gitops"'));
});

test("a volume for the cache is claimed when its size is given", () => {
  const manifests = installManifests({ ...defaultInstallOptions, cacheSize: "2Gi" });
  assert.equal(
    dig(
      find(manifests, "PersistentVolumeClaim/flux-system/plumbline-cache"),
      "spec",
      "resources",
      "requests",
      "storage",
    ),
    "2Gi",
  );
  const volumes = dig(
    find(manifests, "Deployment/flux-system/plumbline"),
    "spec",
    "template",
    "spec",
    "volumes",
  ) as JsonObject[];
  assert.equal(dig(volumes[0], "persistentVolumeClaim", "claimName"), "plumbline-cache");
});
