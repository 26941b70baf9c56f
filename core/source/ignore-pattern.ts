// One line of an ignore file, matched as go-git does (Flux uses it), which differs from Git in several corners.

import { compileGoMatch, type MatchAnswer } from "./go-match.ts";

export interface IgnorePattern {
  /** Starts with `!`: what it matches is kept. */
  readonly keeps: boolean;
  /**
   * True when the pattern takes the path. `parts` are the path below the directory of the ignore file. A pattern that
   * takes a directory takes everything below it, so only paths whose parent is not taken need to be asked.
   */
  matches(parts: readonly string[], isDirectory: boolean): boolean;
}

type Segment =
  | { kind: "empty" }
  | { kind: "any" }
  | { kind: "never" }
  | { kind: "name"; match: (name: string) => MatchAnswer };

/** Parses a line that is no comment and not blank. */
export function parseIgnorePattern(line: string): IgnorePattern {
  let text = line;
  const keeps = text.startsWith("!");
  if (keeps) text = text.slice(1);
  if (!text.endsWith("\\ ")) text = text.replace(/ +$/, "");
  const directoryOnly = text.endsWith("/");
  if (directoryOnly) text = text.slice(0, -1);
  if (!text.includes("/")) {
    const match = compileGoMatch(text);
    return { keeps, matches: (parts, isDirectory) => matchesName(match, parts, !directoryOnly || isDirectory) };
  }
  const segments = text.split("/").map(parseSegment);
  return { keeps, matches: (parts, isDirectory) => matchesPath(segments, parts, !directoryOnly || isDirectory) };
}

/** A `**` that is not alone between slashes never matches; go-git looks for it before it looks at the name. */
function parseSegment(text: string): Segment {
  if (text === "") return { kind: "empty" };
  if (text === "**") return { kind: "any" };
  return text.includes("**") ? { kind: "never" } : { kind: "name", match: compileGoMatch(text) };
}

function matchesName(match: (name: string) => MatchAnswer, parts: readonly string[], leafCounts: boolean): boolean {
  for (const [index, part] of parts.entries()) {
    const answer = match(part);
    if (answer === "malformed") return false;
    if (answer === "yes") return leafCounts || index < parts.length - 1;
  }
  return false;
}

/**
 * Left to right and never back: `**` skips to the first part that fits what follows it, a `**` at the end asks for
 * nothing (so `a/**` takes `a` itself), and `**` alone takes nothing.
 */
function matchesPath(segments: readonly Segment[], parts: readonly string[], leafCounts: boolean): boolean {
  let matched = false;
  let skipping = false;
  let at = 0;
  for (const [index, segment] of segments.entries()) {
    if (segment.kind === "empty") {
      skipping = false;
      continue;
    }
    if (segment.kind === "any") {
      if (index === segments.length - 1) break;
      skipping = true;
      continue;
    }
    if (segment.kind === "never" || at >= parts.length) return false;
    const found = skipping ? skipTo(segment.match, parts, at) : stepOver(segment.match, parts, at);
    if (found === undefined) return false;
    matched = found.matched ?? matched;
    at = found.next;
    skipping = false;
  }
  return matched && (leafCounts || at < parts.length);
}

interface Step {
  matched: boolean | undefined;
  next: number;
}

function stepOver(match: (name: string) => MatchAnswer, parts: readonly string[], at: number): Step | undefined {
  return match(parts[at] ?? "") === "yes" ? { matched: true, next: at + 1 } : undefined;
}

function skipTo(match: (name: string) => MatchAnswer, parts: readonly string[], start: number): Step | undefined {
  for (let at = start; at < parts.length; at++) {
    const answer = match(parts[at] ?? "");
    if (answer === "malformed") return undefined;
    if (answer === "yes") return { matched: true, next: at + 1 };
  }
  return { matched: false, next: parts.length };
}
