// The commands that read and steer, against a real API server with an operator at work.

import assert from "node:assert/strict";
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { dig, digString, type JsonObject, type JsonValue } from "@plumbline/core/model";
import { parseYaml } from "@plumbline/core/yaml";
import { sharedCluster } from "@plumbline/testkit/control-plane";
import { configMap } from "../operator/testing/manifests.ts";
import { openSite, type Site } from "../operator/testing/site.ts";
import { formatUntil } from "../print/when.ts";
import { type Ended, plumb } from "./testing/plumb.ts";

const secret = (namespace: string, value: string): string =>
  `apiVersion: v1\nkind: Secret\nmetadata: { name: s, namespace: ${namespace} }\nstringData: { password: ${value} }\n`;

let site: Site;
let commit: string;
let kubeconfig: string;
/** In the namespace of the site. */
let run: (words: string, ...more: string[]) => Promise<Ended>;

/** What the site asks to be done at the end. */
const endings: (() => Promise<void>)[] = [];
after(async () => {
  for (const end of endings) await end();
});

before(async () => {
  kubeconfig = (await sharedCluster()).kubeconfigPath;
  site = await openSite({ after: (work) => void endings.push(work) });
  run = (words, ...more) => plumb([...words.split(" "), ...more, "--kubeconfig", kubeconfig, "-n", site.namespace]);
  const ns = site.namespace;
  commit = await site.repository.commit(
    { "app/cm.yaml": configMap("a", ns), "app/old.yaml": configMap("old", ns), "app/s.yaml": secret(ns, "hunter2") },
    { message: "the manifests" },
  );
  await site.source("fleet", { interval: "10m" });
  await site.kustomization("app", { path: "./app" });
  await site.applied("app", commit);
});

test("get prints a table as kubectl does, of one namespace or all", async () => {
  const one = await run("get all");
  assert.deepEqual([one.code, one.stderr], [0, ""]);
  const short = `main@sha1:${commit.slice(0, 8)}`;
  assert.match(one.stdout, /^NAMESPACE {3,}NAME {3,}REVISION {3,}SUSPENDED {3}READY {3}MESSAGE\n/);
  assert.match(one.stdout, new RegExp(`gitrepository/fleet   ${short}   False       True    stored artifact`));
  assert.match(one.stdout, new RegExp(`kustomization/app   ${short}   False       True    Applied revision: `));
  const all = await run("get ks -A");
  assert.equal(all.code, 0);
  assert.ok(all.stdout.includes(`${site.namespace}   kustomization/app`));
});

test("get -o json and -o yaml say the same, as an object by name and as a list without", async () => {
  const json = await run("get ks app -o json");
  const object = JSON.parse(json.stdout) as JsonValue;
  assert.equal(digString(object, "status", "lastAppliedRevision"), `main@sha1:${commit}`);
  assert.equal(dig(object, "metadata", "managedFields"), undefined);
  const yaml = await run("get kustomization/app -o yaml");
  assert.deepEqual(parseYaml(yaml.stdout), object);
  const list = JSON.parse((await run("get sources git -o json")).stdout) as { kind: string; items: JsonValue[] };
  assert.deepEqual([list.kind, digString(list.items[0], "metadata", "name")], ["List", "fleet"]);
});

test("get says what is not there and what to try", async () => {
  for (const words of ["get ks nothing", "get ks nothing -o json"]) {
    const { code, stdout, stderr } = await run(words);
    const expected = `✗ no kustomization "nothing" found in namespace ${site.namespace}\n  Try -A for all namespaces.\n`;
    assert.deepEqual([code, stdout, stderr], [1, "", expected]);
  }
});

