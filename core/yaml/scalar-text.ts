// The text of a scalar in each style, as libyaml's emitter writes it.

import { isBlank, isBreak } from "./characters.ts";

export interface Place {
  /** Code points on the line before the scalar. */
  column: number;
  /** Indentation of further lines. */
  indent: number;
  /** Lines are folded at the first single space beyond this column; Infinity for never. */
  width: number;
}

const PADS = Array.from({ length: 64 }, (_, width) => " ".repeat(width));

export function spaces(width: number): string {
  return PADS[width] ?? " ".repeat(width);
}

export function codePoints(text: string): number {
  let count = 0;
  for (let i = 0; i < text.length; i++) if ((text.charCodeAt(i) & 0xfc00) !== 0xdc00) count++;
  return count;
}

export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0x80) bytes += code < 0x800 || (code >= 0xd800 && code <= 0xdfff) ? 1 : 2;
  }
  return bytes;
}

/** Plain text, folded at single spaces. */
export function foldedPlain(value: string, place: Place): string {
  return folded(value, place, false);
}

function folded(value: string, place: Place, quoted: boolean): string {
  let { column } = place;
  let text = "";
  let from = 0;
  let afterSpace = false;
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (code !== 0x20) {
      if ((code & 0xfc00) !== 0xdc00) column++;
      afterSpace = false;
      continue;
    }
    const inside = !quoted || (i > 0 && i < value.length - 1);
    if (!afterSpace && column > place.width && inside && value.charCodeAt(i + 1) !== 0x20) {
      text += `${value.slice(from, i)}\n${spaces(place.indent)}`;
      from = i + 1;
      column = place.indent;
    } else {
      column++;
    }
    afterSpace = true;
  }
  return text + value.slice(from);
}

const QUOTE_OR_BREAK = /[\n\r\u0085\u2028\u2029]/;

/** In single quotes; breaks stand as they are, a first line feed is doubled. */
export function singleQuoted(value: string, place: Place): string {
  const inner = { ...place, column: place.column + 1 };
  if (QUOTE_OR_BREAK.test(value) || (value.includes("'") && place.column + value.length > place.width)) {
    return `'${singleSlowly(value, inner)}'`;
  }
  const text = value.includes("'") ? value.replaceAll("'", "''") : value;
  return place.column + text.length < place.width ? `'${text}'` : `'${folded(text, inner, true)}'`;
}

function singleSlowly(value: string, place: Place): string {
  let { column } = place;
  let text = "";
  let afterBreak = false;
  let afterSpace = false;
  const characters = Array.from(value);
  for (const [i, char] of characters.entries()) {
    const inside = i > 0 && i < characters.length - 1;
    if (char === " ") {
      if (!afterSpace && column > place.width && inside && characters[i + 1] !== " ") {
        text += `\n${spaces(place.indent)}`;
        column = place.indent;
      } else {
        text += char;
        column++;
      }
      afterSpace = true;
    } else if (isBreak(char.charCodeAt(0))) {
      text += !afterBreak && char === "\n" ? "\n\n" : char;
      column = 0;
      afterBreak = true;
    } else {
      if (afterBreak) {
        text += spaces(place.indent);
        column = place.indent;
      }
      text += char === "'" ? "''" : char;
      column += char === "'" ? 2 : 1;
      afterSpace = false;
      afterBreak = false;
    }
  }
  return text;
}

export function doubleQuoted(value: string, place: Place): string {
  let column = place.column + 1;
  let afterSpace = false;
  let text = '"';
  // libyaml looks for a byte order mark at the start of the text whatever character it asks about.
  const escapeAll = value.charCodeAt(0) === 0xfeff;
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (code === 0x20 && !escapeAll) {
      if (!afterSpace && column > place.width && i > 0 && i < value.length - 1) {
        const spaceNext = value.charCodeAt(i + 1) === 0x20;
        text += `\n${spaces(place.indent)}${spaceNext ? "\\" : ""}`;
        column = place.indent + (spaceNext ? 1 : 0);
      } else {
        text += " ";
        column++;
      }
      afterSpace = true;
      continue;
    }
    afterSpace = false;
    const escape = escapeOf(value, i, code) ?? (escapeAll ? numericEscape(value.codePointAt(i) as number) : undefined);
    text += escape ?? (value[i] as string);
    column += escape?.length ?? 1;
    if (escape !== undefined && (code & 0xfc00) === 0xd800) i++;
  }
  return `${text}"`;
}

/** What follows `|` or `>`: an indentation when the text starts with a blank line or space, and the chomping. */
export function blockHints(value: string): string {
  const first = value.charCodeAt(0);
  return (first === 0x20 || isBreak(first) ? "2" : "") + chomping(value);
}

function chomping(value: string): string {
  const { length } = value;
  if (!isBreak(value.charCodeAt(length - 1))) return "-";
  return length === 1 || isBreak(value.charCodeAt(length - 2)) ? "+" : "";
}

/** The lines of a literal block. */
export function literalBody(value: string, indent: number): string {
  const pad = spaces(indent);
  let text = "";
  let from = 0;
  let open = true;
  for (let i = 0; i < value.length; i++) {
    if (isBreak(value.charCodeAt(i))) {
      text += value.slice(from, i + 1);
      from = i + 1;
      open = true;
    } else if (open) {
      text += pad;
      open = false;
    }
  }
  return text + value.slice(from);
}

/** The lines of a folded block, none of which is folded further. */
export function foldedBody(value: string, indent: number): string {
  const pad = spaces(indent);
  let start = 0;
  while (isBreak(value.charCodeAt(start))) start++;
  // libyaml looks at the first line wherever it stands: a text that starts with a blank never doubles its breaks.
  const doubles = start < value.length && !isBlank(value.charCodeAt(start));
  let text = "";
  let open = true;
  let indented = true;
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (isBreak(code)) {
      if (!open && !indented && code === 0x0a && doubles) text += "\n";
      open = true;
    } else if (open) {
      text += pad;
      indented = isBlank(code);
      open = false;
    }
    text += value[i] as string;
  }
  return text;
}

const ESCAPES: Record<number, string> = {
  0x00: "\\0",
  0x07: "\\a",
  0x08: "\\b",
  0x09: "\\t",
  0x0a: "\\n",
  0x0b: "\\v",
  0x0c: "\\f",
  0x0d: "\\r",
  0x1b: "\\e",
  0x22: '\\"',
  0x5c: "\\\\",
  0x85: "\\N",
  0xa0: "\\_",
  0x2028: "\\L",
  0x2029: "\\P",
};

/** The escape of one character inside double quotes, or undefined when it stands as it is. */
function escapeOf(text: string, i: number, code: number): string | undefined {
  if (code >= 0x20 && code < 0x7f) return code === 0x22 || code === 0x5c ? ESCAPES[code] : undefined;
  const short = code === 0xa0 ? undefined : ESCAPES[code];
  if (short !== undefined) return short;
  if ((code >= 0xa0 && code < 0xd800) || (code >= 0xe000 && code <= 0xfffd && code !== 0xfeff)) return undefined;
  return numericEscape(text.codePointAt(i) as number);
}

function numericEscape(point: number): string {
  const short = ESCAPES[point];
  if (short !== undefined) return short;
  if (point <= 0xff) return `\\x${hex(point, 2)}`;
  return point <= 0xffff ? `\\u${hex(point, 4)}` : `\\U${hex(point, 8)}`;
}

function hex(value: number, width: number): string {
  return value.toString(16).toUpperCase().padStart(width, "0");
}
