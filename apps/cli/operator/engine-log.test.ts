// What the log and the metrics tell.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type DeliveryOutcome, Failure, type HeldChange } from "@plumbline/core/model";
import { createMetrics } from "@plumbline/edges/telemetry";
import { logEvents } from "./engine-log.ts";

function recorded() {
  const lines: string[] = [];
  const metrics = createMetrics();
  const line =
    (level: string) =>
    (message: string, fields: Record<string, unknown> = {}): void =>
      void lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  const on = logEvents({ info: line("info"), error: line("error") }, metrics);
  const sample = async (name: string): Promise<string[]> =>
    [...(await metrics.expose()).body]
      .join("")
      .split("\n")
      .filter((text) => text.startsWith(`${name}{`));
  return { lines, on, sample };
}

const change: HeldChange = {
  ref: { group: "apps", version: "v1", kind: "Deployment", namespace: "shop", name: "web" },
  class: "Revision",
  reason: "outside of the maintenance window ClusterMaintenanceWindow/nights",
  until: "2026-01-05T07:00:00Z",
  windows: ["ClusterMaintenanceWindow/nights"],
  labels: {},
};

test("what is held is a line and a gauge, and so is its release", async () => {
  const { lines, on, sample } = recorded();
  const base = { type: "held", key: "shop/apps", revision: "main@sha1:1", atMs: 0 } as const;
  on({ ...base, held: [change], released: [] });
  assert.match(
    lines[0] ?? "",
    /^info changes held .*"count":1,"objects":\["Deployment\/shop\/web"\].*"until":"2026-01-05T07:00:00Z"/,
  );
  assert.deepEqual(await sample("plumbline_held_changes"), [
    'plumbline_held_changes{kind="Kustomization",namespace="shop",name="apps"} 1',
  ]);
  on({ ...base, held: [], released: [change] });
  assert.match(lines[1] ?? "", /^info changes released .*"count":1/);
  assert.equal(lines.length, 2);
  assert.deepEqual(await sample("plumbline_held_changes"), []);
});

test("a turn of a window is a line and a gauge; a mistake is an error that names it", async () => {
  const { lines, on, sample } = recorded();
  const window = { kind: "MaintenanceWindow", namespace: "shop", name: "nights" };
  on({ type: "window", window, step: "opened", isOpen: true, atMs: 0 });
  assert.match(lines[0] ?? "", /^info maintenance window opened .*MaintenanceWindow\/shop\/nights/);
  assert.deepEqual(await sample("plumbline_window_open"), [
    'plumbline_window_open{kind="MaintenanceWindow",namespace="shop",name="nights"} 1',
  ]);
  const failure = new Failure({ reason: "InvalidSpec", message: 'unknown time zone "Mars/Base"' });
  on({ type: "window", window, step: "refused", isOpen: false, failure, atMs: 0 });
  assert.match(lines[1] ?? "", /^error .*holds what it selects .*Mars\/Base/);
  on({ type: "window", window, step: "gone", isOpen: false, atMs: 0 });
  assert.deepEqual(await sample("plumbline_window_open"), []);
});

test("an override is told with who and why, one that is refused as an error", () => {
  const { lines, on } = recorded();
  const base = { type: "overriding", key: "shop/apps", atMs: 0 } as const;
  on({
    ...base,
    overriding: { state: "active", who: "anna", reason: "line 3 is down", until: "2026-01-05T07:00:00Z" },
  });
  on({ ...base, overriding: { state: "ended" } });
  const failure = new Failure({ reason: "InvalidSpec", message: "the override does not say who" });
  on({ ...base, overriding: { state: "refused", failure } });
  assert.match(lines[0] ?? "", /^info maintenance windows overridden .*"who":"anna","why":"line 3 is down"/);
  assert.match(lines[1] ?? "", /^info override ended/);
  assert.match(lines[2] ?? "", /^error override refused .*does not say who/);
});

test("what is told of a Kustomization goes with it", async () => {
  const { on, sample } = recorded();
  const facts = { revision: "main@sha1:1", digest: undefined, inventory: undefined, requestedAt: undefined };
  const outcome: DeliveryOutcome = {
    ...facts,
    kind: "applied",
    done: [],
    repairs: [],
    durationMs: 20,
    checkedHealth: false,
  };
  on({ type: "held", key: "shop/apps", revision: "main@sha1:1", held: [change], released: [], atMs: 0 });
  for (const key of ["shop/apps", "shop/other"]) on({ type: "delivery-ended", key, outcome, atMs: 0 });
  assert.equal((await sample("gotk_reconcile_duration_seconds_count")).length, 2);
  on({ type: "delivery-gone", key: "shop/apps", atMs: 0 });
  assert.deepEqual(await sample("gotk_reconcile_duration_seconds_count"), [
    'gotk_reconcile_duration_seconds_count{kind="Kustomization",name="other",namespace="shop"} 1',
  ]);
  assert.deepEqual(await sample("plumbline_ready"), [
    'plumbline_ready{kind="Kustomization",namespace="shop",name="other"} 1',
  ]);
  assert.deepEqual(await sample("plumbline_held_changes"), []);
});