test("control characters of the cluster do not reach the terminal", async () => {
  const message = "\u001b]0;owned\u0007\u009b2J\u202etxt";
  await site.kustomization("hostile", { path: "./app", suspend: true });
  const ref = { group: "kustomize.toolkit.fluxcd.io", version: "v1", kind: "Kustomization" };
  const condition = {
    type: "Ready",
    status: "False",
    reason: "X",
    message,
    lastTransitionTime: "2026-01-01T00:00:00Z",
  };
  await site.client.patch(
    { ...ref, namespace: site.namespace, name: "hostile" },
    { type: "merge", body: { status: { conditions: [condition] } } },
    { fieldManager: "test-user", subresource: "status" },
  );
  const outputs = [await run("get ks"), await run("get ks hostile -o json"), await run("get ks hostile -o yaml")];
  for (const { code, stdout, stderr } of outputs) {
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, /owned/);
    // oxlint-disable-next-line no-control-regex -- none may be left
    assert.doesNotMatch(stdout, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  }
});

test("reconcile waits for the run it asks for; with --with-source it brings the newest commit", async () => {
  const next = await site.repository.commit({ "app/cm.yaml": configMap("a", site.namespace, "2") }, { message: "2" });
  const old = await run("reconcile ks app");
  assert.deepEqual([old.code, old.stderr], [0, ""]);
  assert.match(old.stdout, new RegExp(`✔ applied revision main@sha1:${commit.slice(0, 8)}\n$`));
  const fresh = await run("reconcile ks app --with-source");
  const short = next.slice(0, 8);
  assert.equal(
    fresh.stdout,
    `► annotating GitRepository fleet in ${site.namespace} namespace\n◎ waiting for GitRepository reconciliation\n` +
      `✔ fetched revision main@sha1:${short}\n► annotating Kustomization app in ${site.namespace} namespace\n` +
      `◎ waiting for Kustomization reconciliation\n✔ applied revision main@sha1:${short}\n`,
  );
  assert.equal(digString(await site.get("Kustomization", "app"), "status", "lastAppliedRevision"), `main@sha1:${next}`);
});

test("reconcile of an object that fails says why and exits 1; of none says so", async () => {
  await site.kustomization("broken", { path: "./nowhere" });
  const { code, stderr } = await run("reconcile ks broken");
  assert.equal(code, 1);
  assert.match(stderr, /^✗ Kustomization .*\/broken: ArtifactFailed: .*nowhere/);
  const none = await run("reconcile ks nothing");
  assert.equal(none.code, 1);
  assert.match(none.stderr, /^✗ .*nothing.* not found/);
  const timeout = await run("reconcile ks app --timeout soon");
  assert.deepEqual([timeout.code, timeout.stdout], [2, ""]);
  assert.match(timeout.stderr, /--timeout: "soon" is no duration\n {2}Write it as/);
});

test("suspend stops, reconcile then tells how to go on, resume runs", async () => {
  const suspended = await run("suspend ks app");
  assert.deepEqual(
    [suspended.code, suspended.stdout, suspended.stderr],
    [0, `✔ Kustomization ${site.namespace}/app suspended\n`, ""],
  );
  assert.match((await run("get ks app")).stdout, / {3}True {8}True /);
  const refused = await run("reconcile ks app");
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, new RegExp(`is suspended\n  .*plumb resume ks app -n ${site.namespace}\n`));
  const resumed = await run("resume ks app");
  assert.equal(resumed.code, 0, resumed.stderr);
  assert.match(resumed.stdout, /resumed\n◎ waiting for its reconciliation\n✔ revision main@sha1:[0-9a-f]{8}\n$/);
});

