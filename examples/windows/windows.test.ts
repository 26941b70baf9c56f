// Every window of the examples: read without mistakes, accepted by an API server, open when its comment says so.

import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { crdOf } from "@plumbline/core/crd";
import { stateAt, type Window } from "@plumbline/core/gate";
import { formatFailure, isObject, type Manifest } from "@plumbline/core/model";
import { parseYamlAll } from "@plumbline/core/yaml";
import {
  clusterMaintenanceWindowDefinition,
  maintenanceWindowDefinition,
  readWindow,
} from "@plumbline/dialects/plumbline";
import { connect, parseKubeconfig } from "@plumbline/edges/kube";
import { systemClock } from "@plumbline/edges/telemetry";
import { startSandbox } from "@plumbline/sandbox/server";

const folder = import.meta.dirname;
const files = globSync("*.yaml", { cwd: folder }).sort();

function manifestOf(file: string): Manifest {
  const [first, ...more] = parseYamlAll(readFileSync(join(folder, file), "utf8"), { file, strict: true });
  assert.ok(first && isObject(first.value) && more.length === 0, file);
  return first.value;
}

function windowOf(file: string): Window {
  const window = readWindow(manifestOf(file));
  assert.deepEqual(window.failures.map(formatFailure), []);
  return window;
}

// The times at which each one's state is looked at, on the clock of Stockholm (+01:00), and what it then is.
const states: Record<string, [string, "open" | "closed" | "frozen"][]> = {
  "weekdays.yaml": [
    ["2026-11-23T07:59:59", "closed"],
    ["2026-11-23T08:00:00", "open"],
    ["2026-11-25T03:00:00", "open"],
    ["2026-11-26T17:00:00", "closed"],
    ["2026-11-28T12:00:00", "closed"],
  ],
  "inventory.yaml": [
    ["2026-11-29T23:59:59", "open"],
    ["2026-11-30T00:00:00", "frozen"],
    ["2026-12-01T11:59:59", "frozen"],
    ["2026-12-01T12:00:00", "open"],
  ],
  "one-off.yaml": [
    ["2026-11-28T17:59:59", "closed"],
    ["2026-11-28T19:59:59", "open"],
    ["2026-11-28T20:00:00", "closed"],
    ["2026-12-05T18:30:00", "closed"],
  ],
  "nights.yaml": [
    ["2026-11-21T01:59:59", "closed"],
    ["2026-11-21T02:00:00", "open"],
    ["2026-11-21T04:00:00", "closed"],
  ],
  "hands-off.yaml": [
    ["2026-11-22T12:00:00", "closed"],
    ["2026-11-24T12:00:00", "open"],
  ],
};

test("every file has its row", () => assert.deepEqual(files, Object.keys(states).sort()));

for (const [file, rows] of Object.entries(states)) {
  test(`${file} is open and closed when it says so`, () => {
    const window = windowOf(file);
    for (const [time, expected] of rows) {
      const { open, freeze } = stateAt(window, Temporal.Instant.from(`${time}+01:00`).epochMilliseconds);
      assert.equal(open ? "open" : freeze ? "frozen" : "closed", expected, time);
    }
  });
}

test("the guide shows these files as they are, each of them", () => {
  const guide = readFileSync(join(folder, "../../docs/guides/maintenance-windows.md"), "utf8");
  const blocks = [...guide.matchAll(/<!-- file: examples\/windows\/(\S+) -->\n+```yaml\n([^`]*)```/g)];
  for (const [, file = "", text] of blocks) assert.equal(text, readFileSync(join(folder, file), "utf8"), file);
  assert.deepEqual(blocks.map(([, file = ""]) => file).toSorted(), files);
});

test("an API server with the definitions takes them all, with strict field validation", async (t) => {
  const clock = systemClock({ keepsAlive: true });
  const sandbox = await startSandbox({ clock });
  const kubeconfig = parseKubeconfig(sandbox.kubeconfig, { origin: "sandbox", env: {} });
  const client = connect(kubeconfig, { clock, userAgent: "plumbline-test/0" });
  t.after(async () => {
    await client.close();
    await sandbox.stop();
  });
  for (const definition of [maintenanceWindowDefinition, clusterMaintenanceWindowDefinition]) {
    await client.create(crdOf(definition));
  }
  await client.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "flux-system" } });
  await client.discovery.refresh();
  for (const file of files) {
    const made = await client.create(manifestOf(file), { fieldValidation: "Strict" });
    assert.equal(made.kind, manifestOf(file).kind, file);
  }
});
