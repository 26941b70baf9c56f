// `plumb held`: what waits for a maintenance window, why, and until when.

import type { JsonArray } from "@plumbline/core/model";
import { toYaml } from "@plumbline/core/yaml";
import { Command } from "commander";
import { outputFormat, withClusterOptions, withConnection } from "../cluster/connection.ts";
import { cleanJson } from "@plumbline/core/model";
import { useColours } from "../print/screen.ts";
import { clusterWindows, noWindowsKnown } from "../windows/cluster-windows.ts";
import { type Held, heldChanges, namespaceOf } from "../windows/held-changes.ts";
import { heldText } from "../windows/held-text.ts";

const KUSTOMIZATION = { group: "kustomize.toolkit.fluxcd.io", version: "v1", kind: "Kustomization" };

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
    const namespace = options.allNamespaces === true ? undefined : options.namespace;
    const isShown = ({ delivery }: { delivery: string }): boolean =>
      namespace === undefined || namespaceOf(delivery) === namespace;
    await withConnection(options, async ({ client }) => {
      // A window of the cluster holds changes of any namespace, so all of its list is read and then chosen from.
      const windows = await clusterWindows(client, namespace);
      if (!windows) throw noWindowsKnown();
      const { items } = await client.listAll(KUSTOMIZATION, namespace === undefined ? {} : { namespace });
      const all = heldChanges(windows, items);
      const held = { ...all, changes: all.changes.filter(isShown) };
      if (format === "table") process.stdout.write(heldText(held, Date.now(), useColours()));
      else if (format === "json") process.stdout.write(cleanJson(`${JSON.stringify(dataOf(held), null, 2)}\n`));
      else process.stdout.write(toYaml(dataOf(held)));
    });
  });
}

function dataOf({ changes, told }: Held): JsonArray {
  const listed = changes.map(({ zone: _shown, until, revision, ...change }) => ({
    ...change,
    ...(revision !== undefined && { revision }),
    ...(until !== undefined && { until }),
  }));
  return [...listed, ...told.map(({ delivery, message }) => ({ delivery, reason: message }))];
}
