// `plumb compare` against live clusters: what it finds, what it says, and that it writes nothing.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type JsonObject, type Manifest } from "@plumbline/core/model";
import { type ControlPlane, startControlPlane } from "@plumbline/testkit/control-plane";
import { corpusTest } from "@plumbline/testkit/corpus";
import type { Comparison, KustomizationComparison, ObjectChange } from "../compare/comparison.ts";
import { openFluxCluster } from "../operator/testing/flux-cluster.ts";
import { configMap, deployment } from "../operator/testing/manifests.ts";
import { openSite, type Site } from "../operator/testing/site.ts";
import { type Ended, plumb } from "./testing/plumb.ts";
import { wrongContext } from "./testing/wrong-context.ts";

const READS = new Set(["get", "list", "watch"]);

/** Runs it and checks at the API server's audit log that it only read, dry runs apart where they are asked for. */
async function compare(plane: ControlPlane, args: readonly string[]): Promise<Ended> {
  await plane.audit?.skip();
  const ended = await plumb(["compare", "--kubeconfig", plane.kubeconfigPath, ...args]);
  const requests = (await plane.audit?.read({ userAgent: "plumbline/" })) ?? [];
  assert.ok(requests.length > 0, ended.stderr);
  const writes = requests.filter(({ verb }) => !READS.has(verb));
  const isAllowed = (uri: string): boolean => args.includes("--server-dry-run") && uri.includes("dryRun=All");
  assert.deepEqual(
    writes.filter(({ requestURI }) => !isAllowed(requestURI)).map(({ verb, requestURI }) => `${verb} ${requestURI}`),
    [],
  );
  return ended;
}

async function compareJson(
  plane: ControlPlane,
  args: readonly string[],
): Promise<Comparison & { code: number | null }> {
  const { code, stdout, stderr } = await compare(plane, [...args, "-o", "json"]);
  assert.equal(stderr, "");
  return { ...(JSON.parse(stdout) as Comparison), code };
}

function named(comparison: Comparison, name: string): KustomizationComparison {
  const found = comparison.kustomizations.find((one) => one.name === name);
  assert.ok(found, name);
  return found;
}

function changeOf(one: KustomizationComparison, object: string): ObjectChange {
  const found = one.changes.find((change) => change.object === object);
  assert.ok(found, `${object} in ${JSON.stringify(one.changes)}`);
  return found;
}

corpusTest(
  "flux-cluster",
  "plumb compare on a cluster as real Flux left it: nothing would change",
  async (folder, t) => {
    const { plane } = await openFluxCluster(folder, t);
    const plain = await compare(plane, []);
    assert.match(plain.stdout, /^✔ flux-system\/contoso3-stockholm-infra: 43 objects, 0 would change$/m);
    assert.match(plain.stdout, /^✔ flux-system\/fleet-suspended: suspended, left as it is with 0 objects$/m);
    assert.match(plain.stdout, /^✔ flux-system\/fleet-broken: fails as it does with Flux, nothing would change: /m);
    assert.match(plain.stdout, /^► flux-system\/fleet-1: 4 objects, 4 would change$/m);
    assert.match(plain.stdout, /; not compared: 2 HelmCharts, 2 HelmReleases$/m);
    assert.equal(plain.code, 1);
    // What the webhook holds with Flux it holds with us, which only the API server can tell.
    const judged = await compareJson(plane, ["--server-dry-run"]);
    assert.equal(named(judged, "fleet-1").verdict, "fails");
    assert.equal(named(judged, "fleet-1").failsWithFlux, true);
    assert.match(named(judged, "fleet-1").problem?.message ?? "", /^Ingress\/bench\/app-1: .*failed calling webhook/);
    assert.deepEqual(
      judged.kustomizations.flatMap(({ changes }) => changes),
      [],
    );
    assert.equal(judged.code, 2);
  },
);

