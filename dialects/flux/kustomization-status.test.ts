// The status of a Kustomization after each kind of run.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type DeliveryOutcome,
  dig,
  digString,
  Failure,
  type JsonObject,
  type Manifest,
  type RunFacts,
} from "@plumbline/core/model";
import { kustomizationStatus, stepMessage } from "./kustomization-status.ts";

const revision = "main@sha1:0123456789abcdef0123456789abcdef01234567";
const facts: RunFacts = {
  revision,
  digest: "sha256:aa",
  inventory: undefined,
  done: [],
  repairs: [],
  durationMs: 1500,
  requestedAt: undefined,
};
const recordedInventory = { entries: [{ id: "_line__Namespace", v: "v1" }] };

function objectWith(status: JsonObject): Manifest {
  return {
    apiVersion: "kustomize.toolkit.fluxcd.io/v1",
    kind: "Kustomization",
    metadata: { name: "apps", namespace: "flux-system", generation: 3 },
    status,
  };
}

function statusAfter(outcome: DeliveryOutcome, recorded: JsonObject = { observedGeneration: -1 }): JsonObject {
  const delivery = { timeoutMs: 570_000, origin: { generation: 3 } };
  const status = kustomizationStatus({ object: objectWith(recorded), delivery, outcome, at: "2026-03-03T00:00:00Z" });
  assert.ok(status);
  return status;
}

function summary(status: JsonObject): string[] {
  return (status.conditions as JsonObject[]).map(
    (c) => `${digString(c, "type")}=${digString(c, "status")} ${digString(c, "reason")}: ${digString(c, "message")}`,
  );
}

function failed(
  parts: ConstructorParameters<typeof Failure>[0],
  rest: Partial<RunFacts & { unhealthy: boolean }> = {},
): DeliveryOutcome {
  return { ...facts, unhealthy: false, ...rest, kind: "failed", failure: new Failure(parts) };
}

const older = "main@sha1:fedcba9876543210fedcba9876543210fedcba98";

test("a run of which something is held: Ready speaks of the last revision that was applied in full", () => {
  const recorded = {
    observedGeneration: 2,
    lastAppliedRevision: older,
    conditions: [
      { type: "Ready", status: "False", reason: "BuildFailed", message: "x" },
      { type: "Reconciling", status: "True", reason: "ProgressingWithRetry", message: "x" },
    ],
  };
  const held = { ...facts, kind: "held", held: [], checkedHealth: false, requestedAt: "now" } as const;
  const notices = [{ type: "Held", reason: "MaintenanceWindow", message: "1 change is held" } as const];
  const status = statusAfter({ ...held, notices }, recorded);
  assert.deepEqual(summary(status), [
    `Ready=True ReconciliationSucceeded: Applied revision: ${older}`,
    "Held=True MaintenanceWindow: 1 change is held",
  ]);
  assert.deepEqual(
    [
      status.lastAppliedRevision,
      status.lastAttemptedRevision,
      status.observedGeneration,
      status.lastHandledReconcileAt,
    ],
    [older, revision, 3, "now"],
  );
  assert.equal(status.history, undefined);
  const never = statusAfter({ ...held, notices: [] });
  assert.match(summary(never)[0] ?? "", /^Ready=Unknown MaintenanceWindow: No revision has been applied in full yet/);
  assert.deepEqual(summary(statusAfter({ ...facts, kind: "applied", checkedHealth: false, notices: [] }, status)), [
    `Ready=True ReconciliationSucceeded: Applied revision: ${revision}`,
  ]);
});

test("an override that cannot be read is a condition that is False", () => {
  const notices = [{ type: "Override", status: "False", reason: "Invalid", message: "does not say who" } as const];
  const status = statusAfter({ ...facts, kind: "applied", checkedHealth: false, notices });
  assert.equal(summary(status)[1], "Override=False Invalid: does not say who");
});

test("a run that applied everything", () => {
  const inventory = [{ namespace: "", name: "line", group: "", kind: "Namespace", version: "v1" }];
  const status = statusAfter({ ...facts, kind: "applied", checkedHealth: true, inventory, requestedAt: "now" });
  assert.deepEqual(summary(status), [
    `Ready=True ReconciliationSucceeded: Applied revision: ${revision}`,
    "Healthy=True Succeeded: Health check passed in 1.5s",
  ]);
  assert.equal(status.observedGeneration, 3);
  assert.equal(status.lastAppliedRevision, revision);
  assert.equal(status.lastAttemptedRevision, revision);
  assert.equal(status.lastHandledReconcileAt, "now");
  assert.deepEqual(status.inventory, recordedInventory);
  assert.equal(dig((status.history as JsonObject[])[0], "metadata", "revision"), revision);
});

test("success clears what failed before, and says nothing of health when it was not asked for", () => {
  const broken = statusAfter(failed({ reason: "HealthCheckFailed", message: "timeout" }, { unhealthy: true }));
  const status = statusAfter({ ...facts, kind: "applied", checkedHealth: false }, broken);
  assert.deepEqual(summary(status), [`Ready=True ReconciliationSucceeded: Applied revision: ${revision}`]);
});

test("a failed build is retried, and leaves revision, inventory and generation of the last good run", () => {
  const good = statusAfter({ ...facts, kind: "applied", checkedHealth: false, inventory: [] });
  const status = statusAfter(
    failed(
      {
        reason: "BuildFailed",
        message: "mapping values are not allowed",
        where: { file: "apps/web.yaml", line: 4 },
        hint: "Correct the file",
      },
      { revision: "r2", digest: undefined },
    ),
    { ...good, observedGeneration: 2 },
  );
  const message = "apps/web.yaml:4: mapping values are not allowed. Correct the file";
  assert.deepEqual(summary(status), [
    "Reconciling=True ProgressingWithRetry: Building manifests for revision r2 with a timeout of 9m30s",
    `Ready=False BuildFailed: ${message}`,
  ]);
  assert.equal(status.observedGeneration, 2);
  assert.equal(status.lastAttemptedRevision, "r2");
  assert.equal(status.lastAppliedRevision, revision);
  assert.deepEqual(status.history, good.history);
  assert.deepEqual(status.inventory, { entries: [] });
});

