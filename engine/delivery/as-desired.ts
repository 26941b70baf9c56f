// Would a run send nothing for an object? Answered from the object alone.

import type { Manifest } from "@plumbline/core/model";
import { findEntry } from "@plumbline/core/ownership";
import { matchesDesired, needsTakeover } from "@plumbline/core/plan";
import type { Dialect } from "../ports/index.ts";

export interface AsDesiredRules {
  dialect: Pick<Dialect, "managers" | "readControls">;
  /** Further managers whose fields are taken over. */
  override: readonly string[];
}

/** True when our fields of `live` are just those of `desired`, and nobody's fields are to be taken over. */
export function isAsDesired(desired: Manifest, live: Manifest, { dialect, override }: AsDesiredRules): boolean {
  const manager = dialect.managers.apply;
  const fields = findEntry(live, manager, "Apply")?.fieldsV1;
  if (!fields || !matchesDesired(desired, live, fields)) return false;
  return dialect.readControls(live).ssa === "Merge" || !needsTakeover(live, { manager, override });
}
