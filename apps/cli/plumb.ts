#!/usr/bin/env node
// The program `plumb`. This file loads nothing else before the compile cache is on, so that a second start is faster.

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

/** The rendering commands in plain use take less time than commander needs to load; everything else is left to it. */
async function startQuickly([group, command, ...args]: readonly string[]): Promise<boolean> {
  if (group === "kustomize" && command === "build") {
    return (await import("./kustomize/quick-build.ts")).buildQuickly(args);
  }
  if (group === "helm" && command === "template") {
    return (await import("./helm/quick-template.ts")).templateQuickly(args);
  }
  return false;
}

useCompileCache();
if (process.argv[2] === "run") (await import("./operator/small-memory.ts")).useLittleMemory();
if (!(await startQuickly(process.argv.slice(2)))) await (await import("./program.ts")).runProgram(process.argv);

export {};
