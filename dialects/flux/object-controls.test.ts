// Labels and annotations that steer how an object is treated.

import assert from "node:assert/strict";
import { test } from "node:test";
import { objectControls } from "./object-controls.ts";

const key = (name: string): string => `kustomize.toolkit.fluxcd.io/${name}`;
const none = { ssa: "Override", force: false, keep: false, disabled: false, substitute: true, decrypt: true };

test("an object that says nothing is treated as usual", () => {
  assert.deepEqual(objectControls({ kind: "ConfigMap" }), none);
  assert.deepEqual(objectControls({ metadata: { labels: null, annotations: ["x"] } }), none);
  assert.deepEqual(objectControls({ metadata: { annotations: { [key("prune")]: true, [key("ssa")]: "" } } }), none);
});

test("labels and annotations count alike, in any case", () => {
  for (const place of ["labels", "annotations"]) {
    const say = (name: string, value: string) => objectControls({ metadata: { [place]: { [key(name)]: value } } });
    assert.deepEqual(say("prune", "Disabled"), { ...none, keep: true });
    assert.deepEqual(say("reconcile", "DISABLED"), { ...none, disabled: true });
    assert.deepEqual(say("force", "Enabled"), { ...none, force: true });
    assert.deepEqual(say("ssa", "ifnotpresent"), { ...none, ssa: "IfNotPresent" });
    assert.deepEqual(say("ssa", "merge"), { ...none, ssa: "Merge" });
    assert.deepEqual(say("ssa", "IGNORE"), { ...none, ssa: "Ignore" });
    assert.deepEqual(say("ssa", "whatever"), none);
    assert.deepEqual(say("decrypt", "disabled"), { ...none, decrypt: false });
  }
});

test("substitution is switched off by the exact word only", () => {
  assert.equal(objectControls({ metadata: { labels: { [key("substitute")]: "disabled" } } }).substitute, false);
  assert.equal(objectControls({ metadata: { labels: { [key("substitute")]: "Disabled" } } }).substitute, true);
});

test("the most careful of two contradicting words holds", () => {
  const object = { metadata: { labels: { [key("ssa")]: "Merge" }, annotations: { [key("ssa")]: "Ignore" } } };
  assert.equal(objectControls(object).ssa, "Ignore");
});
