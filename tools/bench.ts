// Runs a bench: `node tools/bench.ts <question> [--record]`; without a question it lists them.

import { appendFileSync, globSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { Failure, asFailure, formatFailure } from "@plumbline/core/model";

const checkout = resolve(import.meta.dirname, "..");

/** What bench/<question>/bench.ts exports: `say` is for progress, the result is Markdown. */
interface Bench {
  bench: (say: (line: string) => void) => Promise<string>;
}

async function main(args: readonly string[]): Promise<void> {
  const questions = globSync("bench/*/bench.ts", { cwd: checkout }).map((path) => basename(dirname(path)));
  const [question] = args.filter((arg) => !arg.startsWith("-"));
  if (question === undefined) return console.log(questions.sort().join("\n"));
  if (!questions.includes(question)) {
    const hint = `Use one of ${questions.sort().join(", ")}`;
    throw new Failure({ reason: "UsageError", message: `there is no bench "${question}"`, hint });
  }
  const folder = join(checkout, "bench", question);
  const { bench } = (await import(join(folder, "bench.ts"))) as Bench;
  const result = await bench((line) => process.stderr.write(`${line}\n`));
  console.log(`\n${result}`);
  if (!args.includes("--record")) return;
  const date = new Date().toISOString().slice(0, 10);
  appendFileSync(join(folder, "results.md"), `\n## ${date}\n\n${result}\n`);
}

try {
  await main(process.argv.slice(2));
} catch (thrown) {
  console.error(formatFailure(asFailure(thrown)));
  process.exitCode = 1;
}
