// The globs of .Files.Glob (gobwas/glob with "/" as separator), matched in time that grows with pattern times path.

import { limitExceeded } from "@plumbline/core/template";
import { type GlobNode, parseGlob } from "./glob-pattern.ts";

/** Characters of a pattern: real ones have a few dozen. */
const maxPatternLength = 4096;

export interface Glob {
  /** Whether a whole path fits. */
  matches: (path: string) => boolean;
  /** What one character of a path costs at most. */
  weight: number;
}

/** A matcher for whole paths; a malformed pattern matches everything, as in Helm. Throws `LimitExceeded`. */
export function compileGlob(pattern: string): Glob {
  if (pattern.length > maxPatternLength) {
    throw limitExceeded(`a glob has more than ${maxPatternLength} characters`);
  }
  const nodes = parseGlob(pattern);
  if (!nodes) return { matches: () => true, weight: 1 };
  return {
    matches: (path) => {
      const chars = Array.from(path);
      return advance(nodes, chars, new Set([0])).has(chars.length);
    },
    weight: pattern.length + 1,
  };
}

/** Every place where a match of the nodes can end that begins at one of `starts`. */
function advance(nodes: readonly GlobNode[], chars: readonly string[], starts: ReadonlySet<number>): Set<number> {
  let at = new Set(starts);
  for (const node of nodes) {
    if (at.size === 0) return at;
    at = step(node, chars, at);
  }
  return at;
}

function step(node: GlobNode, chars: readonly string[], starts: Set<number>): Set<number> {
  switch (node.kind) {
    case "text":
      return moved(starts, (at) => (node.text.every((char, i) => chars[at + i] === char) ? at + node.text.length : -1));
    case "any":
      return extended(chars, starts, "/");
    case "super":
      return extended(chars, starts, undefined);
    case "alternatives":
      return new Set(node.patterns.flatMap((pattern) => [...advance(pattern, chars, starts)]));
    default:
      return moved(starts, (at) => (at < chars.length && fits(node, chars[at] ?? "") ? at + 1 : -1));
  }
}

function fits(node: Exclude<GlobNode, { kind: "text" | "alternatives" }>, char: string): boolean {
  if (node.kind === "list") return node.chars.has(char) !== node.isNegated;
  if (node.kind !== "range") return char !== "/";
  const point = char.codePointAt(0) ?? 0;
  return (point >= node.low && point <= node.high) !== node.isNegated;
}

function moved(starts: ReadonlySet<number>, move: (at: number) => number): Set<number> {
  const ends = new Set<number>();
  for (const at of starts) {
    const end = move(at);
    if (end >= 0) ends.add(end);
  }
  return ends;
}

/** Each start, and every place behind it up to `until`. */
function extended(chars: readonly string[], starts: ReadonlySet<number>, until: string | undefined): Set<number> {
  const ends = new Set<number>();
  for (const start of starts) {
    for (let at = start; !ends.has(at); at++) {
      ends.add(at);
      if (at === chars.length || chars[at] === until) break;
    }
  }
  return ends;
}
