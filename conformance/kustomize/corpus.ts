// Our answer beside kustomize's for the whole corpus: `node conformance/kustomize/corpus.ts [krusty|repos] [part of name]`.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, relative } from "node:path";
import { build, createBuildCache, type BuildOptions } from "@plumbline/core/kustomize";
import { asFailure, formatFailure, memoryTree, type FileTree } from "@plumbline/core/model";
import { kustomizeBinary } from "@plumbline/testkit/go";
import { diskTree } from "../../apps/cli/disk-tree.ts";

export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** One case of kustomize's own end-to-end suite. */
export interface KrustyCase {
  name: string;
  target: string;
  reorder: string;
  loadRestrictions: string;
  addManagedbyLabel: boolean;
  helm: boolean;
  files: Record<string, string>;
  output?: string;
  error?: string;
}

export function readKrustyCases(corpus: string): KrustyCase[] {
  const files = globSync(join(corpus, "krusty", "*.json")).sort();
  return files.map((file) => JSON.parse(readFileSync(file, "utf8")) as KrustyCase);
}

export type Outcome = { yaml: string } | { error: string };

export function ourOutcome(files: FileTree, path: string, options: Partial<BuildOptions> = {}): Outcome {
  try {
    return { yaml: build(files, path, { sha256, ...options }).yaml };
  } catch (error) {
    const text = formatFailure(asFailure(error));
    const crash = asFailure(error).reason === "Internal" && error instanceof Error ? `CRASH ${error.stack}` : text;
    return { error: crash };
  }
}

const encoder = new TextEncoder();

/** The recording could not hold bytes that are no UTF-8: the one such byte of the suite, 0xff, stands as U+FFFD. */
function originalBytes(text: string): Uint8Array {
  if (!text.includes("\ufffd")) return encoder.encode(text);
  return Uint8Array.from(
    text.split("\ufffd").flatMap((part, i) => [...(i > 0 ? [0xff] : []), ...encoder.encode(part)]),
  );
}

export function runKrustyCase(test: KrustyCase): Outcome {
  const files = Object.fromEntries(
    Object.entries(test.files).map(([path, text]) => [path.replace(/^\/+/, ""), originalBytes(text)]),
  );
  return ourOutcome(memoryTree(files), test.target, {
    loadRestrictions: test.loadRestrictions === "LoadRestrictionsNone" ? "none" : "rootOnly",
    reorder: test.reorder === "none" ? "none" : "legacy",
    managedByLabel: test.addManagedbyLabel,
    // The suite was recorded from a development build of kustomize, over a whole in-memory file system.
    version: "(devel)",
    edition: "next",
    isFileSystem: true,
  });
}

/** Every directory below `root` that has a kustomization file, relative to `root`. */
export function kustomizationDirectories(root: string): string[] {
  const files = globSync(["**/kustomization.yaml", "**/kustomization.yml", "**/Kustomization"], { cwd: root });
  return [...new Set(files.map((file) => dirname(file)))].map((dir) => (dir === "." ? "" : dir)).sort();
}

export interface RepoCase {
  repo: string;
  root: string;
  directory: string;
  restrictor: "LoadRestrictionsRootOnly" | "LoadRestrictionsNone";
}

export function repoCases(corpus: string): RepoCase[] {
  return globSync(join(corpus, "repos", "*"))
    .sort()
    .flatMap((root) =>
      kustomizationDirectories(root).flatMap((directory) =>
        (["LoadRestrictionsRootOnly", "LoadRestrictionsNone"] as const).map((restrictor) => ({
          repo: relative(join(corpus, "repos"), root),
          root,
          directory,
          restrictor,
        })),
      ),
    );
}

/** The real binary's answer, without network. */
export function runRealBinary(binary: string, directory: string, restrictor = "LoadRestrictionsRootOnly"): Outcome {
  const { status, stdout, stderr } = spawnSync(binary, ["build", "--load-restrictor", restrictor, directory], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
    timeout: 60_000,
    env: { PATH: "/usr/bin:/bin", HOME: "/nonexistent", GIT_TERMINAL_PROMPT: "0", https_proxy: "http://127.0.0.1:9" },
  });
  return status === 0 ? { yaml: stdout } : { error: stderr };
}

