// Values as Go's `%#v` prints them: go-yaml shows invalid keys so.

import { formatFloatG } from "./go-number.ts";
import { isMergeKey, type YamlNode } from "./node.ts";
import type { Resolved } from "./resolve-scalar.ts";

/** Longer texts are cut: a message is no place for a document. */
const MAX_LENGTH = 2_000;
const NIL = "interface {}(nil)";
/** Aliases and merges are followed this deep. */
const MAX_DEPTH = 20;

/** `fmt.Sprintf("%#v")` of the value that go-yaml v2 makes of a tree. */
export function goSyntax(node: YamlNode, resolve: (scalar: YamlNode) => Resolved): string {
  const text = write(node, resolve, true, 0);
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}...` : text;
}

function write(node: YamlNode, resolve: (scalar: YamlNode) => Resolved, top: boolean, depth: number): string {
  if (node.kind === "alias")
    return node.target && depth < MAX_DEPTH ? write(node.target, resolve, top, depth + 1) : "...";
  if (node.kind === "scalar") return scalarSyntax(resolve(node), top);
  if (node.kind === "sequence") {
    return `[]interface {}{${node.content.map((item) => write(item, resolve, false, depth + 1)).join(", ")}}`;
  }
  const pairs = new Map<string, string>();
  addPairs(pairs, node, { resolve, depth: depth + 1 });
  const sorted = [...pairs.entries()]
    .sort(([a], [b]) => (a === NIL ? -1 : b === NIL ? 1 : a < b ? -1 : 1))
    .map(([, pair]) => pair);
  return `map[interface {}]interface {}{${sorted.join(", ")}}`;
}

interface Scope {
  resolve: (scalar: YamlNode) => Resolved;
  depth: number;
}

/** Later pairs win, and merge keys are replaced by what they name. */
function addPairs(pairs: Map<string, string>, node: YamlNode, scope: Scope): void {
  const { resolve, depth } = scope;
  for (let i = 0; i + 1 < node.content.length; i += 2) {
    const name = node.content[i] as YamlNode;
    const value = node.content[i + 1] as YamlNode;
    if (isMergeKey(name)) {
      for (const source of value.kind === "sequence" ? value.content.toReversed() : [value]) {
        const target = source.kind === "alias" ? source.target : source;
        if (target?.kind === "mapping" && depth < MAX_DEPTH) addPairs(pairs, target, { resolve, depth: depth + 1 });
      }
      continue;
    }
    const key = write(name, resolve, false, depth);
    pairs.set(key, `${key}:${write(value, resolve, false, depth)}`);
  }
}

function scalarSyntax(value: Resolved, top: boolean): string {
  if (value === null) return top ? "<nil>" : NIL;
  if (typeof value === "string") return quoteGo(value);
  if (typeof value === "number" && !Number.isInteger(value)) {
    return Number.isFinite(value) ? formatFloatG(value) : Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
  }
  return typeof value === "bigint" && value > 0x7fff_ffff_ffff_ffffn ? `0x${value.toString(16)}` : String(value);
}

const SHORT: Record<string, string> = {
  "\u0007": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  "\\": "\\\\",
  '"': '\\"',
};

/** `strconv.Quote`. */
export function quoteGo(text: string): string {
  // Made here: a start that quotes nothing need not wait for it.
  const escaped = text.replaceAll(/["\\]|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, (char) => {
    const code = char.codePointAt(0) as number;
    const short = SHORT[char];
    if (short !== undefined) return short;
    if (code < 0x80) return `\\x${code.toString(16).padStart(2, "0")}`;
    return code > 0xffff ? `\\U${code.toString(16).padStart(8, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
  });
  return `"${escaped}"`;
}
