// Numbers as Go's strconv reads them: prefixes, underscores, hexadecimal floats, ranges.

const prefixed = /^([+-]?)0([xXoObB])/;

/** Underscores must stand between digits, or between the prefix and a digit. */
function underscoresFit(text: string): boolean {
  if (!text.includes("_")) return true;
  const digits = text.replace(/^[+-]/, "");
  const isHex = /^0[xX]/.test(digits);
  const rest = /^0[xXoObB]/.test(digits) ? `0${digits.slice(2)}` : digits;
  const around = isHex ? /(?<![0-9a-fA-F])_|_(?![0-9a-fA-F])/ : /(?<![0-9])_|_(?![0-9])/;
  return !around.test(rest);
}

/**
 * `strconv.ParseInt(text, base, 64)` without its range check (numbers far out of every range come back as one such
 * number); undefined when the syntax is wrong. Base 0 reads the base
 * from the prefix (`0x`, `0o`, `0b`, `0`) and allows underscores.
 */
export function parseWhole(text: string, base: 0 | 8 | 10 = 0): bigint | undefined {
  const sign = /^[+-]/.test(text) ? text[0] : "";
  const body = sign ? text.slice(1) : text;
  const value = base === 0 ? parsePrefixed(text, body) : parseDigits(body, base);
  return value === undefined ? undefined : sign === "-" ? -value : value;
}

function parsePrefixed(text: string, body: string): bigint | undefined {
  if (!underscoresFit(text)) return undefined;
  const clean = body.replaceAll("_", "");
  const prefix = prefixed.exec(clean)?.[2]?.toLowerCase();
  if (prefix === "x") return /^0[xX][0-9a-fA-F]+$/.test(clean) ? bigOf("0x", clean.slice(2)) : undefined;
  if (prefix === "o") return parseDigits(clean.slice(2), 8);
  if (prefix === "b") return /^0[bB][01]+$/.test(clean) ? bigOf("0b", clean.slice(2)) : undefined;
  if (clean.length > 1 && clean.startsWith("0")) return parseDigits(clean.slice(1), 8);
  return parseDigits(clean, 10);
}

function parseDigits(text: string, base: 8 | 10): bigint | undefined {
  if (base === 8) return /^[0-7]+$/.test(text) ? bigOf("0o", text) : undefined;
  return /^[0-9]+$/.test(text) ? bigOf("", text) : undefined;
}

/** Digits, leading zeros aside, that no number of 64 bits has; reading more takes time that grows with their square. */
const maxDigits = 70;

function bigOf(prefix: string, digits: string): bigint {
  if (digits.length <= maxDigits) return BigInt(prefix + digits);
  const significant = digits.replace(/^0+/, "");
  return significant.length > maxDigits ? 1n << 70n : BigInt(`${prefix}0${significant}`);
}

export const minInt64 = -(1n << 63n);
export const maxInt64 = (1n << 63n) - 1n;
export const maxUint64 = (1n << 64n) - 1n;

export const isInt64 = (n: bigint): boolean => n >= minInt64 && n <= maxInt64;
export const isUint64 = (n: bigint): boolean => n >= 0n && n <= maxUint64;

const decimalFloat = /^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;
const hexFloat = /^([+-]?)0[xX]([0-9a-fA-F]*)(?:\.([0-9a-fA-F]*))?[pP]([+-]?[0-9]+)$/;
const special = /^[+-]?(?:inf|infinity)$|^nan$/i;

/** `strconv.ParseFloat(text, 64)`: undefined when the syntax is wrong; ±Infinity also when it is out of range. */
export function parseFloat64(text: string): number | undefined {
  if (special.test(text)) {
    if (/nan/i.test(text)) return NaN;
    return text.startsWith("-") ? -Infinity : Infinity;
  }
  if (!underscoresFit(text)) return undefined;
  const clean = text.replaceAll("_", "");
  if (decimalFloat.test(clean)) return Number(clean);
  const parts = hexFloat.exec(clean);
  return parts ? parseHexFloat(parts) : undefined;
}

/** True when ParseFloat would report a range error: the text spells a finite number, the result is infinite. */
export function isFloatOverflow(text: string, value: number): boolean {
  return !Number.isFinite(value) && !special.test(text);
}

function parseHexFloat(parts: RegExpExecArray): number | undefined {
  const whole = parts[2] ?? "";
  const fraction = parts[3] ?? "";
  if (whole === "" && fraction === "") return undefined;
  const exponent = Number(parts[4]) - 4 * fraction.length;
  const mantissa = BigInt(`0x${whole}${fraction}`);
  const value = scale(mantissa, exponent);
  return parts[1] === "-" ? -value : value;
}

// The mantissa keeps 64 bits and a sticky bit, so that Number() rounds once.
function scale(mantissa: bigint, exponent: number): number {
  if (mantissa === 0n) return 0;
  const excess = mantissa.toString(2).length - 64;
  if (excess <= 0) return Number(mantissa) * 2 ** exponent;
  const kept = mantissa >> BigInt(excess);
  const sticky = kept << BigInt(excess) === mantissa ? 0n : 1n;
  return Number(kept | sticky) * 2 ** (exponent + excess);
}
