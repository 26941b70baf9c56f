// Trees seen through: without links, with a file laid over.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type FileEntry, type FileTree, memoryTree } from "@plumbline/core/model";
import { withFile, withoutLinks } from "./visible-tree.ts";

test("links and submodules are not there", () => {
  const entries: FileEntry[] = [
    { name: "a", kind: "directory" },
    { name: "b", kind: "file" },
    { name: "l", kind: "symlink" },
    { name: "s", kind: "submodule" },
  ];
  const real = memoryTree({ "a/x": "", b: "" });
  const tree: FileTree = {
    ...real,
    list: () => entries,
    kind: (path) => entries.find((entry) => entry.name === path)?.kind,
  };
  const seen = withoutLinks(tree);
  assert.deepEqual(
    seen.list("").map((entry) => entry.name),
    ["a", "b"],
  );
  assert.deepEqual(
    ["a", "b", "l", "s", "x"].map((path) => seen.kind(path)),
    ["directory", "file", undefined, undefined, undefined],
  );
});

test("a file laid over a tree is read, listed in order and told apart by its content", () => {
  const tree = withFile(memoryTree({ "a/x.yaml": "x", "a/b/c": "" }), "a/kustomization.yaml", "text");
  assert.equal(new TextDecoder().decode(tree.read("a/kustomization.yaml")), "text");
  assert.deepEqual(
    tree.list("a").map((entry) => entry.name),
    ["b", "kustomization.yaml", "x.yaml"],
  );
  assert.deepEqual(
    tree.list("a/b").map((entry) => entry.name),
    ["c"],
  );
  assert.equal(tree.kind("a/kustomization.yaml"), "file");
  assert.equal(tree.id("a/kustomization.yaml"), "text");
  const over = withFile(memoryTree({ "k.yaml": "old" }), "k.yaml", "new");
  assert.equal(over.list("").length, 1);
  assert.equal(new TextDecoder().decode(over.read("k.yaml")), "new");
});
