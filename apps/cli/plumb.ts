#!/usr/bin/env node
// The program `plumb`. This file loads next to nothing before the compile cache is on, so that a second start is faster.

import { loadCompiled } from "./quick/load-quick.ts";

/**
 * Without a home, or where it cannot be written, everything works and starts a little slower. Node's modules are taken
 * without an `import`, which would load more of them.
 */
function useCompileCache(): void {
  try {
    const home = process.env["HOME"] || process.getBuiltinModule("node:os").homedir();
    if (!process.getBuiltinModule("node:fs").existsSync(home)) return;
    process.getBuiltinModule("node:module").enableCompileCache(`${home}/.cache/plumbline/compile`);
  } catch {
    // the system knows no home for this user
  }
}

const QUICK = new Map([
  ["kustomize build", { script: "kustomize/quick-build.js", load: () => import("./kustomize/quick-build.ts") }],
  ["helm template", { script: "helm/quick-template.js", load: () => import("./helm/quick-template.ts") }],
]);

/** The rendering commands in plain use take less time than commander needs to load; everything else is left to it. */
async function startQuickly([group, command, ...args]: readonly string[]): Promise<boolean> {
  const quick = QUICK.get(`${group} ${command}`);
  if (!quick) return false;
  const compiled = loadCompiled(`${import.meta.dirname}/apps/cli/${quick.script}`);
  if (compiled) return compiled.start(args);
  useCompileCache();
  return (await quick.load()).start(args);
}

if (!(await startQuickly(process.argv.slice(2)))) {
  useCompileCache();
  if (process.argv[2] === "run") (await import("./operator/small-memory.ts")).useLittleMemory();
  await (await import("./program.ts")).runProgram(process.argv);
}
