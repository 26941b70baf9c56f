// Matching that counts: what a regular expression costs is known only while it runs.

import { type Matcher, RE2JS } from "re2js";
import type { CallContext } from "../value.ts";

/** Texts up to this length are charged as if each look went to their end. */
const shortText = 256;
/** Characters looked at, times instructions of the expression, that make one step. */
const lookedAtPerStep = 16;
const charactersPerCharge = 64;
/** Characters that the native search looks at in the time that an expression needs for one. */
const charactersPerLook = 1024;

/** What re2js asks of a text, with a count of the characters it looks at. It searches for constant texts by indexOf. */
class CountedText extends String {
  private looked = 0;
  private readonly text: string;
  private readonly charge: (characters: number) => void;

  constructor(text: string, charge: (characters: number) => void) {
    super(text);
    this.text = text;
    this.charge = charge;
  }

  override charCodeAt(at: number): number {
    if (++this.looked === charactersPerCharge) {
      this.looked = 0;
      this.charge(charactersPerCharge);
    }
    return this.text.charCodeAt(at);
  }

  override indexOf(part: string, from = 0): number {
    const found = this.text.indexOf(part, from);
    this.charge(((found < 0 ? this.length : found) - from) / charactersPerLook);
    return found;
  }

  override substring(start: number, end?: number): string {
    return this.text.substring(start, end);
  }

  override toString(): string {
    return this.text;
  }
}

export interface CountedMatcher {
  readonly matcher: Matcher;
  /** Finds the next match from `at` on. Throws `LimitExceeded`. */
  find: (at: number) => boolean;
}

/** A matcher of a text whose looks at characters are charged to the context. */
export function countedMatcher(context: Pick<CallContext, "spend">, regex: RE2JS, text: string): CountedMatcher {
  const matcher = regex.matcher(text);
  const size = regex.programSize();
  const charge = (characters: number): void => context.spend(Math.ceil((characters * size) / lookedAtPerStep));
  if (text.length <= shortText) {
    return {
      matcher,
      find: (at) => {
        charge(text.length - at);
        return matcher.find(at);
      },
    };
  }
  // re2js has no way in for a text of another kind: its input is exchanged after the check of the constructor.
  const { matcherInput } = matcher as unknown as { matcherInput: { charSequence: CountedText } };
  matcherInput.charSequence = new CountedText(text, charge);
  return { matcher, find: (at) => matcher.find(at) };
}
