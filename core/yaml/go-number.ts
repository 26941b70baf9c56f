// Numbers as Go's strconv reads and writes them.

const MAX_UINT64 = 0xffff_ffff_ffff_ffffn;
const MAX_INT64 = 0x7fff_ffff_ffff_ffffn;
const DECIMAL = /^[0-9]+$/;
const OCTAL = /^[0-7]+$/;
const HEX = /^[0-9a-fA-F]+$/;
const BINARY = /^[01]+$/;

/** A `number` where that is exact, else a `bigint`. */
export function exactInteger(value: bigint): number | bigint {
  return value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value;
}

/**
 * `strconv.ParseInt(text, 0, 64)`, then `ParseUint`: prefixes 0x, 0o, 0b and a bare leading 0 for octal, an optional
 * sign, no underscores; undefined for anything else or out of range.
 */
export function parseGoInteger(text: string): number | bigint | undefined {
  const first = text.charCodeAt(0);
  const signed = first === 0x2b || first === 0x2d;
  const digits = signed ? text.slice(1) : text;
  const negative = first === 0x2d;
  if (digits.charCodeAt(0) !== 0x30 || digits.length === 1) {
    if (!DECIMAL.test(digits)) return undefined;
    if (digits.length <= 15) return negative ? 0 - Number(digits) : Number(digits);
    return inRange(BigInt(digits), negative, signed);
  }
  const prefix = digits.charCodeAt(1) | 0x20;
  const rest = digits.slice(2);
  if (prefix === 0x78) return HEX.test(rest) ? inRange(BigInt(`0x${rest}`), negative, signed) : undefined;
  if (prefix === 0x6f) return OCTAL.test(rest) ? inRange(BigInt(`0o${rest}`), negative, signed) : undefined;
  if (prefix === 0x62) return BINARY.test(rest) ? inRange(BigInt(`0b${rest}`), negative, signed) : undefined;
  return OCTAL.test(digits) ? inRange(BigInt(`0o${digits.slice(1)}`), negative, signed) : undefined;
}

/** `ParseInt(text, base, 64)`, then `ParseUint`, for digits after a prefix: a sign is still allowed here. */
export function parseGoIntegerInBase(text: string, base: 2 | 8): number | bigint | undefined {
  const match = /^([-+]?)([0-7]+)$/.exec(text);
  if (!match || (base === 2 && !BINARY.test(match[2] as string))) return undefined;
  const value = BigInt(`${base === 2 ? "0b" : "0o"}${match[2]}`);
  return inRange(value, match[1] === "-", match[1] !== "");
}

function inRange(value: bigint, negative: boolean, signed: boolean): number | bigint | undefined {
  if (negative) return value > MAX_INT64 + 1n ? undefined : exactInteger(-value);
  return value > (signed ? MAX_INT64 : MAX_UINT64) ? undefined : exactInteger(value);
}

/** Shortest digits that read back the same, and the decimal exponent: 0.DIGITS x 10^point. */
function shortest(value: number): { digits: string; point: number } {
  const [mantissa = "", exponent = "0"] = Math.abs(value).toExponential().split("e");
  return { digits: mantissa.replace(".", ""), point: Number(exponent) + 1 };
}

function exponentForm(digits: string, point: number): string {
  const exponent = point - 1;
  const size = Math.abs(exponent);
  const head = digits.length > 1 ? `${digits[0]}.${digits.slice(1)}` : digits;
  return `${head}e${exponent < 0 ? "-" : "+"}${size < 10 ? "0" : ""}${size}`;
}

function plainForm(digits: string, point: number): string {
  if (point <= 0) return `0.${"0".repeat(-point)}${digits}`;
  if (digits.length <= point) return digits + "0".repeat(point - digits.length);
  return `${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** `strconv.FormatFloat(value, 'g', -1, 64)` for finite values: exponent form below 1e-4 and from 1e6. */
export function formatFloatG(value: number): string {
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const { digits, point } = shortest(value);
  const sign = value < 0 ? "-" : "";
  const exponent = point - 1;
  return sign + (exponent < -4 || exponent >= 6 ? exponentForm(digits, point) : plainForm(digits, point));
}

/** A finite float64 as encoding/json writes it: exponent form below 1e-6 and from 1e21, `e-09` as `e-9`. */
export function formatFloatJson(value: number): string {
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const { digits, point } = shortest(value);
  const sign = value < 0 ? "-" : "";
  const size = Math.abs(value);
  if (size >= 1e-6 && size < 1e21) return sign + plainForm(digits, point);
  const text = exponentForm(digits, point);
  return sign + text.replace(/e-0(\d)$/, "e-$1");
}

/** `strconv.FormatFloat(value, 'g', -1, 32)` for finite values: the shortest digits that give the same float32. */
export function formatFloat32(value: number): string {
  const single = Math.fround(value);
  if (single === 0 || !Number.isFinite(single)) return formatFloatG(single);
  for (let precision = 1; precision <= 9; precision++) {
    const short = Number(single.toPrecision(precision));
    if (Math.fround(short) === single) return formatFloatG(short);
  }
  return formatFloatG(single);
}
