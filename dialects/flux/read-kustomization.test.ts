// Reading a Kustomization: defaults, earlier runs, what is refused, and how it is said.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Failure, type JsonObject, type Manifest } from "@plumbline/core/model";
import { failureOf } from "@plumbline/testkit/delivery";
import { readKustomization } from "./read-kustomization.ts";

function kustomization(spec: JsonObject, rest: JsonObject = {}): Manifest {
  return {
    apiVersion: "kustomize.toolkit.fluxcd.io/v1",
    kind: "Kustomization",
    metadata: { name: "apps", namespace: "flux-system" },
    spec: { interval: "10m", prune: true, sourceRef: { kind: "GitRepository", name: "fleet" }, ...spec },
    ...rest,
  };
}

function refusalOf(object: Manifest): Failure {
  return failureOf(() => readKustomization(object));
}

test("a plain Kustomization gets Flux's defaults", () => {
  const { origin, ...delivery } = readKustomization(kustomization({}));
  assert.equal(origin.name, "apps");
  assert.deepEqual(delivery, {
    requestedAt: undefined,
    deleting: false,
    source: { kind: "GitRepository", name: "fleet", namespace: "flux-system" },
    build: {
      path: "",
      targetNamespace: undefined,
      namePrefix: undefined,
      nameSuffix: undefined,
      commonLabels: {},
      commonAnnotations: {},
      images: [],
      patches: [],
      components: [],
      ignoreMissingComponents: false,
    },
    substitution: undefined,
    intervalMs: 600_000,
    retryIntervalMs: 600_000,
    timeoutMs: 570_000,
    suspended: false,
    prune: true,
    deletionPolicy: "MirrorPrune",
    force: false,
    wait: false,
    healthChecks: [],
    ignore: [],
    dependsOn: [],
    serviceAccount: undefined,
    inventory: [],
    inventoryFailure: undefined,
    lastAppliedRevision: undefined,
    lastAttemptedRevision: undefined,
    ready: false,
    observedGeneration: -1,
    handledRequestAt: undefined,
  });
});

test("no run gets less than 30 seconds", () => {
  assert.equal(readKustomization(kustomization({ interval: "45s" })).timeoutMs, 30_000);
  assert.equal(readKustomization(kustomization({ timeout: "1s" })).timeoutMs, 30_000);
  assert.equal(readKustomization(kustomization({ timeout: "2m" })).timeoutMs, 120_000);
});

test("an interval of nothing is never, and its time-out the shortest", () => {
  const delivery = readKustomization(kustomization({ interval: "0s", retryInterval: "1ms" }));
  assert.ok(delivery.intervalMs > 10 * 365 * 86_400_000);
  assert.equal(delivery.retryIntervalMs, 1000);
  assert.equal(delivery.timeoutMs, 30_000);
});

test("everything that is supported is read", () => {
  const delivery = readKustomization(
    kustomization({
      retryInterval: "15s",
      path: "./clusters/hall-a",
      targetNamespace: "line",
      namePrefix: "a-",
      nameSuffix: "-z",
      commonMetadata: { labels: { team: "edge" }, annotations: { __proto__x: "1" } },
      images: [{ name: "web", newTag: "2" }],
      patches: [{ patch: "- op: remove", target: { kind: "Service" } }],
      components: ["../parts"],
      ignoreMissingComponents: true,
      postBuild: { substitute: { site: "hall-a" }, substituteFrom: [{ kind: "ConfigMap", name: "site" }] },
      dependsOn: [{ name: "infra" }, { name: "net", namespace: "ops" }],
      healthChecks: [{ kind: "Deployment", name: "web", namespace: "line" }],
      sourceRef: { kind: "GitRepository", name: "fleet", namespace: "sources" },
      serviceAccountName: "applier",
      deletionPolicy: "Orphan",
      force: true,
      wait: true,
      suspend: true,
      prune: false,
    }),
  );
  assert.equal(delivery.retryIntervalMs, 15_000);
  assert.deepEqual(delivery.build.images, [{ name: "web", newTag: "2" }]);
  assert.deepEqual(delivery.build.patches, [{ patch: "- op: remove", target: { kind: "Service" } }]);
  assert.deepEqual(delivery.substitution, {
    inline: { site: "hall-a" },
    from: [{ kind: "ConfigMap", name: "site", namespace: "flux-system", optional: false }],
    strategy: "WithVariables",
  });
  assert.deepEqual(delivery.dependsOn, [
    { kind: "Kustomization", name: "infra", namespace: "flux-system" },
    { kind: "Kustomization", name: "net", namespace: "ops" },
  ]);
  assert.deepEqual(delivery.healthChecks, [
    { apiVersion: "apps/v1", kind: "Deployment", name: "web", namespace: "line" },
  ]);
  assert.equal(delivery.source.namespace, "sources");
  assert.equal(delivery.serviceAccount, "applier");
  assert.deepEqual([delivery.force, delivery.wait, delivery.suspended, delivery.prune], [true, true, true, false]);
});

