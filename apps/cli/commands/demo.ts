// `plumb demo`: the main job, to be seen and driven, on a simulated or a real cluster.

import { fileURLToPath } from "node:url";
import { Failure } from "@plumbline/core/model";
import { Command } from "commander";
import { playAll, type StoryReport } from "../demo/play-all.ts";
import { drive } from "../demo/drive.ts";
import { openWorld, type World } from "../demo/world.ts";
import { reportFailure } from "../print/failure.ts";

interface DemoOptions {
  once?: boolean;
  context?: string;
  kubeconfig?: string;
  repo?: string;
  path: string;
  branch: string;
  site: string;
}

export function demoCommand(): Command {
  return new Command("demo")
    .description(
      "See GitOps work within seconds: a fleet from a local Git server on a simulated cluster, driven by keys.",
    )
    .option("--once", "play every scene and exit (for CI and recordings)")
    .option("--repo <url>", "your own Git repository (http or https, public) instead of the sample fleet")
    .option("--path <dir>", "folder of your repository to apply", "./")
    .option("--branch <name>", "branch of your repository", "main")
    .option("--site <name>", "site of the sample fleet: hall-north or hall-south", "hall-north")
    .option("--context <name>", "play on a real cluster: a context of your kubeconfig")
    .option("--kubeconfig <file>", "kubeconfig of the real cluster")
    .addHelpText(
      "after",
      "\nExamples:\n  npm run demo\n  npm run demo -- --once\n  npm run demo -- --repo https://example.com/fleet.git --path ./clusters/site1",
    )
    .action(demo);
}

async function demo(options: DemoOptions): Promise<void> {
  const example = fileURLToPath(new URL("../../../examples/fleet", import.meta.url));
  if (!["hall-north", "hall-south"].includes(options.site)) {
    throw new Failure({
      reason: "UsageError",
      message: `unknown site "${options.site}"`,
      hint: "Use hall-north or hall-south.",
    });
  }
  const startedMs = performance.now();
  process.stdout.write(`${firstLine(options)}\n\n`);
  const world = await openWorld({
    site: options.site,
    example,
    ...(options.context === undefined ? {} : { context: options.context }),
    ...(options.kubeconfig === undefined ? {} : { kubeconfig: options.kubeconfig }),
    ...(options.repo === undefined ? {} : { repo: { url: options.repo, path: options.path, branch: options.branch } }),
  });
  const stopped = closeOnSignals(world);
  try {
    const isDriven = process.stdin.isTTY && process.stdout.isTTY && options.once !== true;
    const report: StoryReport = isDriven ? await drive(world, startedMs) : await playAll(world, startedMs);
    process.stdout.write(report.text);
  } finally {
    stopped();
    await world.close();
  }
}

function firstLine(options: DemoOptions): string {
  const isReal = options.context !== undefined || options.kubeconfig !== undefined;
  const cluster = isReal
    ? `Real: the cluster of context ${options.context ?? "(current)"}`
    : "Simulated: the Kubernetes API server, its controllers and time in them (no containers run)";
  return `${cluster}. Real: the operator, Git over HTTP, rendering, planning, server-side apply.`;
}

/** Ctrl-C leaves nothing behind: no process, no port, no file. */
function closeOnSignals(world: World): () => void {
  const onSignal = (): void => {
    process.stdout.write("\nstopping\n");
    world
      .close()
      .catch((error: unknown) => reportFailure(error))
      .finally(() => process.exit(130));
  };
  process.once("SIGINT", onSignal);
  process.once("SIGTERM", onSignal);
  return () => {
    process.removeListener("SIGINT", onSignal);
    process.removeListener("SIGTERM", onSignal);
  };
}
