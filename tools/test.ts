// Runs the tests: `node tools/test.ts all|fast|real|long [path part ...]`.
// fast: *.test.ts (pure and sandbox); real: *.real-test.ts (real binaries); long: *.long-test.ts; all: checks, fast, real.

import { spawn } from "node:child_process";
import { globSync } from "node:fs";

const suffixes = { fast: ".test.ts", real: ".real-test.ts", long: ".long-test.ts" } as const;
type Suite = keyof typeof suffixes;

const [mode = "all", ...filters] = process.argv.slice(2);

function filesOf(suite: Suite): string[] {
  const found = globSync(
    `{core,engine,edges,dialects,sandbox,apps,testkit,tools,conformance,examples}/**/*${suffixes[suite]}`,
    {
      exclude: (name) => name.includes("node_modules"),
    },
  );
  return found.filter((file) => filters.length === 0 || filters.some((part) => file.includes(part))).sort();
}

function run(args: string[]): Promise<number> {
  const child = spawn(process.execPath, args, { stdio: "inherit" });
  return new Promise((resolve) => child.on("exit", (code, signal) => resolve(code ?? (signal ? 1 : 0))));
}

async function runSuite(suite: Suite): Promise<number> {
  const files = filesOf(suite);
  if (files.length === 0) return 0;
  const shared = suite === "fast" ? ["--test-isolation=none"] : ["--test-concurrency=1", "--test-timeout=900000"];
  return run(["--test", "--test-reporter=spec", ...shared, ...files]);
}

const plan: Record<string, (() => Promise<number>)[]> = {
  fast: [() => runSuite("fast")],
  real: [() => runSuite("real")],
  long: [() => runSuite("long")],
  all: [() => run(["tools/ok.ts"]), () => runSuite("fast"), () => runSuite("real")],
};
const steps = plan[mode];
if (!steps) {
  console.error(`unknown suite "${mode}": use one of ${Object.keys(plan).join(", ")}`);
  process.exit(2);
}
for (const step of steps) {
  const code = await step();
  if (code !== 0) process.exit(code);
}
