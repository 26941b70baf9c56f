// The YAML node tree: what a document says, with the source text of every scalar kept.

export type NodeKind = "mapping" | "sequence" | "scalar" | "alias";

/** How a node was written. Blocks are the default of collections, plain that of scalars. */
export type NodeStyle = "" | "flow" | "single" | "double" | "literal" | "folded";

/** What scalars and aliases contain: shared, so that it costs nothing, and frozen. */
const NOTHING: YamlNode[] = [];
Object.freeze(NOTHING);

/**
 * One node, with the fields of yaml.v3's `Node` that kyaml works with. It is mutable on purpose: kustomize's stages
 * edit trees in place. `tag` is always set, short (`!!str`, `!!int`, `!local`) and resolved by yaml.v3's rules.
 */
export class YamlNode {
  kind: NodeKind;
  tag: string;
  /** The text of a scalar after unquoting and folding, or the name of an alias' anchor. */
  value: string;
  /** Items of a sequence, or keys and values of a mapping in turn. */
  content: YamlNode[];
  style: NodeStyle = "";
  /** The tag was written in the source. */
  tagged = false;
  /** The tag `!` was written: what follows is not resolved. */
  bang = false;
  anchor = "";
  /** What an alias stands for. */
  target: YamlNode | undefined = undefined;
  /** From 1; 0 for nodes made by a program. */
  line = 0;
  column = 0;
  /** Offsets in the source (UTF-16 units, end exclusive): of a scalar, its quotes included; else the start only. */
  start = 0;
  end = 0;
  headComment = "";
  lineComment = "";
  footComment = "";

  constructor(kind: NodeKind, tag: string, value = "", content?: YamlNode[]) {
    this.kind = kind;
    this.tag = tag;
    this.value = value;
    this.content = content ?? (kind === "mapping" || kind === "sequence" ? [] : NOTHING);
  }
}

/** True for the key `<<` that merges: plain, or tagged so. */
export function isMergeKey(node: YamlNode): boolean {
  if (node.kind !== "scalar" || node.value !== "<<") return false;
  return node.tagged ? node.tag === "!!merge" : node.style === "" || node.bang;
}
