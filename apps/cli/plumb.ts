#!/usr/bin/env node
// The program `plumb`. This file loads nothing else before the compile cache is on, so that a second start is faster.

import { existsSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";

/** Without a home, or where it cannot be written, everything works and starts a little slower. */
function useCompileCache(): void {
  try {
    const home = process.env["HOME"] || homedir();
    if (existsSync(home)) enableCompileCache(join(home, ".cache", "plumbline", "compile"));
  } catch {
    // the system knows no home for this user
  }
}

useCompileCache();
if (process.argv[2] === "run") (await import("./operator/small-memory.ts")).useLittleMemory();
const { startQuickly } = await import("./quick-start.ts");
if (!(await startQuickly(process.argv))) await (await import("./program.ts")).runProgram(process.argv);
