// Damages templates: pieces put in, characters taken out, tails exchanged. Most of what comes out is refused.

import fc from "fast-check";

const pieces = fc.constantFrom(
  ..."{{ }} - \n \t \" ` ' ( ) | $ . := = , x 0 end if range /* */ é 🎉 \\ 1e 0x nil true".split(" "),
  " ",
  "{{- ",
  " -}}",
);

/** What Go and we cannot be compared on: results that change, and a clock that the oracle does not fake. */
const unfit = /rand|uuid|shuffle|gen[A-Z]|bcrypt|htpasswd|encryptAES|now|keys|values|%p|date|ago|slice/i;

type Edit = (text: string) => string;

function edit(rows: readonly string[]): fc.Arbitrary<Edit> {
  const place = fc.double({ min: 0, max: 1, noNaN: true });
  const at = (text: string, share: number): number => Math.floor(share * (text.length + 1));
  return fc.oneof(
    fc.tuple(place, pieces).map(
      ([p, piece]): Edit =>
        (text) =>
          text.slice(0, at(text, p)) + piece + text.slice(at(text, p)),
    ),
    fc.tuple(place, fc.integer({ min: 1, max: 3 })).map(
      ([p, count]): Edit =>
        (text) =>
          text.slice(0, at(text, p)) + text.slice(at(text, p) + count),
    ),
    fc.tuple(place, fc.constantFrom(...rows), place).map(
      ([p, other, q]): Edit =>
        (text) =>
          text.slice(0, at(text, p)) + other.slice(at(other, q)),
    ),
  );
}

/** Rows with one to three damages each. */
export function damaged(rows: readonly string[]): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom(...rows), fc.array(edit(rows), { minLength: 1, maxLength: 3 }))
    .map(([row, edits]) => edits.reduce((text, change) => change(text), row))
    .filter((text) => !unfit.test(text) && text.isWellFormed());
}
