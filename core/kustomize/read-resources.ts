// Resource files to trees: documents are split, aliases replaced and lists taken apart as kyaml does.

import { Failure, type JsonValue } from "@plumbline/core/model";
import { DocumentReader, type YamlNode } from "@plumbline/core/yaml";
import { MAX_ALIAS_NODES, MAX_RESOURCE_NODES } from "./limits.ts";
import { buildFailure } from "./failures.ts";
import { NULL_TAG, Scalar, MapNode, SeqNode, STR_TAG, isNilOrEmpty, isQuotedStyle, textOf, type Tree } from "./tree.ts";
import { FoldedScalar, markRepeated, needsKeyQuotes, treeOf } from "./tree.ts";
import { jsonOf } from "./tree-json.ts";

/** Marks failures of the YAML syntax, after which a path is not tried as a directory. */
export function isMalformed(thrown: unknown): boolean {
  return thrown instanceof Failure && thrown.reason === "YamlInvalid";
}

/**
 * The resources in a text, in order, like kustomize's `SliceFromBytes`: every document must have a kind and a name
 * (lists need no name), `FooList` objects with items are replaced by their items. Throws `Failure`.
 */
export function readResources(text: string, file: string): MapNode[] {
  const documents = readDocuments(text, file);
  return expandLists(documents.filter((tree) => isResource(tree, file)) as MapNode[], file);
}

const SEPARATOR = /\n---.*\n/g;

function splitDocuments(text: string, file: string): string[] {
  const documents: string[] = [];
  let previous = 0;
  for (const match of text.matchAll(SEPARATOR)) {
    const rest = match[0].slice(4).trim();
    if (rest !== "" && !rest.startsWith("#")) {
      throw buildFailure(
        `invalid document separator: ${match[0].trim()}`,
        { file },
        "Put the content on its own line.",
      );
    }
    documents.push(`${text.slice(previous, match.index)}\n`);
    previous = match.index + match[0].length;
  }
  documents.push(text.slice(previous));
  return documents;
}

/** Every document of a text that is not empty, without aliases. */
export function readDocuments(text: string, file: string): Tree[] {
  if (text === "") return [];
  const unix = text.includes("\r\n") ? text.replaceAll("\r\n", "\n") : text;
  const parts = unix.includes("\n---") ? splitDocuments(unix, file) : [unix];
  const trees: Tree[] = [];
  const counter: Counter = { left: MAX_RESOURCE_NODES, aliasLeft: MAX_ALIAS_NODES, inAlias: false, file };
  for (const part of parts) {
    // Go's decoder reads one document of a part and ignores what follows.
    const root = new DocumentReader(part, file, "v3").next()?.root;
    if (!root || root.tag === NULL_TAG) continue;
    if (parts.length === 1 && isWrapped(root)) {
      for (const item of itemsOf(root)) trees.push(convert(item, counter));
    } else {
      trees.push(convert(root, counter));
    }
  }
  return trees;
}

function fieldOf(node: YamlNode, name: string): YamlNode | undefined {
  if (node.kind !== "mapping") return undefined;
  const at = node.content.findIndex((key, i) => i % 2 === 0 && key.value === name);
  return at < 0 ? undefined : node.content[at + 1];
}

function isWrapped(root: YamlNode): boolean {
  const kind = fieldOf(root, "kind")?.value;
  if (kind !== "List" && kind !== "ResourceList") return false;
  return fieldOf(root, "items") !== undefined || fieldOf(root, "functionConfig") !== undefined;
}

function itemsOf(root: YamlNode): YamlNode[] {
  const items = fieldOf(root, "items");
  return items?.kind === "sequence" ? items.content : [];
}

interface Counter {
  left: number;
  aliasLeft: number;
  inAlias: boolean;
  file: string;
}

function tooMany(message: string, node: YamlNode, counter: Counter): Failure {
  return new Failure({
    reason: "LimitExceeded",
    message,
    hint: "Split the file, or write it with fewer aliases.",
    where: { file: counter.file, line: node.line },
    retry: "never",
  });
}

function count(node: YamlNode, counter: Counter): void {
  if (--counter.left < 0) throw tooMany(`more than ${MAX_RESOURCE_NODES} YAML nodes`, node, counter);
  if (!counter.inAlias || --counter.aliasLeft >= 0) return;
  throw tooMany(`more than ${MAX_ALIAS_NODES} YAML nodes out of aliases`, node, counter);
}

/** Converts what an alias or a merge key stands for. */
function inAlias<T>(counter: Counter, action: () => T): T {
  const outer = counter.inAlias;
  counter.inAlias = true;
  const result = action();
  counter.inAlias = outer;
  return result;
}

function convert(node: YamlNode, counter: Counter, flow = false): Tree {
  count(node, counter);
  if (node.kind === "scalar") return convertScalar(node, flow);
  if (node.kind === "alias") {
    const { target } = node;
    return target ? inAlias(counter, () => convert(target, counter)) : new Scalar("", NULL_TAG);
  }
  const inFlow = flow || node.style === "flow";
  if (node.kind === "sequence") return new SeqNode(node.content.map((item) => convert(item, counter, inFlow)));
  return convertMap(node, counter, inFlow);
}

