// The limits of parsing and executing a template, named in one place.

import { Failure } from "@plumbline/core/model";

export interface Limits {
  /** Units of work: statements, calls, iterations, and characters or items that functions produce (one per 16). */
  steps: number;
  /** Templates executing inside templates. */
  depth: number;
  /** Characters that one execution writes, and characters that one function returns. */
  outputLength: number;
}

/** Real charts stay below a hundredth of each of these. */
export const defaultLimits: Limits = {
  steps: 50_000_000,
  depth: 1000,
  outputLength: 64 * 1024 * 1024,
};

/** Parentheses and control blocks inside each other in one source. */
export const maxNesting = 500;
/** Width and precision of a printf verb; Go ignores larger ones too. */
export const maxPrintfWidth = 1_000_000;

/** Values that one function walks over. A few maps that hold each other twice unfold to more than any memory holds. */
export const maxVisits = 1_000_000;

// Walks count here until the call that they belong to is charged: everything is synchronous.
let visited = 0;

/** How many values were walked over since this was last asked. */
export function takeVisited(): number {
  const count = visited;
  visited = 0;
  return count;
}

/** Counts the values of one walk; throws `LimitExceeded` when there are too many. */
export class Visits {
  private left = maxVisits;

  count(): void {
    visited++;
    if (--this.left < 0) throw limitExceeded(`a value unfolds to more than ${maxVisits} values`);
  }
}

/** The failure for a limit that was passed. */
export function limitExceeded(what: string): Failure {
  return new Failure({
    reason: "LimitExceeded",
    message: what,
    hint: "Make the template do less, or raise the limit it is rendered with",
    retry: "never",
  });
}
