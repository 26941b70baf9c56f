// What a delivery says of its windows.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure, type HeldChange } from "@plumbline/core/model";
import { type GateFacts, gateNotices } from "./gate-notices.ts";

const held = (name: string, more: Partial<HeldChange> = {}): HeldChange => ({
  ref: { group: "apps", version: "v1", kind: "Deployment", namespace: "shop", name },
  class: "Revision",
  reason: "outside of the maintenance window ClusterMaintenanceWindow/nights",
  windows: ["ClusterMaintenanceWindow/nights"],
  labels: {},
  ...more,
});
const nothing: GateFacts = { object: {}, held: [], heldRevision: "main@sha1:1", overriding: undefined };
const messageOf = (facts: Partial<GateFacts>): string | undefined => gateNotices({ ...nothing, ...facts })[0]?.message;

test("what waits is told by time and reason, the next first", () => {
  assert.deepEqual(gateNotices(nothing), []);
  const until = "2026-01-05T07:00:00Z";
  assert.equal(
    messageOf({
      held: [held("c", { reason: "held by an invalid window: x" }), held("b", { until }), held("a", { until })],
    }),
    "3 changes of revision main@sha1:1 are held. Until 2026-01-05T07:00:00Z: Deployment/shop/a, Deployment/shop/b (outside of the maintenance window ClusterMaintenanceWindow/nights). Without an end: Deployment/shop/c (held by an invalid window: x)",
  );
});

test("many are counted and the first listed", () => {
  const message = messageOf({ held: Array.from({ length: 500 }, (_, i) => held(`d${1000 + i}`)) }) ?? "";
  assert.match(message, /^500 changes of .*Deployment\/shop\/d1000, .*d1019 \(outside.*And 480 more$/);
  assert.ok(!message.includes("d1020"));
});

test("after a start the recorded notice stands until the first plan", () => {
  const recorded = { type: "Held", status: "True", reason: "MaintenanceWindow", message: "1 change is held" };
  const object = { status: { conditions: [{ type: "Ready", status: "True" }, recorded] } };
  assert.equal(messageOf({ object, held: undefined }), "1 change is held");
  assert.equal(messageOf({ object, held: [] }), undefined);
  assert.equal(messageOf({ held: undefined }), undefined);
});

test("an override is told with who, why and until when; one that cannot be read with its mistake", () => {
  const active = { state: "active", who: "anna", reason: "line 3 is down", until: "2026-01-05T07:00:00Z" } as const;
  assert.deepEqual(gateNotices({ ...nothing, overriding: active }), [
    {
      type: "Override",
      reason: "Active",
      message: "Maintenance windows are overridden by anna until 2026-01-05T07:00:00Z: line 3 is down",
    },
  ]);
  const failure = new Failure({ reason: "InvalidSpec", message: "the override does not say who" });
  const [refused] = gateNotices({ ...nothing, overriding: { state: "refused", failure } });
  assert.deepEqual([refused?.status, refused?.reason], ["False", "Invalid"]);
  assert.deepEqual(gateNotices({ ...nothing, overriding: { state: "ended" } }), []);
});
