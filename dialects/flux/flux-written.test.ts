// Our status beside the one that real Flux wrote in the same situation, field by field (a cluster as Flux left it).

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import {
  cloneJson,
  dig,
  digString,
  Failure,
  isObject,
  type JsonObject,
  type Manifest,
  own,
  type RunFacts,
} from "@plumbline/core/model";
import { parseYaml } from "@plumbline/core/yaml";
import { corpusTest } from "@plumbline/testkit/corpus";
import { parseDuration } from "./duration.ts";
import { gitRepositoryStatus } from "./git-repository-status.ts";
import { decodeInventory, encodeInventory } from "./inventory.ts";
import { kustomizationStatus } from "./kustomization-status.ts";
import { readGitRepository } from "./read-git-repository.ts";
import { readKustomization } from "./read-kustomization.ts";

const part = "flux-cluster/flux-objects.yaml";

function objects(file: string, kind: string): Manifest[] {
  const list = parseYaml(readFileSync(file, "utf8"));
  const items = dig(list, "items");
  assert.ok(Array.isArray(items));
  const found = items.filter(isObject).filter((item) => item.kind === kind);
  assert.ok(found.length > 0);
  return found;
}

function conditionOf(object: Manifest, type: string): JsonObject | undefined {
  const conditions = dig(object, "status", "conditions");
  return Array.isArray(conditions) ? conditions.filter(isObject).find((entry) => entry.type === type) : undefined;
}

function nameOf(object: Manifest): string {
  return digString(object, "metadata", "name") ?? "";
}

/** As the API server stores it before anything has run. */
function untouched(object: Manifest): Manifest {
  return { ...object, status: { observedGeneration: -1 } };
}

corpusTest(part, "every GitRepository's status equals Flux's", (file) => {
  for (const object of objects(file, "GitRepository")) {
    const source = readGitRepository(object);
    const artifact = dig(object, "status", "artifact") as JsonObject;
    const text = (field: string): string => digString(artifact, field) ?? "";
    const written = { path: text("path"), url: text("url"), revision: text("revision"), digest: text("digest") };
    const at = digString(conditionOf(object, "Ready"), "lastTransitionTime") ?? "";
    const status = gitRepositoryStatus({
      object: untouched(object),
      source,
      outcome: {
        kind: "fetched",
        revision: written.revision,
        artifact: { ...written, sizeBytes: Number(artifact.size), lastUpdateTime: text("lastUpdateTime") },
        commitSubject: undefined,
        requestedAt: undefined,
      },
      at,
    });
    assert.deepEqual(status, object.status, nameOf(object));
  }
});

function factsOf(object: Manifest): RunFacts {
  const inventory = decodeInventory(object, dig(object, "status", "inventory", "entries"));
  assert.ok(Array.isArray(inventory));
  const history = dig(object, "status", "history");
  const run = Array.isArray(history) ? history[0] : undefined;
  return {
    revision: digString(run, "metadata", "revision"),
    digest: digString(run, "digest"),
    inventory: dig(object, "status", "inventory") === undefined ? undefined : inventory,
    done: [],
    repairs: [],
    durationMs: parseDuration(digString(run, "lastReconciledDuration") ?? "0s", "history"),
    requestedAt: undefined,
  };
}

/** The time of a health check is known to the millisecond only inside the run; it is compared as a pattern. */
function withoutHealthTime(status: unknown): JsonObject {
  const copy = cloneJson(status as JsonObject);
  const healthy = (own(copy, "conditions") as JsonObject[]).find((entry) => entry.type === "Healthy");
  if (healthy) {
    assert.match(digString(healthy, "message") ?? "", /^Health check passed in [0-9.]+m?s$/u);
    delete healthy.message;
    delete healthy.lastTransitionTime;
  }
  return copy;
}

corpusTest(part, "every applied Kustomization's status equals Flux's", (file) => {
  const applied = objects(file, "Kustomization").filter((object) => conditionOf(object, "Ready")?.status === "True");
  assert.ok(applied.length >= 4);
  for (const object of applied) {
    const status = kustomizationStatus({
      object: untouched(object),
      delivery: readKustomization(object),
      outcome: { ...factsOf(object), kind: "applied", checkedHealth: conditionOf(object, "Healthy") !== undefined },
      at: digString(conditionOf(object, "Ready"), "lastTransitionTime") ?? "",
    });
    assert.deepEqual(withoutHealthTime(status), withoutHealthTime(object.status), nameOf(object));
  }
});

corpusTest(part, "every failed Kustomization's status equals Flux's", (file) => {
  const failed = objects(file, "Kustomization").filter((object) => conditionOf(object, "Ready")?.status === "False");
  assert.ok(failed.length >= 2);
  for (const object of failed) {
    const ready = conditionOf(object, "Ready");
    const reason = digString(ready, "reason") === "ArtifactFailed" ? "ArtifactFailed" : "ReconciliationFailed";
    const facts = factsOf(object);
    const revision = /for revision (\S+)/u.exec(digString(conditionOf(object, "Reconciling"), "message") ?? "")?.[1];
    const status = kustomizationStatus({
      object: untouched(object),
      delivery: readKustomization(object),
      outcome: {
        ...facts,
        revision,
        kind: "failed",
        failure: new Failure({ reason, message: digString(ready, "message") ?? "" }),
        unhealthy: false,
      },
      at: digString(ready, "lastTransitionTime") ?? "",
    });
    assert.deepEqual(status, object.status, nameOf(object));
  }
});

corpusTest(part, "every recorded inventory is read and written back to the letter", (file) => {
  for (const object of objects(file, "Kustomization")) {
    const delivery = readKustomization(object);
    assert.equal(delivery.inventoryFailure, undefined);
    assert.deepEqual(encodeInventory(delivery.inventory), dig(object, "status", "inventory", "entries") ?? []);
  }
});
