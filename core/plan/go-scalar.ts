// One scalar as Go's types read and write it again: canonical quantities, base64 and times.

import type { JsonValue } from "@plumbline/core/model";
import { canonicalQuantity, type TypeNode } from "@plumbline/core/schema";

const timeText = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;
/** Of Events and leases; Go takes no other number of digits there. */
const microTimeText = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(?:Z|[+-]\d\d:\d\d)$/;
const base64Text = /^[A-Za-z0-9+/]*={0,2}$/;

/** The value as Go writes it; undefined when the field's Go type cannot hold it. */
export function goScalar(type: TypeNode, value: JsonValue): JsonValue | undefined {
  switch (type.format) {
    case "quantity":
      return goQuantity(value);
    case "byte":
      if (Array.isArray(value) && value.length === 0) return "";
      return typeof value === "string" ? goBytes(value) : undefined;
    case "date-time":
      return typeof value === "string" ? goTime(value, type.name === "meta.v1.MicroTime") : undefined;
    case "int-or-string":
      return typeof value === "string" || isWhole(value) ? value : undefined;
    default:
      return fits(type.type, value) ? value : undefined;
  }
}

function fits(type: TypeNode["type"], value: JsonValue): boolean {
  if (type === "integer") return isWhole(value);
  if (type === "number") return typeof value === "number" || typeof value === "bigint";
  return type === "string" || type === "boolean" ? typeof value === type : true;
}

function isWhole(value: JsonValue): boolean {
  return typeof value === "bigint" || (typeof value === "number" && Number.isInteger(value));
}

function goQuantity(value: JsonValue): string | undefined {
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "bigint") return undefined;
  try {
    return canonicalQuantity(String(value));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Line breaks are allowed inside and go; bits that no byte needs become zero. */
function goBytes(text: string): string | undefined {
  const joined = text.replaceAll(/[\r\n]/g, "");
  if (joined.length % 4 !== 0 || !base64Text.test(joined)) return undefined;
  return Uint8Array.fromBase64(joined).toBase64();
}

function goTime(text: string, isMicro: boolean): string | undefined {
  const milliseconds = (isMicro ? microTimeText : timeText).test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(milliseconds)) return undefined;
  const seconds = new Date(milliseconds).toISOString().slice(0, 19);
  return isMicro ? `${seconds}${text.slice(19, 26)}Z` : `${seconds}Z`;
}