test("the status tells of earlier runs", () => {
  const status = {
    conditions: [{ type: "Ready", status: "True" }],
    observedGeneration: 4,
    lastAppliedRevision: "main@sha1:aa",
    lastAttemptedRevision: "main@sha1:bb",
    lastHandledReconcileAt: "t1",
    inventory: { entries: [{ id: "_line__Namespace", v: "v1" }] },
  };
  const delivery = readKustomization(kustomization({}, { status }));
  assert.deepEqual(delivery.inventory, [{ namespace: "", name: "line", group: "", kind: "Namespace", version: "v1" }]);
  assert.equal(delivery.ready, true);
  assert.equal(delivery.observedGeneration, 4);
  assert.equal(delivery.lastAttemptedRevision, "main@sha1:bb");
  assert.equal(delivery.handledRequestAt, "t1");
});

test("an inventory that cannot be read forbids pruning and nothing else", () => {
  const delivery = readKustomization(
    kustomization({}, { status: { inventory: { entries: [{ id: "??", v: "v1" }] } } }),
  );
  assert.deepEqual(delivery.inventory, []);
  assert.ok(delivery.inventoryFailure);
});

test("each field that is not supported is named", () => {
  const rows: [string, JsonObject][] = [
    ["spec.sourceRef.kind", { sourceRef: { kind: "OCIRepository", name: "x" } }],
    ["spec.decryption", { decryption: { provider: "sops" } }],
    ["spec.kubeConfig", { kubeConfig: { secretRef: { name: "k" } } }],
    ["spec.healthCheckExprs", { healthCheckExprs: [{ apiVersion: "v1", current: "true" }] }],
    ["spec.dependsOn[1].readyExpr", { dependsOn: [{ name: "a" }, { name: "b", readyExpr: "true" }] }],
    ["spec.buildMetadata", { buildMetadata: ["originAnnotations"] }],
  ];
  for (const [field, spec] of rows) {
    const failure = refusalOf(kustomization(spec));
    assert.equal(failure.reason, "UnsupportedField", field);
    assert.equal(failure.where?.field, field);
    assert.equal(failure.retry, "never");
  }
});

test("what is not built is not refused: suspended, or being deleted from this cluster", () => {
  const decryption = { provider: "sops" };
  const kubeConfig = { secretRef: { name: "k" } };
  const deleting = { metadata: { name: "a", namespace: "b", deletionTimestamp: "2026-01-01T00:00:00Z" } };
  assert.equal(readKustomization(kustomization({ decryption, kubeConfig, suspend: true })).suspended, true);
  assert.equal(readKustomization(kustomization({ decryption }, deleting)).deleting, true);
  const elsewhere = refusalOf(kustomization({ decryption, kubeConfig }, deleting));
  assert.equal(elsewhere.where?.field, "spec.kubeConfig");
});

test("a wrong spec names every field that is wrong", () => {
  const failure = refusalOf(
    kustomization({
      interval: 5,
      prune: "yes",
      sourceRef: { kind: "Git" },
      images: [{ newTag: "1" }],
      targetNamespace: "",
    }),
  );
  for (const part of [
    "spec.interval must be a text, is the number 5",
    'spec.prune must be true or false, is the text "yes"',
    "spec.sourceRef.kind must be one of",
    "spec.sourceRef.name is required",
    "spec.images[0].name is required",
    "spec.targetNamespace must not be empty",
  ]) {
    assert.ok(failure.message.includes(part), `${part} in ${failure.message}`);
  }
});

test("keys of the prototype are ordinary keys", () => {
  const substitute = JSON.parse('{"__proto__": "x", "constructor": "y"}') as JsonObject;
  const delivery = readKustomization(kustomization({ postBuild: { substitute } }));
  assert.deepEqual(Object.keys(delivery.substitution?.inline ?? {}), ["__proto__", "constructor"]);
});

test("rules for ignored fields are read, and a path that names no field is refused by its place", () => {
  const target = { kind: "Deployment", labelSelector: "app=web" };
  const ignore: JsonObject[] = [{ paths: ["/spec/replicas", "/metadata/labels/tier"] }, { paths: ["/data"], target }];
  const read = readKustomization(kustomization({ ignore }));
  assert.deepEqual(read.ignore, [
    { paths: ["/spec/replicas", "/metadata/labels/tier"], target: undefined },
    { paths: ["/data"], target },
  ]);
  const rows: [string, RegExp][] = [
    ["", /is "", the whole object/],
    ["spec.replicas", /must be a JSON Pointer such as \/spec\/replicas .* is "spec\.replicas"/],
    ["/metadata/annotations/a~b", /must be a JSON Pointer/],
    ["/metadata", /the labels that tell whose the object is/],
    ["/metadata/labels", /the labels that tell whose the object is/],
    ["/metadata/labels/kustomize.toolkit.fluxcd.io~1name", /the labels that tell whose the object is/],
  ];
  for (const [path, message] of rows) {
    const failure = refusalOf(kustomization({ ignore: [{ paths: ["/spec", path] }] }));
    assert.equal(failure.reason, "InvalidSpec", path);
    assert.equal(failure.where?.field, "spec.ignore[0].paths[1]");
    assert.match(failure.message, message);
  }
  assert.deepEqual(readKustomization(kustomization({ ignore: [{ paths: [""] }], suspend: true })).ignore, []);
});
