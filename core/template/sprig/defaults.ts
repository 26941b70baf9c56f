// sprig's defaults, conditions and reflection.

import { callFailure, define } from "../define.ts";
import { deepEqual } from "../truth.ts";
import { type Callable, GoFunc, kindOf, typeOf, type Value } from "../value.ts";
import { isEmpty } from "./lists.ts";

const typeName = (value: Value): string => typeOf(value)?.name ?? "<nil>";

export const defaultFunctions: [string, Callable][] = [
  ["default", define(["any", "...any"], "any", (fallback, ...given) => (isEmpty(given[0]) ? fallback : given[0]))],
  ["empty", define(["any"], "bool", isEmpty)],
  ["coalesce", define(["...any"], "any", (...values) => values.find((value) => !isEmpty(value)) ?? null)],
  ["all", define(["...any"], "bool", (...values) => !values.some(isEmpty))],
  ["any", define(["...any"], "bool", (...values) => values.some((value) => !isEmpty(value)))],
  ["ternary", define(["any", "any", "bool"], "any", (yes, no, condition) => (condition ? yes : no))],
  ["typeOf", define(["any"], "string", typeName)],
  ["typeIs", define(["string", "any"], "bool", (name, value) => typeName(value) === name)],
  [
    "typeIsLike",
    define(["string", "any"], "bool", (name, value) => typeName(value) === name || typeName(value) === `*${name}`),
  ],
  ["kindOf", define(["any"], "string", kindOf)],
  ["kindIs", define(["string", "any"], "bool", (name, value) => kindOf(value) === name)],
  ["deepEqual", define(["any", "any"], "bool", (a, b) => !(a instanceof GoFunc) && deepEqual(a, b))],
  [
    "fail",
    define(["string"], "string", (message) => {
      throw callFailure(message);
    }),
  ],
];
