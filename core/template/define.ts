// Declares functions for templates: Go parameter types by name, with the matching TypeScript types for the body.

import { Failure } from "@plumbline/core/model";
import {
  anyType,
  boolType,
  type Callable,
  type CallContext,
  floatType,
  type GoMap,
  type GoSlice,
  type GoType,
  int64Type,
  intType,
  mapType,
  type Parameter,
  sliceType,
  stringMapType,
  stringSliceType,
  stringType,
  uint32Type,
  type Value,
} from "./value.ts";

interface ArgumentTypes {
  string: string;
  int: number;
  uint32: number;
  float64: number;
  bool: boolean;
  any: Value;
  reflect: Value;
  map: GoMap;
  slice: GoSlice;
}

type ParameterName = keyof ArgumentTypes;
type Signature = readonly (ParameterName | GoType | `...${ParameterName}`)[];

type ArgumentOf<N> = N extends ParameterName ? ArgumentTypes[N] : Value;
type ArgumentsOf<S extends Signature> = S extends readonly [infer Head, ...infer Tail extends Signature]
  ? Head extends `...${infer Rest}`
    ? ArgumentOf<Rest>[]
    : [ArgumentOf<Head>, ...ArgumentsOf<Tail>]
  : [];

const named: Record<ParameterName, Parameter> = {
  string: stringType,
  int: intType,
  uint32: uint32Type,
  float64: floatType,
  bool: boolType,
  any: anyType,
  reflect: "reflect",
  map: mapType,
  slice: sliceType,
};

const results = {
  string: stringType,
  bool: boolType,
  float64: floatType,
  int: intType,
  int64: int64Type,
  any: anyType,
  map: mapType,
  slice: sliceType,
  strings: stringSliceType,
  stringMap: stringMapType,
} satisfies Record<string, GoType>;

type ResultName = keyof typeof results;

/** A function: `define(["string", "...any"], "string", (format, ...values) => ...)`. */
export function define<const S extends Signature>(
  signature: S,
  result: ResultName | GoType,
  body: (...args: ArgumentsOf<S>) => Value,
): Callable {
  // The parameters were checked one by one before the call.
  return { ...shapeOf(signature, result), call: (args) => body(...(args as ArgumentsOf<S>)) };
}

/** A function that counts its work, or calls templates. */
export function defineWithContext<const S extends Signature>(
  signature: S,
  result: ResultName | GoType,
  body: (context: CallContext, ...args: ArgumentsOf<S>) => Value,
): Callable {
  // The parameters were checked one by one before the call.
  return { ...shapeOf(signature, result), call: (args, context) => body(context, ...(args as ArgumentsOf<S>)) };
}

function shapeOf(signature: Signature, result: ResultName | GoType): Omit<Callable, "call"> {
  return {
    parameters: signature.map(parameterOf),
    variadic: signature.some((name) => typeof name === "string" && name.startsWith("...")),
    result: typeof result === "string" ? results[result] : result,
  };
}

function parameterOf(name: Signature[number]): Parameter {
  if (typeof name !== "string") return name;
  return named[name.replace(/^\.\.\./, "") as ParameterName]; // the type of Signature allows nothing else
}

/** A failed call: `error calling name: message`. */
export function callFailure(message: string, cause?: unknown): Failure {
  return new Failure({ reason: "TemplateFailed", message, retry: "never", ...(cause !== undefined && { cause }) });
}
