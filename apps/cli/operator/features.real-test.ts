// Fields of the two kinds on a real API server: credentials, references, builds, health, force, what is refused.

import assert from "node:assert/strict";
import { test } from "node:test";
import { dig, digString, type Manifest, metadataMap } from "@plumbline/core/model";
import { findConfigMap } from "./testing/config-map.ts";
import { configMap, deployment } from "./testing/manifests.ts";
import { conditionOf, openSite } from "./testing/site.ts";

test("credentials come from the Secret; wrong ones are named, and a rotation is used at once", async (t) => {
  const site = await openSite(t, { files: { "app/cm.yaml": "" } });
  const { namespace } = site;
  const head = await site.repository.commit({ "app/cm.yaml": configMap("a", namespace) });
  site.git.credentials = { username: "reader", password: "right" };
  const secret = (password: string): Manifest => ({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "git", namespace },
    stringData: { username: "reader", password },
  });
  await site.apply(secret("wrong-one"));
  await site.source("fleet", { secretRef: { name: "git" }, interval: "10m" });
  await site.kustomization("app", { path: "./app" });
  const refused = await site.ready("fleet", ({ status }) => status === "False", "GitRepository");
  assert.equal(conditionOf(refused, "Ready")?.reason, "AuthenticationFailed");
  assert.ok(!JSON.stringify(refused.status).includes("wrong-one"), "the password stands nowhere");
  await site.apply(secret("right"));
  await site.applied("app", head);
  assert.equal(digString(await findConfigMap(site, "a"), "data", "value"), "1");
});

test("a tag, a semver range and a commit choose what is applied; sources of one address share their polls", async (t) => {
  const site = await openSite(t);
  const { namespace } = site;
  const first = await site.repository.commit({ "app/cm.yaml": configMap("a", namespace) });
  await site.repository.tag("v1.0.0", { commit: first });
  const second = await site.repository.commit({ "app/cm.yaml": configMap("a", namespace, "2") });
  await site.repository.tag("v1.1.0", { commit: second });
  const refs = {
    tag: { tag: "v1.0.0" },
    semver: { semver: ">=1.0.0 <2.0.0" },
    commit: { commit: first },
  };
  for (const [name, ref] of Object.entries(refs)) await site.source(name, { ref });
  const revision = async (name: string): Promise<string> =>
    digString(
      await site.ready(name, ({ status }) => status === "True", "GitRepository"),
      "status",
      "artifact",
      "revision",
    ) ?? "";
  assert.equal(await revision("tag"), `v1.0.0@sha1:${first}`);
  assert.equal(await revision("semver"), `v1.1.0@sha1:${second}`);
  assert.equal(await revision("commit"), `sha1:${first}`);
  await site.source("one", { interval: "2s" });
  await site.source("two", { interval: "2s" });
  for (const name of ["one", "two"]) await revision(name);
  for (const name of Object.keys(refs))
    await site.source(name, { ref: refs[name as keyof typeof refs], suspend: true });
  await new Promise((resolve) => setTimeout(resolve, 500));
  site.git.reset();
  await new Promise((resolve) => setTimeout(resolve, 5000));
  const { fetch, "ls-refs": polls } = site.git.counts();
  assert.equal(fetch, 0, "an unchanged remote is not fetched");
  assert.ok(polls >= 1 && polls <= 4, `${polls} polls in 5 s for two sources with an interval of 2 s`);
});

test("targetNamespace, commonMetadata, images, patches and prefixes change what is built", async (t) => {
  const site = await openSite(t);
  const { namespace } = site;
  await site.source("fleet");
  const plain = deployment("web", "elsewhere").replace("  namespace: elsewhere\n", "");
  const head = await site.repository.commit({ "app/d.yaml": plain });
  await site.kustomization("app", {
    path: "./app",
    targetNamespace: namespace,
    namePrefix: "my-",
    commonMetadata: { labels: { team: "a" }, annotations: { note: "b" } },
    images: [{ name: "example/app", newTag: "9" }],
    patches: [{ patch: '[{"op":"add","path":"/spec/paused","value":true}]', target: { kind: "Deployment" } }],
  });
  await site.applied("app", head);
  const object = await site.client.get({ group: "apps", version: "v1", kind: "Deployment", namespace, name: "my-web" });
  assert.equal(metadataMap(object, "labels")["team"], "a");
  assert.equal(metadataMap(object, "annotations")["note"], "b");
  assert.equal(dig(object, "spec", "paused"), true);
  assert.match(JSON.stringify(dig(object, "spec", "template")), /example\/app:9/);
});

