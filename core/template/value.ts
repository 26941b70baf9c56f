// The Go-typed values that templates compute with, and how they come from and go to JSON.

/*
The value model. A template sees Go values, and what it prints, compares or refuses depends on their Go types.

| Go                                   | here                                                                        |
|--------------------------------------|-----------------------------------------------------------------------------|
| no value (zero reflect.Value)        | `undefined`: prints `<no value>`; what a pipeline makes of nil               |
| nil held in an interface{}           | `null`: a missing map key, a nil element; prints `<nil>` inside containers   |
| bool, string                         | `boolean`, `string`                                                         |
| float64                              | `number`: every number that Helm reads from YAML or JSON is one             |
| int, int64, uint8, time.Duration ... | `GoInt`: a whole number with its Go type; literals in templates are `int`   |
| map[string]T                         | `GoMap`: mutable, shared by reference; always iterated in sorted key order  |
| []T                                  | `GoSlice`: shared by reference                                              |
| []byte                               | `GoBytes`                                                                   |
| struct, pointer to struct            | `GoObject`: exported fields; the methods stand on its type                  |
| func                                 | `GoFunc`                                                                    |

Typed nils are a `GoMap` or `GoSlice` with `isNil` set.

Strings. A Go string is bytes, a JavaScript string is UTF-16. Valid UTF-8 is kept as an ordinary string. A byte that is
not part of valid UTF-8 (a rune cut in two by `trunc`, decoded base64) becomes the lone surrogate U+DC80..U+DCFF, which
valid UTF-8 never decodes to, and becomes that byte again on output: see bytes.ts.

Safety. Map entries live in a `Map`, never in properties, so `__proto__` and `constructor` are ordinary keys; fields and
methods of objects are looked up in `Map`s too. Nothing of the host can be reached by a name that a template spells.
*/

import { Visits } from "./limits.ts";
import { Failure, isObject, type JsonObject, type JsonValue, setOwn } from "@plumbline/core/model";

/** What `reflect.Kind.String()` says. */
export type Kind =
  | "invalid"
  | "bool"
  | "int"
  | "int8"
  | "int16"
  | "int32"
  | "int64"
  | "uint"
  | "uint8"
  | "uint16"
  | "uint32"
  | "uint64"
  | "float64"
  | "complex128"
  | "string"
  | "map"
  | "slice"
  | "struct"
  | "ptr"
  | "func"
  | "interface";

/** A Go type. Types are interned: the same type is the same object. */
export interface GoType {
  /** As `%T` prints it: `map[string]interface {}`. */
  readonly name: string;
  readonly kind: Kind;
  /** Of slices and maps. */
  readonly elem?: GoType;
  /** True for a declared type (`common.Values`), which is assignable to the unnamed type it is made of. */
  readonly named?: boolean;
  /** Exported methods; the receiver is the first argument. */
  readonly methods?: ReadonlyMap<string, Callable>;
  /** `String()` or `Error()`, which printing prefers over the structure. */
  readonly text?: (value: never) => string;
  /** `String()` of a pointer to the value: an action that prints the value itself finds it, a function does not. */
  readonly pointerText?: (value: never) => string;
  /** `MarshalJSON()`: the string that stands for the value in JSON. */
  readonly json?: (value: never) => string;
}

/** A parameter: a type that arguments must fit, or `reflect` (reflect.Value: everything fits, invalid stays invalid). */
export type Parameter = GoType | "reflect";

/**
 * A function that templates can call. Arguments have been checked against `parameters` and arrive unwrapped: `string`,
 * `boolean`, `number` for integer and float kinds, `GoMap`, `GoSlice`, and any `Value` (nil as `null`) for interface{}.
 * Throw any error to fail the call: its message is what Go's error would say.
 */
export interface Callable {
  readonly parameters: readonly Parameter[];
  /** The last parameter repeats. */
  readonly variadic?: boolean;
  /** The static result type: `interface {}` results keep nil as `null`. */
  readonly result: GoType;
  readonly call: (args: Value[], context: CallContext) => Value;
}

/** What a function may know about the execution it is called from. See `Execution` in execution.ts. */
export interface CallContext {
  /** Counts `n` steps of work against the limits; throws when they are used up. */
  spend(n: number): void;
  /** Throws when a result of this many characters would pass the limits. */
  reserve(length: number): void;
  /** Executes another template of the same set and returns its output. */
  executeTemplate(name: string, data: Value): string;
  /** Executes a template whose source sees the running set and may define templates of its own for itself. */
  executeWith(template: { name: string; trees: unknown }, functions: unknown, data: Value): string;
  /** Numbers that functions keep for the length of one execution. */
  readonly counters: Map<string, number>;
}