async function ownCluster(t: { after(work: () => Promise<void>): void }): Promise<{ plane: ControlPlane; site: Site }> {
  const plane = await startControlPlane({ audit: true });
  const site = await openSite(t, { cluster: plane, afterwards: () => plane.stop() });
  return { plane, site };
}

function secret(name: string, namespace: string, value: string): string {
  return `apiVersion: v1\nkind: Secret\nmetadata:\n  name: ${name}\n  namespace: ${namespace}\nstringData:\n  password: ${value}\n`;
}

async function write(site: Site, manager: string, manifest: Manifest): Promise<void> {
  await site.client.apply(manifest, { fieldManager: manager, force: true });
}

function object(kind: string, namespace: string, name: string, more: JsonObject): Manifest {
  const apiVersion = kind === "Deployment" ? "apps/v1" : "v1";
  return { apiVersion, kind, metadata: { name, namespace }, ...more };
}

/** Applies the repository with the operator, then takes the operator away, as if Flux stood still. */
async function appliedSite(site: Site): Promise<void> {
  const { namespace } = site;
  const commit = await site.repository.commit({
    "apps/web.yaml": deployment("web", namespace),
    "apps/settings.yaml": configMap("settings", namespace),
    "apps/login.yaml": secret("login", namespace, "first"),
    "apps/old.yaml": configMap("old", namespace),
    "apps/kept.yaml": configMap("kept", namespace).replace(
      "metadata:",
      "metadata:\n  annotations: { kustomize.toolkit.fluxcd.io/prune: disabled }",
    ),
    "infra/one.yaml": configMap("one", namespace),
    "broken/kustomization.yaml": "resources: [nowhere.yaml]\n",
  });
  await site.source("fleet");
  for (const name of ["apps", "infra"]) {
    await site.kustomization(name, { path: `./${name}` });
    await site.applied(name, commit);
  }
  await site.operator.stop();
}