test("diff shows what a folder would change, exits 0, 1 or 2, and never shows a Secret's values", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "plumb-diff-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, "app"));
  const ns = site.namespace;
  const write = (name: string, text: string): void => writeFileSync(join(folder, "app", name), text);
  write("cm.yaml", configMap("a", ns, "2"));
  write("old.yaml", configMap("old", ns));
  write("s.yaml", secret(ns, "hunter2"));
  const same = await run("diff ks app --path", folder);
  assert.deepEqual([same.code, same.stdout, same.stderr], [0, "3 objects, 0 would change\n", ""]);

  write("cm.yaml", configMap("a", ns, "3"));
  write("s.yaml", secret(ns, "correct-horse"));
  rmSync(join(folder, "app", "old.yaml"));
  write(
    "new.yaml",
    `apiVersion: v1\nkind: Namespace\nmetadata: { name: ${ns}-new }\n---\n${configMap("n", `${ns}-new`)}`,
  );
  const changed = await run("diff ks app --path", folder);
  assert.equal(changed.code, 1, changed.stderr);
  assert.match(changed.stdout, /► ConfigMap\/.*\/a drifted\n {4}± data\.value: "2" → "3"\n/);
  assert.match(changed.stdout, /► Secret\/.*\/s drifted\n {4}± data\.password: \*\*\* → \*\*\* \(changed\)\n/);
  assert.match(changed.stdout, new RegExp(`► Namespace/${ns}-new created\n`));
  assert.match(changed.stdout, new RegExp(`► ConfigMap/${ns}-new/n created\n`));
  assert.match(changed.stdout, /► ConfigMap\/.*\/old deleted\n5 objects, 5 would change\n$/);
  const secrets = ["hunter2", "correct-horse"].flatMap((text) => [text, Buffer.from(text).toString("base64")]);
  for (const text of secrets) assert.equal(changed.stdout.includes(text), false);
  const json = JSON.parse((await run("diff ks app -o json --path", folder)).stdout) as { action: string }[];
  assert.deepEqual(json.map(({ action }) => action).sort(), ["create", "create", "delete", "update", "update"]);
  assert.equal(
    digString(
      await site.client.get({ group: "", version: "v1", kind: "ConfigMap", namespace: ns, name: "a" }),
      "data",
      "value",
    ),
    "2",
  );

  write("cm.yaml", "kind: ConfigMap\n  bad: indent\n");
  const broken = await run("diff ks app --path", folder);
  assert.deepEqual([broken.code, broken.stdout], [2, ""]);
  assert.match(broken.stderr, /^✗ .*app\/cm\.yaml/);
});

