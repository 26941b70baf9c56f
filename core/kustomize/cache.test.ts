// A cache saves work and never changes a result.

import { notStrictEqual, strictEqual } from "node:assert/strict";
import { describe, it } from "node:test";
import { memoryTree, type FileTree } from "@plumbline/core/model";
import { weakDigest } from "./build-in-tests.ts";
import { build } from "./build.ts";
import { createBuildCache, type BuildCache } from "./cache.ts";

const config = (name: string, value: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {a: ${value}}\n`;
const files: Record<string, string> = {
  "base/kustomization.yaml": "resources: [c.yaml]\ncommonLabels: {l: base}\n",
  "base/c.yaml": config("shared", "one"),
  "app1/kustomization.yaml": "resources: [../base]\nnamePrefix: p-\n",
  "app2/kustomization.yaml": "resources: [../base, own.yaml]\nnamespace: ns\n",
  "app2/own.yaml": config("own", "two"),
};

function counting(tree: FileTree): { tree: FileTree; reads: string[] } {
  const reads: string[] = [];
  return {
    reads,
    tree: {
      ...tree,
      read: (path) => {
        reads.push(path);
        return tree.read(path);
      },
    },
  };
}

function yamlOf(tree: FileTree, path: string, cache?: BuildCache): string {
  return build(tree, path, { sha256: weakDigest, cache }).yaml;
}

describe("a build cache", () => {
  it("gives the very result again while nothing that was read has changed", () => {
    const cache = createBuildCache();
    const first = build(memoryTree(files), "app1", { sha256: weakDigest, cache });
    strictEqual(
      build(memoryTree({ ...files, "app2/own.yaml": "changed" }), "app1", { sha256: weakDigest, cache }),
      first,
    );
  });

  it("never changes a result: every file changed in turn, with and without it", () => {
    const cache = createBuildCache();
    for (const app of ["app1", "app2"]) yamlOf(memoryTree(files), app, cache);
    for (const path of Object.keys(files)) {
      const changed = {
        ...files,
        [path]: files[path]?.replace(/one|two|base}|p-|namespace: ns/, (word) => `${word}x`) ?? "",
      };
      changed["base/kustomization.yaml"] = changed["base/kustomization.yaml"]?.replace("base}x", "basex}") ?? "";
      for (const app of ["app1", "app2"]) {
        strictEqual(yamlOf(memoryTree(changed), app, cache), yamlOf(memoryTree(changed), app), `${app} after ${path}`);
      }
    }
  });

  it("notices a file that appears where one was looked for", () => {
    const cache = createBuildCache();
    const before = { "app/kustomization.yml": "resources: []\n" };
    yamlOf(memoryTree(before), "app", cache);
    const both = memoryTree({ ...before, "app/kustomization.yaml": "resources: []\n" });
    let refused = false;
    try {
      yamlOf(both, "app", cache);
    } catch {
      refused = true;
    }
    strictEqual(refused, true);
  });

  it("builds a shared base once", () => {
    const cache = createBuildCache();
    const { tree, reads } = counting(memoryTree(files));
    yamlOf(tree, "app1", cache);
    reads.length = 0;
    yamlOf(tree, "app2", cache);
    strictEqual(reads.includes("base/c.yaml") || reads.includes("base/kustomization.yaml"), false);
  });

  it("tells options apart", () => {
    const cache = createBuildCache();
    const tree = memoryTree(files);
    const plain = build(tree, "app1", { sha256: weakDigest, cache });
    notStrictEqual(build(tree, "app1", { sha256: weakDigest, cache, managedByLabel: true }).yaml, plain.yaml);
  });
});
