// Runs the tests: `node tools/test.ts all|fast|real|long [path part ...]`.
// The tests are those below the working directory, which npm makes the root of the checkout.
// fast: *.test.ts (pure and sandbox); real: *.real-test.ts (real binaries); long: *.long-test.ts; all: checks, fast, real.

import { spawn } from "node:child_process";
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asFailure, formatFailure } from "@plumbline/core/model";
import { sharedClusterVariable, startControlPlane } from "@plumbline/testkit/control-plane";
import { checkGo, programs } from "@plumbline/testkit/go";
import type { RunSummary } from "./summary-reporter.ts";

const suffixes = { fast: ".test.ts", real: ".real-test.ts", long: ".long-test.ts" } as const;
type Suite = keyof typeof suffixes;

const roots = "{core,engine,edges,dialects,sandbox,apps,testkit,tools,conformance,bench,examples}";
const flags: Record<Suite, string[]> = {
  fast: ["--test-isolation=none", "--test-timeout=60000"],
  real: ["--test-concurrency=1", "--test-timeout=600000"],
  long: ["--test-concurrency=1", "--test-timeout=3600000"],
};
const fastLimitSeconds = 30;

const [mode = "all", ...filters] = process.argv.slice(2);
const scratch = mkdtempSync(join(tmpdir(), "plumbline-test-"));
const closing: string[] = [];
const total = { passed: 0, failed: 0, skipped: 0, corpusNotRun: 0 };

function filesOf(suite: Suite): string[] {
  const found = globSync(`${roots}/**/*${suffixes[suite]}`, { exclude: (name) => name.includes("node_modules") });
  return found.filter((file) => filters.length === 0 || filters.some((part) => file.includes(part))).sort();
}

function run(args: string[], env: Record<string, string> = {}): Promise<number> {
  const child = spawn(process.execPath, args, { stdio: "inherit", env: { ...process.env, ...env } });
  return new Promise((resolve) => child.on("exit", (code) => resolve(code ?? 1)));
}

/** The whole fast suite prints dots, anything smaller prints names. */
function reporters(suite: Suite, output: string): string[] {
  const forReader = suite === "fast" && filters.length === 0 ? "dot" : "spec";
  const pairs = [
    [forReader, "stdout"],
    [join(import.meta.dirname, "summary-reporter.ts"), output],
  ];
  return pairs.flatMap(([name, to]) => [`--test-reporter=${name}`, `--test-reporter-destination=${to}`]);
}

async function runFiles(suite: Suite, files: readonly string[], env: Record<string, string>): Promise<boolean> {
  const output = join(scratch, `${suite}.json`);
  const started = performance.now();
  const code = await run(["--test", ...reporters(suite, output), ...flags[suite], ...files], env);
  const seconds = (performance.now() - started) / 1000;
  const text = existsSync(output) ? readFileSync(output, "utf8") : "";
  if (text === "") {
    closing.push(`${suite}: BROKEN: the run ended with code ${code} and without a summary`);
    return false;
  }
  const counts = JSON.parse(text) as RunSummary;
  for (const key of Object.keys(total) as (keyof typeof total)[]) total[key] += counts[key];
  const skipped = counts.skipped === 0 ? "" : `, ${counts.skipped} skipped`;
  closing.push(`${suite}: ${counts.passed} passed, ${counts.failed} failed${skipped} (${seconds.toFixed(1)} s)`);
  for (const skip of counts.skips) closing.push(`  skipped: ${skip}`);
  if (suite === "fast" && seconds > fastLimitSeconds) closing.push(`fast: over its budget of ${fastLimitSeconds} s`);
  return code === 0;
}

/** One control plane serves all tests of the run that ask for the shared one. */
async function runOnRealPrograms(suite: Suite, files: readonly string[]): Promise<boolean> {
  try {
    await checkGo();
    // On a new machine this takes minutes, which are nobody's test time.
    if (filters.length === 0) for (const build of Object.values(programs)) await build();
    if (!files.some((file) => readFileSync(file, "utf8").includes("sharedCluster")))
      return await runFiles(suite, files, {});
    const plane = await startControlPlane();
    try {
      return await runFiles(suite, files, { [sharedClusterVariable]: plane.kubeconfigPath });
    } finally {
      await plane.stop();
    }
  } catch (thrown) {
    closing.push(`${suite}: NOT RUN: ${formatFailure(asFailure(thrown))}`);
    return false;
  }
}

async function runSuite(suite: Suite): Promise<boolean> {
  const files = filesOf(suite);
  if (files.length === 0) {
    closing.push(`${suite}: no tests`);
    return true;
  }
  return suite === "fast" ? runFiles(suite, files, {}) : runOnRealPrograms(suite, files);
}

async function runChecks(): Promise<boolean> {
  const passed = (await run([join(import.meta.dirname, "ok.ts")])) === 0;
  closing.push(`checks: ${passed ? "passed" : "FAILED"}`);
  return passed;
}

const plan: Record<string, (() => Promise<boolean>)[]> = {
  fast: [() => runSuite("fast")],
  real: [() => runSuite("real")],
  long: [() => runSuite("long")],
  all: [runChecks, () => runSuite("fast"), () => runSuite("real")],
};
const steps = plan[mode];
if (!steps) {
  console.error(`unknown suite "${mode}": use one of ${Object.keys(plan).join(", ")}`);
  process.exit(2);
}
let passed = true;
for (const step of steps) passed = (await step()) && passed;
rmSync(scratch, { recursive: true, force: true });
if (total.corpusNotRun > 0) closing.push(`corpus: NOT RUN (${total.corpusNotRun})`);
console.log(`\n${closing.join("\n")}\n${total.passed} passed, ${total.failed} failed`);
process.exit(passed ? 0 : 1);