function convertScalar(node: YamlNode, flow: boolean): Scalar {
  const quoted = isQuotedStyle(node);
  // yaml.v3 writes an empty null inside `{}` or `[]` as '', which reads back as a string.
  if (flow && node.value === "" && node.tag === NULL_TAG) return new Scalar("", NULL_TAG, true);
  if (node.tagged && node.tag === STR_TAG) return new Scalar(node.value, STR_TAG, true);
  if (node.style === "folded" && !flow) return new FoldedScalar(node.value, node.tag, true);
  return new Scalar(node.value, node.tag, quoted);
}

function convertMap(node: YamlNode, counter: Counter, flow: boolean): MapNode {
  const map = new MapNode();
  let merge: YamlNode | undefined;
  for (let i = 0; i < node.content.length; i += 2) {
    const key = node.content[i] as YamlNode;
    const value = node.content[i + 1] as YamlNode;
    if (key.kind === "scalar" && key.tag === "!!merge") {
      if (merge) throw buildFailure("duplicate merge key", { file: counter.file, line: key.line }, "Use one `<<` key.");
      merge = value;
      continue;
    }
    const name = key.kind === "alias" ? key.target : key;
    if (name?.kind !== "scalar" || (name.tagged && name.tag !== STR_TAG)) {
      throw buildFailure(
        "a mapping key is no string",
        { file: counter.file, line: key.line },
        "Use a text as the key.",
      );
    }
    addKey(map, name, convert(value, counter, flow));
  }
  if (new Set(map.keys).size < map.keys.length) markRepeatedKeys(map, node, counter.file);
  if (merge) mergeInto(map, merge, counter);
  return map;
}

function markRepeatedKeys(map: MapNode, node: YamlNode, file: string): void {
  const keys = node.content.filter((key, i) => i % 2 === 0 && !(key.kind === "scalar" && key.tag === "!!merge"));
  keys.forEach(({ line }, i) => {
    if (map.keys.indexOf(map.keys[i] as string) < i) markRepeated(map.values[i] as Tree, { file, line });
  });
}

function addKey(map: MapNode, key: YamlNode, value: Tree): void {
  map.keys.push(key.value);
  map.values.push(value);
  if ((isQuotedStyle(key) || key.tagged) && key.tag === STR_TAG && needsKeyQuotes(key.value)) {
    map.quotedKeys ??= new Set();
    map.quotedKeys.add(key.value);
  }
}

/** `<<`: what the mapping does not say itself comes from the merged ones, earlier ones first. */
function mergeInto(map: MapNode, source: YamlNode, counter: Counter): void {
  const own = new Set(map.keys);
  const apply = (node: YamlNode): void => {
    const target = node.kind === "alias" ? node.target : node;
    if (target?.kind !== "mapping") {
      throw buildFailure(
        "map merge requires map or sequence of maps as the value",
        { file: counter.file, line: node.line },
        "Let `<<` name a mapping or a list of mappings.",
      );
    }
    const merged = inAlias(counter, () => convertMap(target, counter, false));
    merged.keys.forEach((key, i) => {
      if (own.has(key)) return;
      own.add(key);
      map.keys.push(key);
      map.values.push(merged.values[i] as Tree);
      if (merged.quotedKeys?.has(key)) (map.quotedKeys ??= new Set()).add(key);
    });
  };
  if (source.kind === "sequence") source.content.forEach(apply);
  else apply(source);
}

function isResource(tree: Tree, file: string): boolean {
  if (isNilOrEmpty(tree)) return false;
  validateMetadata(tree, file);
  return true;
}

/** kyaml's `GetValidatedMetadata`. */
export function validateMetadata(tree: Tree, file: string): void {
  const map = tree instanceof MapNode ? tree : new MapNode();
  const kind = fieldText(map, "kind");
  const metadata = map.get("metadata");
  const name = metadata instanceof MapNode ? fieldText(metadata, "name") : "";
  if (kind === "" && name === "" && fieldText(map, "apiVersion") === "" && isNilOrEmpty(metadata)) {
    throw buildFailure("missing Resource metadata", { file }, "Give the object an apiVersion, a kind and a name.");
  }
  if (kind === "") throw buildFailure(`missing kind in object ${name}`, { file }, "Give the object a kind.");
  if (kind.endsWith("List") || name !== "") return;
  throw buildFailure(`missing metadata.name in object ${kind}`, { file, object: kind }, "Give the object a name.");
}

function fieldText(map: MapNode, key: string): string {
  const value = map.get(key);
  return isNilOrEmpty(value) ? "" : textOf(value);
}

function expandLists(trees: MapNode[], file: string): MapNode[] {
  if (!trees.some((tree) => textOf(tree.get("kind")).endsWith("List"))) return trees;
  const result: MapNode[] = [];
  const queue = [...trees];
  for (let at = 0; at < queue.length; at++) {
    const tree = queue[at] as MapNode;
    const kind = textOf(tree.get("kind"));
    if (!kind.endsWith("List") || tree.get("items") === undefined) {
      result.push(tree);
      continue;
    }
    const items = jsonOf(tree, `${file}: ${kind}`) as { items: JsonValue };
    if (items.items === null) continue;
    if (!Array.isArray(items.items)) {
      throw buildFailure(`expected array in ${kind}/items`, { file, object: kind }, "Make `items` a list.");
    }
    for (const item of items.items) {
      const inner = treeOf(item);
      if (isResource(inner, file)) queue.push(inner as MapNode);
    }
  }
  return result;
}
