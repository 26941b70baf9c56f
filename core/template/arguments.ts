// Checks that a value fits a parameter and unwraps it for the function; constants are converted when they are compiled.

import type { Execution } from "./execution.ts";
import { type NumberNode, type OperandNode, showNode } from "./nodes.ts";
import {
  GoBytes,
  GoComplex,
  GoFunc,
  GoInt,
  GoMap,
  GoObject,
  GoSlice,
  type GoType,
  int,
  type Parameter,
  typeOf,
  type Value,
} from "./value.ts";

/** Reads an argument: evaluated, checked, unwrapped. */
export type Evaluate = (execution: Execution, dot: Value) => Value;

const nilKinds = new Set(["interface", "map", "ptr", "slice", "func"]);
const canBeNil = (parameter: Parameter): boolean => parameter === "reflect" || nilKinds.has(parameter.kind);

/** The zero value of a type, as a template value. */
export function zeroOf(type: GoType): Value {
  switch (type.kind) {
    case "interface":
    case "ptr":
    case "func":
      return null;
    case "map":
      return new GoMap(new Map(), type, true);
    case "slice":
      return new GoSlice([], type, true);
    case "string":
      return "";
    case "bool":
      return false;
    case "float64":
      return 0;
    default:
      return new GoInt(0, type);
  }
}

/** Fits a value to a parameter or fails with `wrong type for value; expected string; got float64`. */
export function fit(execution: Execution, value: Value, parameter: Parameter): Value {
  if (parameter === "reflect") return value;
  if (value === undefined) {
    if (canBeNil(parameter)) return zeroOf(parameter);
    return execution.fail(`invalid value; expected ${parameter.name}`);
  }
  if (parameter.kind === "interface") return value;
  if (value === null) return wrongType(execution, parameter, "interface {}");
  if (!isAssignable(value, parameter)) return wrongType(execution, parameter, typeOf(value)?.name ?? "");
  return value instanceof GoInt ? Number(value.n) : value;
}

function wrongType(execution: Execution, parameter: GoType, got: string): never {
  return execution.fail(`wrong type for value; expected ${parameter.name}; got ${got}`);
}

function isAssignable(value: Exclude<Value, undefined | null>, to: GoType): boolean {
  switch (to.kind) {
    case "string":
      return typeof value === "string";
    case "bool":
      return typeof value === "boolean";
    case "float64":
      return typeof value === "number";
    case "map":
      return value instanceof GoMap && isSameOrUnnamed(value.type, to);
    case "slice":
      return (value instanceof GoSlice || value instanceof GoBytes) && isSameOrUnnamed(value.type, to);
    case "struct":
    case "ptr":
      return value instanceof GoObject && value.type === to;
    case "func":
      return value instanceof GoFunc;
    default:
      return value instanceof GoInt && value.type === to;
  }
}

const isSameOrUnnamed = (from: GoType, to: GoType): boolean =>
  from === to || ((from.named ?? false) !== (to.named ?? false) && from.elem === to.elem);

/** The value of a constant of its own: `int` for whole numbers, float64 with a point or exponent. */
export function constantValue(node: OperandNode): Value | undefined {
  if (node.kind === "bool") return node.value;
  if (node.kind === "string") return node.text;
  if (node.kind !== "number") return undefined;
  if (node.complex) return new GoComplex(node.complex.re, node.complex.im);
  const looksFloat = /[.eEpP]/.test(node.text) && !isHexInt(node.text) && !node.text.startsWith("'");
  if (node.float !== undefined && looksFloat) return node.float;
  return node.whole === undefined ? undefined : int(node.whole);
}

const isHexInt = (text: string): boolean => /^0[xX]./.test(text) && !/[pP]/.test(text);

/** A constant as an argument: the conversion, or the failure, is known before the template runs. */
export function constantArgument(node: OperandNode, parameter: Parameter): Evaluate {
  const failing =
    (message: string): Evaluate =>
    (execution) => {
      execution.node = node;
      return execution.fail(message);
    };
  if (parameter === "reflect" || parameter.kind === "interface") {
    const value = constantValue(node);
    if (value === undefined) return failing(`${showNode(node)} overflows int`);
    return () => value;
  }
  if (!isConstantKind(parameter)) return failing(`can't handle ${showNode(node)} for arg of type ${parameter.name}`);
  const value = convertConstant(node, parameter);
  if (value === undefined) return failing(`expected ${expectedWord(parameter)}; found ${showNode(node)}`);
  return () => value;
}

const isConstantKind = (type: GoType): boolean => !["map", "slice", "ptr", "struct", "func"].includes(type.kind);

function expectedWord(type: GoType): string {
  if (type.kind === "string" || type.kind === "bool") return type.kind;
  if (type.kind === "float64") return "float";
  return type.kind.startsWith("uint") ? "unsigned integer" : "integer";
}

function convertConstant(node: OperandNode, type: GoType): Value | undefined {
  if (type.kind === "string") return node.kind === "string" ? node.text : undefined;
  if (type.kind === "bool") return node.kind === "bool" ? node.value : undefined;
  if (node.kind !== "number") return undefined;
  return convertNumber(node, type);
}

function convertNumber(node: NumberNode, type: GoType): number | undefined {
  if (type.kind === "float64") return node.float;
  if (type.kind === "uint32")
    return node.unsigned === undefined ? undefined : Number(BigInt.asUintN(32, node.unsigned));
  const n = type.kind.startsWith("uint") ? node.unsigned : node.whole;
  return n === undefined ? undefined : Number(n);
}

/** The literal `nil` as an argument. */
export function nilArgument(node: OperandNode, parameter: Parameter): Evaluate {
  const isNilable = canBeNil(parameter);
  return (execution) => {
    execution.node = node;
    if (parameter === "reflect") return undefined;
    return isNilable ? zeroOf(parameter) : execution.fail(`cannot assign nil to ${parameter.name}`);
  };
}
