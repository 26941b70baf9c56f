// `plumb held`: what waits for a maintenance window, why, and until when.

import type { JsonArray } from "@plumbline/core/model";
import { toYaml } from "@plumbline/core/yaml";
import { Command } from "commander";
import { outputFormat, withClusterOptions, withConnection } from "../cluster/connection.ts";
import { cleanJson } from "@plumbline/core/model";
import { useColours } from "../print/screen.ts";
import { clusterWindows, noWindowsKnown } from "../windows/cluster-windows.ts";
import { type HeldChange, heldChanges, namespaceOf } from "../windows/held-changes.ts";
import { heldText } from "../windows/held-text.ts";

interface HeldOptions {
  kubeconfig?: string;
  context?: string;
  namespace: string;
  allNamespaces?: boolean;
  output?: string;
}

export function heldCommand(): Command {
  const command = new Command("held")
    .description("Show the changes that wait for a maintenance window, why, and until when.")
    .option("-A, --all-namespaces", "of the deliveries of all namespaces")
    .option("-o, --output <format>", "json or yaml")
    .addHelpText("after", "\nExamples:\n  plumb held\n  plumb held -A -o json");
  return withClusterOptions(command).action(async (options: HeldOptions) => {
    const format = outputFormat(options.output);
    const isShown = ({ delivery }: HeldChange): boolean =>
      options.allNamespaces === true || namespaceOf(delivery) === options.namespace;
    await withConnection(options, async ({ client }) => {
      // A window of the cluster holds changes of any namespace, so all of its list is read and then chosen from.
      const windows = await clusterWindows(client, options.allNamespaces === true ? undefined : options.namespace);
      if (!windows) throw noWindowsKnown();
      const held = heldChanges(windows);
      const changes = held.changes.filter(isShown);
      if (format === "table") process.stdout.write(heldText({ ...held, changes }, Date.now(), useColours()));
      else if (format === "json") process.stdout.write(cleanJson(`${JSON.stringify(dataOf(changes), null, 2)}\n`));
      else process.stdout.write(toYaml(dataOf(changes)));
    });
  });
}

function dataOf(changes: readonly HeldChange[]): JsonArray {
  return changes.map(({ zone: _shown, until, revision, ...change }) => ({
    ...change,
    ...(revision !== undefined && { revision }),
    ...(until !== undefined && { until }),
  }));
}
