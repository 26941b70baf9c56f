// Reads fields of objects as kstatus does: wrong types count as absent, except in conditions and generations.

import { type JsonValue, type Manifest, dig, isObject } from "@plumbline/core/model";

export interface Condition {
  type: string;
  status: string;
  reason: string;
  message: string;
}

/** An integer field, or the default when it is absent or no integer. */
export function integerAt(object: Manifest, path: readonly string[], otherwise: number): number {
  const value = dig(object, ...path);
  if (typeof value === "bigint") return Number(value);
  return typeof value === "number" && Number.isInteger(value) ? value : otherwise;
}

/** A text field, or the default when it is absent or no text. */
export function textAt(object: Manifest, path: readonly string[], otherwise: string): string {
  const value = dig(object, ...path);
  return typeof value === "string" ? value : otherwise;
}

/** `status.conditions`; throws `TypeError` when they do not have the usual form. */
export function conditionsOf(object: Manifest): Condition[] {
  const { status } = object;
  if (status === undefined || status === null) return [];
  if (!isObject(status)) throw new TypeError("status is not an object");
  const list = Object.hasOwn(status, "conditions") ? status.conditions : undefined;
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list)) throw new TypeError("status.conditions is not a list");
  return list.map(conditionOf);
}

function conditionOf(item: JsonValue, index: number): Condition {
  if (item !== null && !isObject(item)) throw new TypeError(`status.conditions[${index}] is not an object`);
  const text = (field: string): string => {
    const value = dig(item, field);
    if (value === undefined || value === null) return "";
    if (typeof value !== "string") throw new TypeError(`status.conditions[${index}].${field} is not a text`);
    return value;
  };
  return { type: text("type"), status: text("status"), reason: text("reason"), message: text("message") };
}

/** The first condition of a type with a status. */
export function findCondition(conditions: readonly Condition[], type: string, status: string): Condition | undefined {
  return conditions.find((condition) => condition.type === type && condition.status === status);
}

/** A generation counter; undefined when absent; throws `TypeError` when it is no integer. */
export function generationAt(object: Manifest, ...path: [string, string]): number | bigint | undefined {
  const parent = dig(object, path[0]);
  if (parent === undefined || parent === null) return undefined;
  if (!isObject(parent)) throw new TypeError(`${path[0]} is not an object`);
  const value = dig(parent, path[1]);
  if (value === undefined) return undefined;
  if (typeof value === "bigint" || (typeof value === "number" && Number.isInteger(value))) return value;
  throw new TypeError(`${path.join(".")} is not an integer`);
}
