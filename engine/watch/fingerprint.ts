// A short text that changes when somebody touches the fields we own in an object, or takes them from us.

import { type Manifest, isObject } from "@plumbline/core/model";
import { findEntry, projectOwned } from "@plumbline/core/ownership";

/** 64 bits of SHA-256: a false match would hide a drift, at odds of one in 10^19. */
const LENGTH = 16;

/**
 * Empty when `manager` owns nothing of the object by apply, and for one that is nested too deep to be read: somebody
 * made it so, and it is suspect. Holds no value of the object.
 */
export function fingerprint(object: Manifest, manager: string, sha256: (text: string) => string): string {
  try {
    return fingerprintOf(object, manager, sha256);
  } catch (error) {
    if (error instanceof RangeError) return "";
    throw error;
  }
}

function fingerprintOf(object: Manifest, manager: string, sha256: (text: string) => string): string {
  const entry = findEntry(object, manager, "Apply", "");
  if (!entry || !isObject(entry.fieldsV1)) return "";
  return sha256(`${JSON.stringify(entry.fieldsV1)}\n${textOf(projectOwned(object, entry.fieldsV1))}`).slice(0, LENGTH);
}

/** Hardly any object has an integer beyond 2^53, and asking for each value whether it is one takes several times as long. */
function textOf(owned: unknown): string {
  try {
    return JSON.stringify(owned);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return JSON.stringify(owned, (_key, value: unknown) => (typeof value === "bigint" ? `${value}n` : value));
  }
}
