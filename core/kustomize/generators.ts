// ConfigMaps and Secrets from literals, files and env files.

import { baseName } from "@plumbline/core/model";
import { buildFailure, locate } from "./failures.ts";
import type { GeneratorOptions, GeneratorSettings } from "./kustomization.ts";
import type { Loader } from "./loader.ts";
import { nothingCarried, Resource, textMapOf, withMetadataText, withTextMap, type Behavior } from "./resource.ts";
import type { ScopeOf } from "./gvk.ts";
import { MapNode, Scalar, stringScalar, textOf, withEntry, withoutEntry, type Tree } from "./tree.ts";

export type GeneratorKind = "ConfigMap" | "Secret";

interface Pair {
  key: string;
  value: Uint8Array | string;
}

const BASE64_LINE = 70;
/** Go's bufio.Scanner gives up at a line of this many bytes, silently. */
const MAX_ENV_LINE = 64 * 1024;
const encoder = new TextEncoder();
const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return strictDecoder.decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** Base64 in lines of 70 characters once it is that long, as kyaml writes it. */
export function encodeBase64(bytes: Uint8Array): string {
  const text = bytes.toBase64();
  if (text.length < BASE64_LINE) return text;
  return text.replaceAll(/.{1,70}/g, "$&\n");
}

/** `generatorOptions` fill what an entry's own options leave open. */
export function mergeOptions(
  local: Partial<GeneratorOptions> | undefined,
  global: Partial<GeneratorOptions> | undefined,
): Partial<GeneratorOptions> {
  if (!global) return local ?? {};
  const merged: Partial<GeneratorOptions> = {
    labels: new Map([...(global.labels ?? []), ...(local?.labels ?? [])]),
    annotations: new Map([...(global.annotations ?? []), ...(local?.annotations ?? [])]),
    disableNameSuffixHash: (local?.disableNameSuffixHash ?? false) || (global.disableNameSuffixHash ?? false),
    immutable: (local?.immutable ?? false) || (global.immutable ?? false),
  };
  return merged;
}

const BEHAVIORS: readonly string[] = ["create", "replace", "merge"];

interface GeneratorContext {
  readonly loader: Loader;
  readonly scopeOf: ScopeOf;
  /** The kustomization file, for failures. */
  readonly file: string;
}

/** The object that one generator entry makes. Throws `Failure` for bad sources and repeated keys. */
export function generate(
  kind: GeneratorKind,
  settings: Partial<GeneratorSettings>,
  context: GeneratorContext,
): Resource {
  const { name = "", namespace = "", options = {}, behavior = "" } = settings;
  const where = { file: context.file, object: `${kind}/${name}` };
  if (name === "") throw buildFailure(`a ${kind} must have a name`, where, "Give the generator entry a name.");
  let tree = new MapNode(["apiVersion", "kind"], [stringScalar("v1"), stringScalar(kind)]);
  tree = withMetadataText(tree, "name", name);
  if (namespace !== "") tree = withMetadataText(tree, "namespace", namespace);
  if (kind === "Secret") tree = withEntry(tree, "type", stringScalar(settings.type || "Opaque"));
  try {
    tree = withData(tree, kind, loadPairs(settings, context.loader));
  } catch (error) {
    throw locate(error, where, "loading KV pairs");
  }
  if (options.labels?.size) tree = withTextMap(tree, "labels", options.labels);
  if (options.annotations?.size) tree = withTextMap(tree, "annotations", options.annotations);
  if (options.immutable) tree = withEntry(tree, "immutable", new Scalar("true", "!!bool"));
  return new Resource(tree, context.scopeOf, {
    ...nothingCarried,
    needsHash: !options.disableNameSuffixHash,
    behavior: BEHAVIORS.includes(behavior) ? (behavior as Behavior) : "unspecified",
  });
}

function loadPairs(settings: Partial<GeneratorSettings>, loader: Loader): Pair[] {
  const pairs = [
    ...(settings.envs ?? []).flatMap((path) => envPairs(loader.load(path), loader.pathOf(path))),
    ...(settings.literals ?? []).map(literalPair),
    ...(settings.files ?? []).map((source) => filePair(source, loader)),
  ];
  const seen = new Set<string>();
  for (const { key } of pairs) {
    if (seen.has(key))
      throw buildFailure(`illegally repeats the key \`${key}\``, { field: key }, "Remove one of them.");
    seen.add(key);
  }
  return pairs;
}

function literalPair(source: string): Pair {
  const at = source.indexOf("=");
  if (at <= 0) throw buildFailure(`invalid literal source ${source}, expected key=value`, {}, "Write key=value.");
  const value = source.slice(at + 1);
  const quote = value[0];
  const quoted = value.length >= 2 && value.at(-1) === quote && (quote === '"' || quote === "'");
  return { key: source.slice(0, at), value: quoted ? value.slice(1, -1) : value };
}

