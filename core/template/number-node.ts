// Numeric and character constants of a template: which of int, uint, float and complex they can be.

import { Failure } from "@plumbline/core/model";
import type { NumberNode, Source } from "./nodes.ts";
import { isFloatOverflow, isInt64, isUint64, parseFloat64, parseWhole } from "./number-syntax.ts";
import { quote, unquoteChar } from "./quote.ts";

interface Literal {
  text: string;
  type: "charConstant" | "complex" | "number";
  pos: number;
  source: Source;
}

/** Throws `TemplateFailed` with Go's words where the constant is malformed or overflows. */
export function parseNumber({ text, type, pos, source }: Literal): NumberNode {
  const node = { kind: "number", pos, source, text } as const;
  if (type === "charConstant") return { ...node, ...charConstant(text) };
  if (type === "complex") return { ...node, ...complexConstant(text) };
  if (text.endsWith("i")) {
    const im = parseFloat64(text.slice(0, -1));
    if (im !== undefined && !isFloatOverflow(text, im)) return { ...node, ...complexParts(0, im) };
  }
  return { ...node, ...realConstant(text) };
}

type Parts = Pick<NumberNode, "whole" | "unsigned" | "float" | "complex">;

const malformed = (message: string): Failure => new Failure({ reason: "TemplateFailed", message });

function charConstant(text: string): Parts {
  const { code, end } = unquoteChar(text, 1, "'");
  if (text.slice(end) !== "'") throw malformed(`malformed character constant: ${text}`);
  return { whole: BigInt(code), unsigned: BigInt(code), float: code, complex: undefined };
}

function realConstant(text: string): Parts {
  const n = parseWhole(text);
  const whole = n !== undefined && isInt64(n) ? n : undefined;
  const unsigned = n !== undefined && isUint64(n) && !/^[+-]/.test(text) ? n : whole === 0n ? 0n : undefined;
  if (whole !== undefined) return { whole, unsigned, float: Number(whole), complex: undefined };
  if (unsigned !== undefined) return { whole, unsigned, float: Number(unsigned), complex: undefined };
  const float = parseFloat64(text);
  if (float === undefined || isFloatOverflow(text, float)) {
    throw malformed(`illegal number syntax: ${quote(text)}`);
  }
  if (!/[.eEpP]/.test(text)) throw malformed(`integer overflow: ${quote(text)}`);
  return { ...wholeParts(float), float, complex: undefined };
}

function wholeParts(float: number): Pick<NumberNode, "whole" | "unsigned"> {
  if (!Number.isInteger(float)) return { whole: undefined, unsigned: undefined };
  const n = BigInt(float);
  return { whole: isInt64(n) ? n : undefined, unsigned: isUint64(n) ? n : undefined };
}

const complexSyntax = /^([+-]?.*[^eEpP])([+-].*)i$/;

function complexConstant(text: string): Parts {
  const parts = complexSyntax.exec(text);
  const re = parseFloat64(parts?.[1] ?? "");
  const im = parseFloat64(parts?.[2] ?? "");
  if (re === undefined || im === undefined) throw malformed("syntax error scanning complex number");
  return complexParts(re, im);
}

function complexParts(re: number, im: number): Parts {
  const real =
    im === 0 ? { ...wholeParts(re), float: re } : { whole: undefined, unsigned: undefined, float: undefined };
  return { ...real, complex: { re, im } };
}
