// The limits of parsing and executing a template, named in one place.

import { Failure } from "@plumbline/core/model";

/** Limits count over one execution, or over all that share a `Work`: all templates of a chart. */
export interface Limits {
  /**
   * Units of work: statements, calls, iterations, characters (one for 2) and items that functions produce, and as many
   * for a key or a hash of a password as the time that it takes is worth. Memory is bounded by them too.
   */
  steps: number;
  /** Templates executing inside templates. */
  depth: number;
  /** Characters that are written. */
  outputLength: number;
  /** Characters that one function returns. */
  textLength: number;
}

/**
 * The largest public charts take 13 million steps, write 5 million characters and have texts of one million. What a
 * template can hold within these limits takes less than 300 MB.
 */
export const defaultLimits: Limits = {
  steps: 50_000_000,
  depth: 1000,
  outputLength: 32 * 1024 * 1024,
  textLength: 4 * 1024 * 1024,
};

/** What has been done so far against the limits. */
export interface Work {
  steps: number;
  written: number;
}

/** Nothing done yet. */
export const noWork = (): Work => ({ steps: 0, written: 0 });

/** Parentheses and control blocks inside each other in one source. */
export const maxNesting = 500;
/** Width and precision of a printf verb; Go ignores larger ones too. */
export const maxPrintfWidth = 1_000_000;

/** Characters of a text that printf writes in another form: quoted or in hexadecimal. */
const maxSpelled = 2 * 1024 * 1024;
/** Characters that one printf writes. */
const maxPrinted = 16 * 1024 * 1024;

/** Values that one function walks over. A few maps that hold each other twice unfold to more than any memory holds. */
export const maxVisits = 1_000_000;

// Walks count here until the call that they belong to is charged: everything is synchronous.
let visited = 0;

/** A map or list takes some 300 bytes, and each of its entries 50: a step stands for 5 bytes of what may be held. */
export const stepsPerContainer = 60;
export const stepsPerEntry = 10;

/** Counts entries that a function adds to a map it was given. */
export function added(entries: number): void {
  visited += entries * stepsPerEntry;
}

/** The runtime keeps such texts in two bytes for each character. */
const isWide = (text: string): boolean => /[\u0100-\uffff]/.test(text);

/** Steps that one call may take before they are charged. */
const maxUncharged = 25_000_000;

/** Counts a text that was printed on the way to a result: maps can be keys, and hold whole files. */
export function printed(text: string): void {
  if (text.length <= 1000) return;
  visited += text.length >> (isWide(text) ? 1 : 2);
  if (visited > maxUncharged) throw limitExceeded("a function would print more than a template may hold");
}

/** How many values were walked over since this was last asked. */
export function takeVisited(): number {
  const count = visited;
  visited = 0;
  return count;
}

/** Characters of the texts in the values that one function walks over. */
const maxVisitedText = 4 * 1024 * 1024;

/** Counts the values of one walk; throws `LimitExceeded` when there are too many. */
export class Visits {
  private left = maxVisits;
  private textLeft = maxVisitedText;

  /** Counts a text that the walk copies. */
  text(length: number): void {
    this.textLeft -= length;
    if (this.textLeft < 0) throw limitExceeded(`a value unfolds to more than ${maxVisitedText} characters`);
  }

  /** A map or list that the walk makes takes much more memory than what it looks at. */
  made(size: number): void {
    visited += stepsPerContainer + size * stepsPerEntry;
  }

  count(): void {
    visited++;
    if (--this.left < 0) throw limitExceeded(`a value unfolds to more than ${maxVisits} values`);
  }
}

/** True for the runtime's own limits: its stack (which regular expressions report in their way), the length of a string. */
export function isExhausted(thrown: unknown): thrown is Error {
  return thrown instanceof RangeError || (thrown instanceof SyntaxError && thrown.message.endsWith("Stack overflow"));
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

/** Throws when a printf has written too much. */
export function checkPrinted(text: string): void {
  if (text.length > maxPrinted) throw limitExceeded(`printf would write more than ${maxPrinted} characters`);
}

/** Throws when so many bytes, as numbers, would be too much. */
export function checkPrintedBytes(count: number): void {
  if (count * 2 > maxPrinted) throw limitExceeded(`printf would write more than ${maxPrinted} characters`);
}

/** Throws when a printf would spell too long a text. */
export function checkSpelled(text: string): void {
  if (text.length > maxSpelled) throw limitExceeded(`printf would spell more than ${maxSpelled} characters`);
}
