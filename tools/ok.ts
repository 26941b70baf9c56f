// The gate: format, lint, types and the house rules. `npm run ok`; `node tools/ok.ts --write` records the public surface.

import { spawnSync } from "node:child_process";
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { join, posix, resolve } from "node:path";
import { checkFileNames } from "./checks/file-names.ts";
import { checkImportCycles } from "./checks/import-cycles.ts";
import { type Declared, checkImportDirection } from "./checks/import-direction.ts";
import { checkModuleStyle } from "./checks/module-style.ts";
import { checkPublicSurface, publicSurface } from "./checks/public-surface.ts";
import { checkPureCore } from "./checks/pure-core.ts";
import { checkReasons } from "./checks/reasons.ts";
import { type Budget, checkSizes, measureFunctions } from "./checks/size-budget.ts";
import { type Violation, readSources } from "./checks/source-file.ts";

const checkout = resolve(import.meta.dirname, "..");
const surfaceFile = join(checkout, "tools/surface.txt");

const programs: [string, string, string[]][] = [
  ["format", "oxfmt", ["--check", "."]],
  ["lint", "oxlint", ["--type-aware", "--deny-warnings", "."]],
  ["types", "tsc", ["-p", "."]],
];

function runPrograms(): boolean {
  let passed = true;
  for (const [name, program, args] of programs) {
    const options = { cwd: checkout, encoding: "utf8" } as const;
    const { status, stdout, stderr } = spawnSync("npx", ["--no-install", program, ...args], options);
    passed = report(name, status === 0 ? "" : stdout + stderr) && passed;
  }
  return passed;
}

function runHouseChecks(): boolean {
  const files = readSources(checkout);
  const budget = JSON.parse(readFileSync(join(checkout, "tools/budget.json"), "utf8")) as Budget;
  const surface = existsSync(surfaceFile) ? readFileSync(surfaceFile, "utf8") : "";
  const checks: [string, Violation[]][] = [
    ["import direction", checkImportDirection(files, declaredDependencies())],
    ["import cycles", checkImportCycles(files)],
    ["pure core", checkPureCore(files)],
    ["file names", checkFileNames(files)],
    ["module style", checkModuleStyle(files)],
    ["reasons", checkReasons(files, readFileSync(join(checkout, "docs/errors.md"), "utf8"))],
    ["sizes", checkSizes(files, measureFunctions(checkout), budget)],
    ["public surface", checkPublicSurface(files, surface)],
  ];
  const results = checks.map(([name, violations]) => report(name, violations.map(formatViolation).join("\n")));
  return results.every(Boolean);
}

/** By package folder; the root's are under the empty name, for tests and tools. */
function declaredDependencies(): Declared {
  const manifests = globSync("{.,*,apps/*}/package.json", { cwd: checkout }).map((path) => posix.normalize(path));
  const entries = manifests.map((path) => {
    const manifest = JSON.parse(readFileSync(join(checkout, path), "utf8")) as Record<string, Record<string, string>>;
    const names = [...Object.keys(manifest["dependencies"] ?? {}), ...Object.keys(manifest["devDependencies"] ?? {})];
    const folder = posix.dirname(path);
    return [folder === "." ? "" : folder, names] as const;
  });
  return Object.fromEntries(entries);
}

function formatViolation({ path, line, message }: Violation): string {
  return `  ${path}${line === undefined ? "" : `:${line}`}: ${message}`;
}

function report(name: string, problem: string): boolean {
  console.log(`${problem === "" ? "ok  " : "FAIL"} ${name}`);
  if (problem !== "") console.log(problem);
  return problem === "";
}

if (process.argv.includes("--write")) {
  writeFileSync(surfaceFile, publicSurface(readSources(checkout)));
} else {
  const passed = [runPrograms(), runHouseChecks()];
  process.exitCode = passed.every(Boolean) ? 0 : 1;
}
