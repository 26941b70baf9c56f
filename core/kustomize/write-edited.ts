// YAML text with some places changed and everything else as it was: order, styles and comments.

import { DocumentReader, nodeToYaml, YamlNode } from "@plumbline/core/yaml";
import type { Slot } from "./field-path.ts";
import { MapNode, Scalar, SeqNode, type Tree } from "./tree.ts";

/** The text of a YAML document after the slots' values are put into it, as kyaml writes it. */
export function writeEdited(source: string, slots: readonly Slot[]): string {
  const document = new DocumentReader(source, undefined, "v3").next();
  if (!document?.root) return source;
  const { root, headComment, footComment } = document;
  for (const slot of slots) putAt(root, slot.path, slot.get());
  return nodeToYaml(root, { headComment, footComment });
}

function nodeOf(tree: Tree): YamlNode {
  if (tree instanceof Scalar) {
    const node = new YamlNode("scalar", tree.tag, tree.value);
    if (tree.quoted) node.style = "double";
    return node;
  }
  if (tree instanceof SeqNode) return new YamlNode("sequence", "!!seq", "", tree.items.map(nodeOf));
  return new YamlNode("mapping", "!!map", "", mapContent(tree));
}

function mapContent(map: MapNode): YamlNode[] {
  return map.keys.flatMap((key, i) => [new YamlNode("scalar", "!!str", key), nodeOf(map.values[i] as Tree)]);
}

/** Replaces the text of a scalar in place, so that its style and comments stay; makes what the path lacks. */
function putAt(root: YamlNode, path: readonly (string | number)[], value: Tree): void {
  const node = resolveAlias(root);
  const [step, ...rest] = path;
  if (step === undefined) return put(node, value);
  const child = childOf(node, step);
  if (child) return putAt(child, rest, value);
  const fresh = nodeOf(rest.reduceRight<Tree>((inner, next) => wrap(next, inner), value));
  if (typeof step === "string") node.content.push(new YamlNode("scalar", "!!str", step), fresh);
  else node.content.push(fresh);
}

function wrap(step: string | number, inner: Tree): Tree {
  return typeof step === "number" ? new SeqNode([inner]) : new MapNode([step], [inner]);
}

function resolveAlias(node: YamlNode): YamlNode {
  return node.kind === "alias" && node.target ? node.target : node;
}

function childOf(node: YamlNode, step: string | number): YamlNode | undefined {
  if (typeof step === "number") return node.kind === "sequence" ? node.content[step] : undefined;
  const at = node.content.findIndex((key, i) => i % 2 === 0 && key.value === step);
  return node.kind === "mapping" && at >= 0 ? node.content[at + 1] : undefined;
}

function put(node: YamlNode, value: Tree): void {
  if (node.kind === "scalar" && value instanceof Scalar) {
    node.value = value.value;
    return;
  }
  const next = nodeOf(value);
  node.kind = next.kind;
  node.tag = next.tag;
  node.value = next.value;
  node.content = next.content;
  node.style = next.style;
}
