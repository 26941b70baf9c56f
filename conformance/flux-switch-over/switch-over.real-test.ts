// A cluster as real Flux left it, taken over: no managed object changes, and Flux's inventory, revisions and digests stay.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { dig, digString, isObject, type JsonObject, type JsonValue, type Manifest } from "@plumbline/core/model";
import { readKustomization } from "@plumbline/dialects/flux";
import { apiRequest, type Cluster, startControlPlane } from "@plumbline/testkit/control-plane";
import { corpusTest } from "@plumbline/testkit/corpus";
import { startTestGitServer, type TestGitServer } from "@plumbline/testkit/git-server";

const checkout = join(import.meta.dirname, "..", "..");
const settledWithinMs = 60_000;
const kustomizations = "/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/flux-system/kustomizations";
const repositories = "/apis/source.toolkit.fluxcd.io/v1/namespaces/flux-system/gitrepositories";

async function list(cluster: Cluster, path: string): Promise<Manifest[]> {
  const answer = await apiRequest(cluster, { path });
  assert.equal(answer.status, 200, answer.text);
  const body = answer.json();
  const items = dig(body, "items");
  const head = { apiVersion: body.apiVersion ?? null, kind: (digString(body, "kind") ?? "").replace(/List$/u, "") };
  return (Array.isArray(items) ? items.filter(isObject) : []).map((item) => ({ ...head, ...item }));
}

/** Everything in the cluster that carries an owner label, by its path. */
async function managed(cluster: Cluster): Promise<Map<string, Manifest>> {
  const found = new Map<string, Manifest>();
  const groups = (await apiRequest(cluster, { path: "/apis" })).json();
  const paths = ["/api/v1"];
  for (const group of dig(groups, "groups") as JsonObject[]) {
    paths.push(`/apis/${digString(group, "preferredVersion", "groupVersion")}`);
  }
  for (const path of paths) {
    const discovered = (await apiRequest(cluster, { path })).json();
    for (const resource of dig(discovered, "resources") as JsonObject[]) {
      const name = digString(resource, "name") ?? "";
      if (name.includes("/") || !(resource.verbs as string[]).includes("list")) continue;
      for (const object of await list(cluster, `${path}/${name}?labelSelector=kustomize.toolkit.fluxcd.io%2Fname`)) {
        const key = `${path}/${name} ${digString(object, "metadata", "namespace") ?? ""}/${digString(object, "metadata", "name")}`;
        found.set(key, object);
      }
    }
  }
  return found;
}

/** All of an object but who owns its fields. */
function contentOf(object: Manifest | undefined): JsonObject {
  const all = dig(object, "metadata");
  const { managedFields: _fields, resourceVersion: _version, ...metadata } = isObject(all) ? all : {};
  return { ...object, metadata };
}

function versionOf(object: Manifest | undefined): string | undefined {
  return digString(object, "metadata", "resourceVersion");
}

/** The fields that Flux's manager owns, and ours under the same name. */
function ownedFields(object: Manifest | undefined): string[] {
  const entries = dig(object, "metadata", "managedFields");
  const ours = (Array.isArray(entries) ? entries : []).filter(
    (entry) => digString(entry, "manager") === "kustomize-controller" && digString(entry, "operation") === "Apply",
  );
  return ours.flatMap((entry) => leaves(dig(entry, "fieldsV1"), ""));
}

/** Fields that the manager owned and does not any more. */
function lostFields(before: Manifest, now: Manifest | undefined): string[] {
  const kept = new Set(ownedFields(now));
  return ownedFields(before).filter((path) => !kept.has(path));
}

function leaves(fields: JsonValue | undefined, path: string): string[] {
  if (!isObject(fields) || Object.keys(fields).length === 0) return [path];
  return Object.entries(fields).flatMap(([name, below]) => leaves(below, `${path}/${name}`));
}

/** The sources point to a server that is gone; nothing but the address is changed. */
async function serveAgain(cluster: Cluster, git: TestGitServer, folder: string): Promise<void> {
  for (const bundle of readdirSync(folder).filter((name) => name.endsWith(".bundle"))) {
    const name = basename(bundle, ".bundle");
    const repository = await git.create(name);
    await repository.git("fetch", "-q", join(folder, bundle), "+refs/heads/*:refs/heads/*");
  }
  for (const source of await list(cluster, repositories)) {
    const name = basename(digString(source, "spec", "url") ?? "", ".git");
    const answer = await apiRequest(cluster, {
      method: "PATCH",
      path: `${repositories}/${digString(source, "metadata", "name")}?fieldManager=admin`,
      contentType: "application/merge-patch+json",
      body: { spec: { url: `${git.url}/${name}.git` } },
    });
    assert.equal(answer.status, 200, answer.text);
  }
}

