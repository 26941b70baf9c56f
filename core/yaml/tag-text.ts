// Tags as yaml.v3 writes them: left out where the reader would find the same one.

import type { YamlNode } from "./node.ts";
import { resolvedTag, resolvePlain } from "./resolve-scalar.ts";

const LONG = "tag:yaml.org,2002:";
const URI = /[A-Za-z0-9_;/?:@&=+$,.~*'()[\]-]/;

export interface TagText {
  /** What stands before the value, "" for nothing. */
  text: string;
  /** Length of handle and suffix, in bytes. */
  length: number;
  /** The text must be quoted to stay a string. */
  quote: boolean;
}

const NONE: TagText = { text: "", length: 0, quote: false };
const QUOTED: TagText = { text: "", length: 0, quote: true };

/** Whether and how a node's tag is written. */
export function tagText(node: YamlNode): TagText {
  const { tag } = node;
  if (tag === "" || node.kind === "alias") return NONE;
  if (!node.tagged) {
    if (node.kind === "mapping" ? tag === "!!map" : node.kind === "sequence" && tag === "!!seq") return NONE;
    if (node.kind === "scalar") {
      if (tag === "!!str" && node.style !== "" && node.style !== "flow") return NONE;
      const resolved = node.value === "<<" ? "!!str" : resolvedTag(node.value, resolvePlain(node.value, "v3"));
      if (resolved === tag) return NONE;
      if (tag === "!!str") return QUOTED;
    }
  }
  return written(tag);
}

function written(tag: string): TagText {
  const full = tag.startsWith("!!") ? LONG + tag.slice(2) : tag;
  for (const [handle, prefix] of [
    ["!", "!"],
    ["!!", LONG],
  ] as const) {
    if (!full.startsWith(prefix)) continue;
    const suffix = full.slice(prefix.length);
    return { text: handle + encode(suffix), length: handle.length + suffix.length, quote: false };
  }
  return { text: `!<${encode(full)}>`, length: full.length, quote: false };
}

function encode(text: string): string {
  return Array.from(text, (char) => (URI.test(char) ? char : percent(char))).join("");
}

function percent(char: string): string {
  const octets = Array.from(new TextEncoder().encode(char));
  return octets.map((octet) => `%${octet.toString(16).toUpperCase().padStart(2, "0")}`).join("");
}
