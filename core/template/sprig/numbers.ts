// sprig's arithmetic: int64 with wrap-around, decimals for the functions that end in f.

import { callFailure, define, defineWithContext } from "../define.ts";
import { isInt64, parseWhole } from "../number-syntax.ts";
import { show } from "../printf.ts";
import { type Callable, type CallContext, exact, GoSlice, int, int64, intSliceType, type Value } from "../value.ts";
import { toFloat64, toInt64 } from "./cast.ts";
import { type Decimal, decimalOf, decimalToFloat, divideDecimals } from "./decimal.ts";

const wrapped = (n: bigint): Value => int64(BigInt.asIntN(64, n));
const big = (value: Value): bigint => BigInt(toInt64(value));

export const numberFunctions: [string, Callable][] = [
  ["atoi", define(["string"], "int", (s) => int(parseInt10(s)))],
  ["int64", define(["any"], "int64", (v) => int64(toInt64(v)))],
  ["int", define(["any"], "int", (v) => int(toInt64(v)))],
  ["float64", define(["any"], "float64", toFloat64)],
  ["toDecimal", define(["any"], "int64", (v) => int64(octal(show(v))))],
  ["add1", define(["any"], "int64", (v) => wrapped(big(v) + 1n))],
  ["add", define(["...any"], "int64", (...values) => wrapped(values.reduce<bigint>((sum, v) => sum + big(v), 0n)))],
  ["sub", define(["any", "any"], "int64", (a, b) => wrapped(big(a) - big(b)))],
  ["div", define(["any", "any"], "int64", (a, b) => wrapped(big(a) / divisor(b)))],
  ["mod", define(["any", "any"], "int64", (a, b) => wrapped(big(a) % divisor(b)))],
  [
    "mul",
    define(["any", "...any"], "int64", (first, ...rest) =>
      wrapped(rest.reduce<bigint>((product, v) => BigInt.asIntN(64, product * big(v)), big(first))),
    ),
  ],
  ["add1f", defineWithContext(["any"], "float64", (context, v) => decimals(context, [v, 1], add))],
  ["addf", defineWithContext(["...any"], "float64", (context, ...values) => decimals(context, [0, ...values], add))],
  [
    "subf",
    defineWithContext(["any", "...any"], "float64", (context, ...values) => decimals(context, values, subtract)),
  ],
  [
    "mulf",
    defineWithContext(["any", "...any"], "float64", (context, ...values) => decimals(context, values, multiply)),
  ],
  [
    "divf",
    defineWithContext(["any", "...any"], "float64", (context, ...values) => decimals(context, values, divideDecimals)),
  ],
  ["max", define(["any", "...any"], "int64", largest)],
  ["biggest", define(["any", "...any"], "int64", largest)],
  ["min", define(["any", "...any"], "int64", smallest)],
  [
    "maxf",
    define(["any", "...any"], "float64", (first, ...rest) => Math.max(toFloat64(first), ...rest.map(toFloat64))),
  ],
  [
    "minf",
    define(["any", "...any"], "float64", (first, ...rest) => Math.min(toFloat64(first), ...rest.map(toFloat64))),
  ],
  ["ceil", define(["any"], "float64", (v) => Math.ceil(toFloat64(v)))],
  ["floor", define(["any"], "float64", (v) => Math.floor(toFloat64(v)))],
  ["round", define(["any", "int", "...float64"], "float64", round)],
  ["until", defineWithContext(["int"], intSliceType, (context, n) => steps(context, [0, n, n < 0 ? -1 : 1]))],
  [
    "untilStep",
    defineWithContext(["int", "int", "int"], intSliceType, (context, start, stop, step) =>
      steps(context, [start, stop, step]),
    ),
  ],
  ["seq", defineWithContext(["...int"], "string", sequence)],
];

// strconv.Atoi gives the nearest int together with a range error, and sprig drops the error.
function parseInt10(text: string): bigint {
  const n = parseWhole(text, 10);
  if (n === undefined) return 0n;
  return isInt64(n) ? n : n < 0n ? -(1n << 63n) : (1n << 63n) - 1n;
}

function octal(text: string): number | bigint {
  const n = parseWhole(text, 8);
  return n !== undefined && isInt64(n) ? exact(n) : 0;
}

function divisor(value: Value): bigint {
  const n = big(value);
  if (n === 0n) throw callFailure("runtime error: integer divide by zero");
  return n;
}

function largest(first: Value, ...rest: Value[]): Value {
  return int64(rest.map(big).reduce((a, b) => (b > a ? b : a), big(first)));
}

function smallest(first: Value, ...rest: Value[]): Value {
  return int64(rest.map(big).reduce((a, b) => (b < a ? b : a), big(first)));
}

const add = (a: Decimal, b: Decimal): Decimal => {
  const scale = Math.max(a.scale, b.scale);
  return { value: atScale(a, scale) + atScale(b, scale), scale };
};
const subtract = (a: Decimal, b: Decimal): Decimal => add(a, { value: -b.value, scale: b.scale });
const multiply = (a: Decimal, b: Decimal): Decimal => ({ value: a.value * b.value, scale: a.scale + b.scale });
const atScale = (a: Decimal, scale: number): bigint => a.value * 10n ** BigInt(scale - a.scale);

type Operation = (a: Decimal, b: Decimal) => Decimal;

/** Exact: the digits grow with every operand, and the work with them. */
function decimals(context: CallContext, [first, ...rest]: Value[], operation: Operation): number {
  const result = rest.reduce<Decimal>(
    (a, b, i) => {
      context.spend(i * 64);
      return operation(a, decimalOf(toFloat64(b)));
    },
    decimalOf(toFloat64(first)),
  );
  return decimalToFloat(result);
}

function round(value: Value, places: number, ...on: number[]): number {
  const [roundOn = 0.5] = on;
  const power = 10 ** places;
  const digit = power * toFloat64(value);
  const fraction = digit % 1;
  return (fraction >= roundOn ? Math.ceil(digit) : Math.floor(digit)) / power;
}

type Steps = [start: number, stop: number, step: number];

function countSteps([start, stop, step]: Steps): number {
  if (stop < start ? step >= 0 : step <= 0) return 0;
  return Math.max(Math.ceil((stop - start) / step), 0);
}

function steps(context: CallContext, [start, stop, step]: Steps): GoSlice {
  const count = countSteps([start, stop, step]);
  context.reserve(count);
  context.spend(count * 16); // each is an object
  return new GoSlice(
    Array.from({ length: count }, (_, i) => int(start + i * step)),
    intSliceType,
  );
}

function sequence(context: CallContext, ...params: number[]): string {
  const bounds = sequenceSteps(params);
  if (!bounds) return "";
  const [start, , step] = bounds;
  const count = countSteps(bounds);
  context.reserve(count * 4);
  context.spend(count);
  return Array.from({ length: count }, (_, i) => String(start + i * step)).join(" ");
}

function sequenceSteps(params: number[]): Steps | undefined {
  const [first = 0, second = 0, third = 0] = params;
  if (params.length === 1) {
    const step = first < 1 ? -1 : 1;
    return [1, first + step, step];
  }
  if (params.length === 2) {
    const step = second < first ? -1 : 1;
    return [first, second + step, step];
  }
  if (params.length !== 3 || (third < first && second > 0)) return undefined;
  return [first, third + (third < first ? -1 : 1), second];
}
