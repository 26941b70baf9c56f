// What a revision brings that is hardly meant: told once per revision.

import { type Delivery, formatRef, type Warning } from "@plumbline/core/model";
import type { Desired } from "@plumbline/core/plan";
import type { Dialect } from "../ports/index.ts";
import type { DeliveryState } from "./delivery-state.ts";

/** So many objects are named; the rest is counted. */
const MAX_LISTED = 20;

interface Warned {
  state: DeliveryState;
  delivery: Delivery;
  revision: { resolved: { revision: string } };
  tools: { ports: { dialect: Pick<Dialect, "rivalWarning"> } };
}

/**
 * Fields that a kind does not have, and controllers that would do our work beside us. Nothing for a build that is used
 * again; unknown fields that were told before a restart are not told again.
 */
export function newWarnings(run: Warned, desired: readonly Desired[] | undefined): Warning[] {
  const { state, delivery } = run;
  const { revision } = run.revision.resolved;
  const mark = `${revision} ${delivery.origin.generation}`;
  if (!desired || state.warnedOf === mark) return [];
  state.warnedOf = mark;
  const wasTold =
    delivery.lastAttemptedRevision === revision && delivery.observedGeneration === delivery.origin.generation;
  const rivals = desired.flatMap((one) => rivalLine(one, run.tools.ports.dialect));
  return [
    ...warningOf("UnknownField", wasTold ? [] : desired.flatMap(unknownFields)),
    ...warningOf("RivalController", rivals),
  ];
}

function warningOf(reason: Warning["reason"], lines: readonly string[]): Warning[] {
  if (lines.length === 0) return [];
  const more = lines.length > MAX_LISTED ? [`and ${lines.length - MAX_LISTED} more`] : [];
  return [{ reason, message: [...lines.toSorted().slice(0, MAX_LISTED), ...more].join("\n") }];
}

function unknownFields({ ref, dropped = [] }: Desired): string[] {
  if (dropped.length === 0) return [];
  return [`${formatRef(ref)}: unknown field ${quoted(dropped)}, left out: check the spelling`];
}

function rivalLine({ ref, manifest, controls }: Desired, dialect: Pick<Dialect, "rivalWarning">): string[] {
  if (controls.disabled || controls.ssa === "Ignore") return [];
  const warning = dialect.rivalWarning(manifest);
  return warning === undefined ? [] : [`${formatRef(ref)} ${warning}`];
}

function quoted(paths: readonly string[]): string {
  return paths.map((path) => JSON.stringify(path)).join(", ");
}
