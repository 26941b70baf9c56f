// `plumb diff kustomization`: what applying a local folder would change in the cluster. It writes nothing.

import { createHash } from "node:crypto";
import { buildDelivery } from "@plumbline/core/build";
import {
  asFailure,
  type Delivery,
  digString,
  Failure,
  formatFailure,
  formatRef,
  type Manifest,
  type ObjectRef,
  refKey,
  refOf,
  cleanJson,
  cleanLine,
  cleanText,
} from "@plumbline/core/model";
import { normalizeManifest, withoutIgnored } from "@plumbline/core/plan";
import { objectControls, readKustomization } from "@plumbline/dialects/flux";
import { systemClock } from "@plumbline/edges/telemetry";
import { ignoreRulesOf, readVariables } from "@plumbline/engine/preview";
import { NamedObjects } from "@plumbline/engine/watch";
import { Command, Option } from "commander";
import { type Connection, withClusterOptions, withConnection } from "../cluster/connection.ts";
import { diskTree } from "../disk-tree.ts";
import { diffLines } from "../print/object-diff.ts";
import { formatUntil, formatWhen } from "../print/when.ts";
import { holdsOf, type PreviewGate, readGate } from "../windows/preview-holds.ts";
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
  /** It would wait for a maintenance window; times are RFC 3339. */
  held?: { reason: string; until?: string; windows: readonly string[] };
}

/** What is printed, and what it is about. */
interface Compared {
  diff: ObjectDiff;
  ref: ObjectRef;
  /** From Git; of a deletion what is live of it. */
  manifest: Manifest;
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
    .addOption(new Option("-o, --output <format>", "instead of text").choices(["json"]))
    .addHelpText("after", "\nExample:\n  plumb diff ks apps --path .");
  withClusterOptions(kustomization).action(async (name: string, options: DiffOptions) => {
    try {
      const { diffs, gate } = await withConnection(options, (connection) => diff(name, options, connection));
      print(diffs, gate, options.output);
      process.exitCode = diffs.some(({ action }) => action !== "keep" && action !== "skip") ? 1 : 0;
    } catch (error) {
      reportFailure(error);
      process.exitCode = 2;
    }
  });
  return new Command("diff").description("Compare what Git says with what the cluster has.").addCommand(kustomization);
}

interface Preview {
  diffs: ObjectDiff[];
  gate: PreviewGate;
}

async function diff(name: string, options: DiffOptions, { client }: Connection): Promise<Preview> {
  const ref = {
    group: "kustomize.toolkit.fluxcd.io",
    version: "v1",
    kind: "Kustomization",
    namespace: options.namespace,
    name,
  };
  const kustomization = await client.get(ref);
  const delivery = readKustomization(kustomization);
  const signal = new AbortController().signal;
  const named = new NamedObjects(client, systemClock({ keepsAlive: true }));
  const variables = await readVariables(delivery, named, signal);
  const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
  const { manifests } = buildDelivery(diskTree(options.path), delivery, { variables, sha256 });
  const wanted = manifests.map((manifest) => normalizeManifest(manifest));
  const context: Context = { client, delivery, promised: promisedBy(wanted) };
  const diffs = await settled(wanted.map((manifest) => compare(manifest, context)));
  const all = [...diffs, ...(await pruned(wanted, context))];
  const gate = await readGate(client, kustomization, Date.now());
  return { diffs: withHolds(all, gate), gate };
}

function withHolds(compared: readonly Compared[], gate: PreviewGate): ObjectDiff[] {
  const changes = compared.map(({ ref, manifest, diff: { action } }) => ({ ref, manifest, action }));
  const holds = holdsOf(changes, gate);
  return compared.map(({ ref, diff: one }) => {
    const hold = holds.get(refKey(ref));
    if (!hold) return one;
    const { reason, until, windows } = hold;
    return { ...one, held: { reason, windows, ...(until !== undefined && { until }) } };
  });
}

async function compare(manifest: Manifest, context: Context): Promise<Compared> {
  return { diff: await diffObject(manifest, context), ref: refOf(manifest), manifest };
}

interface Context {
  client: Connection["client"];
  delivery: Delivery;
  promised: Promised;
}

/** Namespaces and kinds that the folder itself brings: what needs them cannot be tried before they exist. */
interface Promised {
  namespaces: ReadonlySet<string>;
  /** `group/Kind` */
  kinds: ReadonlySet<string>;
}

function promisedBy(manifests: readonly Manifest[]): Promised {
  const namespaces = new Set<string>();
  const kinds = new Set<string>();
  for (const manifest of manifests) {
    const { group, kind, name } = refOf(manifest);
    if (group === "" && kind === "Namespace") namespaces.add(name);
    if (kind !== "CustomResourceDefinition") continue;
    kinds.add(`${digString(manifest, "spec", "group") ?? ""}/${digString(manifest, "spec", "names", "kind") ?? ""}`);
  }
  return { namespaces, kinds };
}