export type Value =
  | undefined
  | null
  | boolean
  | number
  | string
  | GoInt
  | GoComplex
  | GoMap
  | GoSlice
  | GoBytes
  | GoObject
  | GoFunc;

const type = (name: string, kind: Kind, elem?: GoType): GoType => (elem ? { name, kind, elem } : { name, kind });

export const anyType: GoType = type("interface {}", "interface");
export const boolType: GoType = type("bool", "bool");
export const stringType: GoType = type("string", "string");
export const floatType: GoType = type("float64", "float64");
export const intType: GoType = type("int", "int");
export const int64Type: GoType = type("int64", "int64");
export const int32Type: GoType = type("int32", "int32");
export const uintType: GoType = type("uint", "uint");
export const uint8Type: GoType = type("uint8", "uint8");
export const uint32Type: GoType = type("uint32", "uint32");
export const uint64Type: GoType = type("uint64", "uint64");
export const complexType: GoType = type("complex128", "complex128");
export const mapType: GoType = type("map[string]interface {}", "map", anyType);
export const stringMapType: GoType = type("map[string]string", "map", stringType);
export const sliceType: GoType = type("[]interface {}", "slice", anyType);
export const sliceOfSlicesType: GoType = type("[][]interface {}", "slice", sliceType);
export const sliceOfMapsType: GoType = type("[]map[string]interface {}", "slice", mapType);
export const stringSliceType: GoType = type("[]string", "slice", stringType);
export const intSliceType: GoType = type("[]int", "slice", intType);
export const bytesType: GoType = type("[]uint8", "slice", uint8Type);
export const funcType: GoType = type("func", "func");

/** A whole number. `n` is a `number` while it is exact (±2^53) and a `bigint` beyond, so equal numbers are `===`. */
export class GoInt {
  readonly n: number | bigint;
  readonly type: GoType;
  constructor(n: number | bigint, intLike: GoType) {
    this.n = n;
    this.type = intLike;
  }
}

export class GoComplex {
  readonly re: number;
  readonly im: number;
  constructor(re: number, im: number) {
    this.re = re;
    this.im = im;
  }
}

export class GoMap {
  readonly type: GoType;
  readonly entries: Map<string, Value>;
  readonly isNil: boolean;
  constructor(entries: Map<string, Value>, mapLike: GoType = mapType, isNil = false) {
    this.type = mapLike;
    this.entries = entries;
    this.isNil = isNil;
  }
}

export class GoSlice {
  readonly type: GoType;
  readonly items: Value[];
  readonly isNil: boolean;
  constructor(items: Value[], sliceLike: GoType = sliceType, isNil = false) {
    this.type = sliceLike;
    this.items = items;
    this.isNil = isNil;
  }
}

export class GoBytes {
  readonly type: GoType = bytesType;
  private readonly source: Uint8Array | (() => Uint8Array);
  /** Bytes, or where they come from when they are asked for. */
  constructor(source: Uint8Array | (() => Uint8Array)) {
    this.source = source;
  }

  get bytes(): Uint8Array {
    return typeof this.source === "function" ? this.source() : this.source;
  }
}

/** A struct or a pointer to one. `fields` are in Go's order, unexported ones only print; `inner` is for the methods. */
export class GoObject {
  readonly type: GoType;
  readonly fields: ReadonlyMap<string, Value>;
  readonly inner: unknown;
  constructor(objectType: GoType, fields: ReadonlyMap<string, Value>, inner?: unknown) {
    this.type = objectType;
    this.fields = fields;
    this.inner = inner;
  }
}

export class GoFunc {
  readonly type: GoType = funcType;
  readonly callable: Callable;
  constructor(callable: Callable) {
    this.callable = callable;
  }
}

/** A Go `int`. */
export const int = (n: number | bigint): GoInt => new GoInt(exact(n), intType);
/** A Go `int64`. */
export const int64 = (n: number | bigint): GoInt => new GoInt(exact(n), int64Type);

/** The one form of a whole number: `number` within ±2^53, `bigint` beyond. */
export function exact(n: number | bigint): number | bigint {
  if (typeof n === "number") return Number.isSafeInteger(n) ? n + 0 : BigInt(n);
  const small = Number(n);
  return Number.isSafeInteger(small) ? small : n;
}

