// One process that builds every case twice and prints what the second time took, as JSON: `build-all.ts fresh|shared`,
// the cases as JSON on standard input.

import { readFileSync } from "node:fs";
import { build, createBuildCache, type BuildCache } from "@plumbline/core/kustomize";
import { Failure, type FileTree } from "@plumbline/core/model";
import { peakMb } from "@plumbline/testkit/measure";
import { diskTree } from "../../apps/cli/disk-tree.ts";
import { type RepoCase, sha256 } from "../../conformance/kustomize/corpus.ts";

export interface Sample {
  ms: number;
  bytes: number;
  failed: boolean;
}

export interface BuiltAll {
  samples: Sample[];
  /** Peak resident memory. */
  peakMb: number;
}

/** What builds share: nothing, or one cache and one tree per repository. */
export interface Shared {
  cache?: BuildCache;
  treeOf: (root: string) => FileTree;
}

export function buildOne(test: RepoCase, { cache, treeOf }: Shared): Sample {
  const start = performance.now();
  let bytes = 0;
  let failed = false;
  try {
    const loadRestrictions = test.restrictor === "LoadRestrictionsNone" ? "none" : "rootOnly";
    bytes = build(treeOf(test.root), test.directory, { sha256, loadRestrictions, cache }).yaml.length;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    failed = true;
  }
  return { ms: performance.now() - start, bytes, failed };
}

export function sharedTrees(): Shared["treeOf"] {
  const trees = new Map<string, FileTree>();
  return (root) => {
    let tree = trees.get(root);
    if (!tree) trees.set(root, (tree = diskTree(root)));
    return tree;
  };
}

function main(mode: string): void {
  const cases = JSON.parse(readFileSync(0, "utf8")) as RepoCase[];
  const shared = (): Shared =>
    mode === "shared" ? { cache: createBuildCache(), treeOf: sharedTrees() } : { treeOf: diskTree };
  const warm = shared();
  for (const each of cases) buildOne(each, warm);
  const given = shared();
  const samples = cases.map((each) => buildOne(each, given));
  const result: BuiltAll = { samples, peakMb: peakMb(process.pid) };
  process.stdout.write(JSON.stringify(result));
}

if (import.meta.main) main(process.argv[2] ?? "fresh");
