// The globs of .Files.Glob (gobwas/glob with "/" as separator): *, **, ?, [classes], {alternatives}.

import { Failure } from "@plumbline/core/model";
import { callFailure } from "@plumbline/core/template";

/** A matcher for whole paths; a malformed pattern matches everything, as in Helm. */
export function compileGlob(pattern: string): (path: string) => boolean {
  try {
    const regex = new RegExp(`^${translate(Array.from(pattern))}$`, "su");
    return (path) => regex.test(path);
  } catch (thrown) {
    if (thrown instanceof Failure || thrown instanceof SyntaxError) return () => true;
    throw thrown;
  }
}

/** Wildcards next to each other would let a pattern take exponential time. */
const maxWildcards = 32;

function translate(chars: string[]): string {
  let out = "";
  let depth = 0;
  let wildcards = 0;
  for (let at = 0; at < chars.length; at++) {
    const char = chars[at] ?? "";
    if (char === "*") {
      let stars = 1;
      while (chars[at + 1] === "*") {
        stars++;
        at++;
      }
      if (++wildcards > maxWildcards) throw callFailure("too many wildcards in a glob");
      out += stars > 1 ? "[\\s\\S]*" : "[^/]*";
    } else if (char === "?") out += "[^/]";
    else if (char === "{") {
      depth++;
      out += "(?:";
    } else if (char === "}" && depth > 0) {
      depth--;
      out += ")";
    } else if (char === "," && depth > 0) out += "|";
    else if (char === "[") {
      const end = chars.indexOf("]", at + 1);
      if (end < 0) throw callFailure("unexpected end of input");
      out += characterClass(chars.slice(at + 1, end));
      at = end;
    } else if (char === "\\") out += escaped(chars[++at] ?? "");
    else out += escaped(char);
  }
  if (depth > 0) throw callFailure("unexpected end of input");
  return out;
}

function characterClass(chars: string[]): string {
  const isNegated = chars[0] === "!";
  const body = isNegated ? chars.slice(1) : chars;
  if (body.length === 0) throw callFailure("empty range");
  const text = body.map((char) => (char === "-" && body.length === 3 ? "-" : escaped(char))).join("");
  return `[${isNegated ? "^" : ""}${text}]`;
}

const escaped = (char: string): string => char.replace(/[\\^$.*+?()[\]{}|/-]/u, String.raw`\$&`);
