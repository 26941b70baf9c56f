// `plumb diff kustomization`: what applying a local folder would change in the cluster. It writes nothing.

import { createHash } from "node:crypto";
import { buildDelivery } from "@plumbline/core/build";
import { type Delivery, Failure, formatRef, type Manifest, refKey, refOf } from "@plumbline/core/model";
import { normalizeManifest } from "@plumbline/core/plan";
import { objectControls, readKustomization } from "@plumbline/dialects/flux";
import { systemClock } from "@plumbline/edges/telemetry";
import { readVariables } from "@plumbline/engine/preview";
import { NamedObjects } from "@plumbline/engine/watch";
import { Command } from "commander";
import { type Connection, withClusterOptions, withConnection } from "../cluster/connection.ts";
import { diskTree } from "../disk-tree.ts";
import { diffLines } from "../print/object-diff.ts";
import { reportFailure } from "../print/failure.ts";

interface DiffOptions {
  kubeconfig?: string;
  context?: string;
  namespace: string;
  path: string;
  output?: string;
}

interface ObjectDiff {
  object: string;
  action: "create" | "update" | "delete" | "keep" | "skip";
  lines: string[];
}

const MANAGER = "kustomize-controller";

export function diffCommand(): Command {
  const kustomization = new Command("kustomization")
    .alias("ks")
    .description(
      "Show what applying a local folder would change; exits 0 when nothing, 1 when something, 2 on failure.",
    )
    .argument("<name>", "the Kustomization in the cluster")
    .requiredOption("--path <dir>", "the root of your checkout; spec.path is taken below it")
    .option("-o, --output <format>", "json")
    .addHelpText("after", "\nExample:\n  plumb diff ks apps --path .");
  withClusterOptions(kustomization).action(async (name: string, options: DiffOptions) => {
    try {
      const diffs = await withConnection(options, (connection) => diff(name, options, connection));
      print(diffs, options.output);
      process.exitCode = diffs.some(({ action }) => action !== "keep" && action !== "skip") ? 1 : 0;
    } catch (error) {
      reportFailure(error);
      process.exitCode = 2;
    }
  });
  return new Command("diff").description("Compare what Git says with what the cluster has.").addCommand(kustomization);
}

async function diff(name: string, options: DiffOptions, { client }: Connection): Promise<ObjectDiff[]> {
  const ref = {
    group: "kustomize.toolkit.fluxcd.io",
    version: "v1",
    kind: "Kustomization",
    namespace: options.namespace,
    name,
  };
  const delivery = readKustomization(await client.get(ref));
  const signal = new AbortController().signal;
  const named = new NamedObjects(client, systemClock({ keepsAlive: true }));
  const variables = await readVariables(delivery, named, signal);
  const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
  const { manifests } = buildDelivery(diskTree(options.path), delivery, { variables, sha256 });
  const diffs: ObjectDiff[] = [];
  for (const manifest of manifests) diffs.push(await diffObject(normalizeManifest(manifest), delivery, client));
  return [...diffs, ...pruned(delivery, manifests)];
}

async function diffObject(manifest: Manifest, delivery: Delivery, client: Connection["client"]): Promise<ObjectDiff> {
  const ref = refOf(manifest);
  const object = formatRef(ref);
  const { serviceAccount, origin } = delivery;
  const impersonate = serviceAccount
    ? { impersonate: { user: `system:serviceaccount:${origin.namespace}:${serviceAccount}` } }
    : {};
  const live = await client.find(ref, impersonate).catch((error: unknown) => {
    if (error instanceof Failure && error.reason === "NotFound") return undefined;
    throw error;
  });
  const controls = [manifest, ...(live ? [live] : [])].map(objectControls);
  if (controls.some(({ disabled, ssa }) => disabled || ssa === "Ignore")) return { object, action: "skip", lines: [] };
  const { object: after } = await client.apply(manifest, {
    ...impersonate,
    fieldManager: MANAGER,
    force: true,
    dryRun: true,
  });
  if (!live) return { object, action: "create", lines: [] };
  const lines = diffLines(live, after);
  return { object, action: lines.length > 0 ? "update" : "keep", lines };
}

function pruned(delivery: Delivery, manifests: readonly Manifest[]): ObjectDiff[] {
  if (!delivery.prune) return [];
  const wanted = new Set(manifests.map((manifest) => refKey(refOf(manifest))));
  const stale = delivery.inventory.filter((entry) => !wanted.has(refKey(entry)));
  return stale.map((entry) => ({ object: formatRef(entry), action: "delete", lines: [] }));
}

function print(diffs: readonly ObjectDiff[], output: string | undefined): void {
  const changed = diffs.filter(({ action }) => action !== "keep" && action !== "skip");
  if (output === "json") {
    process.stdout.write(`${JSON.stringify(diffs, null, 2)}\n`);
    return;
  }
  const words = { create: "created", update: "drifted", delete: "deleted", keep: "", skip: "" } as const;
  for (const { object, action, lines } of changed) {
    process.stdout.write(`► ${object} ${words[action]}\n${lines.map((line) => `    ${line}\n`).join("")}`);
  }
  process.stdout.write(`${diffs.length} objects, ${changed.length} would change\n`);
}
