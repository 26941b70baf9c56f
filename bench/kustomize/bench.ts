// Every kustomization of the corpus, beside the real Go library in one warm process and beside the real binary; and
// building a repository again after one file of it changed.

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { createBuildCache } from "@plumbline/core/kustomize";
import { Failure, type FileTree } from "@plumbline/core/model";
import { median } from "@plumbline/testkit/measure";
import { type RepoCase, repoCases } from "../../conformance/kustomize/corpus.ts";
import { asProcesses } from "./as-processes.ts";
import { type BuiltAll, buildOne, type Sample, sharedTrees } from "./build-all.ts";
import { buildWithLibrary } from "./go-library.ts";

const LARGEST = 10;

function corpusCases(): RepoCase[] {
  const corpus = process.env["PLUMBLINE_CORPUS"];
  if (corpus) return repoCases(corpus).slice(0, Number(process.env["BENCH_COUNT"] ?? Infinity));
  const hint = "Set PLUMBLINE_CORPUS to a folder with repos/.";
  throw new Failure({ reason: "UsageError", message: "corpus: NOT RUN (PLUMBLINE_CORPUS is not set)", hint });
}

function buildAll(mode: "fresh" | "shared", cases: readonly RepoCase[]): BuiltAll {
  const program = join(import.meta.dirname, "build-all.ts");
  const input = JSON.stringify(cases);
  const { stdout, stderr, status } = spawnSync(process.execPath, [program, mode], { input, maxBuffer: 1 << 28 });
  if (status === 0) return JSON.parse(stdout.toString()) as BuiltAll;
  throw new Failure({ reason: "BuildFailed", message: stderr.toString(), hint: `Run ${program} by hand.` });
}

const total = (samples: readonly Sample[]): number => samples.reduce((sum, each) => sum + each.ms, 0);
const middle = (samples: readonly Sample[]): number => median(samples.map((each) => each.ms));

function rows(title: string, mine: BuiltAll, library: BuiltAll): string[] {
  const order = library.samples.map((each, i) => [each.bytes, i] as const).sort((a, b) => b[0] - a[0]);
  const largest = (samples: readonly Sample[]): number =>
    total(order.slice(0, LARGEST).map(([, i]) => samples[i] as Sample));
  const row = (what: string, of: (samples: readonly Sample[]) => number): string => {
    const [a, b] = [of(mine.samples), of(library.samples)];
    return `| ${title}: ${what} | ${a.toFixed(2)} ms | ${b.toFixed(2)} ms | ${(b / a).toFixed(1)}x |`;
  };
  return [
    row("total", total),
    row("median", middle),
    row(`${LARGEST} largest outputs`, largest),
    `| ${title}: peak memory | ${mine.peakMb} MB | ${library.peakMb} MB | |`,
  ];
}

/** The tree with another text in one file. */
function withChange(tree: FileTree, path: string): FileTree {
  const text = `${new TextDecoder().decode(tree.read(path))}\n# changed\n`;
  const bytes = new TextEncoder().encode(text);
  return {
    ...tree,
    read: (asked) => (asked === path ? bytes : tree.read(asked)),
    id: (asked) => (asked === path ? "changed" : tree.id(asked)),
  };
}

/** All directories of a repository again after the kustomization in the middle changed, beside building them anew. */
function incremental(cases: readonly RepoCase[]): string[] {
  const byRoot = Map.groupBy(cases, (each) => each.root);
  return [...byRoot].flatMap(([root, some]) => {
    const own = some.filter((each) => each.restrictor === "LoadRestrictionsRootOnly");
    const treeOf = sharedTrees();
    const tree = treeOf(root);
    const changed = `${own[Math.floor(own.length / 2)]?.directory}/kustomization.yaml`;
    if (tree.kind(changed) !== "file") return [];
    const cache = createBuildCache();
    for (const each of own) buildOne(each, { cache, treeOf });
    const full = total(own.map((each) => buildOne(each, { treeOf })));
    const next = withChange(tree, changed);
    const again = total(own.map((each) => buildOne(each, { cache, treeOf: () => next })));
    const name = root.split("/").at(-1);
    return [`| ${name} | ${own.length} | ${full.toFixed(0)} | ${again.toFixed(2)} | ${(full / again).toFixed(0)}x |`];
  });
}

/** `BENCH_COUNT` takes only so many cases, `BENCH_ROUNDS` (2) runs each process so often. */
export async function bench(say: (line: string) => void): Promise<string> {
  const all = corpusCases();
  say("the Go library");
  const first = await buildWithLibrary(all);
  const cases = all.filter((_, i) => !first.samples[i]?.failed);
  const library = { ...first, samples: first.samples.filter(({ failed }) => !failed) };
  say("core/kustomize");
  const fresh = buildAll("fresh", cases);
  const shared = buildAll("shared", cases);
  say("after one change");
  const after = incremental(cases);
  say("as processes");
  const rootOnly = cases.filter((each) => each.restrictor === "LoadRestrictionsRootOnly");
  const processes = await asProcesses(rootOnly, Number(process.env["BENCH_ROUNDS"] ?? 2));
  return [
    `${cases.length} builds that kustomize accepts, with both load restrictions; each process builds all twice and the second time counts.`,
    "",
    "| | core/kustomize | Go library | ratio |",
    "|---|---|---|---|",
    ...rows("nothing remembered", fresh, library),
    ...rows("one cache", shared, library),
    "",
    "| repository, after one change | builds | all anew, ms | with the cache, ms | ratio |",
    "|---|---|---|---|---|",
    ...after,
    "",
    "From start to finish, the release and the real program taking turns:",
    "",
    ...processes,
  ].join("\n");
}