/** The dynamic type of a value; undefined for nil. */
export function typeOf(value: Value): GoType | undefined {
  switch (typeof value) {
    case "string":
      return stringType;
    case "number":
      return floatType;
    case "boolean":
      return boolType;
    case "object":
      return value === null ? undefined : value instanceof GoComplex ? complexType : value.type;
    default:
      return undefined;
  }
}

/** `reflect.ValueOf(value).Kind().String()`. */
export function kindOf(value: Value): Kind {
  return typeOf(value)?.kind ?? "invalid";
}

/** Numbers become float64 and mappings map[string]interface{}: what Go's JSON decoder makes of the same document. */
export function fromJson(json: JsonValue): Value {
  if (Array.isArray(json)) return new GoSlice(json.map(fromJson));
  if (isObject(json)) return mapFromJson(json);
  return typeof json === "bigint" ? Number(json) : json;
}

/** `fromJson` for a mapping. */
export function mapFromJson(json: JsonObject): GoMap {
  const entries = new Map<string, Value>();
  for (const key of Object.keys(json)) entries.set(key, fromJson(json[key] as JsonValue));
  return new GoMap(entries);
}

/** A map out of pairs: `goMap({ a: 1 })` is map[string]interface{}{"a": float64(1)}. */
export function goMap(object: Record<string, Value>): GoMap {
  return new GoMap(new Map(Object.entries(object)));
}

type Base64 = (bytes: Uint8Array) => string;

/** What Go's JSON encoder would write: whole numbers beyond 2^53 are `bigint`, bytes are base64 text given by `base64`. */
export function toJson(value: Value, base64: Base64, visits: Visits = new Visits()): JsonValue {
  visits.count();
  if (value === undefined || value === null) return null;
  if (typeof value === "string") visits.text(value.length);
  if (typeof value !== "object") return value;
  if (value instanceof GoInt) return value.n;
  if (value instanceof GoSlice) return value.isNil ? null : value.items.map((item) => toJson(item, base64, visits));
  if (value instanceof GoBytes) return base64(value.bytes);
  if (value instanceof GoMap) return value.isNil ? null : entriesToJson(value.entries, base64, visits);
  if (value instanceof GoObject) {
    const text = value.type.json as ((v: Value) => string) | undefined; // the type's own json takes its values
    return text ? text(value) : entriesToJson(exported(value.fields), base64, visits);
  }
  const message = `json: unsupported type: ${typeOf(value)?.name ?? "nil"}`;
  throw new Failure({ reason: "TemplateFailed", message, retry: "never" });
}

/** False for fields that only the type's own package can read. */
export const isExported = (name: string): boolean => /^\p{Lu}/u.test(name);

function exported(fields: ReadonlyMap<string, Value>): ReadonlyMap<string, Value> {
  return new Map([...fields].filter(([name]) => isExported(name)));
}

function entriesToJson(entries: ReadonlyMap<string, Value>, base64: Base64, visits: Visits): JsonObject {
  const object: JsonObject = {};
  for (const [key, value] of entries) {
    visits.text(key.length);
    setOwn(object, key, toJson(value, base64, visits));
  }
  return object;
}

/** Keys in the order in which Go iterates and prints a map: by bytes of UTF-8, which is the order of code points. */
export function sortedKeys(entries: ReadonlyMap<string, Value>): string[] {
  return [...entries.keys()].sort(compareStrings);
}

/** Orders strings as Go does (by UTF-8 bytes), not as JavaScript does (by UTF-16 units). */
export function compareStrings(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rank(x, a, i) - rank(y, b, i);
  }
  return a.length - b.length;
}

// Surrogate pairs stand above every other unit; a lone surrogate is a raw byte 0x80..0xFF and sorts by that byte's place
// among UTF-8 lead bytes.
function rank(unit: number, text: string, at: number): number {
  if (unit < 0xd800 || unit > 0xdfff) return unit;
  if (unit >= 0xdc80 && unit <= 0xdcff && !isHigh(text.charCodeAt(at - 1))) return rawRank(unit & 0xff);
  return unit + 0x10000;
}

const isHigh = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;

function rawRank(byte: number): number {
  if (byte < 0xc2) return 0x7f + byte / 0x1000;
  if (byte < 0xe0) return ((byte & 0x1f) << 6) - 0.5;
  if (byte < 0xf0) return ((byte & 0x0f) << 12) - 0.5;
  return 0x30000 + byte;
}
