// What is wrong with a value, in the words and the form of Helm's validator (santhosh-tekuri/jsonschema).

import type { JsonValue } from "@plumbline/core/model";
import { limitExceeded, quote } from "@plumbline/core/template";
import { type Place, pointerOf } from "./address.ts";

export interface Problem {
  readonly at: Place | undefined;
  readonly words: () => string;
  /** `group`: several problems of one schema; `reference`: those of a schema that was referred to. */
  readonly kind: "plain" | "group" | "reference";
  readonly causes: readonly Problem[];
}

/** Characters of one explanation. */
const maxExplanation = 4 * 1024 * 1024;

/** A line for each problem, nested ones indented. Throws `LimitExceeded`. */
export function explain(problem: Problem): string {
  let length = 0;
  const lines: string[] = [];
  const show = (each: Problem, indent: string): void => {
    const isSkipped = each.kind === "reference" && each.causes.length === 1;
    if (!isSkipped) {
      const line = `${indent}- at ${quoted(pointerOf(each.at))}: ${each.words()}`;
      length += line.length;
      if (length > maxExplanation) {
        throw limitExceeded(`what is wrong with the values takes more than ${maxExplanation} characters to say`);
      }
      lines.push(line);
    }
    for (const cause of each.causes) show(cause, isSkipped ? indent : `${indent}  `);
  };
  for (const cause of unwrapped(problem)) show(cause, "");
  return lines.join("\n");
}

/** The problems of a group, or the one. */
export const unwrapped = (problem: Problem): readonly Problem[] =>
  problem.kind === "group" ? problem.causes : [problem];

/** Go's quotes made single ones, by replacing in the quoted text with its quotes: a backslash at the end loses its own. */
export const quoted = (text: string): string =>
  `'${quote(text).replaceAll('\\"', '"').replaceAll("'", "\\'").slice(1, -1)}'`;
export const listed = (texts: readonly string[]): string => texts.map(quoted).join(", ");
/** Numbers in messages have their thousands apart. */
export const count = (n: number): string => n.toLocaleString("en-US", { maximumFractionDigits: 20 });

const raised = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** A float, with a power of ten where that is below -4 or above 5. */
export function amount(value: number): string {
  const [digits = "", power = "0"] = value.toExponential().split("e");
  const exponent = Number(power);
  if (value === 0 || (exponent >= -4 && exponent < 6)) return count(value);
  const shown = Array.from(String(Math.abs(exponent)).padStart(2, "0"), (digit) => raised[Number(digit)]);
  return `${digits}×10${exponent < 0 ? "⁻" : ""}${shown.join("")}`;
}

/** A value as a message has it. */
export function shown(value: JsonValue): string {
  if (typeof value === "string") return quoted(value);
  if (typeof value === "object") return value === null ? "<nil>" : "value";
  return String(value);
}

export const isScalar = (value: JsonValue): boolean => typeof value !== "object" || value === null;
