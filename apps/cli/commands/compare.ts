// `plumb compare`: what switching a live Flux cluster to Plumbline would change. It writes nothing.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KubeClient } from "@plumbline/edges/kube";
import { systemClock } from "@plumbline/edges/telemetry";
import { Command, Option } from "commander";
import { type ClusterOptions, withConnection } from "../cluster/connection.ts";
import { compareCluster } from "../compare/compare-cluster.ts";
import { type Comparison, exitCodeOf } from "../compare/comparison.ts";
import { comparisonJson, comparisonText } from "../compare/print-comparison.ts";
import { reportFailure } from "../print/failure.ts";
import { progressLine } from "../print/progress-line.ts";

interface CompareFlags extends ClusterOptions {
  allNamespaces?: boolean;
  output?: string;
  serverDryRun?: boolean;
  cache?: string;
}

const EXIT_UNKNOWN = 2;

export function compareCommand(): Command {
  return new Command("compare")
    .description(
      "Show what switching a live Flux cluster to Plumbline would change; writes nothing, Flux may be running. " +
        "Exits 0 when nothing would change, 1 when something would, 2 when not everything could be compared.",
    )
    .option("--kubeconfig <file>", "kubeconfig to use; default: $KUBECONFIG, then ~/.kube/config")
    .option("--context <name>", "context of the kubeconfig")
    .option("-n, --namespace <name>", "only Kustomizations of this namespace; default: of all")
    .option("-A, --all-namespaces", "of all namespaces (the default)")
    .addOption(new Option("-o, --output <format>", "instead of text").choices(["json"]))
    .option("--server-dry-run", "let the API server try each difference: sends dry runs, which it stores nothing of")
    .option("--cache <dir>", "keep what is fetched from Git there, for the next time; default: a temporary folder")
    .addHelpText("after", "\nExamples:\n  plumb compare --context site1\n  plumb compare -n team-a -o json")
    .action(async (flags: CompareFlags) => {
      try {
        const comparison = await compare(flags);
        process.stdout.write(flags.output === "json" ? comparisonJson(comparison) : comparisonText(comparison));
        process.exitCode = exitCodeOf(comparison);
      } catch (error) {
        reportFailure(error);
        process.exitCode = EXIT_UNKNOWN;
      }
    });
}

async function compare(flags: CompareFlags): Promise<Comparison> {
  return await withConnection(flags, ({ client }) => compareWith(client, flags));
}

async function compareWith(client: KubeClient, flags: CompareFlags): Promise<Comparison> {
  await using open = new AsyncDisposableStack();
  let cacheDirectory = flags.cache;
  if (cacheDirectory === undefined) {
    const temporary = await mkdtemp(join(tmpdir(), "plumb-compare-"));
    open.defer(() => rm(temporary, { recursive: true, force: true }));
    cacheDirectory = temporary;
  }
  const clock = systemClock({ keepsAlive: true });
  const progress = progressLine(process.stderr, clock);
  open.defer(() => progress.end());
  return await compareCluster({
    client,
    clock,
    namespace: flags.allNamespaces ? undefined : flags.namespace,
    cacheDirectory,
    serverDryRun: flags.serverDryRun ?? false,
    onProgress: progress.show,
  });
}
