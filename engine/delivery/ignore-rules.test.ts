// Which fields of which objects are left to others, and when a run sends nothing for an object because of it.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Delivery, IgnoreRule, JsonObject, Manifest, ObjectRef } from "@plumbline/core/model";
import { failureOf } from "@plumbline/testkit/delivery";
import { isAsDesired } from "./as-desired.ts";
import { type IgnoreRules, ignoreRulesOf } from "./ignore-rules.ts";

function rulesOf(...ignore: IgnoreRule[]): IgnoreRules {
  const origin = { kind: "Kustomization", namespace: "site", name: "app" };
  const rules = ignoreRulesOf({ ignore, origin } as unknown as Delivery); // no more of it is read
  assert.ok(rules);
  return rules;
}

const web = (replicas: number, metadata: JsonObject = {}): Manifest => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", namespace: "site", ...metadata },
  spec: { replicas },
});
const ref: ObjectRef = { group: "apps", version: "v1", kind: "Deployment", namespace: "site", name: "web" };
const paths = ["/spec/replicas"];

test("a target selects by anchored expressions and by labels and annotations, and none selects everything", () => {
  const rows: [IgnoreRule["target"], JsonObject, boolean, boolean][] = [
    [undefined, {}, true, true],
    [{}, {}, true, true],
    [{ kind: "Deploy" }, {}, false, false],
    [{ kind: "Deploy.*", name: "web|db", group: "apps", version: "v1", namespace: "site" }, {}, true, true],
    [{ namespace: "other" }, {}, false, false],
    [{ labelSelector: "tier in (web)" }, {}, true, false],
    [{ labelSelector: "tier in (web)" }, { labels: { tier: "web" } }, true, true],
    [{ annotationSelector: "!a" }, { annotations: { a: "1" } }, true, false],
  ];
  for (const [target, metadata, concerns, matches] of rows) {
    const rules = rulesOf({ paths, target });
    assert.equal(rules.concerns(ref), concerns, JSON.stringify(target));
    assert.equal(rules.pointersFor(web(1, metadata)).length, matches ? 1 : 0, JSON.stringify(target));
  }
});

test("without an answer of the API server Git's labels lie over those of the cluster", () => {
  const rules = rulesOf({ paths, target: { labelSelector: "a=git,b=live" } });
  const live = web(1, { labels: { a: "live", b: "live" } });
  assert.equal(rules.pointersBetween(web(1, { labels: { a: "git" } }), live).length, 1);
  assert.equal(rules.pointersBetween(web(1), live).length, 0);
});

test("a target that cannot be read is InvalidSpec by its place", () => {
  for (const target of [{ kind: "(" }, { labelSelector: "a in" }, { name: "a{2000}" }]) {
    const failure = failureOf(() => rulesOf({ paths, target: undefined }, { paths, target }));
    assert.equal(failure.reason, "InvalidSpec");
    assert.equal(failure.where?.field, "spec.ignore[1].target");
    assert.equal(failure.retry, "never");
  }
});

test("an object is as desired when only ignored fields of it are not", () => {
  const controls = { ssa: "Override", force: false, keep: false, disabled: false } as const;
  const managers = { apply: "us", deliveryStatus: "us", sourceStatus: "us" };
  const rules = { dialect: { managers, readControls: () => controls }, override: [] };
  const owned = (fields: JsonObject): JsonObject => ({
    managedFields: [{ manager: "us", operation: "Apply", apiVersion: "apps/v1", fieldsV1: { "f:spec": fields } }],
  });
  const desired = { ...web(1), spec: { replicas: 1, paused: true } };
  const ours = { "f:paused": {} };
  const live = { ...web(3, owned(ours)), spec: { replicas: 3, paused: true } };
  const ignored = rulesOf({ paths, target: { kind: "Deployment" } });
  assert.equal(isAsDesired(desired, live, rules), false);
  assert.equal(isAsDesired(desired, live, { ...rules, ignored }), true);
  assert.equal(isAsDesired({ ...desired, spec: { replicas: 1, paused: false } }, live, { ...rules, ignored }), false);
  const edited = { ...web(3, owned({ ...ours, "f:replicas": {} })), spec: { replicas: 3, paused: true } };
  assert.equal(isAsDesired(desired, edited, { ...rules, ignored }), true, "ours, and edited");
  assert.equal(
    isAsDesired({ ...desired, spec: { paused: true } }, edited, { ...rules, ignored }),
    true,
    "gone from Git",
  );
});