test("a path that does not exist counts as not even attempted", () => {
  const status = statusAfter(
    failed({ reason: "ArtifactFailed", message: "kustomization path not found: apps/nowhere" }),
  );
  assert.equal(status.lastAttemptedRevision, undefined);
  assert.match(summary(status)[0] ?? "", /Fetching manifests for revision/u);
});

test("what cannot succeed until the object changes is Stalled, seen for this generation, and not Reconciling", () => {
  const before = statusAfter(failed({ reason: "BuildFailed", message: "x" }));
  const unsupported = {
    reason: "UnsupportedField",
    message: "spec.decryption: not supported",
    hint: "Remove it",
    retry: "never",
  } as const;
  const where = { object: "Kustomization/flux-system/apps", field: "spec.decryption" };
  const status = statusAfter(failed({ ...unsupported, where }, { revision: undefined }), before);
  const message = "spec.decryption: not supported. Remove it";
  assert.deepEqual(summary(status), [
    `Stalled=True UnsupportedField: ${message}`,
    `Ready=False UnsupportedField: ${message}`,
  ]);
  assert.equal(status.observedGeneration, 3);
  const retried = statusAfter(failed({ reason: "BuildFailed", message: "x" }), status);
  assert.deepEqual(
    summary(retried).map((line) => line.split("=")[0]),
    ["Reconciling", "Ready"],
  );
});

test("waiting for a dependency is neither Reconciling nor Stalled", () => {
  const status = statusAfter(
    failed({ reason: "DependencyNotReady", message: "dependency 'flux-system/infra' is not ready" }),
  );
  assert.deepEqual(summary(status), ["Ready=False DependencyNotReady: dependency 'flux-system/infra' is not ready"]);
  assert.equal(status.lastAttemptedRevision, undefined);
});

test("what did not become healthy says so in Ready and Healthy, and stands in the history", () => {
  const failure = {
    reason: "HealthCheckFailed",
    message: "timeout waiting for: [Deployment/line/web status: 'InProgress']",
  } as const;
  const status = statusAfter(failed(failure, { unhealthy: true, durationMs: 30_000 }));
  assert.deepEqual(summary(status), [
    "Reconciling=True ProgressingWithRetry: " + stepMessage("checking", revision, 570_000),
    `Ready=False HealthCheckFailed: health check failed after 30s: ${failure.message}`,
    `Healthy=False HealthCheckFailed: ${failure.message}`,
  ]);
  assert.equal(dig((status.history as JsonObject[])[0], "lastReconciledStatus"), "HealthCheckFailed");
});

test("a wait for health that was cancelled is not called unhealthy", () => {
  const message = "New reconciliation triggered by GitRepository/flux-system/fleet";
  const status = statusAfter(failed({ reason: "HealthCheckCanceled", message }, { unhealthy: true }));
  assert.deepEqual(
    summary(status).filter((line) => !line.startsWith("Reconciling")),
    [`Ready=False HealthCheckCanceled: ${message}`],
  );
  assert.equal(status.history, undefined);
});

test("while it goes on Ready is Unknown and Reconciling names the step", () => {
  const step = stepMessage("checking", revision, 570_000);
  const status = statusAfter({ ...facts, kind: "progressing", step });
  assert.deepEqual(summary(status), [
    `Reconciling=True Progressing: ${step}`,
    "Ready=Unknown Progressing: Reconciliation in progress",
    `Healthy=Unknown Progressing: ${step}`,
  ]);
  assert.equal(status.observedGeneration, -1);
});

test("an object that is gone gets no status", () => {
  const delivery = { timeoutMs: 1, origin: { generation: 1 } };
  assert.equal(
    kustomizationStatus({ object: objectWith({}), delivery, outcome: { ...facts, kind: "finalized" }, at: "t" }),
    undefined,
  );
});

test("the recorded status is not changed", () => {
  const recorded = { observedGeneration: 1, conditions: [], history: [], inventory: recordedInventory };
  const before = JSON.stringify(recorded);
  statusAfter({ ...facts, kind: "applied", checkedHealth: true, inventory: [] }, recorded);
  assert.equal(JSON.stringify(recorded), before);
});

test("a run that found everything as it was has nothing to tell; one that a person asked for, or of another commit, has", () => {
  const applied: DeliveryOutcome = { ...facts, kind: "applied", checkedHealth: true };
  const recorded = statusAfter(applied);
  const again = (outcome: DeliveryOutcome): JsonObject | undefined =>
    kustomizationStatus({
      object: objectWith(recorded),
      delivery: { timeoutMs: 570_000, origin: { generation: 3 } },
      outcome,
      at: "2026-04-04T00:00:00Z",
    });
  assert.equal(again({ ...applied, durationMs: 7 }), undefined);
  assert.ok(again({ ...applied, requestedAt: "now" }));
  assert.ok(again({ ...applied, revision: revision.replace("sha1:0", "sha1:1") }));
  assert.ok(again({ ...applied, digest: "sha256:bb" }));
  const ref = { namespace: "", name: "line", group: "", kind: "Namespace", version: "v1" };
  assert.ok(again({ ...applied, done: [{ ref, did: "configured" }] }));
});
