// What `range` walks over: whole numbers, lists, bytes, and maps in key order.

import type { Execution } from "./execution.ts";
import { show } from "./printf.ts";
import { GoBytes, GoInt, GoMap, GoSlice, int, sortedKeys, uint8Type, type Value } from "./value.ts";

/** Sorting the keys of a large map takes longer than walking over it. */
const stepsPerKey = 8;

/** Runs one iteration; false ends the loop. */
type Iterate = (index: Value, element: Value, isInterface: boolean) => boolean;

interface Ranged {
  value: Value;
  /** How many variables the range declares. */
  variables: number;
}

/** False when there was nothing to walk over, so that the else branch runs. Fails for values without elements. */
export function rangeOver(execution: Execution, { value, variables }: Ranged, iterate: Iterate): boolean {
  if (value === undefined || value === null) return false;
  if (value instanceof GoSlice) return rangeItems(value, iterate);
  if (value instanceof GoMap) return rangeMap(execution, value, iterate);
  if (value instanceof GoBytes) return rangeBytes(value, iterate);
  if (value instanceof GoInt) {
    if (variables > 1) execution.fail(`can't use ${show(value)} to iterate over more than one variable`);
    return rangeInt(value, iterate);
  }
  return execution.fail(`range can't iterate over ${show(value)}`);
}

function rangeItems(slice: GoSlice, iterate: Iterate): boolean {
  const isInterface = slice.type.elem?.kind === "interface";
  const { items } = slice;
  for (let i = 0; i < items.length; i++) if (!iterate(int(i), items[i], isInterface)) break;
  return items.length > 0;
}

function rangeMap(execution: Execution, map: GoMap, iterate: Iterate): boolean {
  execution.spend(stepsPerKey * map.entries.size); // the keys are sorted, even when the first iteration ends the loop
  const isInterface = map.type.elem?.kind === "interface";
  const entries = sortedKeys(map.entries).map((key) => [key, map.entries.get(key)] as const);
  for (const [key, value] of entries) if (!iterate(key, value, isInterface)) break;
  return entries.length > 0;
}

function rangeBytes({ bytes }: GoBytes, iterate: Iterate): boolean {
  for (const [i, byte] of bytes.entries()) if (!iterate(int(i), new GoInt(byte, uint8Type), false)) break;
  return bytes.length > 0;
}

function rangeInt(value: GoInt, iterate: Iterate): boolean {
  const end = Number(value.n);
  for (let i = 0; i < end; i++) if (!iterate(undefined, new GoInt(i, value.type), false)) break;
  return end > 0;
}