test("plumb compare names each change, its fields and whose rule it is, and what it cannot compare", async (t) => {
  const { plane, site } = await ownCluster(t);
  const { namespace } = site;
  await appliedSite(site);

  const clean = await compare(plane, ["-n", namespace]);
  assert.match(clean.stdout, /6 objects of 2 Kustomizations, 0 would change$/m, clean.stdout);
  assert.equal(clean.code, 0);
  const { wrong, right } = wrongContext(t, plane);
  const told = await plumb(["compare", ...right, "-n", namespace]);
  assert.deepEqual([told.code, told.stdout, told.stderr], [0, clean.stdout, ""], "--context wins over the current one");
  const lost = await plumb(["compare", ...wrong, "-n", namespace]);
  assert.deepEqual([lost.code, lost.stdout], [2, ""]);
  assert.match(lost.stderr, /^✗ .*127\.0\.0\.1:1\b.*ECONNREFUSED/);

  await write(site, "kubectl-scale", object("Deployment", namespace, "web", { spec: { replicas: 3 } }));
  await write(site, "somebody", object("Secret", namespace, "login", { data: { password: btoa("hunter2") } }));
  await write(site, "somebody", object("ConfigMap", namespace, "settings", { data: { value: "9" } }));
  await site.repository.commit({
    "apps/old.yaml": null,
    "apps/kept.yaml": null,
    "apps/new.yaml": configMap("new", namespace),
  });
  await site.kustomization("failing", { path: "./broken" });
  await site.kustomization("sealed", { path: "./infra", decryption: { provider: "sops" } });
  await site.kustomization("charts", { path: "./infra", sourceRef: { kind: "OCIRepository", name: "charts" } });
  await site.kustomization("resting", { path: "./broken", suspend: true });

  const found = await compareJson(plane, ["-n", namespace]);
  const apps = named(found, "apps");
  assert.equal(apps.verdict, "changes");
  const web = changeOf(apps, `Deployment/${namespace}/web`);
  assert.equal(web.rule, "field manager");
  assert.deepEqual(
    web.fields.map(({ path, live, desired, owners }) => [path, live, desired, owners]),
    [[".spec.replicas", 3, 0, ["kubectl-scale"]]],
  );
  assert.equal(changeOf(apps, `ConfigMap/${namespace}/settings`).fields[0]?.live, "9");
  const login = changeOf(apps, `Secret/${namespace}/login`).fields;
  assert.deepEqual(
    login.map(({ path, live, desired }) => [path, live, desired]),
    [[".data.password", "***", "***"]],
  );
  assert.equal(changeOf(apps, `ConfigMap/${namespace}/old`).rule, "prune");
  assert.equal(changeOf(apps, `ConfigMap/${namespace}/new`).rule, "new");
  assert.deepEqual(apps.kept, [{ object: `ConfigMap/${namespace}/kept`, why: "prune: disabled on the object" }]);
  assert.match(apps.notes.join(), /^Flux has applied main@sha1:\w+; the source is newer/);
  assert.equal(named(found, "infra").verdict, "same");
  assert.equal(named(found, "failing").verdict, "fails");
  assert.equal(named(found, "failing").failsWithFlux, false);
  assert.equal(named(found, "resting").verdict, "suspended");
  assert.equal(named(found, "sealed").verdict, "unsupported");
  assert.match(named(found, "sealed").problem?.message ?? "", /spec\.decryption: not supported/);
  assert.match(named(found, "charts").problem?.message ?? "", /spec\.sourceRef\.kind: not supported/);
  assert.equal(found.code, 1);

  const text = await compare(plane, ["-n", namespace]);
  assert.ok(!text.stdout.includes("hunter2") && !text.stdout.includes(btoa("hunter2")));
  assert.match(text.stdout, /^ {8}\.spec\.replicas: 3 → 0 \(kubectl-scale\)$/m);
  const judged = await compareJson(plane, ["-n", namespace, "--server-dry-run"]);
  assert.equal(named(judged, "apps").changes.length, apps.changes.length);

  await site.kustomization("apps", { path: "./apps", ignore: [{ paths: ["/spec/replicas"] }] });
  for (const more of [[], ["--server-dry-run"]]) {
    const ignoring = named(await compareJson(plane, ["-n", namespace, ...more]), "apps");
    const taken = changeOf(ignoring, `Deployment/${namespace}/web`);
    assert.deepEqual([taken.rule, taken.fields], ["takeover", []], "a field that spec.ignore leaves to others stays");
  }
  await site.repository.commit({ "apps/web.yaml": deployment("web", namespace, "example/app:2") });
  await write(site, "scaler", object("Deployment", namespace, "web", { spec: { replicas: 4 } }));
  const next = changeOf(named(await compareJson(plane, ["-n", namespace]), "apps"), `Deployment/${namespace}/web`);
  assert.deepEqual(
    next.fields.map(({ path }) => path),
    ['.spec.template.spec.containers[name="app"].image'],
  );
});

test("plumb compare says 2 where it could not tell; without CRDs it and plumb get name plumb install", async (t) => {
  const plane = await startControlPlane({ audit: true });
  for (const [words, code] of [
    ["get all -A", 1],
    ["compare", 2],
  ] as const) {
    const ended = await plumb([...words.split(" "), "--kubeconfig", plane.kubeconfigPath]);
    assert.equal(ended.code, code);
    assert.match(ended.stderr, /^✗ .*toolkit\.fluxcd\.io.*\n {2}Neither Plumbline nor Flux .*: plumb install\n$/);
  }
  const site = await openSite(t, { cluster: plane, afterwards: () => plane.stop() });
  await appliedSite(site);
  await site.source("fleet", { url: `${site.repository.url}-gone` });
  const { stdout, code } = await compare(plane, ["-n", site.namespace]);
  assert.match(stdout, /^\? \S+\/apps: could not be compared: .*/m);
  assert.match(stdout, /^0 objects of 2 Kustomizations, 0 would change; not compared: 2 Kustomizations$/m);
  assert.equal(code, 2);
  const refused = await plumb(["compare", "--kubeconfig", "/nowhere"]);
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /^✗ .*\/nowhere/);
});