test("an immutable field fails by name, and with force its object is made anew", async (t) => {
  const site = await openSite(t);
  const { namespace } = site;
  await site.source("fleet");
  const head = await site.repository.commit({ "app/d.yaml": deployment("d", namespace) });
  await site.kustomization("app", { path: "./app" });
  await site.applied("app", head);
  const target = { group: "apps", version: "v1", kind: "Deployment", namespace, name: "d" };
  const uid = digString(await site.client.get(target), "metadata", "uid");
  const next = await site.repository.commit({
    "app/d.yaml": deployment("d", namespace).replaceAll("{ app: d }", "{ app: e }"),
  });
  const failed = await site.ready("app", ({ reason }) => reason === "ReconciliationFailed");
  assert.match(conditionOf(failed, "Ready")?.message ?? "", /Deployment\/.*\/d.*immutable.*force/s);
  assert.equal(digString(await site.client.get(target), "metadata", "uid"), uid);
  await site.kustomization("app", { path: "./app", force: true });
  await site.applied("app", next);
  assert.notEqual(digString(await site.client.get(target), "metadata", "uid"), uid);
});

test("a health check on an object of somebody else ends the moment that object is ready", async (t) => {
  const site = await openSite(t);
  const { namespace } = site;
  await site.source("fleet");
  const head = await site.repository.commit({ "app/cm.yaml": configMap("a", namespace) });
  const check = { apiVersion: "apps/v1", kind: "Deployment", name: "foreign", namespace };
  await site.kustomization("app", { path: "./app", healthChecks: [check] });
  await site.ready(
    "app",
    ({ status }, object) =>
      status === "Unknown" && conditionOf(object, "Reconciling")?.message.includes("health checks") === true,
  );
  const spec = {
    replicas: 0,
    selector: { matchLabels: { a: "b" } },
    template: { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "c", image: "i" }] } },
  };
  await site.client.create({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "foreign", namespace },
    spec,
  });
  const done = await site.applied("app", head);
  assert.equal(conditionOf(done, "Healthy")?.status, "True");
});

test("what is not carried out is Stalled and named; a repository that wants verification is never fetched", async (t) => {
  const site = await openSite(t);
  await site.source("fleet");
  const refused: Record<string, Record<string, unknown>> = {
    decryption: { decryption: { provider: "sops" } },
    kubeConfig: { kubeConfig: { secretRef: { name: "x" } } },
    healthCheckExprs: { healthCheckExprs: [{ apiVersion: "v1", kind: "ConfigMap", current: "true" }] },
  };
  for (const [field, spec] of Object.entries(refused)) {
    const name = field.toLowerCase();
    await site.kustomization(name, { path: "./", ...(spec as Record<string, never>) });
    const object = await site.ready(name, ({ status }) => status === "False");
    assert.equal(conditionOf(object, "Stalled")?.status, "True");
    assert.match(conditionOf(object, "Ready")?.message ?? "", new RegExp(`spec\\.${field}`));
  }
  site.git.reset();
  await site.source("signed", {
    verify: { mode: "HEAD", secretRef: { name: "keys" } },
    url: `${site.git.url}/never.git`,
  });
  const signed = await site.ready("signed", ({ status }) => status === "False", "GitRepository");
  assert.match(conditionOf(signed, "Stalled")?.message ?? "", /spec\.verify/);
  assert.equal(site.git.requests.filter(({ repository }) => repository === "never.git").length, 0);
});
