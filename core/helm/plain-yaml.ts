// YAML without anything unusual, which is nearly all of it: read from the nodes, without the value between.

import { DocumentReader, isMergeKey, nodeToValue, resolvePlain, type YamlNode } from "@plumbline/core/yaml";
import type { JsonObject, JsonValue } from "@plumbline/core/model";
import { fromJson, GoMap, GoSlice, type Value } from "@plumbline/core/template";

/** `fromJson` of the first document of a text. Throws what `parseYaml` throws. */
export function yamlValue(text: string): Value {
  const root = new DocumentReader(text, undefined, "v2").next()?.root;
  if (!root) return null;
  return isPlain(root) ? valueOf(root) : fromJson(nodeToValue(root, { flavour: "v2" }));
}

/**
 * What a document says under `keys`; everything else is left out after it was found to be right. Throws what
 * `parseYaml` throws.
 */
export function yamlPart(text: string, keys: readonly string[]): JsonValue {
  const root = new DocumentReader(text, undefined, "v2").next()?.root;
  if (!root) return null;
  if (root.kind !== "mapping" || !isPlain(root)) return nodeToValue(root, { flavour: "v2" });
  const part: JsonObject = {};
  const { content } = root;
  for (let i = 0; i < content.length; i += 2) {
    const key = (content[i] as YamlNode).value; // keys and values take turns
    if (keys.includes(key)) part[key] = nodeToValue(content[i + 1] as YamlNode, { flavour: "v2" });
  }
  return part;
}

/** No alias, merge or tag, only texts as keys, no infinity: nothing that could be refused or depends on another place. */
function isPlain(node: YamlNode): boolean {
  if (node.kind === "scalar") return !node.tagged && !node.bang && (node.style !== "" || !isOddFloat(node.value));
  if (node.kind === "alias" || node.tagged || node.bang) return false;
  const { content } = node;
  const isMapping = node.kind === "mapping";
  for (let i = 0; i < content.length; i++) {
    const child = content[i] as YamlNode; // i is within the list
    if (isMapping && (i & 1) === 0 ? !isPlainKey(child) : !isPlain(child)) return false;
  }
  return true;
}

function isPlainKey(node: YamlNode): boolean {
  if (node.kind !== "scalar" || node.tagged || node.bang || isMergeKey(node)) return false;
  return node.style !== "" || typeof resolvePlain(node.value, "v2") === "string";
}

const longestOddFloat = 5;

/** `.inf`, `-.inf`, `.nan`: JSON has none of them. */
function isOddFloat(text: string): boolean {
  if (text.length > longestOddFloat || !/^[-+.]/.test(text)) return false;
  const value = resolvePlain(text, "v2");
  return typeof value === "number" && !Number.isFinite(value);
}

function valueOf(node: YamlNode): Value {
  if (node.kind === "scalar") {
    if (node.style !== "") return node.value;
    const value = resolvePlain(node.value, "v2");
    return typeof value === "bigint" ? Number(value) : value;
  }
  const { content } = node;
  if (node.kind === "sequence") return new GoSlice(content.map(valueOf));
  const entries = new Map<string, Value>();
  for (let i = 0; i < content.length; i += 2) {
    entries.set((content[i] as YamlNode).value, valueOf(content[i + 1] as YamlNode)); // keys and values take turns
  }
  return new GoMap(entries);
}
