// `plumb suspend` and `plumb resume`.

import type { ObjectRef } from "@plumbline/core/model";
import { Command } from "commander";
import { type Connection, withClusterOptions, withConnection } from "../cluster/connection.ts";
import { CLI_MANAGER, requestRun, waitForRun } from "../cluster/wait-for-run.ts";
import { runLines } from "./get.ts";
import { oneObject } from "./reconcile.ts";

interface SuspendOptions {
  kubeconfig?: string;
  context?: string;
  namespace: string;
}

const RESUME_TIMEOUT_MS = 5 * 60_000;

export function suspendCommand(): Command {
  const command = new Command("suspend")
    .description("Stop reconciling an object; what it applied stays as it is.")
    .argument("<kind...>", "kustomization (ks) NAME, or source git NAME")
    .addHelpText("after", "\nExample:\n  plumb suspend ks apps");
  return withClusterOptions(command).action(async (words: string[], options: SuspendOptions) => {
    const ref = oneObject(words, options.namespace);
    await withConnection(options, async ({ client }) => {
      await setSuspended(client, ref, true);
      process.stdout.write(`✔ ${ref.kind} ${ref.namespace}/${ref.name} suspended\n`);
    });
  });
}

export function resumeCommand(): Command {
  const command = new Command("resume")
    .description("Reconcile a suspended object again and wait for the first run.")
    .argument("<kind...>", "kustomization (ks) NAME, or source git NAME")
    .addHelpText("after", "\nExample:\n  plumb resume ks apps");
  return withClusterOptions(command).action(async (words: string[], options: SuspendOptions) => {
    const ref = oneObject(words, options.namespace);
    await withConnection(options, async ({ client }) => {
      await setSuspended(client, ref, false);
      process.stdout.write(`✔ ${ref.kind} ${ref.namespace}/${ref.name} resumed\n◎ waiting for its reconciliation\n`);
      const value = await requestRun(client, ref);
      const object = await waitForRun(client, ref, { value, timeoutMs: RESUME_TIMEOUT_MS });
      process.stdout.write(runLines(object, ""));
    });
  });
}

async function setSuspended(client: Connection["client"], ref: ObjectRef, suspend: boolean): Promise<void> {
  await client.patch(ref, { type: "merge", body: { spec: { suspend } } }, { fieldManager: CLI_MANAGER });
}
