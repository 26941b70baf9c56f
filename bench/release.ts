// The release of this checkout, made once for all that a bench starts of it.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Failure } from "@plumbline/core/model";

const checkout = join(import.meta.dirname, "..");
let program: string | undefined;

/** Path of the bundled `plumb.mjs`; it goes when the process ends. Throws Failure when it cannot be made. */
export function releasedPlumb(): string {
  if (program !== undefined) return program;
  const directory = mkdtempSync(join(tmpdir(), "plumbline-release-"));
  process.on("exit", () => rmSync(directory, { recursive: true, force: true }));
  const made = spawnSync(process.execPath, [join(checkout, "tools/bundle.ts"), directory], { encoding: "utf8" });
  if (made.status !== 0) throw new Failure({ reason: "BuildFailed", message: made.stderr, hint: "npm run bundle" });
  return (program = join(directory, "plumb.mjs"));
}
