// What a revision brings that is hardly meant: told once per revision.

import { type Delivery, formatRef } from "@plumbline/core/model";
import type { Desired } from "@plumbline/core/plan";
import type { DeliveryState } from "./delivery-state.ts";

/** So many objects are named; the rest is counted. */
const MAX_LISTED = 20;

interface Warned {
  state: DeliveryState;
  delivery: Delivery;
  revision: { resolved: { revision: string } };
}

/**
 * A sentence for each object with fields that its kind does not have. Nothing for a build that is used again, and for
 * one that was told of before, also before a restart.
 */
export function newWarnings(run: Warned, desired: readonly Desired[] | undefined): string[] {
  const { state, delivery } = run;
  const { revision } = run.revision.resolved;
  const mark = `${revision} ${delivery.origin.generation}`;
  const wasTold =
    delivery.lastAttemptedRevision === revision && delivery.observedGeneration === delivery.origin.generation;
  if (!desired || state.warnedOf === mark || wasTold) return [];
  state.warnedOf = mark;
  const lines = desired.flatMap(({ ref, dropped = [] }) =>
    dropped.length === 0 ? [] : [`${formatRef(ref)}: unknown field ${quoted(dropped)}, left out: check the spelling`],
  );
  const more = lines.length > MAX_LISTED ? [`and ${lines.length - MAX_LISTED} more`] : [];
  return [...lines.sort().slice(0, MAX_LISTED), ...more];
}

function quoted(paths: readonly string[]): string {
  return paths.map((path) => JSON.stringify(path)).join(", ");
}
