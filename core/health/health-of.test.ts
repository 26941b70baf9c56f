// Tests of health: what each kind's rules say.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Manifest } from "@plumbline/core/model";
import { healthOf } from "./health-of.ts";
import { SCHEDULE_WINDOW_MS } from "./kinds/pod.ts";

const condition = (type: string, status: string, reason = "", message = ""): Manifest => ({
  type,
  status,
  reason,
  message,
});

function object(apiVersion: string, kind: string, parts: Manifest = {}): Manifest {
  return { apiVersion, kind, metadata: { name: "x", namespace: "n" }, ...parts };
}

const rows: [name: string, object: Manifest, status: string, message: string][] = [
  ["a ConfigMap", object("v1", "ConfigMap"), "Current", "Resource is always ready"],
  ["a custom object without status", object("x.io/v1", "Thing"), "Current", "Resource is current"],
  [
    "a custom object that is not Ready",
    object("x.io/v1", "Thing", { status: { conditions: [condition("Ready", "False", "R", "why")] } }),
    "InProgress",
    "why",
  ],
  [
    "a stalled object",
    object("x.io/v1", "Thing", { status: { conditions: [condition("Stalled", "True", "R", "stuck")] } }),
    "Failed",
    "stuck",
  ],
  [
    "an object that its controller has not seen",
    { ...object("x.io/v1", "Thing"), metadata: { generation: 2 }, status: { observedGeneration: 1 } },
    "InProgress",
    "Thing generation is 2, but latest observed generation is 1",
  ],
  [
    "an object that is being deleted",
    { ...object("v1", "ConfigMap"), metadata: { deletionTimestamp: "2026-01-01T00:00:00Z" } },
    "Terminating",
    "Resource scheduled for deletion",
  ],
  ["a Deployment before its controller", object("apps/v1", "Deployment"), "InProgress", "Replicas: 0/1"],
  [
    "a Deployment with no replicas wanted",
    object("apps/v1", "Deployment", {
      spec: { replicas: 0 },
      status: { conditions: [condition("Available", "True")] },
    }),
    "Current",
    "Deployment is available. Replicas: 0",
  ],
  [
    "a Deployment beyond its deadline",
    object("apps/v1", "Deployment", {
      status: { conditions: [condition("Progressing", "False", "ProgressDeadlineExceeded", "m")] },
    }),
    "Failed",
    "Progress deadline exceeded",
  ],
  [
    "a claim that waits",
    object("v1", "PersistentVolumeClaim", { status: { phase: "Pending" } }),
    "InProgress",
    "PVC is not Bound. phase: Pending",
  ],
  [
    "a running Job",
    object("batch/v1", "Job", { status: { startTime: "t", active: 1 } }),
    "InProgress",
    "Job in progress. success:0, active: 1, failed: 0",
  ],
  ["a suspended Job", object("batch/v1", "Job", { spec: { suspend: true } }), "Current", "Job is suspended"],
  [
    "a Job that is done",
    object("batch/v1", "Job", {
      spec: { completions: 2 },
      status: { succeeded: 2, conditions: [condition("Complete", "True")] },
    }),
    "Current",
    "Job Completed. succeeded: 2/2",
  ],
  [
    "a definition with a name that is taken",
    object("apiextensions.k8s.io/v1", "CustomResourceDefinition", {
      status: { conditions: [condition("NamesAccepted", "False", "R", "taken")] },
    }),
    "Failed",
    "taken",
  ],
  [
    "an object with a status that is a text",
    object("x.io/v1", "Thing", { status: "fine" }),
    "Unknown",
    "status is not an object",
  ],
  ["a Pod in a phase nobody knows", object("v1", "Pod", { status: { phase: "Odd" } }), "Unknown", "unknown phase Odd"],
];

describe("health", () => {
  for (const [name, value, status, message] of rows) {
    it(`of ${name} is ${status}`, () => assert.deepEqual(healthOf(value), { status, message }));
  }

  const pending = object("v1", "Pod", {
    metadata: { creationTimestamp: "2026-01-01T00:00:00Z" },
    status: { phase: "Pending", conditions: [condition("PodScheduled", "False", "Unschedulable")] },
  });
  const created = Date.parse("2026-01-01T00:00:00Z");

  it("gives an unschedulable Pod some seconds, and says when to ask again", () => {
    const early = healthOf(pending, { now: created + 5_000 });
    assert.deepEqual(early, { status: "InProgress", message: "Pod has not been scheduled", recheckAfterMs: 10_000 });
    assert.equal(healthOf(pending, { now: created + SCHEDULE_WINDOW_MS }).status, "Failed");
    assert.equal(healthOf(pending).status, "InProgress");
  });

  it("fails a StatefulSet early whose Pods crash, but not for Pods that are leaving or wait for a node", () => {
    const set = object("apps/v1", "StatefulSet", { spec: { replicas: 1 } });
    const crashing = object("v1", "Pod", {
      status: {
        phase: "Running",
        containerStatuses: [{ name: "c", state: { waiting: { reason: "CrashLoopBackOff" } } }],
      },
    });
    const leaving = { ...crashing, metadata: { deletionTimestamp: "2026-01-01T00:00:00Z" } };
    assert.deepEqual(healthOf(set, { pods: [crashing] }), { status: "Failed", message: "1 pods have failed" });
    assert.equal(healthOf(set, { pods: [leaving] }).status, "InProgress");
    assert.equal(healthOf(set, { pods: [pending], now: created + 60_000 }).status, "InProgress");
  });

  it("never throws for hostile objects", () => {
    const hostile: Manifest[] = [
      {},
      { kind: "__proto__", apiVersion: "constructor" },
      object("v1", "Pod", { status: { phase: "Running", containerStatuses: [null, 1, { state: 3 }] } }),
      object("apps/v1", "Deployment", { status: { conditions: [null, 1] } }),
      object("apps/v1", "DaemonSet", { metadata: { generation: "x" } }),
    ];
    for (const value of hostile) assert.equal(typeof healthOf(value).message, "string");
  });
});
