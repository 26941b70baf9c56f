// Go strings as JavaScript strings: UTF-8 lengths, cuts and runes; a byte that is no UTF-8 is U+DC80..U+DCFF.

/** A rune of U+FFFD that stands for one byte of invalid UTF-8. */
export const runeError = 0xfffd;

const ascii = /^[\0-\x7f]*$/;

export const isAscii = (text: string): boolean => ascii.test(text);

/** Length in bytes of UTF-8, as Go's `len` says. */
export function byteLength(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    if (unit < 0x800) length++;
    else if (isHigh(unit) && isLow(text.charCodeAt(i + 1))) {
      length += 2;
      i++;
    } else if (!isRaw(unit)) length += 2;
  }
  return length;
}

const encoder = new TextEncoder();

/** The bytes of a Go string. */
export function encodeText(text: string): Uint8Array {
  // Bytes that are no UTF-8 stand as lone surrogates: a text without them is what the platform encodes, much faster.
  if (text.isWellFormed()) return encoder.encode(text);
  const out = new Uint8Array(byteLength(text));
  let at = 0;
  for (let i = 0; i < text.length; i++) {
    let code = text.charCodeAt(i);
    if (code < 0x80) {
      out[at++] = code;
      continue;
    }
    if (code < 0x800) {
      out[at++] = 0xc0 | (code >> 6);
    } else if (isRaw(code)) {
      out[at++] = code & 0xff;
      continue;
    } else {
      if (isHigh(code) && isLow(text.charCodeAt(i + 1))) {
        code = 0x10000 + ((code - 0xd800) << 10) + (text.charCodeAt(++i) - 0xdc00);
        out[at++] = 0xf0 | (code >> 18);
        out[at++] = 0x80 | ((code >> 12) & 0x3f);
      } else {
        out[at++] = 0xe0 | (code >> 12);
      }
      out[at++] = 0x80 | ((code >> 6) & 0x3f);
    }
    out[at++] = 0x80 | (code & 0x3f);
  }
  return out;
}

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The Go string of these bytes. */
export function decodeText(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch (thrown) {
    if (!(thrown instanceof TypeError)) throw thrown;
    return decodeInvalid(bytes);
  }
}

function decodeInvalid(bytes: Uint8Array): string {
  let text = "";
  let start = 0;
  for (let i = 0; i < bytes.length;) {
    const size = sequenceLength(bytes, i);
    if (size > 0) {
      i += size;
      continue;
    }
    text += strict.decode(bytes.subarray(start, i)) + String.fromCharCode(0xdc00 | (bytes[i] ?? 0));
    start = ++i;
  }
  return text + strict.decode(bytes.subarray(start));
}

/** Bytes of the valid UTF-8 sequence that starts here; 0 when none does. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] ?? 0;
  if (lead < 0x80) return 1;
  const size = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
  for (let i = 1; i < size; i++) {
    const next = bytes[at + i] ?? 0;
    if ((next & 0xc0) !== 0x80) return 0;
    if (i > 1) continue;
    if ((lead === 0xe0 && next < 0xa0) || (lead === 0xed && next > 0x9f)) return 0;
    if ((lead === 0xf0 && next < 0x90) || (lead === 0xf4 && next > 0x8f)) return 0;
  }
  return size;
}

/** `text[start:end]` by bytes; the bounds must lie within the string. */
export function sliceBytes(text: string, start: number, end: number): string {
  if (isAscii(text)) return text.slice(start, end);
  return decodeText(encodeText(text).subarray(start, end));
}

/** A string with its raw bytes joined up again: two halves of a rune, concatenated, are that rune. */
export function rejoin(text: string): string {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (isHigh(unit)) i++;
    else if (isRaw(unit)) return decodeText(encodeText(text));
  }
  return text;
}

/** The runes of a string as Go's `range` gives them: invalid bytes are U+FFFD. */
export function runes(text: string): number[] {
  const list: number[] = [];
  for (const char of text) {
    const code = char.codePointAt(0) as number; // a character of a string has a code point
    list.push(isSurrogate(code) ? runeError : code);
  }
  return list;
}

/** The string of one rune: surrogates and numbers beyond Unicode are U+FFFD. */
export function fromRune(code: number): string {
  if (code < 0 || code > 0x10ffff || isSurrogate(code)) return "\ufffd";
  return String.fromCodePoint(code);
}

/** Invalid bytes as U+FFFD: what Go writes where it goes through runes. */
export function validText(text: string): string {
  return text.isWellFormed() ? text : text.toWellFormed();
}

/** True for the unit that stands for a byte of invalid UTF-8 (when no high surrogate precedes it). */
export const isRaw = (unit: number): boolean => unit >= 0xdc80 && unit <= 0xdcff;

const isHigh = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;
const isLow = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;
const isSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdfff;

/** The first `count` runes of a text; none is longer than two units. */
export function firstRunes(text: string, count: number): string {
  return Array.from(text.slice(0, 2 * count))
    .slice(0, count)
    .join("");
}
