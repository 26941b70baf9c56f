// `plumb windows` and `plumb held` as programs: on files, and on a real API server whose windows carry a status.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type JsonObject, type JsonValue, type Manifest, refOf } from "@plumbline/core/model";
import { parseYaml } from "@plumbline/core/yaml";
import { connect, type KubeClient, loadKubeconfig } from "@plumbline/edges/kube";
import { systemClock } from "@plumbline/edges/telemetry";
import { sharedCluster, withNamespace } from "@plumbline/testkit/control-plane";
import { installCrds } from "../operator/testing/site.ts";
import { plumb } from "./testing/plumb.ts";

const folder = mkdtempSync(join(tmpdir(), "plumb-windows-"));
const endings: (() => unknown)[] = [() => rmSync(folder, { recursive: true })];
after(async () => {
  for (const end of endings.toReversed()) await end();
});

let client: KubeClient;
let kubeconfig: string;
let namespace: string;
const clusterWindow = `inventory-${process.pid}`;

const weekdays = { timeZone: "Europe/Stockholm", schedules: [{ open: "0 8 * * MON", close: "0 17 * * THU" }] };
const freeze = { timeZone: "UTC", freezes: [{ from: "2026-12-24", to: "2026-12-26", reason: "inventory" }] };
const window = (name: string, spec: JsonObject, metadata: JsonObject = { namespace }): Manifest => ({
  apiVersion: "plumbline.io/v1alpha1",
  kind: metadata.namespace === undefined ? "ClusterMaintenanceWindow" : "MaintenanceWindow",
  metadata: { ...metadata, name },
  spec: { ...spec, selects: { deliveries: [{ name: `nobody-${process.pid}` }] } },
});

before(async () => {
  const cluster = await sharedCluster();
  kubeconfig = cluster.kubeconfigPath;
  client = connect(loadKubeconfig({ path: kubeconfig, env: {} }), {
    clock: systemClock({ keepsAlive: true }),
    userAgent: "plumbline-test/0",
  });
  endings.push(() => client.close());
  await installCrds(client);
  namespace = await withNamespace(cluster, { after: (work) => void endings.push(work) }, "windows");
  const objects = [window("weekdays", weekdays), window(clusterWindow, freeze, {})];
  for (const object of objects) {
    await client.apply(object, { fieldManager: "test-user" });
    endings.push(() => client.delete(refOf(object)));
  }
  const held = {
    delivery: `Kustomization/${namespace}/line`,
    object: `Deployment/${namespace}/press`,
    group: "apps",
    change: "Revision",
    reason: "outside of the maintenance window",
    until: "2126-11-25T07:00:00Z",
  };
  const status = { state: "Closed", heldCount: 1, held: [held] };
  await client.patch(refOf(window("weekdays", {})), { type: "merge", body: { status } }, { subresource: "status" });
});

const onCluster = (words: string) => plumb([...words.split(" "), "--kubeconfig", kubeconfig]);

test("windows: those of the namespace and of the cluster, as a table, as JSON and as YAML", async () => {
  const table = await onCluster(`windows -n ${namespace} --at 2026-12-25T12:00`);
  assert.deepEqual([table.code, table.stderr], [0, ""]);
  assert.match(table.stdout, /^NAME {3,}SCOPE {3,}STATE {3,}SINCE {3,}NEXT OPEN {3,}NEXT CLOSE {3,}HELD {3}ZONE\n/);
  const ours = `weekdays +${namespace} +closed +Thu 24 Dec 17:00 +Mon 28 Dec 08:00 +Thu 31 Dec 17:00 +1 +Europe/Stockholm\n`;
  assert.match(table.stdout, new RegExp(ours));
  assert.match(table.stdout, new RegExp(`${clusterWindow} +cluster +frozen +Thu 24 Dec 00:00 +Sun 27 Dec 00:00 +- `));
  assert.match(table.stdout, new RegExp(`\n\n${clusterWindow}: frozen until Sun 27 Dec 00:00 \\(inventory\\)\n`));
  const json = await onCluster(`windows weekdays -n ${namespace} --at 2026-12-25T12:00 -o json`);
  const yaml = await onCluster(`windows weekdays -n ${namespace} --at 2026-12-25T12:00 -o yaml`);
  const data = JSON.parse(json.stdout) as JsonValue;
  assert.deepEqual(data, [
    {
      kind: "MaintenanceWindow",
      namespace,
      name: "weekdays",
      timeZone: "Europe/Stockholm",
      at: "2026-12-25T11:00:00Z",
      state: "closed",
      since: "2026-12-24T16:00:00Z",
      nextOpen: "2026-12-28T07:00:00Z",
      nextClose: "2026-12-31T16:00:00Z",
      held: 1,
    },
  ]);
  assert.deepEqual(parseYaml(yaml.stdout), data);
});

