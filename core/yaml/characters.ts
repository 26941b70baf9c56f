// The character classes of libyaml, as one table lookup per character.

export const BLANK = 1;
export const BREAK = 2;
export const END = 4;
/** `, ? [ ] { }`: they end a plain scalar inside brackets. */
export const FLOW_STOP = 8;
/** Letters, digits, `_` and `-`: anchors, handles, directive names. */
export const WORD = 16;
/** What a tag may hold. */
export const URI = 32;
/** Characters that cannot start a plain scalar. */
export const INDICATOR = 64;
export const COLON = 128;

/** Classes of the ASCII characters; index with a code below 128. */
export const classes = new Uint8Array(128);

function mark(characters: string, bit: number): void {
  for (const char of characters) classes[char.charCodeAt(0)] = (classes[char.charCodeAt(0)] as number) | bit;
}

const WORD_CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-";
mark(" \t", BLANK);
mark("\n\r", BREAK);
mark("\0", END);
mark(",?[]{}", FLOW_STOP);
mark(WORD_CHARACTERS, WORD | URI);
mark(";/?:@&=+$,.!~*'()[]%", URI);
mark("-?:,[]{}#&*!|>'\"%@`", INDICATOR);
mark(":", COLON);

/** The classes of any UTF-16 unit. */
export function classOf(code: number): number {
  if (code < 128) return classes[code] as number;
  return code === 0x85 || code === 0x2028 || code === 0x2029 ? BREAK : 0;
}

export function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

export function isBreak(code: number): boolean {
  return code < 128 ? code === 0x0a || code === 0x0d : code === 0x85 || code === 0x2028 || code === 0x2029;
}

export function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** The value of a hexadecimal digit, or -1. */
export function hexValue(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
