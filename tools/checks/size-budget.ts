// How big files and functions may be; exceptions stand in tools/budget.json, each with its reason.

import { spawnSync } from "node:child_process";
import { type SourceFile, type Violation, isTest } from "./source-file.ts";

/** What one file may exceed, and why. */
export interface Exception {
  fileLines?: number;
  functionLines?: number;
  parameters?: number;
  reason: string;
}

export type Budget = Record<string, Exception>;

export interface FunctionSize {
  path: string;
  line: number;
  /** Blank lines and comments included. */
  functionLines?: number;
  parameters?: number;
}

const ceilings = { fileLines: 500, functionLines: 80, parameters: 4 } as const;
/** What nearly all keep to: `limit` holds but for one in `every`. */
const usual = {
  fileLines: { limit: 300, every: 10 },
  functionLines: { limit: 35, every: 10 },
  parameters: { limit: 3, every: 40 },
} as const;

type Measure = keyof typeof ceilings;
const nouns: Record<Measure, string> = {
  fileLines: "lines in the file",
  functionLines: "lines in one function",
  parameters: "positional parameters",
};

/** Functions of tests are not measured: a test's body is a story, not a step. */
export function checkSizes(
  files: readonly SourceFile[],
  functions: readonly FunctionSize[],
  budget: Budget,
): Violation[] {
  const measured: { path: string; line: number; measure: Measure; value: number }[] = [];
  for (const { path, text } of files) measured.push({ path, line: 1, measure: "fileLines", value: countLines(text) });
  for (const { path, line, functionLines, parameters } of functions.filter((one) => !isTest(one.path))) {
    if (functionLines !== undefined) measured.push({ path, line, measure: "functionLines", value: functionLines });
    if (parameters !== undefined) measured.push({ path, line, measure: "parameters", value: parameters });
  }
  const used = new Set<string>();
  const violations: Violation[] = [];
  for (const { path, line, measure, value } of measured) {
    if (value <= ceilings[measure]) continue;
    const allowed = Object.hasOwn(budget, path) ? (budget[path]?.[measure] ?? 0) : 0;
    if (allowed > 0) used.add(`${path} ${measure}`);
    if (value <= allowed) continue;
    const limit = Math.max(ceilings[measure], allowed);
    violations.push({
      path,
      line,
      message: `${value} ${nouns[measure]}, the limit is ${limit}: split it by what changes`,
    });
  }
  const count = measured.filter((one) => one.measure === "functionLines").length;
  return [...violations, ...checkUsual(measured, count), ...checkBudget(budget, used)];
}

function checkUsual(measured: readonly { measure: Measure; value: number }[], functions: number): Violation[] {
  return (Object.keys(usual) as Measure[]).flatMap((measure) => {
    const { limit, every } = usual[measure];
    const values = measured.filter((one) => one.measure === measure).map((one) => one.value);
    const above = values.filter((value) => value > limit).length;
    // oxlint names only the functions with too many parameters.
    const all = measure === "parameters" ? functions : values.length;
    if (above * every <= all) return [];
    const message = `${above} of ${all} have more than ${limit} ${nouns[measure]}; one in ${every} may`;
    return [{ path: ".", message }];
  });
}

function checkBudget(budget: Budget, used: ReadonlySet<string>): Violation[] {
  return Object.entries(budget).flatMap(([path, exception]) => {
    const { reason, ...allowed } = exception;
    const idle = Object.keys(allowed).filter((measure) => !used.has(`${path} ${measure}`));
    const messages = idle.map((measure) => `tools/budget.json allows ${measure} it does not need: remove that`);
    if (reason.trim().split(" ").length < 3)
      messages.push("its exception in tools/budget.json needs a reason in words");
    return messages.map((message) => ({ path, message }));
  });
}

function countLines(text: string): number {
  return text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
}

/** Lets oxlint measure every function of the checkout (tools/budget.oxlintrc.json). */
export function measureFunctions(checkout: string): FunctionSize[] {
  const args = ["--no-install", "oxlint", "-c", "tools/budget.oxlintrc.json", "--format", "json", "."];
  const { stdout, stderr } = spawnSync("npx", args, { cwd: checkout, encoding: "utf8", maxBuffer: 2 ** 28 });
  if (!stdout.startsWith("{")) throw new SyntaxError(`oxlint measured nothing: ${stdout}${stderr}`);
  return readDiagnostics(stdout);
}

interface Diagnostic {
  code: string;
  message: string;
  filename: string;
  labels: { span: { line: number } }[];
}

/** The sizes are in the messages: "has too many lines (12)", "has too many parameters (4)". */
export function readDiagnostics(json: string): FunctionSize[] {
  const { diagnostics } = JSON.parse(json) as { diagnostics: Diagnostic[] };
  return diagnostics.flatMap(({ code, message, filename, labels }): FunctionSize | FunctionSize[] => {
    const value = Number(/\((\d+)\)/.exec(message)?.[1]);
    const at: FunctionSize = { path: filename, line: labels[0]?.span.line ?? 1 };
    if (code.includes("max-lines-per-function")) return { ...at, functionLines: value };
    return code.includes("max-params") ? { ...at, parameters: value } : [];
  });
}
