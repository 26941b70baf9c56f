// `plumb get`: what the objects say of themselves.

import {
  dig,
  digString,
  Failure,
  isObject,
  type JsonObject,
  type Manifest,
  cleanJson,
  cleanLine,
} from "@plumbline/core/model";
import { toYaml } from "@plumbline/core/yaml";
import { Command } from "commander";
import {
  type Connection,
  type OutputFormat,
  outputFormat,
  withClusterOptions,
  withConnection,
} from "../cluster/connection.ts";
import { type FluxKind, type KindWords, readKindWords } from "../cluster/flux-kinds.ts";
import { conditionOf } from "../print/condition.ts";
import { shortRevision } from "../print/revision.ts";
import { formatTable } from "../print/table.ts";

interface GetOptions {
  kubeconfig?: string;
  context?: string;
  namespace: string;
  allNamespaces?: boolean;
  output?: string;
}

export function getCommand(): Command {
  const command = new Command("get")
    .description("Show Kustomizations and sources with their revision and readiness.")
    .argument("<kind...>", "all | kustomizations (ks) | sources git | gitrepositories, then a name if you like")
    .option("-A, --all-namespaces", "of all namespaces")
    .option("-o, --output <format>", "json or yaml")
    .addHelpText("after", "\nExamples:\n  plumb get all -A\n  plumb get ks apps\n  plumb get sources git -o json");
  return withClusterOptions(command).action(async (words: string[], options: GetOptions) => {
    const wanted = readKindWords(words);
    const format = outputFormat(options.output);
    await withConnection(options, (connection) => get({ ...wanted, format }, options, connection));
  });
}

type Wanted = KindWords & { format: OutputFormat };

async function get({ kinds, name, format }: Wanted, options: GetOptions, connection: Connection): Promise<void> {
  const found: [FluxKind, Manifest[]][] = [];
  for (const kind of kinds) found.push([kind, await read(kind, name, options, connection)]);
  const all = found.flatMap(([, objects]) => objects);
  if (all.length === 0 && (format === "table" || name !== undefined)) throw nothingFound(kinds, name, options);
  if (format === "table") process.stdout.write(tablesOf(found));
  else process.stdout.write(format === "json" ? jsonText(shown(all, name)) : yamlText(shown(all, name)));
}

function tablesOf(found: readonly [FluxKind, Manifest[]][]): string {
  return found
    .filter(([, objects]) => objects.length > 0)
    .map(tableOf)
    .join("\n");
}

function jsonText(value: JsonObject): string {
  return cleanJson(`${JSON.stringify(value, null, 2)}\n`);
}

/** Go's YAML refuses some characters that a status may hold: such an object is shown as JSON, which is YAML too. */
function yamlText(value: JsonObject): string {
  try {
    return toYaml(value);
  } catch (error) {
    if (error instanceof Failure && error.reason === "YamlInvalid") return jsonText(value);
    throw error;
  }
}

async function read(
  kind: FluxKind,
  name: string | undefined,
  options: GetOptions,
  { client }: Connection,
): Promise<Manifest[]> {
  if (name !== undefined && !options.allNamespaces) {
    const object = await client.find({ ...kind, namespace: options.namespace, name });
    return object ? [object] : [];
  }
  const { items } = await client.listAll(kind, options.allNamespaces ? {} : { namespace: options.namespace });
  return items.filter((item) => name === undefined || digString(item, "metadata", "name") === name);
}

function nothingFound(kinds: FluxKind[], name: string | undefined, options: GetOptions): Failure {
  const what = `${kinds.map((kind) => kind.title).join(" or ")}${name === undefined ? " objects" : ` "${name}"`}`;
  const where = options.allNamespaces ? "in any namespace" : `in namespace ${options.namespace}`;
  const hint = options.allNamespaces ? "See what there is with: plumb get all -A" : "Try -A for all namespaces.";
  return new Failure({ reason: "NotFound", message: `no ${what} found ${where}`, hint });
}

/** One object by name as itself, several as a List; without managedFields, which nobody reads here. */
function shown(objects: Manifest[], name: string | undefined): JsonObject {
  const items = objects.map((object): Manifest => {
    if (!isObject(object.metadata)) return object;
    const { managedFields: _dropped, ...metadata } = object.metadata;
    return { ...object, metadata };
  });
  const [only] = items;
  return name !== undefined && items.length === 1 && only ? only : { apiVersion: "v1", kind: "List", items };
}

function tableOf([kind, objects]: [FluxKind, Manifest[]]): string {
  const rows = objects.map((object) => {
    const { status, message } = conditionOf(object, "Ready");
    return [
      digString(object, "metadata", "namespace") ?? "",
      `${kind.title}/${digString(object, "metadata", "name") ?? ""}`,
      revisionOf(object),
      dig(object, "spec", "suspend") === true ? "True" : "False",
      status,
      `${message}${heldNote(object)}`,
    ];
  });
  return formatTable(["namespace", "name", "revision", "suspended", "ready", "message"], rows);
}

/** What waits for a maintenance window is neither an error nor done: it stands behind the message. */
function heldNote(object: Manifest): string {
  const text = heldText(object);
  return text === undefined ? "" : `; ${text}`;
}

function heldText(object: Manifest): string | undefined {
  const held = conditionOf(object, "Held");
  return held.status === "True" ? shortRevision(held.message) : undefined;
}

/** What a run came to: `✔ applied revision main@sha1:1a2b3c4d`, and below it what is held. */
export function runLines(object: Manifest, verb: string): string {
  const revision = revisionOf(object);
  const held = heldText(object);
  const applied = revision === "" && held !== undefined ? [] : [`✔ ${verb}revision ${revision}`];
  return [...applied, ...(held === undefined ? [] : [`◎ ${held}`])].map((line) => `${cleanLine(line)}\n`).join("");
}

/** Short, as `flux get` shows it: `main@sha1:1a2b3c4d`. */
export function revisionOf(object: Manifest): string {
  const revision =
    digString(object, "status", "lastAppliedRevision") ?? digString(object, "status", "artifact", "revision") ?? "";
  return shortRevision(revision);
}