/** The real binary's answer; remembered in `cacheDirectory`, as the corpus does not change. */
export function realOutcome(binary: string, test: RepoCase, cacheDirectory: string): Outcome {
  const key = sha256(`v5.8.1 ${test.root} ${test.directory} ${test.restrictor}`).slice(0, 24);
  const file = join(cacheDirectory, `${key}.json`);
  if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8")) as Outcome;
  const outcome = runRealBinary(binary, join(test.root, test.directory), test.restrictor);
  mkdirSync(cacheDirectory, { recursive: true });
  writeFileSync(file, JSON.stringify(outcome));
  return outcome;
}

const trees = new Map<string, FileTree>();
const cache = createBuildCache();

export function runRepoCase(test: RepoCase): Outcome {
  let tree = trees.get(test.root);
  if (!tree) trees.set(test.root, (tree = diskTree(test.root)));
  const loadRestrictions = test.restrictor === "LoadRestrictionsNone" ? "none" : "rootOnly";
  return ourOutcome(tree, test.directory, { loadRestrictions, cache });
}

/** The first line in which two texts differ, with its surroundings. */
export function firstDifference(ours: string, theirs: string): string {
  const a = ours.split("\n");
  const b = theirs.split("\n");
  const at = a.findIndex((line, i) => line !== b[i]);
  const line = at < 0 ? a.length : at;
  const show = (lines: string[]): string => lines.slice(Math.max(0, line - 3), line + 3).join("\n    ");
  return `line ${line + 1}\n  ours:\n    ${show(a)}\n  theirs:\n    ${show(b)}`;
}

/** What differs between two answers; undefined when both are the same bytes or both refuse. */
export function difference(ours: Outcome, theirs: Outcome): string | undefined {
  if ("yaml" in ours && "yaml" in theirs) {
    return ours.yaml === theirs.yaml ? undefined : firstDifference(ours.yaml, theirs.yaml);
  }
  if ("error" in ours && "error" in theirs) return ours.error.startsWith("CRASH") ? ours.error : undefined;
  return "error" in ours
    ? `we refuse: ${ours.error}`
    : `we accept, kustomize says: ${"error" in theirs ? theirs.error : ""}`;
}

function report(results: { name: string; difference: string | undefined }[], shown: number): void {
  const failed = results.filter((each) => each.difference !== undefined);
  for (const { name, difference } of failed.slice(0, shown)) console.log(`--- ${name}\n${difference}\n`);
  console.log(`${results.length - failed.length} of ${results.length} equal`);
}

async function main(): Promise<void> {
  const corpus = process.env["PLUMBLINE_CORPUS"];
  if (!corpus) {
    console.log("corpus: NOT RUN (PLUMBLINE_CORPUS is not set)");
    return;
  }
  const [what = "all", part = "", shown = "10"] = process.argv.slice(2);
  if (what !== "repos") {
    const cases = readKrustyCases(corpus).filter((test) => test.name.includes(part));
    const results = cases.map((test) => {
      const ours = runKrustyCase(test);
      if (test.error !== undefined && process.argv.includes("--errors")) {
        console.log(`${test.name}\n  ours   ${"error" in ours ? ours.error : "none"}\n  theirs ${test.error}`);
      }
      const theirs = test.output === undefined ? { error: test.error ?? "" } : { yaml: test.output };
      return { name: test.name, difference: difference(ours, theirs) };
    });
    report(results, Number(shown));
  }
  if (what === "krusty") return;
  const binary = await kustomizeBinary();
  const remembered = join(homedir(), ".cache", "plumbline", "kustomize-answers");
  const cases = repoCases(corpus).filter((test) => `${test.repo}/${test.directory}`.includes(part));
  let accepted = 0;
  const results = cases.map((test) => {
    const theirs = realOutcome(binary, test, remembered);
    if ("yaml" in theirs) accepted++;
    const name = `${test.repo}/${test.directory} ${test.restrictor}`;
    return { name, difference: difference(runRepoCase(test), theirs) };
  });
  report(results, Number(shown));
  console.log(`${accepted} accepted by kustomize`);
}

if (import.meta.main) await main();
