// `plumb kustomize build` in plain use, without commander. The release has it as a file of its own, which loads in one go.

import type { QuickStart } from "../quick/load-quick.ts";
import { readQuickly } from "../quick/option-row.ts";
import { runQuickly } from "../quick/run-quickly.ts";
import { type BuildFlags, buildOptionRows } from "./build-options.ts";
import { runBuild } from "./run-build.ts";

/** Charts are left to commander: Helm is as large as everything else together. */
export const start: QuickStart = async (args) => {
  const read = readQuickly(args, buildOptionRows);
  const [directory = ".", ...more] = read?.positional ?? [];
  if (!read || more.length > 0 || read.values["enableHelm"] === true) return false;
  // The table says which values there are.
  const flags = read.values as unknown as BuildFlags;
  await runQuickly(() => runBuild(directory, flags));
  return true;
};
