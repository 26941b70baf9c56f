// Go's filepath.Match: `*` and `?` within one path part, `[...]` classes, `\` escapes.

import { callFailure } from "@plumbline/core/template";

const compiled = new Map<string, RegExp>();
/** Charts share most of their .helmignore. */
const maxKept = 500;

/** Compiles a pattern; throws `syntax error in pattern` where Go would find it malformed. */
export function compilePattern(pattern: string): RegExp {
  const known = compiled.get(pattern);
  if (known) return known;
  const regex = translate(pattern);
  if (compiled.size >= maxKept) compiled.clear();
  compiled.set(pattern, regex);
  return regex;
}

function translate(pattern: string): RegExp {
  let out = "";
  const chars = Array.from(pattern);
  for (let i = 0; i < chars.length; i++) {
    const char = chars[i] ?? "";
    if (char === "*") out += "[^/]*";
    else if (char === "?") out += "[^/]";
    else if (char === "[") {
      const found = classAt(chars, i);
      out += found.source;
      i = found.end;
    } else if (char === "\\") {
      const next = chars[++i];
      if (next === undefined) throw callFailure("syntax error in pattern");
      out += escaped(next);
    } else out += escaped(char);
  }
  return new RegExp(`^${out.replaceAll(/(?:\[\^\/\]\*)+/g, "[^/]*")}$`, "su");
}

const escaped = (char: string): string => char.replace(/[\\^$.*+?()[\]{}|/]/u, String.raw`\$&`);

function classAt(chars: string[], start: number): { source: string; end: number } {
  let at = start + 1;
  const isNegated = chars[at] === "^";
  if (isNegated) at++;
  let source = "";
  for (let first = true; first || chars[at] !== "]"; first = false) {
    const low = classChar(chars, at);
    at = low.next;
    let high = low;
    if (chars[at] === "-") {
      high = classChar(chars, at + 1);
      at = high.next;
    }
    const isEmpty = (low.char.codePointAt(0) ?? 0) > (high.char.codePointAt(0) ?? 0);
    if (!isEmpty) source += `${hex(low.char)}-${hex(high.char)}`;
  }
  const body = isNegated ? `[^${source}/]` : source === "" ? "[^\\s\\S]" : `(?!/)[${source}]`;
  return { source: body, end: at };
}

function classChar(chars: string[], at: number): { char: string; next: number } {
  const isEscaped = chars[at] === "\\";
  const char = chars[isEscaped ? at + 1 : at];
  if (char === undefined || (!isEscaped && (char === "-" || char === "]")))
    throw callFailure("syntax error in pattern");
  return { char, next: at + (isEscaped ? 2 : 1) };
}

const hex = (char: string): string => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`;
