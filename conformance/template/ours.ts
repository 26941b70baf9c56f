// The same requests, answered by core/template.

import { Failure, type JsonValue } from "@plumbline/core/model";
import {
  compile,
  define,
  encodeText,
  type FunctionTable,
  fromJson,
  GoBytes,
  GoMap,
  GoSlice,
  int,
  mapType,
  sliceType,
  sprigFunctions,
  TemplateSet,
} from "@plumbline/core/template";
import { secureRandom, templateCrypto } from "@plumbline/edges/crypto";
import type { OracleAnswer, OracleRequest } from "./oracle.ts";

/** What `now` answers in every comparison. */
export const nowSeconds = 1_753_000_000;

/** sprig's functions with a fixed clock, and the few that the oracle adds for values that JSON cannot carry. */
export const functions: FunctionTable = new Map([
  ...sprigFunctions({
    now: () => BigInt(nowSeconds) * 1_000_000_000n,
    random: secureRandom,
    crypto: templateCrypto,
  }),
  ["nilMap", define([], "map", () => new GoMap(new Map(), mapType, true))],
  ["nilSlice", define([], "slice", () => new GoSlice([], sliceType, true))],
  ["toInt", define(["float64"], "int", (n) => int(Math.trunc(n)))],
  ["toBytes", define(["string"], "any", (text) => new GoBytes(encodeText(text)))],
]);

/** Our output or error for a request in the mode "sprig". */
export function answer(request: OracleRequest): OracleAnswer {
  try {
    return { output: encodeText(execute(request)), error: undefined };
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    return { output: new Uint8Array(), error: thrown.message };
  }
}

function execute({ name, template, templates = {}, data, missingKey }: OracleRequest): string {
  const options = {
    missingKey: missingKey === undefined || missingKey === "default" ? "invalid" : missingKey,
  } as const;
  const set = new TemplateSet(name, functions, options);
  for (const [other, text] of Object.entries(templates)) set.add(compile(text, { name: other, functions }));
  set.add(compile(template, { name, functions }));
  return set.execute(name, data === undefined ? undefined : fromJson(data as JsonValue)); // rows hold JSON
}
