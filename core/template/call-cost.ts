// What calls of functions cost, by the size of what goes in and what comes out.

import { stepsPerContainer, stepsPerEntry } from "./limits.ts";
import { type Callable, GoMap, GoSlice, type Value } from "./value.ts";

/** What a call costs: functions walk over their arguments, so long texts and lists count. */
export function weigh(values: readonly Value[]): number {
  let cost = 1;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (typeof value === "string") cost += value.length >> 4;
    else if (value instanceof GoSlice) cost += value.items.length >> 4;
    else if (value instanceof GoMap) cost += value.entries.size >> 4;
  }
  return cost;
}

/** What a list of so many items takes of the memory, in steps. */
export const listSteps = (items: number): number => 24 + 2 * items;

/** Texts up to this length are not counted: the call itself is. */
export const shortText = 64;

/** What a list or map costs that was made by the call: its size is what it takes of the memory. */
export function weighResult({ result: type }: Callable, values: readonly Value[], result: Value): number {
  if (typeof result !== "object" || result === null) return 0;
  if (result instanceof GoSlice) return type.kind === "slice" ? listSteps(result.items.length) : 0;
  if (!(result instanceof GoMap) || type.kind !== "map") return 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value instanceof GoMap && value.entries === result.entries) return 0;
  }
  return stepsPerContainer + stepsPerEntry * result.entries.size;
}
