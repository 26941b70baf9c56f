// `plumb reconcile`: run now, do not wait for the interval.

import { digString, Failure, type ObjectRef } from "@plumbline/core/model";
import { parseDuration } from "@plumbline/dialects/flux";
import { Command } from "commander";
import { type Connection, withClusterOptions, withConnection } from "../cluster/connection.ts";
import { readKindWords } from "../cluster/flux-kinds.ts";
import { requestRun, waitForRun } from "../cluster/wait-for-run.ts";
import { revisionOf } from "./get.ts";

interface ReconcileOptions {
  kubeconfig?: string;
  context?: string;
  namespace: string;
  withSource?: boolean;
  timeout: string;
}

export function reconcileCommand(): Command {
  const command = new Command("reconcile")
    .description("Ask for a run now and wait for its end.")
    .argument("<kind...>", "kustomization (ks) NAME, or source git NAME")
    .option("--with-source", "fetch the source of the Kustomization first")
    .option("--timeout <duration>", "how long to wait", "5m")
    .addHelpText("after", "\nExamples:\n  plumb reconcile source git fleet\n  plumb reconcile ks apps --with-source");
  return withClusterOptions(command).action(async (words: string[], options: ReconcileOptions) => {
    await withConnection(options, (connection) => reconcile(words, options, connection));
  });
}

/** The one object that the words name. */
export function oneObject(words: string[], namespace: string): ObjectRef {
  const { kinds, name } = readKindWords(words);
  const [kind] = kinds;
  if (kinds.length !== 1 || !kind || name === undefined) {
    throw new Failure({ reason: "UsageError", message: "name one object, such as: ks apps" });
  }
  return { group: kind.group, version: kind.version, kind: kind.kind, namespace, name };
}

async function reconcile(words: string[], options: ReconcileOptions, { client }: Connection): Promise<void> {
  const ref = oneObject(words, options.namespace);
  const timeoutMs = parseDuration(options.timeout, "--timeout");
  if (options.withSource && ref.kind === "Kustomization") {
    const object = await client.get(ref);
    const source: ObjectRef = {
      group: "source.toolkit.fluxcd.io",
      version: "v1",
      kind: digString(object, "spec", "sourceRef", "kind") ?? "GitRepository",
      namespace: digString(object, "spec", "sourceRef", "namespace") ?? ref.namespace,
      name: digString(object, "spec", "sourceRef", "name") ?? "",
    };
    await runOne(source, timeoutMs, client);
  }
  await runOne(ref, timeoutMs, client);
}

async function runOne(ref: ObjectRef, timeoutMs: number, client: Connection["client"]): Promise<void> {
  process.stdout.write(`► annotating ${ref.kind} ${ref.name} in ${ref.namespace} namespace\n`);
  const value = await requestRun(client, ref);
  process.stdout.write(`◎ waiting for ${ref.kind} reconciliation\n`);
  const object = await waitForRun(client, ref, { value, timeoutMs });
  const verb = ref.kind === "Kustomization" ? "applied" : "fetched";
  process.stdout.write(`✔ ${verb} revision ${revisionOf(object)}\n`);
}
