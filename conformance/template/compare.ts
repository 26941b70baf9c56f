// One request, answered by Go and by us.

import { encodeText } from "@plumbline/core/template";
import type { Oracle, OracleAnswer } from "./oracle.ts";
import { answer, nowSeconds } from "./ours.ts";
import { data } from "./rows/data.ts";

/** What differs, as text for a failure message; undefined when the answers are equal. */
export async function difference(oracle: Oracle, template: string): Promise<string | undefined> {
  // Functions that change maps do so in place: each side gets data of its own.
  const request = { mode: "sprig", name: "row", template, data, nowSeconds } as const;
  const theirs = await oracle.run(request);
  const ours = answer(request);
  const same =
    theirs.error === undefined
      ? ours.error === undefined && isEqual(ours, theirs)
      : theirs.error === readable(ours.error);
  return same || areTooDeep(theirs, ours) ? undefined : `${template}\n  go:   ${shown(theirs)}\n  ours: ${shown(ours)}`;
}

/** Bytes that are no UTF-8 come out of the oracle as replacement characters. */
export const readable = (error: string | undefined): string | undefined =>
  error === undefined ? undefined : Buffer.from(encodeText(error)).toString("utf8");

/** Go stops at a hundred thousand templates inside each other, we at a thousand: at the same place. */
export function areTooDeep(a: OracleAnswer, b: OracleAnswer): boolean {
  const [first, second] = [a, b].map(({ error }) => error?.split(tooDeep));
  return first?.length === 2 && second?.length === 2 && placeOf(first[0]) === placeOf(second[0]);
}

const tooDeep = "exceeded maximum template depth";
// Helm's engine words its own failures anew, and leaves limits of ours alone.
const placeOf = (text: string | undefined): string | undefined => /row:\d+:\d+/.exec(text ?? "")?.[0];

const isEqual = (a: OracleAnswer, b: OracleAnswer): boolean => Buffer.from(a.output).equals(b.output);

function shown({ error, output }: OracleAnswer): string {
  return error === undefined ? JSON.stringify(Buffer.from(output).toString()) : `ERROR ${error}`;
}
