// When a deletion is asked about: more than a share of the inventory, or everything.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { ObjectRef } from "@plumbline/core/model";
import { guardPrune, parseShare } from "./prune-guard.ts";

const refs = (...names: string[]): ObjectRef[] =>
  names.map((name) => ({ group: "", version: "v1", kind: "ConfigMap", namespace: "a", name }));
const ten = refs(...Array.from({ length: 10 }, (_, i) => `n${i}`));

function asked(desired: ObjectRef[], share: number, inventory = ten): string[] {
  const names = new Set(desired.map(({ name }) => name));
  const deletions = inventory.filter(({ name }) => !names.has(name));
  return guardPrune({ desired, inventory, deletions, share }).map(({ name }) => name);
}

test("guardPrune() asks about more than the share, not about as much as the share", () => {
  assert.deepEqual(asked(ten.slice(3), 0.3), []);
  assert.deepEqual(asked(ten.slice(4), 0.3), ["n0", "n1", "n2", "n3"]);
  assert.deepEqual(asked(ten.slice(1), 0), ["n0"]);
  assert.deepEqual(asked(ten, 0), []);
});

test("guardPrune() asks about a build that yields nothing, whatever the share", () => {
  assert.equal(asked([], 1).length, 10);
  assert.deepEqual(asked(ten.slice(9), 1), []);
  assert.deepEqual(asked([], 0, []), []);
});

test("guardPrune() does not count generated objects that only get another content hash", () => {
  const [before, after] = [refs("app-5h2k9fm7tc", "env-5h2k9fm7tc"), refs("app-bbbbbbbbbb", "other-5h2k9fm7tc")];
  assert.deepEqual(asked([...after], 0, before), ["env-5h2k9fm7tc"]);
  assert.deepEqual(
    asked(refs("app"), 0, refs("app", "app-5h2k9fm7tc")),
    ["app-5h2k9fm7tc"],
    "the plain one is another",
  );
});

test("parseShare() reads percentages and nothing else", () => {
  assert.equal(parseShare("30%"), 0.3);
  assert.equal(parseShare(" 12.5 % "), 0.125);
  assert.equal(parseShare("100%"), 1);
  for (const text of ["30", "101%", "-1%", "", "%", "x%", "1e1%"]) assert.equal(parseShare(text), undefined);
});
