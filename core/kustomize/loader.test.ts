// Roots, restrictions, links and cycles.

import { deepStrictEqual, match, strictEqual, throws } from "node:assert/strict";
import { describe, it } from "node:test";
import { memoryTree, type EntryKind, type FileTree } from "@plumbline/core/model";
import { failureOf } from "@plumbline/testkit/delivery";
import { weakDigest } from "./build-in-tests.ts";
import { build } from "./build.ts";
import { Loader, TracedFiles, type LoadRestrictions } from "./loader.ts";

/** A tree in which some files are symbolic links to their content. */
function treeWithLinks(files: Record<string, string>, links: Record<string, string>): FileTree {
  const tree = memoryTree({ ...files, ...links });
  const kind = (path: string): EntryKind | undefined => (Object.hasOwn(links, path) ? "symlink" : tree.kind(path));
  return { ...tree, kind };
}

function loaderAt(tree: FileTree, path: string, restrictions: LoadRestrictions = "rootOnly"): Loader {
  return Loader.start(path, { files: new TracedFiles(tree, new Map()), restrictions, remote: {}, isFileSystem: false });
}

const files = { "app/a.yaml": "a", "shared/s.yaml": "s", "app/sub/x.yaml": "x" };

describe("Loader", () => {
  it("loads files in and below its root", () => {
    const loader = loaderAt(memoryTree(files), "app");
    deepStrictEqual([loader.text("a.yaml"), loader.text("./sub/x.yaml")], ["a", "x"]);
  });

  it("refuses files elsewhere, unless restrictions are off", () => {
    match(
      failureOf(() => loaderAt(memoryTree(files), "app").text("../shared/s.yaml")).message,
      /security; file 'shared\/s.yaml'/,
    );
    strictEqual(loaderAt(memoryTree(files), "app", "none").text("../shared/s.yaml"), "s");
  });

  it("follows links and judges where they lead", () => {
    const tree = treeWithLinks(files, {
      "app/in.yaml": "sub/x.yaml",
      "app/out.yaml": "../shared/s.yaml",
      dir: "app/sub",
    });
    strictEqual(loaderAt(tree, "app").text("in.yaml"), "x");
    match(failureOf(() => loaderAt(tree, "app").text("out.yaml")).message, /security/);
    strictEqual(loaderAt(tree, "dir").root, "app/sub");
  });

  it("refuses links out of the tree and links in circles", () => {
    const tree = treeWithLinks(files, { "app/up.yaml": "../../etc/passwd", "app/l1": "l2", "app/l2": "l1" });
    strictEqual(failureOf(() => loaderAt(tree, "app", "none").text("up.yaml")).reason, "InvalidPath");
    match(failureOf(() => loaderAt(tree, "app", "none").text("l1")).message, /too many symbolic links/);
  });

  it("records links among what was read", () => {
    const tree = treeWithLinks(
      {
        "app/kustomization.yaml": "resources: [in.yaml]\n",
        "app/sub/x.yaml": "apiVersion: v1\nkind: C\nmetadata: {name: x}\n",
      },
      { "app/in.yaml": "sub/x.yaml" },
    );
    const { reads } = build(tree, "app", { sha256: weakDigest });
    deepStrictEqual([reads.has("app/in.yaml"), reads.has("app/sub/x.yaml")], [true, true]);
  });

  it("enters directories, not files, and never a directory above", () => {
    const loader = loaderAt(memoryTree(files), "app");
    strictEqual(loader.enter("sub").root, "app/sub");
    throws(() => loader.enter("a.yaml"), /is a file/);
    throws(() => loader.enter("gone"), /does not exist/);
    throws(() => loader.enter(".."), /cycle detected/);
    throws(() => loader.enter("sub").enter(".."), /cycle detected/);
    throws(() => loader.enter("/app"), /cannot be absolute/);
  });

  it("stays at the root of a file system", () => {
    const parts = {
      files: new TracedFiles(memoryTree(files), new Map()),
      restrictions: "none",
      remote: {},
      isFileSystem: true,
    } as const;
    strictEqual(Loader.start("/app", parts).text("../../shared/s.yaml"), "s");
  });
});
