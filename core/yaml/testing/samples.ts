// Texts and values to try: for tests only.

import fc from "fast-check";
import type { JsonValue } from "@plumbline/core/model";
import { documents } from "../../../conformance/oracle-yaml/documents.ts";

const pieces = [
  ["a", "b", "word", "long-word-here", " ", " ", "  ", "\n", "\n\n", ":", ": ", "#", " #", "'", '"', "\\", "-", "- "],
  [
    "?",
    "[",
    "]",
    "{",
    "}",
    ",",
    "&",
    "*",
    "!",
    "|",
    ">",
    "%",
    "@",
    "`",
    "\t",
    "\r",
    "é",
    "中",
    "😀",
    "\u2028",
    "\u2029",
  ],
  [
    "\u00a0",
    "0",
    "1",
    "12",
    ".",
    "e",
    "x",
    "_",
    "+",
    "yes",
    "true",
    "null",
    "~",
    "---",
    "...",
    "=",
    "<",
    "&lt",
    "\u0007",
  ],
  ["\u001b", "Y", "2001-01-01", "1:30", "0x1f", "\u00ad", "\u200b", "\ue000", "\u007f", "\ufeff", "\u0085"],
].flat();
const alphabet = fc.constantFrom(...pieces);
const strangeText = fc.array(alphabet, { maxLength: 40 }).map((parts) => parts.join(""));
const prose = fc
  .array(
    fc.tuple(
      fc.constantFrom("lorem", "ipsum", "d", "o'clock", "a:", "#x", "é", "😀"),
      fc.constantFrom(" ", " ", " ", "  ", "-", ""),
    ),
    {
      minLength: 10,
      maxLength: 60,
    },
  )
  .map((parts) => parts.flat().join(""));
const keys = fc.oneof(
  fc.constantFrom(
    "a1",
    "a10",
    "a2",
    "A",
    "b",
    "_x",
    "0",
    "10",
    "9",
    "a-b",
    "a.b",
    "aB",
    "y",
    "1.5",
    "k8s",
    "__proto__",
    "é",
    "😀",
  ),
  strangeText,
);
const numbers = fc.oneof(
  fc.integer(),
  fc.double({ noDefaultInfinity: true, noNaN: true }),
  fc.maxSafeInteger(),
  fc.constantFrom(1e21, 1e-7, 1e6, 1234567.5, 2 ** 63, 2 ** 64, 1e20, -1e19, 5e-324),
);
export const { value: values } = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    strangeText,
    prose,
    numbers,
    fc.constantFrom(null, true, false, ""),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.array(fc.tuple(keys, tie("value")), { maxLength: 5 }).map((entries) => Object.fromEntries(entries)),
  ),
}));

const base = documents.filter((text) => text.length < 200);
const blows = [
  [
    " ",
    "  ",
    "\t",
    "\n",
    "\n\n",
    ":",
    ": ",
    "-",
    "- ",
    "#",
    " #",
    '"',
    "'",
    "|",
    ">",
    "|-",
    ">-",
    "{",
    "}",
    "[",
    "]",
    ",",
  ],
  [
    "? ",
    "&a ",
    "*a",
    "!",
    "!!str ",
    "%",
    "---\n",
    "...\n",
    "@",
    "`",
    "<<: ",
    "\\",
    "yes",
    "1.5",
    "é",
    "\u0085",
    "\r\n",
    "\r",
    "",
  ],
].flat();
const damages = fc.constantFrom(...blows);
/** Two texts of the table under one another, with some damage done to them. */
const damaged = fc
  .tuple(
    fc.constantFrom(...base),
    fc.constantFrom("", "\n"),
    fc.constantFrom(...base),
    fc.array(fc.tuple(fc.nat(400), fc.nat(2), damages), { maxLength: 4 }),
  )
  .map(([first, between, second, edits]) => {
    let text = first + between + second;
    for (const [at, cut, insert] of edits) {
      const place = at % (text.length + 1);
      text = text.slice(0, place) + insert + text.slice(place + cut);
    }
    return text;
  });

/** JSON texts of generated values. */
export function sampleJson(seed: number, count: number): string[] {
  return fc.sample(values, { numRuns: count, seed }).map((value) => JSON.stringify(value));
}

/** Keys that are different to Go and equal in JSON (`1`, `1.0`, `01`): which one wins is random there. */
function hasClashingKeys(text: string): boolean {
  return new Set(text.match(/(?<![\w.])['"]?(?:0x|0b|0)*1(?:\.0)?['"]?(?= ?:)/g)).size > 1;
}

/** Damaged texts; `plain` leaves out those with comments next to the breaks U+0085, U+2028 and U+2029. */
export function sampleTexts(seed: number, count: number): { texts: string[]; plain: string[] } {
  const texts = fc.sample(damaged, { numRuns: count, seed }).filter((text) => !hasClashingKeys(text));
  return { texts, plain: texts.filter((text) => !text.includes("#") || !/[\u0085\u2028\u2029]/.test(text)) };
}
