// Windows and their status: every mistake is named, and what is held is told.

import assert from "node:assert/strict";
import { test } from "node:test";
import { stateAt } from "@plumbline/core/gate";
import { dig, formatFailure, type Manifest } from "@plumbline/core/model";
import { clusterMaintenanceWindowDefinition, maintenanceWindowDefinition } from "./crds/window-definitions.ts";
import { checkValue } from "@plumbline/core/crd";
import { readWindow } from "./read-window.ts";
import { windowRows } from "./testing/window-rows.ts";
import { maxListedHeld, type WindowHeld, windowStatus } from "./window-status.ts";

const object = (spec: Manifest): Manifest => ({
  apiVersion: "plumbline.io/v1alpha1",
  kind: "MaintenanceWindow",
  metadata: { namespace: "plant", name: "nights", generation: 3 },
  spec,
});

for (const { name, spec, mistake } of windowRows) {
  test(`a window, ${name}: ${mistake ? "its mistake is named" : "is right"}`, () => {
    const { failures } = readWindow(object(spec));
    if (mistake) assert.match(failures.map(formatFailure).join("\n"), mistake);
    else assert.deepEqual(failures.map(formatFailure), []);
  });
}

const at = "2026-01-15T23:00:00Z";
const night = object({ timeZone: "Europe/Stockholm", schedules: [{ open: "0 22 * * *", duration: "8h" }] });

function statusOf(manifest: Manifest, held: WindowHeld[] = []): Manifest {
  const window = readWindow(manifest);
  return windowStatus({ object: manifest, window, state: stateAt(window, Date.parse(at)), held, at });
}

test("the status of an open window says since when and until when", () => {
  const { conditions, ...rest } = statusOf(night);
  assert.deepEqual(rest, {
    observedGeneration: 3,
    state: "Open",
    since: "2026-01-15T21:00:00Z",
    nextOpen: "2026-01-16T21:00:00Z",
    nextClose: "2026-01-16T05:00:00Z",
    heldCount: 0,
    held: [],
  });
  assert.deepEqual(conditions, [
    {
      type: "Ready",
      status: "True",
      reason: "Open",
      message: "The window is in force",
      lastTransitionTime: at,
      observedGeneration: 3,
    },
  ]);
});

test("a freeze is told with its reason and end", () => {
  const frozen = object({
    timeZone: "UTC",
    schedules: [{ open: "0 0 * * *", duration: "24h" }],
    freezes: [{ from: "2026-01-10", to: "2026-01-20", reason: "inventory" }],
  });
  const status = statusOf(frozen);
  assert.equal(status.state, "Closed");
  assert.deepEqual(status.freeze, { reason: "inventory", until: "2026-01-21T00:00:00Z" });
  assert.equal(dig(status, "nextOpen"), "2026-01-21T00:00:00Z");
});

test("a window with mistakes is Closed and Stalled, and names them all", () => {
  const status = statusOf(object({ timeZone: "Nowhere/Here", schedules: [{ open: "0 25 * * *", duration: "8h" }] }));
  assert.equal(status.state, "Closed");
  const conditions = status.conditions as { type: string; status: string; message: string }[];
  assert.deepEqual(
    conditions.map(({ type, status: value }) => `${type}=${value}`),
    ["Stalled=True", "Ready=False"],
  );
  for (const { message } of conditions) assert.match(message, /unknown time zone.*bad cron expression/s);
});

test("what turns a terminal around does not get out of a reason or a mistake", () => {
  const freezes = [{ from: "2026-01-10", to: "2026-01-20", reason: "a\u001b[2Jb\u202e" }];
  const frozen = statusOf(object({ timeZone: "UTC", freezes }));
  assert.equal(dig(frozen, "freeze", "reason"), "a [2Jb ");
  const wrong = statusOf(object({ timeZone: "UTC", schedules: [{ open: "0 8 * * \u202e", duration: "1h" }] }));
  // oxlint-disable-next-line no-control-regex -- control characters are exactly what is looked for
  assert.doesNotMatch(JSON.stringify(wrong.conditions), /\u202e|\\u001b/);
});

test("held changes are counted, sorted and listed up to a limit", () => {
  const one = (i: number): WindowHeld => ({
    delivery: { kind: "Kustomization", namespace: "plant", name: "apps" },
    object: { group: "apps", kind: "Deployment", namespace: "plant", name: `d${String(1000 - i)}` },
    change: "Revision",
    revision: "main@sha1:1",
    reason: "outside",
    until: undefined,
  });
  const status = statusOf(
    night,
    Array.from({ length: 60 }, (_, i) => one(i)),
  );
  assert.equal(status.heldCount, 60);
  const held = status.held as { object: string }[];
  assert.equal(held.length, maxListedHeld);
  assert.deepEqual(held[0], {
    delivery: "Kustomization/plant/apps",
    object: "Deployment/plant/d1000",
    group: "apps",
    change: "Revision",
    reason: "outside",
    revision: "main@sha1:1",
  });
});

test("every status fits the schema", () => {
  for (const definition of [maintenanceWindowDefinition, clusterMaintenanceWindowDefinition]) {
    for (const { spec } of windowRows) {
      assert.deepEqual(checkValue(definition.status, statusOf(object(spec)), "status").problems, []);
    }
  }
});
