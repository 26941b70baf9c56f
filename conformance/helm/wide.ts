// Generated templates in Helm's engine and in ours.

import fc from "fast-check";
import { builtinFunctions } from "@plumbline/core/template";
import { areTooDeep, readable } from "../template/compare.ts";
import { fit, wideTemplate } from "../template/generate-wide.ts";
import type { Oracle, OracleAnswer } from "../template/oracle.ts";
import { data } from "../template/rows/data.ts";
import type { JsonObject } from "@plumbline/core/model";
import { functions, renderRow } from "./engine.ts";

/** Templates over Helm's functions, include and tpl among them. */
export const wideHelmTemplate: fc.Arbitrary<string> = wideTemplate({
  functions: fit([...functions.keys(), ...builtinFunctions.keys()]),
  hasInclude: true,
});

/** What differs, as text for a failure message; undefined when the answers are equal. */
export async function helmDifference(oracle: Oracle, template: string): Promise<string | undefined> {
  const theirs = await oracle.run({ mode: "helm", name: "row", template, templates: {}, data });
  const ours = renderRow(template, {}, data as unknown as JsonObject); // rows hold JSON
  return shown(theirs) === shown(ours) || areTooDeep(theirs, ours)
    ? undefined
    : `${template}\n  go:   ${shown(theirs)}\n  ours: ${shown(ours)}`;
}

function shown({ error, output }: OracleAnswer): string {
  return error === undefined ? JSON.stringify(Buffer.from(output).toString("latin1")) : `ERROR ${readable(error)}`;
}
