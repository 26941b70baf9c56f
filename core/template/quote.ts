// Go string and character literals: strconv.Quote, strconv.Unquote and strconv.UnquoteChar.

import { fromRune, isRaw, rejoin } from "./bytes.ts";
import { Failure } from "@plumbline/core/model";

/** strconv.IsPrint: letters, marks, numbers, punctuation, symbols and the ASCII space. */
export function isPrintable(code: number): boolean {
  if (code < 0x7f) return code >= 0x20;
  if (code < 0xa1 || code === 0xad) return false;
  return /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(String.fromCodePoint(code));
}

const simpleEscapes = new Map<number, string>([
  [7, "\\a"],
  [8, "\\b"],
  [9, "\\t"],
  [10, "\\n"],
  [11, "\\v"],
  [12, "\\f"],
  [13, "\\r"],
  [0x5c, "\\\\"],
]);

const plain = /^[ !#-[\]-~]*$/;

/** `strconv.Quote`, or with `asciiOnly` `strconv.QuoteToASCII`. */
export function quote(text: string, asciiOnly = false): string {
  return plain.test(text) ? `"${text}"` : `"${escapeRunes(text, 0x22, asciiOnly)}"`;
}

/** `strconv.QuoteRune`. */
export function quoteRune(code: number, asciiOnly = false): string {
  return `'${escapeRunes(fromRune(code), 0x27, asciiOnly)}'`;
}

function escapeRunes(text: string, quoteCode: number, asciiOnly: boolean): string {
  let out = "";
  for (const char of text) {
    const code = char.codePointAt(0) as number; // a character of a string has a code point
    const simple = simpleEscapes.get(code);
    if (code === quoteCode) out += `\\${char}`;
    else if (simple) out += simple;
    else if (code < 0x80 ? code >= 0x20 && code < 0x7f : !asciiOnly && !isRaw(code) && isPrintable(code)) out += char;
    else out += escapeRune(code);
  }
  return out;
}

function escapeRune(code: number): string {
  if (code < 0x20 || code === 0x7f) return `\\x${hex(code, 2)}`;
  if (isRaw(code)) return `\\x${hex(code & 0xff, 2)}`;
  return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
}

const hex = (code: number, width: number): string => code.toString(16).padStart(width, "0");

const invalidSyntax = (): Failure => new Failure({ reason: "TemplateFailed", message: "invalid syntax" });

/** `strconv.Unquote` of a literal in double or back quotes. Throws `invalid syntax`. */
export function unquote(literal: string): string {
  const quoteChar = literal[0];
  const body = literal.slice(1, -1);
  if (quoteChar === "`") return body.replaceAll("\r", "");
  if (!body.includes("\\")) return body;
  let text = "";
  let raw = false;
  for (let at = 0; at < body.length;) {
    const next = unquoteChar(body, at, '"');
    text += next.isByte && next.code >= 0x80 ? String.fromCharCode(0xdc00 | next.code) : fromRune(next.code);
    raw ||= next.isByte;
    at = next.end;
  }
  return raw ? rejoin(text) : text;
}

interface UnquotedChar {
  code: number;
  /** From `\x80` or `\200`: one byte, not a rune. */
  isByte: boolean;
  end: number;
}

const letterEscapes = new Map([
  ["a", 7],
  ["b", 8],
  ["f", 12],
  ["n", 10],
  ["r", 13],
  ["t", 9],
  ["v", 11],
  ["\\", 0x5c],
]);
const hexDigits = new Map([
  ["x", 2],
  ["u", 4],
  ["U", 8],
]);

/** `strconv.UnquoteChar` at `at` of a literal in the given quotes. Throws `invalid syntax`. */
export function unquoteChar(body: string, at: number, quoteChar: string): UnquotedChar {
  const code = body.codePointAt(at);
  const char = body[at];
  if (code === undefined || char === quoteChar) throw invalidSyntax();
  if (char !== "\\") return { code, isByte: isRaw(code), end: at + (code > 0xffff ? 2 : 1) };
  const escape = body[at + 1] ?? "";
  const letter = letterEscapes.get(escape);
  if (letter !== undefined) return { code: letter, isByte: false, end: at + 2 };
  if (escape === quoteChar) return { code: quoteChar.charCodeAt(0), isByte: false, end: at + 2 };
  const width = hexDigits.get(escape);
  if (width !== undefined) return numericEscape({ body, at: at + 2, width, radix: 16, isByte: escape === "x" });
  if (escape >= "0" && escape <= "7") return numericEscape({ body, at: at + 1, width: 3, radix: 8, isByte: true });
  throw invalidSyntax();
}

interface NumericEscape {
  body: string;
  at: number;
  width: number;
  radix: 8 | 16;
  isByte: boolean;
}

function numericEscape({ body, at, width, radix, isByte }: NumericEscape): UnquotedChar {
  const digits = body.slice(at, at + width);
  const valid = radix === 8 ? /^[0-7]+$/ : /^[0-9a-fA-F]+$/;
  const code = Number.parseInt(digits, radix);
  if (digits.length < width || !valid.test(digits)) throw invalidSyntax();
  if (isByte ? code > 255 : code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) throw invalidSyntax();
  return { code, isByte, end: at + width };
}
