// Every kustomization of the corpus, beside the real Go library in one warm process and beside the real binary.
// `node bench/kustomize/bench.ts [--processes]`; needs PLUMBLINE_CORPUS.

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { build, createBuildCache, type BuildCache } from "@plumbline/core/kustomize";
import { Failure } from "@plumbline/core/model";
import { buildGoProgram, kustomizeBinary } from "@plumbline/testkit/go";
import { diskTree } from "../../apps/cli/disk-tree.ts";
import { repoCases, sha256, type RepoCase } from "../../conformance/kustomize/corpus.ts";

interface Sample {
  test: RepoCase;
  ms: number;
  bytes: number;
  failed: boolean;
}

function ours(
  tests: readonly RepoCase[],
  cache: () => BuildCache | undefined,
  treeOf: (root: string) => ReturnType<typeof diskTree>,
): Sample[] {
  return tests.map((test) => {
    const start = performance.now();
    let bytes = 0;
    let failed = false;
    try {
      const loadRestrictions = test.restrictor === "LoadRestrictionsNone" ? "none" : "rootOnly";
      bytes = build(treeOf(test.root), test.directory, { sha256, loadRestrictions, cache: cache() }).yaml.length;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      failed = true;
    }
    return { test, ms: performance.now() - start, bytes, failed };
  });
}

