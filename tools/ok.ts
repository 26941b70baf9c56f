// The gate: format, lint, types and the house rules. `npm run ok`.

import { spawnSync } from "node:child_process";

const checks: [string, string, string[]][] = [
  ["format", "oxfmt", ["--check", "."]],
  ["lint", "oxlint", ["--type-aware", "--deny-warnings", "."]],
  ["types", "tsc", ["-p", "."]],
];

let failed = 0;
for (const [name, program, args] of checks) {
  const { status, stdout, stderr } = spawnSync("npx", ["--no-install", program, ...args], { encoding: "utf8" });
  console.log(`${status === 0 ? "ok  " : "FAIL"} ${name}`);
  if (status === 0) continue;
  failed++;
  console.log(stdout + stderr);
}
process.exit(failed === 0 ? 0 : 1);
