// One request, answered by Go and by us.

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
    theirs.error === undefined ? ours.error === undefined && isEqual(ours, theirs) : theirs.error === ours.error;
  return same ? undefined : `${template}\n  go:   ${shown(theirs)}\n  ours: ${shown(ours)}`;
}

const isEqual = (a: OracleAnswer, b: OracleAnswer): boolean => Buffer.from(a.output).equals(b.output);

function shown({ error, output }: OracleAnswer): string {
  return error === undefined ? JSON.stringify(Buffer.from(output).toString()) : `ERROR ${error}`;
}
