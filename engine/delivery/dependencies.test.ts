// When a dependency is in the way, and how it is said.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Delivery } from "@plumbline/core/model";
import { blockedBy } from "./dependencies.ts";

type Facts = Partial<Delivery> & { name: string; after?: string[] };

function delivery({ name, after = [], ...facts }: Facts): Delivery {
  const origin = {
    group: "g",
    version: "v1",
    kind: "Kustomization",
    namespace: "ns",
    name,
    uid: "u",
    generation: 2,
    resourceVersion: "1",
  };
  return {
    origin,
    source: { kind: "GitRepository", namespace: "ns", name: "fleet" },
    dependsOn: after.map((one) => ({ kind: "Kustomization", namespace: "ns", name: one })),
    ready: true,
    observedGeneration: 2,
    lastAppliedRevision: "r2",
    ...facts,
  } as Delivery;
}

function blocked(first: Facts, ...others: Facts[]): string | undefined {
  const all = new Map([first, ...others].map((facts) => [`ns/${facts.name}`, delivery(facts)]));
  return blockedBy(delivery(first), "r2", (key) => all.get(key))?.message;
}

test("blockedBy() lets a delivery run whose dependencies are ready at the same revision", () => {
  assert.equal(blocked({ name: "app", after: ["infra"] }, { name: "infra" }), undefined);
});

test("blockedBy() names what is missing, not ready, of an older generation or revision", () => {
  const app: Facts = { name: "app", after: ["infra"] };
  assert.equal(blocked(app), "dependency 'ns/infra' not found");
  assert.equal(blocked(app, { name: "infra", ready: false }), "dependency 'ns/infra' is not ready");
  assert.equal(blocked(app, { name: "infra", observedGeneration: 1 }), "dependency 'ns/infra' is not ready");
  assert.equal(
    blocked(app, { name: "infra", lastAppliedRevision: "r1" }),
    "dependency 'ns/infra' revision is not up to date",
  );
  const other: Facts = {
    name: "infra",
    lastAppliedRevision: "x",
    source: { kind: "GitRepository", namespace: "ns", name: "other" },
  };
  assert.equal(blocked(app, other), undefined);
});

test("blockedBy() names a cycle, also one that it only leads to through others", () => {
  assert.equal(blocked({ name: "a", after: ["a"] }), "dependency cycle: 'ns/a' -> 'ns/a'");
  assert.equal(
    blocked({ name: "a", after: ["b"] }, { name: "b", after: ["c"] }, { name: "c", after: ["a"] }),
    "dependency cycle: 'ns/a' -> 'ns/b' -> 'ns/c' -> 'ns/a'",
  );
});
