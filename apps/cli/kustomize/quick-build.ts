// `plumb kustomize build` in plain use, without commander. The release has it as a file of its own, which loads in one go.

import { readQuickly } from "../quick/option-row.ts";
import { runQuickly } from "../quick/run-quickly.ts";
import { type BuildFlags, buildOptionRows } from "./build-options.ts";
import { runBuild } from "./run-build.ts";

/** True when it is done; false leaves the arguments to commander. Never rejects. */
export async function buildQuickly(args: readonly string[]): Promise<boolean> {
  const read = readQuickly(args, buildOptionRows);
  const [directory = ".", ...more] = read?.positional ?? [];
  if (!read || more.length > 0) return false;
  // The table says which values there are.
  const flags = read.values as unknown as BuildFlags;
  await runQuickly(() => runBuild(directory, flags));
  return true;
}
