// Would a run send nothing for an object? Answered from the object alone.

import { type JsonObject, type Manifest, refOf } from "@plumbline/core/model";
import { findEntry } from "@plumbline/core/ownership";
import { type FieldDifference, fieldDifferences, isIgnored, matchesDesired, needsTakeover } from "@plumbline/core/plan";
import type { Dialect } from "../ports/index.ts";
import type { IgnoreRules } from "./ignore-rules.ts";

export interface AsDesiredRules {
  dialect: Pick<Dialect, "managers" | "readControls">;
  /** Further managers whose fields are taken over. */
  override: readonly string[];
  /** Fields that are left to others. */
  ignored?: IgnoreRules | undefined;
}

/** True when our fields of `live` are just those of `desired`, and nobody's fields are to be taken over. */
export function isAsDesired(desired: Manifest, live: Manifest, rules: AsDesiredRules): boolean {
  const { dialect, override } = rules;
  const manager = dialect.managers.apply;
  const fields = findEntry(live, manager, "Apply")?.fieldsV1;
  if (!fields) return false;
  const isSame = rules.ignored
    ? ownDifferences(desired, live, fields, rules).length === 0
    : matchesDesired(desired, live, fields);
  if (!isSame) return false;
  return dialect.readControls(live).ssa === "Merge" || !needsTakeover(live, { manager, override });
}

/** Where `live` is not as we would make it, beside the fields that are left to others. */
export function ownDifferences(
  desired: Manifest,
  live: Manifest,
  fieldsV1: JsonObject,
  { ignored }: Pick<AsDesiredRules, "ignored">,
): FieldDifference[] {
  const pointers = ignored?.concerns(refOf(desired)) ? ignored.pointersBetween(desired, live) : [];
  const found = fieldDifferences(desired, live, fieldsV1);
  return found.filter(({ elements }) => !isIgnored(elements, pointers, [live, desired]));
}
