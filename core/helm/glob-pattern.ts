// Reads glob patterns as gobwas/glob does: *, **, ?, [classes], {alternatives}, backslashes.

import { limitExceeded } from "@plumbline/core/template";

const maxBraces = 100;

/** One piece of a pattern. */
export type GlobNode =
  | { kind: "text"; text: readonly string[] }
  | { kind: "any" | "super" | "single" }
  | { kind: "list"; chars: ReadonlySet<string>; isNegated: boolean }
  | { kind: "range"; low: number; high: number; isNegated: boolean }
  | { kind: "alternatives"; patterns: GlobNode[][] };

interface Reader {
  readonly chars: readonly string[];
  at: number;
  /** How many braces are open. */
  depth: number;
}

/** The nodes of a pattern; undefined where it is malformed. */
export function parseGlob(pattern: string): GlobNode[] | undefined {
  const chars = Array.from(pattern);
  if (chars.some((char) => char === "\ufffd" || /^[\ud800-\udfff]$/.test(char))) return undefined;
  return readSequence({ chars, at: 0, depth: 0 });
}

/** Up to the end, or to the comma or brace that ends an alternative. */
function readSequence(reader: Reader): GlobNode[] | undefined {
  const nodes: GlobNode[] = [];
  while (reader.at < reader.chars.length) {
    const char = reader.chars[reader.at] ?? "";
    if (reader.depth > 0 && (char === "," || char === "}")) return nodes;
    const node = readNode(reader, char);
    if (!node) return undefined;
    nodes.push(node);
  }
  return nodes;
}

function readNode(reader: Reader, char: string): GlobNode | undefined {
  switch (char) {
    case "*":
      reader.at++;
      if (reader.chars[reader.at] !== "*") return { kind: "any" };
      reader.at++;
      return { kind: "super" };
    case "?":
      reader.at++;
      return { kind: "single" };
    case "[":
      reader.at++;
      return readClass(reader);
    case "{":
      reader.at++;
      return readAlternatives(reader);
    default:
      return { kind: "text", text: readText(reader, reader.depth > 0 ? "?*[{}," : "?*[{") };
  }
}

/** A backslash takes the next character as it stands; one at the end stands for nothing. */
function readText(reader: Reader, breakers: string): string[] {
  const text: string[] = [];
  for (let isEscaped = false; reader.at < reader.chars.length; reader.at++) {
    const char = reader.chars[reader.at] ?? "";
    if (!isEscaped && char === "\\") isEscaped = true;
    else if (!isEscaped && breakers.includes(char)) break;
    else {
      text.push(char);
      isEscaped = false;
    }
  }
  return text;
}

/** `[abc]`, `[!abc]` or `[a-c]`: a list and a range do not mix. */
function readClass(reader: Reader): GlobNode | undefined {
  const isNegated = reader.chars[reader.at] === "!";
  if (isNegated) reader.at++;
  const [low = "", dash, high, close] = reader.chars.slice(reader.at, reader.at + 4);
  if (dash === "-") {
    const isRange = high !== undefined && close === "]" && high >= low;
    if (!isRange) return undefined;
    reader.at += 4;
    return { kind: "range", low: low.codePointAt(0) ?? 0, high: high.codePointAt(0) ?? 0, isNegated };
  }
  const chars = new Set(readText(reader, "]"));
  if (chars.size === 0 || reader.chars[reader.at] !== "]") return undefined;
  reader.at++;
  return { kind: "list", chars, isNegated };
}

/** `{a,b}`; a pattern may end before the brace does. */
function readAlternatives(reader: Reader): GlobNode | undefined {
  if (++reader.depth > maxBraces) throw limitExceeded(`a glob has more than ${maxBraces} braces inside each other`);
  const patterns: GlobNode[][] = [];
  for (;;) {
    const pattern = readSequence(reader);
    if (!pattern) return undefined;
    patterns.push(pattern);
    const char = reader.chars[reader.at++];
    if (char === ",") continue;
    if (char === "}") reader.depth--;
    return { kind: "alternatives", patterns };
  }
}
