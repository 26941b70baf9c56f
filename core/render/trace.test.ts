// A traced result is reused exactly as long as everything that was asked stays as it was.

import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryTree } from "@plumbline/core/model";
import { isUnchanged, traceReads } from "./trace.ts";

const files = { "app/kustomization.yaml": "a", "app/d.yaml": "b", "other/x.yaml": "c" };

test("isUnchanged() sees changed contents, new names and names that were absent, and nothing else", () => {
  const { tree, trace } = traceReads(memoryTree(files));
  assert.equal(tree.kind("app/Kustomization"), undefined);
  tree.read("app/kustomization.yaml");
  tree.list("app");
  assert.equal(isUnchanged(trace, memoryTree({ ...files, "other/x.yaml": "changed", "new.yaml": "" })), true);
  assert.equal(isUnchanged(trace, memoryTree({ ...files, "app/d.yaml": "changed, but only listed" })), true);
  assert.equal(isUnchanged(trace, memoryTree({ ...files, "app/kustomization.yaml": "changed" })), false);
  assert.equal(isUnchanged(trace, memoryTree({ ...files, "app/e.yaml": "" })), false);
  assert.equal(isUnchanged(trace, memoryTree({ ...files, "app/Kustomization": "" })), false);
});
