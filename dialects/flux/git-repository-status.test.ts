// The status of a GitRepository after each kind of fetch.

import assert from "node:assert/strict";
import { test } from "node:test";
import { digString, Failure, type JsonObject, type SourceOutcome } from "@plumbline/core/model";
import { gitRepositoryStatus } from "./git-repository-status.ts";

const revision = "main@sha1:0123456789abcdef0123456789abcdef01234567";
const artifact = {
  path: "gitrepository/flux-system/fleet/0123.tar.gz",
  url: "http://source-controller.flux-system.svc.cluster.local./gitrepository/flux-system/fleet/0123.tar.gz",
  revision,
  digest: "sha256:aa",
  sizeBytes: 12,
  lastUpdateTime: "2026-03-03T00:00:00Z",
};
const fetched: SourceOutcome = { kind: "fetched", revision, artifact, commitSubject: "x", requestedAt: undefined };

function statusAfter(
  outcome: SourceOutcome,
  recorded: JsonObject = { observedGeneration: -1 },
  ignore?: string,
): JsonObject {
  const object = { kind: "GitRepository", metadata: { name: "fleet", namespace: "flux-system" }, status: recorded };
  const status = gitRepositoryStatus({
    object,
    source: { origin: { generation: 2 }, ignore },
    outcome,
    at: "2026-03-03T00:00:00Z",
  });
  assert.ok(status);
  return status;
}

function summary(status: JsonObject): string[] {
  return (status.conditions as JsonObject[]).map(
    (c) => `${digString(c, "type")}=${digString(c, "status")} ${digString(c, "reason")}: ${digString(c, "message")}`,
  );
}

function failed(parts: ConstructorParameters<typeof Failure>[0]): SourceOutcome {
  return { kind: "failed", failure: new Failure(parts), requestedAt: undefined };
}

test("a stored artifact makes it Ready", () => {
  const status = statusAfter({ ...fetched, requestedAt: "now" }, undefined, "/docs\n");
  assert.deepEqual(summary(status), [
    `Ready=True Succeeded: stored artifact for revision '${revision}'`,
    `ArtifactInStorage=True Succeeded: stored artifact for revision '${revision}'`,
  ]);
  const { sizeBytes, ...written } = artifact;
  assert.deepEqual(status.artifact, { ...written, size: sizeBytes });
  assert.equal(status.observedGeneration, 2);
  assert.equal(status.observedIgnore, "/docs\n");
  assert.equal(status.lastHandledReconcileAt, "now");
});

test("what was observed of earlier specs is forgotten", () => {
  const status = statusAfter(fetched, {
    observedIgnore: "x",
    observedInclude: [],
    sourceVerificationMode: "HEAD",
    sourceOther: 1,
  });
  for (const field of ["observedIgnore", "observedInclude", "sourceVerificationMode"])
    assert.equal(status[field], undefined);
  assert.equal(status.sourceOther, 1);
});

test("a failed first fetch is retried", () => {
  const status = statusAfter(
    failed({ reason: "AuthenticationFailed", message: "the server refused the credentials", hint: "Check the Secret" }),
  );
  const message = "the server refused the credentials. Check the Secret";
  assert.deepEqual(summary(status), [
    "Reconciling=True ProgressingWithRetry: building artifact",
    `Ready=False AuthenticationFailed: ${message}`,
    `FetchFailed=True AuthenticationFailed: ${message}`,
  ]);
  assert.equal(status.observedGeneration, -1);
});

test("a later failure keeps the last good artifact, and recovery clears it", () => {
  const good = statusAfter(fetched);
  const bad = statusAfter(failed({ reason: "GitOperationFailed", message: "no route to host" }), good);
  assert.deepEqual(bad.artifact, good.artifact);
  assert.deepEqual(
    summary(bad).map((line) => line.split(" ")[0]),
    ["Reconciling=True", "Ready=False", "ArtifactInStorage=True", "FetchFailed=True"],
  );
  assert.match(summary(bad)[0] ?? "", /reconciliation in progress/u);
  assert.deepEqual(summary(statusAfter(fetched, bad)), summary(good));
});

test("what cannot succeed until the object changes is Stalled", () => {
  const status = statusAfter(failed({ reason: "URLInvalid", message: "no address", retry: "never" }));
  assert.deepEqual(summary(status), [
    "Stalled=True URLInvalid: no address",
    "Ready=False URLInvalid: no address",
    "FetchFailed=True URLInvalid: no address",
  ]);
  assert.equal(status.observedGeneration, 2);
});

test("trouble with the disk is not called trouble with the fetch", () => {
  const status = statusAfter(failed({ reason: "ArchiveOperationFailed", message: "disk full" }));
  assert.ok(summary(status).includes("StorageOperationFailed=True ArchiveOperationFailed: disk full"));
});

test("an artifact that is still being packed: not Ready yet, and the old one outdated", () => {
  const packing: SourceOutcome = { ...fetched, revision: "main@sha1:ff", artifact: undefined };
  assert.deepEqual(summary(statusAfter(packing)), [
    "Reconciling=True Progressing: building artifact: new upstream revision 'main@sha1:ff'",
    "Ready=Unknown Progressing: building artifact: new upstream revision 'main@sha1:ff'",
  ]);
  const status = statusAfter(packing, statusAfter(fetched));
  assert.ok(summary(status).includes("ArtifactOutdated=True NewRevision: new upstream revision 'main@sha1:ff'"));
});

test("an artifact that was made anew with the same content keeps its time", () => {
  const recorded = statusAfter(fetched);
  const later = { ...fetched, artifact: { ...artifact, lastUpdateTime: "2026-04-04T00:00:00Z" } };
  assert.deepEqual(statusAfter(later, recorded), recorded);
  const other = { ...later, artifact: { ...later.artifact, digest: "sha256:bb" } };
  assert.equal(digString(statusAfter(other, recorded), "artifact", "lastUpdateTime"), "2026-04-04T00:00:00Z");
});
