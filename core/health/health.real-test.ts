// Health beside Flux's status readers, on generated objects of every kind that has rules.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { JsonValue, Manifest } from "@plumbline/core/model";
import { askFlux } from "../../conformance/oracle-flux/oracle.ts";
import { healthOf } from "./health-of.ts";

const kinds: [string, string][] = [
  ["v1", "Service"],
  ["v1", "Pod"],
  ["v1", "Secret"],
  ["v1", "ConfigMap"],
  ["v1", "PersistentVolumeClaim"],
  ["apps/v1", "StatefulSet"],
  ["apps/v1", "DaemonSet"],
  ["apps/v1", "Deployment"],
  ["apps/v1", "ReplicaSet"],
  ["extensions/v1beta1", "Deployment"],
  ["policy/v1", "PodDisruptionBudget"],
  ["batch/v1", "CronJob"],
  ["batch/v1", "Job"],
  ["apiextensions.k8s.io/v1", "CustomResourceDefinition"],
  ["kustomize.toolkit.fluxcd.io/v1", "Kustomization"],
];

const count = fc.integer({ min: 0, max: 3 });
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined, freq: 2 });
const counts = (...names: string[]): fc.Arbitrary<Record<string, number | undefined>> =>
  fc.record(Object.fromEntries(names.map((name) => [name, maybe(count)])));

const conditionTypes = [
  ["Ready", "Stalled", "Reconciling", "Progressing", "Available", "ReplicaFailure", "Complete", "Failed"],
  ["PodScheduled", "NamesAccepted", "Established"],
].flat();

const condition = fc.record({
  type: fc.constantFrom(...conditionTypes),
  status: fc.constantFrom("True", "False", "Unknown", ""),
  reason: fc.constantFrom("ProgressDeadlineExceeded", "NewReplicaSetAvailable", "Unschedulable", "Installing", "Other"),
  message: fc.constantFrom("some words", ""),
});

const spec = fc
  .tuple(
    counts("replicas", "parallelism", "completions"),
    fc.record({
      progressDeadlineSeconds: maybe(fc.constantFrom(600, 2 ** 31 - 1)),
      suspend: maybe(fc.boolean()),
      type: maybe(fc.constantFrom("LoadBalancer", "ClusterIP")),
      clusterIP: maybe(fc.constantFrom("", "10.0.0.1")),
      updateStrategy: maybe(
        fc.record({ type: fc.constantFrom("OnDelete", "RollingUpdate"), rollingUpdate: maybe(counts("partition")) }),
      ),
    }),
  )
  .map(([numbers, rest]) => ({ ...numbers, ...rest }));

const status = fc
  .tuple(
    counts(
      "replicas",
      "readyReplicas",
      "currentReplicas",
      "updatedReplicas",
      "availableReplicas",
      "fullyLabeledReplicas",
    ),
    counts(
      "desiredNumberScheduled",
      "currentNumberScheduled",
      "updatedNumberScheduled",
      "numberAvailable",
      "numberReady",
    ),
    counts("active", "succeeded", "failed"),
    fc.record({
      observedGeneration: maybe(fc.constantFrom<JsonValue>(1, 2, "x")),
      phase: maybe(fc.constantFrom("Bound", "Pending", "Running", "Succeeded", "Failed", "Odd")),
      currentRevision: maybe(fc.constantFrom("a", "b")),
      updateRevision: maybe(fc.constantFrom("a", "b")),
      startTime: maybe(fc.constant("2026-01-01T00:00:00Z")),
      conditions: maybe(fc.array(condition, { maxLength: 3 })),
      containerStatuses: maybe(
        fc.array(
          fc.record({
            name: fc.constantFrom("c1", "c2"),
            state: fc.constantFrom({ waiting: { reason: "CrashLoopBackOff" } }, { running: {} }),
          }),
          { maxLength: 2 },
        ),
      ),
    }),
  )
  .map((parts) => Object.assign({}, ...parts) as Manifest);

const objects = fc
  .tuple(
    fc.constantFrom(...kinds),
    maybe(fc.constantFrom(1, 2)),
    fc.option(fc.constant("2026-01-01T00:00:00Z"), { nil: undefined, freq: 2 }),
    spec,
    status,
  )
  .map(([[apiVersion, kind], generation, deletionTimestamp, specValue, statusValue]) => {
    const metadata = {
      name: "x",
      namespace: "n",
      creationTimestamp: "2026-01-01T00:00:00Z",
      generation,
      deletionTimestamp,
    };
    return JSON.parse(JSON.stringify({ apiVersion, kind, metadata, spec: specValue, status: statusValue })) as Manifest;
  });

describe("health beside Flux", () => {
  it("is the same, word for word, for 8000 generated objects", async () => {
    const samples = fc.sample(objects, { numRuns: 8000, seed: 22 });
    const answers = await askFlux(samples.map((sample) => ({ op: "health" as const, input: JSON.stringify(sample) })));
    const seen = new Map<string, number>();
    samples.forEach((sample, i) => {
      const [expected, message] = JSON.parse(answers[i]?.output ?? "[]") as [string, string];
      const ours = healthOf(sample, { now: Date.now() });
      seen.set(expected, (seen.get(expected) ?? 0) + 1);
      assert.equal(ours.status, expected, JSON.stringify(sample));
      // Go's words for malformed objects name Go types.
      if (expected !== "Unknown") assert.equal(ours.message, message, JSON.stringify(sample));
    });
    assert.deepEqual([...seen.keys()].sort(), ["Current", "Failed", "InProgress", "Terminating", "Unknown"]);
  });
});