async function library(program: string, tests: readonly RepoCase[]): Promise<{ samples: Sample[]; peakMb: number }> {
  const child = spawn("/usr/bin/env", [program], { stdio: ["pipe", "pipe", "ignore"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const samples: Sample[] = [];
  let peakMb = 0;
  for (const test of tests) {
    child.stdin.write(`${test.restrictor}\t${join(test.root, test.directory)}\n`);
    const answer = JSON.parse((await lines.next()).value as string) as { ms: number; bytes: number; error?: string };
    samples.push({ test, ms: answer.ms, bytes: answer.bytes, failed: answer.error !== undefined });
    if (samples.length % 50 === 0) peakMb = Math.max(peakMb, peakOf(child.pid ?? 0));
  }
  peakMb = Math.max(peakMb, peakOf(child.pid ?? 0));
  child.stdin.end();
  await once(child, "exit");
  return { samples, peakMb };
}

function peakOf(pid: number): number {
  const { stdout } = spawnSync("grep", ["VmHWM", `/proc/${pid}/status`], { encoding: "utf8" });
  return Math.round(Number(/(\d+)/.exec(stdout)?.[1] ?? 0) / 1024);
}

const sum = (samples: readonly Sample[]): number => samples.reduce((total, each) => total + each.ms, 0);
function quantile(samples: readonly Sample[], q: number): number {
  const sorted = samples.map((each) => each.ms).sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0;
}

function line(
  name: string,
  mine: readonly Sample[],
  theirs: readonly Sample[],
  of: (s: readonly Sample[]) => number,
): string {
  const a = of(mine);
  const b = of(theirs);
  return `${name.padEnd(28)} ${a.toFixed(2).padStart(10)} ms ${b.toFixed(2).padStart(10)} ms ${(b / a).toFixed(1).padStart(8)}x`;
}

function compare(title: string, mine: readonly Sample[], theirs: readonly Sample[]): void {
  const largest = (samples: readonly Sample[]): Sample[] => {
    const order = theirs.map((each, i) => [each.bytes, i] as const).sort((a, b) => b[0] - a[0]);
    return order.slice(0, 10).map(([, i]) => samples[i] as Sample);
  };
  console.log(`\n${title}\n${"".padEnd(28)} ${"plumbline".padStart(13)} ${"Go library".padStart(13)}    ratio`);
  console.log(line("total", mine, theirs, sum));
  console.log(line("median", mine, theirs, (s) => quantile(s, 0.5)));
  console.log(line("p90", mine, theirs, (s) => quantile(s, 0.9)));
  console.log(line("10 largest outputs", mine, theirs, (s) => sum(largest(s))));
  const slower = mine.filter((each, i) => each.ms > (theirs[i] as Sample).ms);
  console.log(`slower than the library: ${slower.length} of ${mine.length}`);
  if (process.env["SLOWEST"]) {
    const rows = mine.map((each, i) => ({ ...each, theirs: (theirs[i] as Sample).ms })).sort((a, b) => b.ms - a.ms);
    for (const row of rows.slice(0, 15))
      console.log(`  ${row.ms.toFixed(1)} ${row.theirs.toFixed(1)} ${row.bytes} ${row.test.directory}`);
  }
}

/** After one file changes: building every directory again with what is remembered, beside building all anew. */
function incremental(tests: readonly RepoCase[]): void {
  const roots = [...new Set(tests.map((test) => test.root))];
  for (const root of roots) {
    const own = tests.filter((test) => test.root === root && test.restrictor === "LoadRestrictionsRootOnly");
    const tree = diskTree(root);
    const full = sum(
      ours(
        own,
        () => undefined,
        () => diskTree(root),
      ),
    );
    const cache = createBuildCache();
    ours(
      own,
      () => cache,
      () => tree,
    );
    const changed = own[Math.floor(own.length / 2)] as RepoCase;
    const place = `${changed.directory}/kustomization.yaml`;
    if (tree.kind(place) !== "file") continue;
    const bytes = new TextEncoder().encode(`${new TextDecoder().decode(tree.read(place))}\n# changed\n`);
    const next = {
      ...tree,
      read: (path: string) => (path === place ? bytes : tree.read(path)),
      id: (path: string) => (path === place ? "changed" : tree.id(path)),
    };
    const again = sum(
      ours(
        own,
        () => cache,
        () => next,
      ),
    );
    console.log(
      `${root.split("/").at(-1)?.padEnd(44)} ${own.length} builds: full ${full.toFixed(0)} ms, after one change ${again.toFixed(2)} ms (${(full / again).toFixed(0)}x)`,
    );
  }
}

async function processes(tests: readonly RepoCase[]): Promise<void> {
  const real = await kustomizeBinary();
  const cli = join(import.meta.dirname, "..", "..", "apps", "cli", "plumb.ts");
  const time = (program: string, args: string[]): number => {
    const start = performance.now();
    spawnSync(program, args, { stdio: "ignore" });
    return performance.now() - start;
  };
  let mine = 0;
  let theirs = 0;
  for (const test of tests) {
    const directory = join(test.root, test.directory);
    mine += time(process.execPath, [cli, "kustomize", "build", directory]);
    theirs += time(real, ["build", directory]);
  }
  console.log(
    `\nas processes, ${tests.length} builds: plumb ${(mine / tests.length).toFixed(1)} ms, kustomize ${(theirs / tests.length).toFixed(1)} ms each`,
  );
}

async function main(): Promise<void> {
  const corpus = process.env["PLUMBLINE_CORPUS"];
  if (!corpus) {
    console.log("corpus: NOT RUN (PLUMBLINE_CORPUS is not set)");
    return;
  }
  const all = repoCases(corpus);
  const program = await buildGoProgram({
    module: "conformance/kustomize/library",
    package: ".",
    name: "kustomize-library",
  });
  const warm = await library(program, all);
  const tests = all.filter((_, i) => !warm.samples[i]?.failed);
  const { samples: theirs, peakMb } = await library(program, tests);
  ours(tests, () => undefined, diskTree);
  const fresh = ours(tests, () => undefined, diskTree);
  compare(`${tests.length} builds, nothing remembered between builds`, fresh, theirs);
  const cache = createBuildCache();
  const trees = new Map(tests.map((test) => [test.root, diskTree(test.root)]));
  const shared = ours(
    tests,
    () => cache,
    (root) => trees.get(root) as ReturnType<typeof diskTree>,
  );
  compare(`${tests.length} builds, one cache`, shared, theirs);
  console.log(`peak memory: plumbline ${peakOf(process.pid)} MB, Go library ${peakMb} MB\n`);
  incremental(tests);
  if (process.argv.includes("--processes"))
    await processes(tests.filter((test) => test.restrictor === "LoadRestrictionsRootOnly"));
}

await main();
