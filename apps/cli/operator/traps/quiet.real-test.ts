// Traps of a re-implementation of Flux (1, 23, 25): beside Flux, and what reaches the API server and the Git server.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { dig, digString } from "@plumbline/core/model";
import { connect, holdLease, loadKubeconfig } from "@plumbline/edges/kube";
import { systemClock } from "@plumbline/edges/telemetry";
import { type ControlPlane, startControlPlane } from "@plumbline/testkit/control-plane";
import { startPlumb } from "../../commands/testing/plumb.ts";
import { eventually } from "../testing/eventually.ts";
import { configMap } from "../testing/manifests.ts";
import { openSite } from "../testing/site.ts";

let plane: ControlPlane;
before(async () => {
  plane = await startControlPlane({ audit: true });
});
after(() => plane.stop());

/** As `edges/git` has it: git processes that talk to remotes at the same time. */
const MAX_NETWORK_RUNS = 8;
const LEASES = ["source-controller-leader-election", "kustomize-controller-leader-election"];

test("trap 1: self-hosting loop: Flux's leases are ours while we run, and beside a live Flux we do not start", async (t) => {
  const namespace = "flux-system";
  const config = loadKubeconfig({ path: plane.kubeconfigPath, env: {} });
  const client = connect(config, { clock: systemClock({ keepsAlive: true }), userAgent: "plumbline-test/0" });
  t.after(() => client.close());
  await openSite(t, { cluster: plane });
  await client.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
  const free = ["--storage-addr", "--metrics-addr", "--health-addr"].flatMap((flag) => [flag, "127.0.0.1:0"]);
  const storage = `${plane.kubeconfigPath}-storage`;
  const args = [
    "run",
    "--kubeconfig",
    plane.kubeconfigPath,
    "--no-watch-all-namespaces",
    "--storage-path",
    storage,
    ...free,
  ];
  const holderOf = async (name: string): Promise<string> => {
    const lease = await client.find({ group: "coordination.k8s.io", version: "v1", kind: "Lease", namespace, name });
    return digString(lease, "spec", "holderIdentity") ?? "";
  };
  const first = startPlumb(t, args);
  await first.logged("reconciling");
  for (const name of LEASES) assert.match(await holderOf(name), /^plumbline_/, name);
  first.child.kill("SIGTERM");
  assert.equal(await first.ended, 0);
  for (const name of LEASES) assert.equal(await holderOf(name), "", "given back, so that Flux need not wait");
  // A controller of Flux that came back.
  const theirs = await holdLease({
    client,
    clock: systemClock({ keepsAlive: true }),
    namespace,
    name: LEASES[1] ?? "",
    identity: "kustomize-controller-1_x",
    signal: new AbortController().signal,
    onWaiting: () => undefined,
    onTrouble: () => undefined,
    onLost: () => undefined,
  });
  t.after(() => theirs.release());
  const second = startPlumb(t, args);
  assert.equal(await second.ended, 1);
  assert.match(second.stderr(), /Flux is running in namespace flux-system: .*kustomize-controller-1_x/);
  assert.match(second.stderr(), /scale deployment kustomize-controller --replicas=0/);
});

test("trap 23: Secret and ConfigMap watches: only those that are ours or referred to, never all of the cluster", async (t) => {
  const site = await openSite(t, { cluster: plane });
  const { namespace } = site;
  const secret = `apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\n  namespace: ${namespace}\nstringData: { a: "1" }\n`;
  const head = await site.repository.commit({ "app/a.yaml": configMap("a", namespace), "app/s.yaml": secret });
  await site.apply({ apiVersion: "v1", kind: "Secret", metadata: { name: "vars", namespace }, stringData: { x: "1" } });
  await plane.audit?.skip();
  await site.source("fleet");
  const postBuild = { substituteFrom: [{ kind: "Secret", name: "vars" }] };
  await site.kustomization("app", { path: "./app", postBuild });
  await site.applied("app", head);
  const reads = ((await plane.audit?.read()) ?? []).filter(
    ({ verb, objectRef, userAgent }) =>
      (verb === "list" || verb === "watch") &&
      ["secrets", "configmaps"].includes(objectRef?.resource ?? "") &&
      (userAgent ?? "").startsWith("plumbline-test"),
  );
  assert.ok(reads.length >= 3, `${reads.length} watches`);
  for (const { requestURI } of reads) {
    const query = new URL(requestURI, "http://server").searchParams;
    const isNarrow = query.get("labelSelector")?.startsWith("kustomize.toolkit.fluxcd.io/name") ?? false;
    assert.ok(isNarrow || query.get("fieldSelector") === "metadata.name=vars", requestURI);
  }
});

