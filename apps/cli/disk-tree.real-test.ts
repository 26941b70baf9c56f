// A directory on disk as a file tree: links are links, ids follow contents.

import { deepStrictEqual, notStrictEqual, strictEqual, throws } from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { diskTree } from "./disk-tree.ts";

describe("diskTree()", () => {
  const root = mkdtempSync(join(tmpdir(), "plumbline-disk-tree-"));
  after(() => rmSync(root, { recursive: true, force: true }));
  mkdirSync(join(root, "a", "deep"), { recursive: true });
  writeFileSync(join(root, "a", "file"), "content");
  symlinkSync("a", join(root, "link"));
  symlinkSync("/etc/passwd", join(root, "out"));

  it("shows links and never follows them", () => {
    const tree = diskTree(root);
    deepStrictEqual(
      ["", "a", "a/file", "link", "out", "link/file", "absent", "a/file/x"].map((path) => tree.kind(path)),
      ["directory", "directory", "file", "symlink", "symlink", undefined, undefined, undefined],
    );
    strictEqual(new TextDecoder().decode(tree.read("out")), "/etc/passwd");
    throws(() => tree.read("link/file"), RangeError);
  });

  it("has nothing where no name can stand", () => {
    const tree = diskTree(root);
    for (const path of ["a\0b", "x".repeat(5_000), "a/file/x", `a/${"y".repeat(300)}`]) {
      strictEqual(tree.kind(path), undefined);
      strictEqual(tree.id(path), undefined);
    }
  });

  it("can take the paths for ids, which no other root shares", () => {
    const tree = diskTree(root, "path");
    strictEqual(tree.id("absent"), undefined);
    notStrictEqual(tree.id("a/file"), undefined);
    notStrictEqual(tree.id("a/file"), diskTree(join(root, "a"), "path").id("file"));
  });

  it("lists in order", () => {
    deepStrictEqual(diskTree(root).list(""), [
      { name: "a", kind: "directory" },
      { name: "link", kind: "symlink" },
      { name: "out", kind: "symlink" },
    ]);
    deepStrictEqual(diskTree(root).list("link"), []);
  });

  it("gives ids that change with the content, for directories, too", () => {
    const before = diskTree(root);
    const ids = ["a/file", "a", ""].map((path) => before.id(path));
    writeFileSync(join(root, "a", "file"), "changed");
    const next = diskTree(root);
    ["a/file", "a", ""].forEach((path, i) => notStrictEqual(next.id(path), ids[i]));
    strictEqual(next.id("a/deep"), before.id("a/deep"));
    strictEqual(next.id("absent"), undefined);
  });
});
