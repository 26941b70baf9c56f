// Single- and double-quoted scalars.

import { BLANK, BREAK, END, classOf, classes, hexValue, isBlank, isBreak } from "./characters.ts";
import type { Cursor, Mark } from "./cursor.ts";
import type { Fold } from "./fold.ts";

const SINGLE = 0x27;
const DOUBLE = 0x22;
const BACKSLASH = 0x5c;

const ESCAPES: Record<string, string> = {
  "0": "\0",
  a: "\u0007",
  b: "\b",
  t: "\t",
  "\t": "\t",
  n: "\n",
  v: "\v",
  f: "\f",
  r: "\r",
  e: "\u001b",
  " ": " ",
  '"': '"',
  "'": "'",
  "\\": "\\",
  N: "\u0085",
  _: "\u00a0",
  L: "\u2028",
  P: "\u2029",
};
const CODE_LENGTHS: Record<string, number> = { x: 2, u: 4, U: 8 };

/** Reads the scalar whose opening quote is at the cursor; leaves the cursor after the closing one. */
export function scanQuoted(cursor: Cursor): string {
  const start = cursor.mark();
  const quote = cursor.code();
  cursor.pos++;
  const simple = simpleText(cursor, quote);
  if (simple !== undefined) return simple;
  const { fold } = cursor;
  fold.clear();
  let value = "";
  for (;;) {
    if (cursor.atDocumentMarker()) cursor.failScan("found unexpected document indicator", start);
    if (cursor.pos >= cursor.end) cursor.failScan("found unexpected end of stream", start);
    value += scanRun(cursor, quote, fold, start);
    if (cursor.code() === quote) break;
    const blanks = cursor.pos;
    let blanksEnd = blanks;
    for (;;) {
      const code = cursor.code();
      if (isBreak(code)) fold.add(cursor.takeBreak());
      else if (isBlank(code)) cursor.pos++;
      else break;
      if (!fold.broken) blanksEnd = cursor.pos;
    }
    value += fold.broken ? fold.take() : cursor.text.slice(blanks, blanksEnd);
  }
  cursor.pos++;
  return value;
}

/** The usual case: closed on the same line, without escapes. */
function simpleText(cursor: Cursor, quote: number): string | undefined {
  const { text, pos } = cursor;
  for (let at = pos; ; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      if (quote === SINGLE && text.charCodeAt(at + 1) === SINGLE) return undefined;
      cursor.pos = at + 1;
      return text.slice(pos, at);
    }
    if (code === BACKSLASH && quote === DOUBLE) return undefined;
    if ((code < 0x20 || code >= 0x80) && (classOf(code) & (BREAK | END)) !== 0) return undefined;
  }
}

/** Characters up to the next blank, break or closing quote. */
function scanRun(cursor: Cursor, quote: number, fold: Fold, start: Mark): string {
  const { text } = cursor;
  let value = "";
  let from = cursor.pos;
  for (;;) {
    const code = text.charCodeAt(cursor.pos);
    if (((code < 128 ? (classes[code] as number) : classOf(code)) & (BLANK | BREAK | END)) !== 0) break;
    if (code === quote) {
      if (quote === DOUBLE || text.charCodeAt(cursor.pos + 1) !== SINGLE) break;
      value += text.slice(from, cursor.pos + 1);
      cursor.pos += 2;
      from = cursor.pos;
    } else if (code === BACKSLASH && quote === DOUBLE) {
      value += text.slice(from, cursor.pos);
      if (isBreak(text.charCodeAt(cursor.pos + 1))) {
        cursor.pos++;
        cursor.takeBreak();
        fold.addEscaped();
        return value;
      }
      value += scanEscape(cursor, start);
      from = cursor.pos;
    } else {
      cursor.pos++;
    }
  }
  return value + text.slice(from, cursor.pos);
}

function scanEscape(cursor: Cursor, start: Mark): string {
  const char = cursor.text[cursor.pos + 1] ?? "";
  const simple = Object.hasOwn(ESCAPES, char) && cursor.pos + 1 < cursor.end ? ESCAPES[char] : undefined;
  if (simple !== undefined) {
    cursor.pos += 2;
    return simple;
  }
  const length = Object.hasOwn(CODE_LENGTHS, char) ? CODE_LENGTHS[char] : undefined;
  if (length === undefined) return cursor.failScan("found unknown escape character", start);
  cursor.pos += 2;
  let value = 0;
  for (let i = 0; i < length; i++) {
    const digit = hexValue(cursor.code(i));
    if (digit < 0) cursor.failScan("did not find expected hexdecimal number", start);
    value = value * 16 + digit;
  }
  if ((value >= 0xd800 && value <= 0xdfff) || value > 0x10ffff) {
    cursor.failScan("found invalid Unicode character escape code", start);
  }
  cursor.pos += length;
  return String.fromCodePoint(value);
}
