// Go's regular expressions, run in linear time: plain texts are compared, everything else goes to RE2.

import { RE2JS, RE2JSException } from "re2js";
import { buildFailure } from "./failures.ts";
import { MAX_PATTERN_LENGTH } from "./limits.ts";

export type Matcher = (text: string) => boolean;

const LITERAL = /^[\w/:@ -]*$/;

/** Compiles a whole pattern. Throws `Failure` naming the pattern when Go would refuse it. */
export function compilePattern(pattern: string): Matcher {
  if (pattern.length > MAX_PATTERN_LENGTH) {
    throw buildFailure(`a regular expression of ${pattern.length} characters`, {}, "Shorten it.", "LimitExceeded");
  }
  try {
    const compiled = RE2JS.compile(pattern);
    return (text) => compiled.matcher(text).find();
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    throw buildFailure(
      `error parsing regexp \`${pattern}\`: ${error.message}`,
      {},
      "Correct the regular expression (Go's RE2 syntax).",
    );
  }
}

/** `^(?:pattern)$`; an empty pattern matches everything. */
export function compileAnchored(pattern: string): Matcher {
  if (pattern === "") return () => true;
  if (LITERAL.test(pattern)) return (text) => text === pattern;
  return compilePattern(`^(?:${pattern})$`);
}
