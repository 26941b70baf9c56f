// What waits, out of the status of windows, grouped for people.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { JsonObject, Manifest } from "@plumbline/core/model";
import { heldChanges } from "./held-changes.ts";
import { heldText } from "./held-text.ts";

const now = Date.parse("2026-11-21T12:00:00Z");
const revision = `main@sha1:${"1a2b3c4d".repeat(5)}`;

function window(name: string, held: JsonObject[], more: JsonObject = {}): Manifest {
  return {
    apiVersion: "plumbline.io/v1alpha1",
    kind: "MaintenanceWindow",
    metadata: { name, namespace: "plant" },
    spec: { timeZone: "Europe/Stockholm", schedules: [{ open: "0 8 * * MON", duration: "8h" }], ...more },
    status: { heldCount: held.length, held },
  };
}

function entry(object: string, more: JsonObject = {}): JsonObject {
  return {
    delivery: "Kustomization/plant/line",
    object,
    group: "apps",
    change: "Revision",
    revision,
    reason: "outside of the maintenance window MaintenanceWindow/plant/weekdays",
    until: "2026-11-23T07:00:00Z",
    ...more,
  };
}

test("held changes stand below their delivery, those with one reason together, in the window's own time", () => {
  const held = heldChanges([
    window("weekdays", [
      entry("Deployment/plant/press"),
      entry("Job/plant/migrate", { group: "batch" }),
      entry("ConfigMap/plant/old", { change: "Prune", reason: "frozen by X: inventory", until: null }),
      entry("Deployment/plant/a", { delivery: "Kustomization/plant/infra", revision: null }),
    ]),
  ]);
  assert.equal(
    heldText(held, now, false),
    `Kustomization plant/infra  1 change waits
  until Mon 23 Nov 08:00 Europe/Stockholm: outside of the maintenance window MaintenanceWindow/plant/weekdays
    Deployment/plant/a   Revision

Kustomization plant/line  3 changes wait
  without a known end, revision main@sha1:1a2b3c4d: frozen by X: inventory
    ConfigMap/plant/old   Prune
  until Mon 23 Nov 08:00 Europe/Stockholm, revision main@sha1:1a2b3c4d: outside of the maintenance window MaintenanceWindow/plant/weekdays
    Deployment/plant/press   Revision
    Job/plant/migrate        Revision
`,
  );
});

test("a change that two windows hold is one change", () => {
  const { changes } = heldChanges([
    window("a", [entry("Deployment/plant/press")]),
    window("b", [entry("Deployment/plant/press")]),
  ]);
  assert.deepEqual(
    changes.map(({ object, windows }) => [object, windows]),
    [["Deployment/plant/press", ["MaintenanceWindow/plant/a", "MaintenanceWindow/plant/b"]]],
  );
});

test("a list that the operator cut says so; nothing at all, too", () => {
  const many = window("weekdays", [entry("Deployment/plant/press")]);
  const cut = heldChanges([{ ...many, status: { ...(many.status as JsonObject), heldCount: 80 } }]);
  assert.match(
    heldText(cut, now, false),
    /\n\nMaintenanceWindow\/plant\/weekdays lists 1 of the 80 changes it holds\.\n$/,
  );
  assert.equal(heldText(heldChanges([window("weekdays", [])]), now, false), "Nothing waits.\n");
});

test("a delivery that no window lists speaks for itself", () => {
  const held = (name: string): Manifest => ({
    apiVersion: "kustomize.toolkit.fluxcd.io/v1",
    kind: "Kustomization",
    metadata: { name, namespace: "plant" },
    status: { conditions: [{ type: "Held", status: "True", reason: "MaintenanceWindow", message: `2 of ${name}` }] },
  });
  const { told, changes } = heldChanges(
    [window("weekdays", [entry("Deployment/plant/press")])],
    [held("line"), held("b")],
  );
  assert.deepEqual(told, [{ delivery: "Kustomization/plant/b", message: "2 of b" }]);
  const text = heldText({ changes, told, shortened: [] }, now, false);
  assert.match(text, /^Kustomization plant\/line {2}1 change waits\n(?: .*\n)+\nKustomization plant\/b {2}2 of b\n$/);
});

test("hostile status: no control characters reach the terminal, a bad time is no time, what is no list is none", () => {
  const held = heldChanges([
    window("w", [entry("Deployment/plant/\u001b[2Jx", { reason: "a\u202eb\nc", until: "soon" })], {
      timeZone: "Mars/Base",
    }),
    { ...window("v", []), status: { held: "no list", heldCount: "many" } },
  ]);
  const text = heldText(held, now, false);
  // oxlint-disable-next-line no-control-regex -- none may be left
  assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f\u202e]/);
  assert.match(text, /without a known end, revision main@sha1:1a2b3c4d: a b c/);
});
