// What calls of functions cost, by the size of what goes in and what comes out.

import type { Execution } from "./execution.ts";
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

/** What a result costs that was made by the call: its size is what it takes of the memory. */
export function weighResult(
  execution: Execution,
  { result: type }: Callable,
  { values, result }: { values: readonly Value[]; result: Value },
): void {
  if (typeof result === "string") {
    if (result.length > 64) execution.reserve(result.length);
  } else if (result instanceof GoSlice) {
    if (type.kind === "slice") execution.spend(12 + (result.items.length >> 1));
  } else if (result instanceof GoMap && type.kind === "map") {
    const isGiven = values.some((value) => value instanceof GoMap && value.entries === result.entries);
    if (!isGiven) execution.spend(12 + result.entries.size);
  }
}
