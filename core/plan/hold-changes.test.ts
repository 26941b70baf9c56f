// What waits for a window, and what waits with it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Change, type ChangeClass, type Manifest, type Plan, refOf } from "@plumbline/core/model";
import { heldChanges, holdChanges, type HoldRules } from "./hold-changes.ts";

const crd: Manifest = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "robots.plant.example" },
  spec: { group: "plant.example", names: { kind: "Robot" } },
};
const namespace: Manifest = { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } };
const object = (kind: string, name: string, apiVersion = "v1", where = "shop"): Manifest => ({
  apiVersion,
  kind,
  metadata: { name, namespace: where },
});
const robot = object("Robot", "r1", "plant.example/v1", "line");
const deployment = object("Deployment", "web", "apps/v1");

const change = (manifest: Manifest, action: Change["action"] = "update"): Change => ({
  ref: refOf(manifest),
  action,
  reason: "changed",
  manifest,
});

function plan(definitions: Change[], objects: Change[], prune: Change[] = []): Plan {
  return {
    stages: [
      { name: "definitions", wait: true, changes: definitions },
      { name: "objects", wait: false, changes: objects },
    ],
    prune,
  };
}

/** Holds the kinds of the list, whatever the class. */
function rules(kinds: string[], more: Partial<HoldRules> = {}): HoldRules {
  const windows = ["ClusterMaintenanceWindow/nights"];
  return {
    classesOf: ({ action }) => [action === "delete" ? "Prune" : "Revision"],
    hold: ({ ref }) =>
      kinds.includes(ref.kind) ? { reason: "outside", until: "2026-01-02T00:00:00Z", windows } : undefined,
    exists: () => false,
    ...more,
  };
}

function heldBy(made: Plan, given: HoldRules, from?: number): string[] {
  holdChanges(made, given, from);
  return heldChanges(made).map(({ ref, action, hold, reason }) => {
    assert.equal(action, "held");
    assert.equal(reason, hold.reason);
    assert.equal(hold.until, "2026-01-02T00:00:00Z");
    assert.deepEqual(hold.windows, ["ClusterMaintenanceWindow/nights"]);
    return `${hold.class} ${ref.kind}/${ref.name}: ${hold.reason}`;
  });
}

test("what is selected is held, the rest goes", () => {
  const made = plan([], [change(object("ConfigMap", "a")), change(deployment), change(object("Job", "j"), "keep")]);
  assert.deepEqual(heldBy(made, rules(["Deployment", "Job"])), ["Revision Deployment/web: outside"]);
  assert.deepEqual(
    made.stages[1]?.changes.map(({ action }) => action),
    ["update", "held", "keep"],
  );
});

test("the objects of a held new Namespace wait with it; those of one that exists do not", () => {
  const make = (): Plan => plan([change(namespace)], [change(object("ConfigMap", "a")), change(robot)]);
  assert.deepEqual(heldBy(make(), rules(["Namespace"])), [
    "Revision Namespace/shop: outside",
    "Revision ConfigMap/a: needs Namespace/shop, which is held: outside",
  ]);
  assert.deepEqual(heldBy(make(), rules(["Namespace"], { exists: () => true })), ["Revision Namespace/shop: outside"]);
});

test("the objects of a held definition wait with it", () => {
  const made = plan([change(crd)], [change(object("ConfigMap", "a")), change(robot)]);
  assert.deepEqual(heldBy(made, rules(["CustomResourceDefinition"])), [
    "Revision CustomResourceDefinition/robots.plant.example: outside",
    "Revision Robot/r1: needs CustomResourceDefinition/robots.plant.example, which is held: outside",
  ]);
});

test("an object is put right while a change of its definition waits", () => {
  const drift = rules(["CustomResourceDefinition"], {
    exists: () => true,
    classesOf: ({ ref }) => [ref.kind === "Robot" ? "Drift" : "Revision"],
  });
  assert.equal(heldBy(plan([change(crd)], [change(robot)]), drift).length, 1);
});

test("a Namespace or definition is not deleted with something held inside", () => {
  const prune = [
    change(deployment, "delete"),
    change(robot, "delete"),
    change(crd, "delete"),
    change(namespace, "delete"),
  ];
  const made = plan([], [], prune);
  assert.deepEqual(heldBy(made, rules(["Deployment", "Robot"])), [
    "Prune Deployment/web: outside",
    "Prune Robot/r1: outside",
    "Prune CustomResourceDefinition/robots.plant.example: would delete Robot/line/r1, which is held: outside",
    "Prune Namespace/shop: would delete Deployment/shop/web, which is held: outside",
  ]);
  const free = plan(
    [],
    [],
    [change(object("Deployment", "x", "apps/v1", "other"), "delete"), change(namespace, "delete")],
  );
  assert.deepEqual(heldBy(free, rules(["Deployment"])), ["Prune Deployment/x: outside"]);
});

test("a change of unknown class waits while either class must", () => {
  const only = (held: ChangeClass): HoldRules =>
    rules([], {
      classesOf: () => ["Revision", "Drift"],
      hold: (_change, changeClass) =>
        changeClass === held
          ? { reason: "outside", until: "2026-01-02T00:00:00Z", windows: ["ClusterMaintenanceWindow/nights"] }
          : undefined,
    });
  assert.deepEqual(heldBy(plan([], [change(deployment)]), only("Drift")), ["Drift Deployment/web: outside"]);
  assert.deepEqual(heldBy(plan([], [change(deployment)]), only("Revision")), ["Revision Deployment/web: outside"]);
});

test("stages that were written already are left as they are, and what waits goes on waiting", () => {
  const made = plan([change(namespace)], [change(deployment)]);
  assert.deepEqual(heldBy(made, rules(["Namespace", "Deployment"]), 1), ["Revision Deployment/web: outside"]);
  holdChanges(made, rules([]), 1);
  assert.equal(heldChanges(made).length, 1);
});

test("nothing is deleted while a change of the new revision is held, whatever is selected", () => {
  const old = change(object("ConfigMap", "settings-1"), "delete");
  const fresh = { ...old };
  const made = plan([], [change(object("ConfigMap", "settings-2"), "create"), change(deployment)], [old]);
  assert.deepEqual(heldBy(made, rules(["Deployment"])), [
    "Revision Deployment/web: outside",
    "Prune ConfigMap/settings-1: may be needed until Deployment/shop/web changes, which is held: outside",
  ]);
  const nights = { reason: "outside", windows: ["ClusterMaintenanceWindow/nights"] };
  const timed = rules([], {
    hold: ({ ref }, changeClass) =>
      changeClass === "Revision" ? { ...nights, ...(ref.name === "b" ? {} : { until: ref.name }) } : undefined,
  });
  const times = ["2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z", "2026-01-01T00:00:00Z"];
  const objects = times.map((name) => change(object("Job", name, "batch/v1")));
  const last = (more: Change[]): string | undefined => {
    const held = plan([], [...objects.map((one) => ({ ...one })), ...more], [{ ...fresh }]);
    holdChanges(held, timed);
    assert.equal(held.prune[0]?.action, "held");
    return held.prune[0].hold?.until;
  };
  assert.deepEqual([last([]), last([change(object("Job", "b", "batch/v1"))])], ["2026-01-03T00:00:00Z", undefined]);
  const drift = rules(["Deployment"], { classesOf: ({ action }) => [action === "delete" ? "Prune" : "Drift"] });
  const repaired = plan([], [change(deployment)], [change(object("ConfigMap", "settings-1"), "delete")]);
  assert.deepEqual(heldBy(repaired, drift), ["Drift Deployment/web: outside"]);
});
