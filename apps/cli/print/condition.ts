// One condition of an object's status, for people.

import { dig, digString, isObject, type Manifest } from "@plumbline/core/model";

/** `Unknown` and a word about waiting where there is none. */
export function conditionOf(object: Manifest, type: string): { status: string; reason: string; message: string } {
  const conditions = dig(object, "status", "conditions");
  const found = Array.isArray(conditions) ? conditions.find((each) => isObject(each) && each.type === type) : undefined;
  const text = (key: string): string => digString(found, key) ?? "";
  return {
    status: text("status") || "Unknown",
    reason: text("reason"),
    message: text("message") || "waiting to be reconciled",
  };
}
