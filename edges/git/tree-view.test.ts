// Trees as columns and what ignore rules leave of them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure } from "@plumbline/core/model";
import { ignoreRules } from "@plumbline/core/source";
import { parseTree, type TreeIndex } from "./tree-index.ts";
import { compareNames, viewTree } from "./tree-view.ts";

/** What `git ls-tree -r -t -z -l` prints: directories before what is in them. */
function tree(entries: readonly [mode: string, path: string, size?: number][]): TreeIndex {
  const lines = entries.map(([mode, path, size], i) => {
    const type = mode === "040000" ? "tree" : mode === "160000" ? "commit" : "blob";
    const shown = type === "blob" ? String(size ?? 1) : "-";
    return `${mode} ${type} ${String(i).padStart(40, "0")} ${shown.padStart(7)}\t${path}\0`;
  });
  return parseTree(Buffer.from(lines.join("")), "f".repeat(40));
}

const sample = tree([
  ["100644", "a.yaml", 3],
  ["040000", "app"],
  ["100644", "app/b.yaml"],
  ["040000", "app/deep"],
  ["100755", "app/deep/run.sh"],
  ["100644", "app/pic.png"],
  ["120000", "link", 6],
  ["160000", "module"],
]);

test("parseTree() knows kinds, sizes and where directories end", () => {
  assert.equal(sample.count, 9);
  const at = (path: string): number => sample.find(path) ?? -1;
  assert.deepEqual(
    ["", "a.yaml", "app/deep", "link", "module"].map((path) => sample.kindAt(at(path))),
    ["directory", "file", "directory", "symlink", "submodule"],
  );
  assert.equal(sample.sizeAt(at("a.yaml")), 3);
  assert.equal(sample.sizeAt(at("app")), -1);
  assert.equal(sample.isExecutable(at("app/deep/run.sh")), true);
  assert.deepEqual([...sample.ends], [9, 2, 7, 4, 6, 6, 7, 8, 9]);
});

test("parseTree() refuses hostile names and depths", () => {
  for (const path of ["..", ".git", ".GIT", "a/..", "../x", "x/../../y", "a//b"]) {
    assert.throws(() => tree([["100644", path]]), Failure, path);
  }
  const deep: [string, string][] = Array.from({ length: 600 }, (_, i) => ["040000", "d/".repeat(i) + "d"]);
  assert.throws(
    () => tree(deep),
    (error) => error instanceof Failure && error.reason === "LimitExceeded",
  );
});

test("viewTree() without rules that hide anything keeps Git's ids", () => {
  const view = viewTree(tree([["040000", "app"], ["100644", "app/b.yaml"]]), ignoreRules([], undefined)); // prettier-ignore
  assert.equal(view.idAt(0), "f".repeat(40));
  assert.deepEqual(view.list("app"), [{ name: "b.yaml", kind: "file" }]);
  assert.deepEqual(view.list("nowhere"), []);
  assert.deepEqual(view.list("app/b.yaml"), []);
});

test("viewTree() hides, and gives directories that hide something ids of their own", () => {
  const view = viewTree(sample, ignoreRules([], undefined));
  assert.equal(view.find("app/pic.png"), undefined);
  assert.match(view.idAt(0), /^view1:/);
  assert.match(view.idAt(view.find("app") ?? -1), /^view1:/);
  assert.equal(view.idAt(view.find("app/deep") ?? -1), sample.ids[4]);
  assert.match(view.idAt(view.find("link") ?? -1), /^symlink:/);
});

test("viewTree() shows the directories above a file that was brought back", () => {
  const view = viewTree(sample, ignoreRules([], "app/\n!app/deep/run.sh\n"));
  assert.deepEqual(
    view.list("app").map(({ name }) => name),
    ["deep"],
  );
  assert.equal(view.isImplied(view.find("app") ?? -1), true);
  assert.equal(view.isImplied(0), false);
});

test("compareNames() is the order of bytes", () => {
  const names = ["a", "a-b", "a.b", "a/b", "aa", "b", "\u{ffff}", "\u{10000}"];
  assert.deepEqual([...names].reverse().sort(compareNames), names);
});
