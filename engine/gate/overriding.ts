// Whether somebody lets the changes of a delivery go in spite of the windows.

import { asFailure, type Manifest, type Overriding } from "@plumbline/core/model";
import type { WindowDialect } from "../ports/index.ts";

/** `now` in wall-clock milliseconds. Undefined without the annotation. */
export function overridingOf(object: Manifest, dialect: WindowDialect, now: number): Overriding | undefined {
  try {
    const found = dialect.readOverride(object);
    if (!found) return undefined;
    if (now >= found.until) return { state: "ended" };
    const until = new Date(found.until).toISOString().replace(/\.000Z$/, "Z");
    return { state: "active", who: found.who, reason: found.reason, until };
  } catch (error) {
    return { state: "refused", failure: asFailure(error, "InvalidSpec") };
  }
}
