// `plumb reconcile`: run now, do not wait for the interval.

import { dig, digString, Failure, formatRef, type Manifest, type ObjectRef } from "@plumbline/core/model";
import { parseDuration } from "@plumbline/dialects/flux";
import { Command } from "commander";
import { type Connection, withClusterOptions, withConnection } from "../cluster/connection.ts";
import { readKindWords } from "../cluster/flux-kinds.ts";
import { requestRun, waitForRun } from "../cluster/wait-for-run.ts";
import { runLines } from "./get.ts";

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
    const ref = oneObject(words, options.namespace);
    const request = { timeoutMs: readTimeout(options.timeout), withSource: options.withSource === true };
    await withConnection(options, (connection) => reconcile(ref, request, connection));
  });
}

/** The one object that the words name. */
export function oneObject(words: string[], namespace: string): ObjectRef {
  const { kinds, name } = readKindWords(words);
  const [kind] = kinds;
  if (kinds.length !== 1 || !kind || name === undefined) {
    throw new Failure({
      reason: "UsageError",
      message: "which object?",
      hint: "Name one, such as: ks apps, or: source git fleet",
    });
  }
  return { group: kind.group, version: kind.version, kind: kind.kind, namespace, name };
}

interface Request {
  timeoutMs: number;
  withSource: boolean;
}

async function reconcile(ref: ObjectRef, request: Request, { client }: Connection): Promise<void> {
  const { timeoutMs, withSource } = request;
  const object = await client.get(ref);
  refuseSuspended(object, ref);
  if (withSource && ref.kind === "Kustomization") {
    const source: ObjectRef = {
      group: "source.toolkit.fluxcd.io",
      version: "v1",
      kind: digString(object, "spec", "sourceRef", "kind") ?? "GitRepository",
      namespace: digString(object, "spec", "sourceRef", "namespace") ?? ref.namespace,
      name: digString(object, "spec", "sourceRef", "name") ?? "",
    };
    refuseSuspended(await client.get(source), source);
    await runOne(source, timeoutMs, client);
  }
  await runOne(ref, timeoutMs, client);
}

function readTimeout(text: string): number {
  try {
    return parseDuration(text, "--timeout");
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw new Failure({
      reason: "UsageError",
      message: `--timeout: "${text}" is no duration`,
      hint: "Write it as 90s, 5m or 1h30m.",
      cause: error,
    });
  }
}

/** Nobody would run it: waiting for that would end at the time-out. */
function refuseSuspended(object: Manifest, ref: ObjectRef): void {
  if (dig(object, "spec", "suspend") !== true) return;
  throw new Failure({
    reason: "ReconciliationFailed",
    message: `${formatRef(ref)} is suspended`,
    hint: `Let it go on with: plumb resume ${kindWords(ref)} ${ref.name} -n ${ref.namespace}`,
  });
}

function kindWords(ref: ObjectRef): string {
  return ref.kind === "Kustomization" ? "ks" : "source git";
}

async function runOne(ref: ObjectRef, timeoutMs: number, client: Connection["client"]): Promise<void> {
  process.stdout.write(`► annotating ${ref.kind} ${ref.name} in ${ref.namespace} namespace\n`);
  const value = await requestRun(client, ref);
  process.stdout.write(`◎ waiting for ${ref.kind} reconciliation\n`);
  const object = await waitForRun(client, ref, { value, timeoutMs });
  const verb = ref.kind === "Kustomization" ? "applied" : "fetched";
  process.stdout.write(runLines(object, `${verb} `));
}
