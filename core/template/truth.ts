// Truth, emptiness and comparison of Go values.

import { Failure } from "@plumbline/core/model";
import { Visits } from "./limits.ts";
import { show, sprintf } from "./printf.ts";
import {
  compareStrings,
  GoBytes,
  GoComplex,
  GoFunc,
  GoInt,
  GoMap,
  GoObject,
  GoSlice,
  type GoType,
  typeOf,
  type Value,
} from "./value.ts";

/** `template.IsTrue`: not the zero value; structs are true. */
export function isTrue(value: Value): boolean {
  switch (typeof value) {
    case "boolean":
      return value;
    case "string":
      return value !== "";
    case "number":
      return value !== 0;
    case "undefined":
      return false;
    default:
      return isTrueObject(value);
  }
}

function isTrueObject(value: Exclude<Value, undefined | boolean | string | number>): boolean {
  if (value === null) return false;
  if (value instanceof GoMap) return value.entries.size > 0;
  if (value instanceof GoSlice) return value.items.length > 0;
  if (value instanceof GoInt) return value.n !== 0;
  if (value instanceof GoBytes) return value.bytes.length > 0;
  if (value instanceof GoComplex) return value.re !== 0 || value.im !== 0;
  return true;
}

type BasicKind = "bool" | "int" | "uint" | "float" | "complex" | "string" | undefined;

function basicKind(value: Value): BasicKind {
  switch (typeof value) {
    case "boolean":
      return "bool";
    case "number":
      return "float";
    case "string":
      return "string";
    default:
      if (value instanceof GoInt) return value.type.kind.startsWith("uint") ? "uint" : "int";
      return value instanceof GoComplex ? "complex" : undefined;
  }
}

const fault = (message: string): Failure => new Failure({ reason: "TemplateFailed", message, retry: "never" });

/** The template function `eq`: the first value against each of the others, in order. */
export function equalsAny(first: Value, others: readonly Value[]): boolean {
  if (others.length === 0) throw fault("missing argument for comparison");
  return others.some((other) => equals(first, other));
}

function equals(a: Value, b: Value): boolean {
  const kind = basicKind(a);
  const other = basicKind(b);
  if (kind !== other) {
    if (a instanceof GoInt && b instanceof GoInt) return a.n === b.n;
    if (isInvalid(a) || isInvalid(b)) return false;
    throw fault(`incompatible types for comparison: ${typeName(a)} and ${typeName(b)}`);
  }
  if (a instanceof GoInt && b instanceof GoInt) return a.n === b.n;
  if (a instanceof GoComplex && b instanceof GoComplex) return a.re === b.re && a.im === b.im;
  return kind === undefined ? equalsOther(a, b) : a === b;
}

function equalsOther(a: Value, b: Value): boolean {
  const kindA = typeOf(a)?.kind;
  const kindB = typeOf(b)?.kind;
  if (kindA && kindB && kindA !== kindB) {
    throw fault(`non-comparable types ${sprintf("%s", [a])}: ${typeName(a)}, ${typeName(b)}: ${show(b)}`);
  }
  if (isNil(a) || isNil(b)) return isNil(a) === isNil(b);
  if (b instanceof GoObject) return a === b || (b.type.kind === "struct" && deepEqual(a, b));
  throw fault(`non-comparable type ${sprintf("%s", [b])}: ${typeName(b)}`);
}

const isInvalid = (value: Value): value is undefined | null => value === undefined || value === null;

function isNil(value: Value): boolean {
  return isInvalid(value) || ((value instanceof GoMap || value instanceof GoSlice) && value.isNil);
}

const typeName = (value: Value): string => typeOf(value)?.name ?? "<nil>";

/** The template function `lt`. */
export function isLess(a: Value, b: Value): boolean {
  const kind = basicKind(a);
  const other = basicKind(b);
  if (kind === undefined || other === undefined) throw fault("invalid type for comparison");
  if (a instanceof GoInt && b instanceof GoInt) return a.n < b.n;
  if (kind !== other) throw fault(`incompatible types for comparison: ${typeName(a)} and ${typeName(b)}`);
  if (typeof a === "number" && typeof b === "number") return a < b;
  if (typeof a === "string" && typeof b === "string") return compareStrings(a, b) < 0;
  throw fault("invalid type for comparison");
}

/** `reflect.DeepEqual` of two values held in interfaces. */
export function deepEqual(a: Value, b: Value, visits: Visits = new Visits()): boolean {
  if (isInvalid(a) || isInvalid(b)) return isInvalid(a) && isInvalid(b);
  if (typeof a !== "object" || typeof b !== "object") return a === b;
  if (typeOf(a) !== typeOf(b)) return false;
  visits.count();
  if (a instanceof GoInt && b instanceof GoInt) return a.n === b.n;
  if (a instanceof GoSlice && b instanceof GoSlice) return equalItems(a, b, visits);
  if (a instanceof GoMap && b instanceof GoMap) return equalEntries(a, b, visits);
  if (a instanceof GoBytes && b instanceof GoBytes) return equalBytes(a.bytes, b.bytes);
  if (a instanceof GoComplex && b instanceof GoComplex) return a.re === b.re && a.im === b.im;
  if (a instanceof GoObject && b instanceof GoObject) return a === b || deepEqualFields(a, b);
  return a instanceof GoFunc ? false : a === b;
}

function equalItems(a: GoSlice, b: GoSlice, visits: Visits): boolean {
  if (a.isNil !== b.isNil || a.items.length !== b.items.length) return false;
  return a === b || a.items.every((item, i) => deepEqual(item, b.items[i], visits));
}

function equalEntries(a: GoMap, b: GoMap, visits: Visits): boolean {
  if (a.isNil !== b.isNil || a.entries.size !== b.entries.size) return false;
  if (a === b) return true;
  for (const [key, value] of a.entries) {
    if (!b.entries.has(key) || !deepEqual(value, b.entries.get(key), visits)) return false;
  }
  return true;
}

const equalBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i]);

function deepEqualFields(a: GoObject, b: GoObject): boolean {
  const text = a.type.text as ((value: GoObject) => string) | undefined; // the type's own text takes its values
  if (a.fields.size === 0) return text !== undefined && text(a) === text(b);
  return [...a.fields].every(([name, field]) => deepEqual(field, b.fields.get(name)));
}

/** The Go type's name for messages: `nil` has none. */
export function showType(type: GoType | undefined): string {
  return type?.name ?? "<nil>";
}