/** All that worked, or one failure that names everything that did not. */
async function settled<T>(work: Promise<T>[]): Promise<T[]> {
  const results = await Promise.allSettled(work);
  const failures = results.flatMap((result) => (result.status === "rejected" ? [asFailure(result.reason)] : []));
  const [first, ...more] = failures;
  if (first && more.length === 0) throw first;
  if (first) throw new Failure({ reason: first.reason, message: failures.map(formatFailure).join("\n✗ ") });
  return results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
}

async function diffObject(manifest: Manifest, context: Context): Promise<ObjectDiff> {
  const ref = refOf(manifest);
  const object = formatRef(ref);
  const { client, promised } = context;
  const isPromised = promised.kinds.has(`${ref.group}/${ref.kind}`) || promised.namespaces.has(ref.namespace);
  try {
    const live = await client.find(ref, asAccount(context.delivery));
    if (isLeftAlone(manifest, live)) return { object, action: "skip", lines: [] };
    const { object: after } = await client.apply(manifest, {
      ...asAccount(context.delivery),
      fieldManager: MANAGER,
      force: true,
      dryRun: true,
    });
    if (!live) return { object, action: "create", lines: [] };
    const ignored = ignoreRulesOf(context.delivery)?.pointersFor(after) ?? [];
    const lines = diffLines(withoutIgnored(live, ignored), withoutIgnored(after, ignored));
    return { object, action: lines.length > 0 ? "update" : "keep", lines };
  } catch (error) {
    const isMissing = error instanceof Failure && error.reason === "NotFound";
    if (isMissing && isPromised) return { object, action: "create", lines: [] };
    throw error;
  }
}

function asAccount({ serviceAccount, origin }: Delivery): { impersonate?: { user: string } } {
  return serviceAccount ? { impersonate: { user: `system:serviceaccount:${origin.namespace}:${serviceAccount}` } } : {};
}

/** Objects that opted out of being written. */
function isLeftAlone(manifest: Manifest, live: Manifest | undefined): boolean {
  const controls = [manifest, ...(live ? [live] : [])].map(objectControls);
  if (controls.some(({ disabled, ssa }) => disabled || ssa === "Ignore")) return true;
  return live !== undefined && objectControls(manifest).ssa === "IfNotPresent";
}

/** What is in the inventory and in the cluster, but no longer wanted, unless it says that it is to be kept. */
async function pruned(wanted: readonly Manifest[], { client, delivery }: Context): Promise<Compared[]> {
  if (!delivery.prune) return [];
  const keys = new Set(wanted.map((manifest) => refKey(refOf(manifest))));
  const stale = delivery.inventory.filter((entry) => !keys.has(refKey(entry)));
  const found = await settled(
    stale.map(async (entry): Promise<Compared | undefined> => {
      const live = await client.find(entry, { ...asAccount(delivery), metadataOnly: true });
      if (!live) return undefined;
      const { keep, disabled } = objectControls(live);
      const action = keep || disabled ? "skip" : "delete";
      return { diff: { object: formatRef(entry), action, lines: [] }, ref: entry, manifest: live };
    }),
  );
  return found.filter((one) => one !== undefined);
}

function print(diffs: readonly ObjectDiff[], gate: PreviewGate, output: string | undefined): void {
  for (const warning of gate.warnings) process.stderr.write(cleanText(`! ${warning}\n`));
  if (output === "json") {
    process.stdout.write(`${cleanJson(JSON.stringify(diffs, null, 2))}\n`);
    return;
  }
  const changed = diffs.filter(({ action }) => action !== "keep" && action !== "skip");
  const words = { create: "created", update: "drifted", delete: "deleted", keep: "", skip: "" } as const;
  for (const { object, action, lines, held } of changed) {
    const wait = held === undefined ? "" : `, held ${heldUntil(held, gate)}`;
    const title = cleanLine(`${object} ${words[action]}${wait}`);
    process.stdout.write(`► ${title}\n${lines.map((line) => `    ${line}\n`).join("")}`);
  }
  const held = changed.filter((one) => one.held).length;
  const { override, now } = gate;
  const why = override
    ? `, the windows are overridden by ${override.who} until ${formatWhen(override.until, "UTC", now)} UTC`
    : "";
  const waiting = held === 0 ? "" : `, ${held} of them would wait`;
  process.stdout.write(cleanLine(`${diffs.length} objects, ${changed.length} would change${waiting}${why}`) + "\n");
}

/** In the time of the first window that holds it. */
function heldUntil({ reason, until, windows }: NonNullable<ObjectDiff["held"]>, gate: PreviewGate): string {
  return `${formatUntil(until, gate.zones.get(windows[0] ?? ""), gate.now)}: ${reason}`;
}