test("diff leaves out the fields that spec.ignore leaves to others", async (t) => {
  const ns = site.namespace;
  await site.repository.commit({ "left/cm.yaml": configMap("left", ns) });
  await site.kustomization("left", { path: "./left", ignore: [{ paths: ["/data/value"], target: { name: "left" } }] });
  await run("reconcile ks left --with-source");
  const folder = mkdtempSync(join(tmpdir(), "plumb-diff-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, "left"));
  writeFileSync(join(folder, "left", "cm.yaml"), configMap("left", ns, "2"));
  const same = await run("diff ks left --path", folder);
  assert.deepEqual([same.code, same.stdout, same.stderr], [0, "1 objects, 0 would change\n", ""]);
  writeFileSync(join(folder, "left", "cm.yaml"), `${configMap("left", ns, "2")}  other: "3"\n`);
  const changed = await run("diff ks left --path", folder);
  assert.match(
    changed.stdout,
    /^► ConfigMap\/\S+\/left drifted\n {4}\+ data\.other: "3"\n1 objects, 1 would change\n$/,
  );
});

test("diff tells what would wait for a window, until when and for which; an override frees it", async (t) => {
  const ns = site.namespace;
  const opens = `${new Date().getFullYear() + 1}-11-25T07:00:00Z`;
  await site.kustomization("held", { path: "./held" });
  await site.repository.commit(
    { "held/cm.yaml": configMap("flows", ns), "held/gated.yaml": configMap("gated", ns) },
    { message: "two" },
  );
  await run("reconcile ks held --with-source");
  await site.apply({
    apiVersion: "plumbline.io/v1alpha1",
    kind: "MaintenanceWindow",
    metadata: { name: "far", namespace: ns },
    spec: {
      timeZone: "Europe/Stockholm",
      schedules: [{ open: opens, duration: "1h" }],
      selects: { deliveries: [{ name: "held" }], resources: [{ name: "gated" }] },
    },
  });
  const folder = mkdtempSync(join(tmpdir(), "plumb-diff-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, "held"));
  for (const name of ["flows", "gated"]) {
    writeFileSync(join(folder, "held", `${name}.yaml`), configMap(name, ns, "2"));
  }
  const { code, stdout, stderr } = await run("diff ks held --path", folder);
  assert.deepEqual([code, stderr], [1, ""]);
  assert.match(stdout, /► ConfigMap\/\S+\/flows drifted\n {4}± data\.value/);
  const why = `outside of the maintenance window MaintenanceWindow/${ns}/far`;
  const line = `► ConfigMap/${ns}/gated drifted, held ${formatUntil(opens, "Europe/Stockholm", Date.now())}: ${why}\n    ± data.value`;
  assert.ok(stdout.includes(line), stdout);
  assert.match(stdout, /\n2 objects, 2 would change, 1 of them would wait\n$/);
  const json = JSON.parse((await run("diff ks held -o json --path", folder)).stdout) as JsonObject[];
  assert.deepEqual(
    json.map(({ held }) => held),
    [undefined, { reason: why, until: opens, windows: [`MaintenanceWindow/${ns}/far`] }],
  );
  const ref = {
    group: "kustomize.toolkit.fluxcd.io",
    version: "v1",
    kind: "Kustomization",
    namespace: ns,
    name: "held",
  };
  const override = "who=anna; reason=line 3 is down; until=2126-01-01T00:00:00Z";
  const body = { metadata: { annotations: { "plumbline.io/override": override } } };
  await site.client.patch(ref, { type: "merge", body });
  const freed = await run("diff ks held --path", folder);
  assert.match(freed.stdout, /, the windows are overridden by anna until Tue {2}1 Jan 2126 00:00 UTC\n$/);
  assert.doesNotMatch(freed.stdout, /held until/);
});

test("reconcile ends when what is left waits for a window, and says so; also when nothing was ever applied", async () => {
  const ns = site.namespace;
  const window = {
    apiVersion: "plumbline.io/v1alpha1",
    kind: "MaintenanceWindow",
    metadata: { name: "closed", namespace: ns },
    spec: {
      timeZone: "UTC",
      schedules: [{ open: "2001-01-01T00:00:00Z", duration: "1h" }],
      selects: { deliveries: [{ name: "waits" }, { name: "fresh" }] },
    },
  };
  const first = await site.repository.commit({ "waits/cm.yaml": configMap("w", ns) }, { message: "1" });
  await site.kustomization("waits", { path: "./waits" });
  await run("reconcile ks waits --with-source");
  await site.apply(window);
  await site.repository.commit(
    { "waits/cm.yaml": configMap("w", ns, "2"), "fresh/cm.yaml": configMap("f", ns) },
    { message: "2" },
  );
  const why = `Without an end: ConfigMap/${ns}/w (outside of the maintenance window MaintenanceWindow/${ns}/closed)`;
  const held = await run("reconcile ks waits --with-source");
  assert.deepEqual([held.code, held.stderr], [0, ""]);
  const [applied = "", waits = ""] = held.stdout.trimEnd().split("\n").slice(-2);
  assert.equal(applied, `✔ applied revision main@sha1:${first.slice(0, 8)}`);
  assert.match(waits, /^◎ 1 change of revision main@sha1:[0-9a-f]{8} is held\. /);
  assert.ok(waits.endsWith(why), waits);
  await site.kustomization("fresh", { path: "./fresh" });
  const fresh = await run("reconcile ks fresh --timeout 20s");
  assert.deepEqual([fresh.code, fresh.stderr], [0, ""]);
  assert.match(fresh.stdout, /◎ waiting for Kustomization reconciliation\n◎ 1 change of revision /);
  await site.client.delete({
    group: "plumbline.io",
    version: "v1alpha1",
    kind: "MaintenanceWindow",
    namespace: ns,
    name: "closed",
  });
});
