// Go regular expressions for other rooms: RE2's syntax, in time that grows with the text alone.

import type { CallContext } from "../value.ts";
import { compileExpression } from "./regex.ts";
import { countedMatcher } from "./counted-matcher.ts";

export interface GoRegexp {
  readonly expression: string;
  /** Whether it matches somewhere in a text; what that costs is spent. */
  readonly matches: (text: string, work: Pick<CallContext, "spend">) => boolean;
}

/** Throws `TemplateFailed` with Go's words (`error parsing regexp: …`) for what RE2 does not take, `LimitExceeded` for too large ones. */
export function goRegexp(expression: string): GoRegexp {
  const regex = compileExpression({ spend: () => undefined }, expression, false);
  return { expression, matches: (text, work) => countedMatcher(work, regex, text).find(0) };
}