function startOperator(cluster: Cluster, storage: string): { child: ChildProcess; log: () => string } {
  const free = ["--storage-addr", "--metrics-addr", "--health-addr"].flatMap((flag) => [flag, "127.0.0.1:0"]);
  const args = ["apps/cli/plumb.ts", "run", "--kubeconfig", cluster.kubeconfigPath, "--storage-path", storage, ...free];
  const child = spawn(process.execPath, args, { cwd: checkout });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (part: Buffer) => (text += part.toString()));
  return { child, log: () => text };
}

function nameOf(object: Manifest): string {
  return digString(object, "metadata", "name") ?? "";
}

function readyOf(object: Manifest): JsonObject | undefined {
  const conditions = dig(object, "status", "conditions");
  return Array.isArray(conditions) ? conditions.filter(isObject).find((entry) => entry.type === "Ready") : undefined;
}

function digestsOf(object: Manifest): (JsonValue | undefined)[] {
  const history = dig(object, "status", "history");
  return Array.isArray(history) ? history.map((entry) => dig(entry, "digest")) : [];
}

/** Names of the Kustomizations whose run ended well: a run that found everything as it was shows in no status. */
function reconciled(log: string): Set<string> {
  const lines = log.split("\n").filter((line) => line.includes('"msg":"Reconciliation finished'));
  return new Set(lines.map((line) => digString(JSON.parse(line) as JsonObject, "name") ?? ""));
}

corpusTest("flux-cluster", "taking over Flux's cluster changes no object that Flux had applied", async (folder, t) => {
  const cluster = await startControlPlane({
    etcdData: join(folder, "etcd-data.tar.zst"),
    controllerManagerArgs: false,
  });
  t.after(() => cluster.stop());
  const git = await startTestGitServer();
  t.after(() => git.close());
  const storage = mkdtempSync(join(tmpdir(), "plumbline-switch-"));
  t.after(() => rmSync(storage, { recursive: true, force: true }));
  await serveAgain(cluster, git, folder);
  const before = await list(cluster, kustomizations);
  const applied = before.filter((object) => readyOf(object)?.status === "True");
  assert.ok(applied.length >= 4);
  const objectsBefore = await managed(cluster);
  assert.ok(objectsBefore.size >= 50, String(objectsBefore.size));

  const { child, log } = startOperator(cluster, storage);
  t.after(() => child.kill("SIGKILL"));
  let after: Manifest[] = [];
  const isSettled = (): boolean =>
    applied.every((object) => {
      const now = after.find((other) => nameOf(other) === nameOf(object));
      return now !== undefined && readyOf(now)?.status === "True" && reconciled(log()).has(nameOf(object));
    });
  for (const started = performance.now(); !isSettled(); await sleep(200)) {
    assert.ok(performance.now() - started < settledWithinMs && child.exitCode === null, log().slice(-6000));
    after = await list(cluster, kustomizations);
  }
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  await exited;

  const objectsAfter = await managed(cluster);
  assert.deepEqual([...objectsAfter.keys()].sort(), [...objectsBefore.keys()].sort());
  for (const [key, object] of objectsBefore) {
    const now = objectsAfter.get(key);
    assert.deepEqual(contentOf(now), contentOf(object), key);
    assert.equal(versionOf(now), versionOf(object), key);
    assert.deepEqual(lostFields(object, now), [], key);
  }
  for (const object of applied) {
    const name = digString(object, "metadata", "name");
    const now = after.find((other) => digString(other, "metadata", "name") === name);
    assert.ok(now);
    assert.deepEqual(readKustomization(now).inventory, readKustomization(object).inventory);
    for (const field of ["lastAppliedRevision", "observedGeneration"]) {
      assert.equal(dig(now, "status", field), dig(object, "status", field), `${name} ${field}`);
    }
    assert.deepEqual(digestsOf(now), digestsOf(object));
  }
  const sizes = `${applied.length} Kustomizations with ${objectsBefore.size} objects`;
  t.diagnostic(`${sizes} taken over, none of them written`);
});
