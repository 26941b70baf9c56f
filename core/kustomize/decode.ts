// JSON values to typed settings, as encoding/json fills Go structs: case-insensitive keys, null leaves the default.

import { isObject, type JsonObject, type JsonValue } from "@plumbline/core/model";
import { compareUtf8, formatFloatG } from "@plumbline/core/yaml";
import { buildFailure } from "./failures.ts";

export interface DecodeContext {
  /** The file that the value stands in, for failures. */
  file: string;
  /** Refuse fields that the type does not have. */
  strict: boolean;
  /** Take numbers and booleans for strings, as sigs.k8s.io/yaml does when it decodes into a struct. */
  coerce: boolean;
}

/** Reads one value; undefined stands for null or absent. */
export type Decoder<T> = (value: JsonValue, field: string, context: DecodeContext) => T | undefined;

function typeName(value: JsonValue): string {
  if (Array.isArray(value)) return "a list";
  if (isObject(value)) return "a mapping";
  return typeof value === "string" ? "a string" : typeof value === "boolean" ? "a boolean" : "a number";
}

function mismatch(value: JsonValue, wanted: string, place: { field: string; context: DecodeContext }): never {
  const { field, context } = place;
  throw buildFailure(
    `${field} must be ${wanted} but is ${typeName(value)}`,
    { file: context.file, field },
    wanted === "a string" ? "Quote the value." : `Write ${wanted}.`,
  );
}

export const text: Decoder<string> = (value, field, context) => {
  if (value === null) return undefined;
  if (typeof value === "string") return value;
  if (!context.coerce || typeof value === "object") return mismatch(value, "a string", { field, context });
  return typeof value === "number" && !Number.isInteger(value) ? formatFloatG(value) : String(value);
};

export const flag: Decoder<boolean> = (value, field, context) => {
  if (value === null) return undefined;
  return typeof value === "boolean" ? value : mismatch(value, "a boolean", { field, context });
};

export const integer: Decoder<number | bigint> = (value, field, context) => {
  if (value === null) return undefined;
  if (typeof value === "bigint" || (typeof value === "number" && Number.isInteger(value))) return value;
  return mismatch(value, "an integer", { field, context });
};

/** Whatever stands there. */
export const anything: Decoder<JsonValue> = (value) => (value === null ? undefined : value);

export function listOf<T>(item: Decoder<T>, absent: T): Decoder<T[]> {
  return (value, field, context) => {
    if (value === null) return undefined;
    if (!Array.isArray(value)) return mismatch(value, "a list", { field, context });
    return value.map((entry, i) => item(entry, `${field}[${i}]`, context) ?? absent);
  };
}

export function mapOf<T>(item: Decoder<T>, absent: T): Decoder<Map<string, T>> {
  return (value, field, context) => {
    if (value === null) return undefined;
    if (!isObject(value)) return mismatch(value, "a mapping", { field, context });
    const keys = Object.keys(value).sort(compareUtf8);
    return new Map(keys.map((key) => [key, item(value[key] as JsonValue, `${field}.${key}`, context) ?? absent]));
  };
}

export const texts = listOf(text, "");
export const textMap = mapOf(text, "");

/** A struct: every field is optional in the result. */
export function object<T extends object>(fields: { [K in keyof T]-?: Decoder<T[K]> }): Decoder<Partial<T>> {
  const table = new Map<string, Decoder<unknown>>(Object.entries(fields) as [string, Decoder<unknown>][]);
  const folded = new Map([...table.keys()].map((name) => [name.toLowerCase(), name]));
  return (value, field, context) => {
    if (value === null) return undefined;
    if (!isObject(value)) return mismatch(value, "a mapping", { field, context });
    const result: Record<string, unknown> = {};
    for (const key of keysInOrder(value)) {
      const name = table.has(key) ? key : folded.get(key.toLowerCase());
      const path = field === "" ? key : `${field}.${key}`;
      if (name === undefined) {
        if (context.strict) throw unknownField(key, path, context);
        continue;
      }
      const decoded = (table.get(name) as Decoder<unknown>)(value[key] as JsonValue, path, context);
      if (decoded !== undefined) result[name] = decoded;
    }
    return result as Partial<T>;
  };
}

function keysInOrder(value: JsonObject): string[] {
  return Object.keys(value).sort(compareUtf8);
}

function unknownField(key: string, path: string, context: DecodeContext): Error {
  return buildFailure(
    `unknown field "${key}"`,
    { file: context.file, field: path },
    "Remove the field or correct its name.",
  );
}