test("windows: the calendar of a window of the cluster, in ASCII where the locale is none", async () => {
  const words = `windows weekdays -n ${namespace} --calendar --at 2026-12-25T12:00`;
  const { code, stdout } = await plumb([...words.split(" "), "--kubeconfig", kubeconfig], { LC_ALL: "C" });
  assert.equal(code, 0);
  assert.match(
    stdout,
    /^MaintenanceWindow windows-\S+\/weekdays {2}Europe\/Stockholm\nclosed since Thu 24 Dec 17:00, opens /,
  );
  assert.match(stdout, /\n1 change waits\n {12}00 {2}02/);
  assert.match(stdout, /\n>Fri 25 Dec \.{24}@\.{23}\n/);
  assert.match(stdout, /\n Mon 28 Dec \.{16}#{32} 08:00-24:00\n/);
  assert.match(stdout, /^[\n -~]*$/);
});

test("windows: a name that is not there says where to look", async () => {
  const { code, stdout, stderr } = await onCluster(`windows nothing -n ${namespace}`);
  const expected = `✗ no maintenance window "nothing" found in namespace ${namespace}\n  Try -A for all namespaces.\n`;
  assert.deepEqual([code, stdout, stderr], [1, "", expected]);
});

test("held: per delivery, why and until when; exits 0 also when nothing waits", async () => {
  const { code, stdout, stderr } = await onCluster(`held -n ${namespace}`);
  assert.deepEqual([code, stderr], [0, ""]);
  assert.equal(
    stdout,
    `Kustomization ${namespace}/line  1 change waits\n` +
      `  until Mon 25 Nov 2126 08:00 Europe/Stockholm: outside of the maintenance window\n` +
      `    Deployment/${namespace}/press   Revision\n`,
  );
  const all = JSON.parse((await onCluster("held -A -o json")).stdout) as { object: string; windows: string[] }[];
  assert.deepEqual(
    all.filter(({ object }) => object === `Deployment/${namespace}/press`).map(({ windows }) => windows),
    [[`MaintenanceWindow/${namespace}/weekdays`]],
  );
  const nothing = await onCluster("held -n default");
  assert.deepEqual([nothing.code, nothing.stdout], [0, "Nothing waits.\n"]);
  assert.equal((await onCluster("held -n default -o yaml")).stdout, "[]\n");
});

test("windows -f: a good file exits 0, a bad one 1 with file and line, on a path and on standard input", async () => {
  const text = (zone: string): string =>
    `# ours\napiVersion: plumbline.io/v1alpha1\nkind: MaintenanceWindow\nmetadata: { name: w }\nspec:\n` +
    `  timeZone: ${zone}\n  schedules:\n    - open: 0 8 * * MON\n      close: 0 17 * * THU\n`;
  const [good, bad] = [join(folder, "good.yaml"), join(folder, "bad.yaml")];
  writeFileSync(good, text("Europe/Stockholm"));
  writeFileSync(bad, text("Europe/Stokholm"));
  const fine = await plumb(["windows", "-f", good]);
  assert.deepEqual([fine.code, fine.stderr], [0, ""]);
  const both = await plumb(["windows", "-f", good, bad]);
  assert.equal(both.code, 1);
  const mistake = `✗ ${bad}:6: MaintenanceWindow/w: spec.timeZone: unknown time zone "Europe/Stokholm". Give an IANA name`;
  assert.ok(both.stdout.includes(mistake), both.stdout);
  const calendar = await plumb(["windows", "-f", bad, "--calendar"]);
  assert.ok(calendar.stdout.includes(mistake));
  const missing = await plumb(["windows", "-f", join(folder, "none.yaml")]);
  assert.deepEqual([missing.code, missing.stdout], [1, ""]);
  assert.match(missing.stderr, /^✗ .*none\.yaml: ENOENT/);
  writeFileSync(join(folder, "other.yaml"), "apiVersion: v1\nkind: ConfigMap\n");
  const none = await plumb(["windows", "-f", join(folder, "other.yaml")]);
  assert.match(
    none.stderr,
    /^✗ no maintenance windows in .*other\.yaml\n {2}Windows have apiVersion plumbline\.io\/v1alpha1/,
  );
  assert.equal(none.code, 1);
});