test("trap 25: startup herd: a start on what is applied asks Git once per URL, writes nothing and waits for no artifact", async (t) => {
  const site = await openSite(t, { cluster: plane });
  const { namespace } = site;
  const names = Array.from({ length: 12 }, (_, i) => `app-${i}`);
  const files = Object.fromEntries(names.map((name) => [`${name}/a.yaml`, configMap(name, namespace)]));
  const head = await site.repository.commit(files);
  for (const source of ["one", "two", "three"]) await site.source(source, { interval: "10m" });
  for (const [i, name] of names.entries()) {
    const source = ["one", "two", "three"][i % 3] ?? "one";
    await site.kustomization(name, { path: `./${name}`, sourceRef: { kind: "GitRepository", name: source } });
  }
  for (const name of names) await site.applied(name, head);
  await site.operator.stop();
  site.git.reset();
  site.events.length = 0;
  await plane.audit?.skip();
  await site.restart();
  const ended = (): number => site.events.filter(({ type }) => type === "delivery-ended").length;
  await eventually("every Kustomization was looked at", () => ended() === names.length);
  await eventually("Git was asked", () => site.git.counts()["ls-refs"] > 0);
  assert.deepEqual([site.git.counts()["ls-refs"], site.git.counts().fetch], [1, 0]);
  assert.deepEqual(await writesToAppliedAndKustomizations(namespace), []);
  const ready = await Promise.all(names.map((name) => site.get("Kustomization", name)));
  const attempted = ready.map((object) => dig(object, "status", "lastAppliedRevision"));
  assert.deepEqual(new Set(attempted), new Set([`main@sha1:${head}`]));
});

test("trap 25: startup herd: on a start 60 repositories of one host are asked once each, a few at a time, and nothing is marked", async (t) => {
  const site = await openSite(t, { cluster: plane });
  const { namespace, git } = site;
  const names = Array.from({ length: 60 }, (_, i) => `herd-${i}`);
  const heads = new Map<string, string>();
  for (const name of names) {
    const repository = await git.create(name);
    heads.set(name, await repository.commit({ "app/a.yaml": configMap(name, namespace) }));
    await site.source(name, { url: repository.url, interval: "1h" });
    await site.kustomization(name, { path: "./app", sourceRef: { kind: "GitRepository", name } });
  }
  for (const name of names) await site.applied(name, heads.get(name) ?? "");
  await site.operator.stop();
  git.reset();
  site.events.length = 0;
  await plane.audit?.skip();
  site.requests.length = 0;
  // So late that as many as are allowed are sure to meet.
  git.fault = { kind: "late", ms: 150 };
  await site.restart();
  const ended = (): number => new Set(site.events.flatMap((e) => (e.type === "delivery-ended" ? [e.key] : []))).size;
  await eventually("every Kustomization was looked at", () => ended() === names.length);
  // Each tells the new address of its artifact once Git has answered.
  const told = (): number => site.requests.filter(({ resource }) => resource === "gitrepositories/status").length;
  await eventually("every repository has answered", () => told() >= names.length);
  const asked = git.requests.filter(({ type }) => type === "ls-refs").map(({ repository }) => repository);
  assert.deepEqual(asked.toSorted(), names.map((name) => `${name}.git`).toSorted());
  assert.equal(git.counts().fetch, 0);
  assert.ok(git.mostAtOnce() > 1 && git.mostAtOnce() <= MAX_NETWORK_RUNS, `${git.mostAtOnce()} requests at once`);
  t.diagnostic(`${git.mostAtOnce()} requests at once, of ${git.requests.length}`);
  assert.deepEqual(await writesToAppliedAndKustomizations(namespace), []);
  const failures = site.events.filter(({ type }) => type === "source-failed" || type === "waiting");
  assert.deepEqual(failures, []);
});

/** What an operator must leave alone that finds everything as it should be. */
async function writesToAppliedAndKustomizations(namespace: string): Promise<string[]> {
  const requests = (await plane.audit?.read({ namespace })) ?? [];
  const writes = requests.filter(({ verb }) => !["get", "list", "watch"].includes(verb));
  return writes
    .filter(({ objectRef }) => ["configmaps", "kustomizations"].includes(objectRef?.resource ?? ""))
    .map(({ verb, requestURI }) => `${verb} ${requestURI}`);
}
