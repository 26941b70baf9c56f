// Judges texts and numbers by the limits of a schema.

import { amount, count, quoted } from "./problem.ts";
import { isMultiple } from "./same-value.ts";
import type { Schema } from "./schema.ts";

/** Where problems go, and what is done is counted. */
interface Findings {
  refuse: (words: () => string) => void;
  spend: (steps: number) => void;
}

/** Lengths are counted in characters, however many bytes or code units they take. */
export function checkText(schema: Schema, text: string, findings: Findings): void {
  const { minLength: least, maxLength: most, pattern } = schema;
  if (least !== undefined || most !== undefined) {
    findings.spend(text.length >> 3);
    const length = lengthOf(text);
    if (least !== undefined && length < least) {
      findings.refuse(() => `minLength: got ${count(length)}, want ${count(least)}`);
    }
    if (most !== undefined && length > most) {
      findings.refuse(() => `maxLength: got ${count(length)}, want ${count(most)}`);
    }
  }
  if (pattern && !pattern.matches(text, findings)) {
    findings.refuse(() => `${quoted(text)} does not match pattern ${quoted(pattern.expression)}`);
  }
}

function lengthOf(text: string): number {
  let length = 0;
  for (const _ of text) length++;
  return length;
}

export function checkNumber(schema: Schema, value: number | bigint, findings: Findings): void {
  const refuse = (keyword: keyof Schema, wanted: number | bigint): void =>
    findings.refuse(() => `${keyword}: got ${amount(Number(value))}, want ${amount(Number(wanted))}`);
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  if (minimum !== undefined && value < minimum) refuse("minimum", minimum);
  if (maximum !== undefined && value > maximum) refuse("maximum", maximum);
  if (exclusiveMinimum !== undefined && value <= exclusiveMinimum) refuse("exclusiveMinimum", exclusiveMinimum);
  if (exclusiveMaximum !== undefined && value >= exclusiveMaximum) refuse("exclusiveMaximum", exclusiveMaximum);
  if (multipleOf !== undefined && !isMultiple(value, multipleOf)) refuse("multipleOf", multipleOf);
}
