// `plumb kustomize build`: kustomize's build with its flags, rendered in process.

import { Command } from "commander";
import { type BuildFlags, buildOptionRows } from "../kustomize/build-options.ts";
import { runBuild } from "../kustomize/run-build.ts";
import { addOptions } from "../quick/commander-options.ts";

/** `kustomize` with its one command `build`. */
export function kustomizeCommand(): Command {
  const build = new Command("build")
    .description("build a kustomization from a directory or Git address")
    .argument("[directory]", "directory with a kustomization file, or a Git address", ".");
  addOptions(build, buildOptionRows).action(run);
  return new Command("kustomize").description("render kustomizations").addCommand(build);
}

async function run(directory: string, flags: BuildFlags): Promise<void> {
  // Helm is as large as everything else together: loaded only when it is asked for.
  const charts = flags.enableHelm ? (await import("../kustomize/charts.ts")).chartOptions : undefined;
  await runBuild(directory, flags, charts);
}