function filePair(source: string, loader: Loader): Pair {
  const parts = source.split("=");
  const [first = "", second = ""] = parts;
  if (parts.length > 2) {
    throw buildFailure(`source "${source}" key name or file path contains '='`, {}, "Rename the file or the key.");
  }
  if (parts.length === 1) return { key: pathBase(source), value: loader.load(source) };
  if (first === "") throw buildFailure(`missing key name for file path "${second}"`, {}, "Write key=path.");
  if (second === "") throw buildFailure(`missing file path for key name "${first}"`, {}, "Write key=path.");
  return { key: first, value: loader.load(second) };
}

function pathBase(path: string): string {
  return baseName(path.replace(/\/+$/, "")) || (path === "" ? "." : "/");
}

function envPairs(bytes: Uint8Array, file: string): Pair[] {
  const pairs: Pair[] = [];
  let start = 0;
  for (let number = 1; start < bytes.length; number++) {
    const newline = bytes.indexOf(0x0a, start);
    const end = newline < 0 ? bytes.length : newline;
    if (end - start >= MAX_ENV_LINE) break;
    const line = decodeUtf8(bytes.subarray(start, bytes[end - 1] === 0x0d ? end - 1 : end));
    if (line === undefined) {
      throw buildFailure("invalid utf8 bytes in an env file", { file, line: number }, "Save the file as UTF-8.");
    }
    const pair = envPair(number === 1 ? line.replace(/^\ufeff/, "") : line);
    if (pair) pairs.push(pair);
    start = end + 1;
  }
  return pairs;
}

const LEADING_SPACE = /^[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;

function envPair(line: string): Pair | undefined {
  const trimmed = line.replace(LEADING_SPACE, "");
  if (trimmed === "" || trimmed.startsWith("#")) return undefined;
  const at = trimmed.indexOf("=");
  const key = at < 0 ? trimmed : trimmed.slice(0, at);
  return key === "" ? undefined : { key, value: at < 0 ? "" : trimmed.slice(at + 1) };
}

function bytesOf(value: Uint8Array | string): Uint8Array {
  return typeof value === "string" ? encoder.encode(value) : value;
}

function withData(tree: MapNode, kind: GeneratorKind, pairs: readonly Pair[]): MapNode {
  if (kind === "Secret") {
    return withEntry(tree, "data", textMapNode(pairs.map(({ key, value }) => [key, encodeBase64(bytesOf(value))])));
  }
  const texts: [string, string][] = [];
  const binaries: [string, string][] = [];
  for (const { key, value } of pairs) {
    const text = typeof value === "string" ? value : decodeUtf8(value);
    if (text === undefined) binaries.push([key, encodeBase64(bytesOf(value))]);
    else texts.push([key, text]);
  }
  let result = tree;
  if (texts.length > 0) result = withEntry(result, "data", textMapNode(texts));
  if (binaries.length > 0) result = withEntry(result, "binaryData", textMapNode(binaries));
  return result;
}

function textMapNode(entries: readonly (readonly [string, string])[]): MapNode {
  // Keys stand without quotes, so that kustomize refuses numbers and booleans among them.
  return new MapNode(
    entries.map(([key]) => key),
    entries.map(([, value]) => stringScalar(value)),
  );
}

function mergeField(old: MapNode, incoming: MapNode, field: "data" | "binaryData"): MapNode {
  const texts = new Map<string, string>();
  for (const map of [old.get(field), incoming.get(field)]) {
    if (map instanceof MapNode) map.keys.forEach((key, i) => texts.set(key, textOf(map.values[i])));
  }
  const cleared = withoutEntry(incoming, field);
  return texts.size === 0 ? cleared : withEntry(cleared, field, textMapNode([...texts]));
}

/** What stands in place of `old` when a generator says `replace` or `merge`. */
export function absorb(old: Resource, incoming: Resource, mode: "replace" | "merge"): Resource {
  const texts = (field: "labels" | "annotations"): Map<string, string> =>
    new Map([...textMapOf(old.tree, field), ...textMapOf(incoming.tree, field)]);
  let tree: Tree = withTextMap(incoming.tree, "labels", texts("labels"));
  tree = withTextMap(tree as MapNode, "annotations", texts("annotations"));
  tree = withMetadataText(tree as MapNode, "name", old.id.name);
  if (old.id.namespace === "") {
    const metadata = (tree as MapNode).get("metadata") as MapNode;
    tree = withEntry(tree as MapNode, "metadata", withoutEntry(metadata, "namespace"));
  } else {
    tree = withMetadataText(tree as MapNode, "namespace", old.id.namespace);
  }
  if (mode === "merge") {
    tree = mergeField(old.tree, tree as MapNode, "data");
    tree = mergeField(old.tree, tree as MapNode, "binaryData");
  }
  const keepsOrigin = mode === "merge" && old.carried.origin !== undefined;
  return incoming.with(
    {
      ...old.carried,
      needsHash: incoming.carried.needsHash && old.carried.needsHash,
      origin: keepsOrigin ? old.carried.origin : (incoming.carried.origin ?? old.carried.origin),
    },
    tree as MapNode,
  );
}
