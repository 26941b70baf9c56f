// Quantities such as `500m` or `1Gi` in the spelling that an API server gives back.
// Facts: k8s.io/apimachinery pkg/api/resource/quantity.go.

type Format = "exponent" | "decimal" | "binary";

const decimalSuffixes: Record<string, number> = { n: -9, u: -6, m: -3, "": 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const binarySuffixes: Record<string, number> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 };
const maxAllowed = (1n << 63n) - 1n;
/** Numbers longer than this are refused: no quantity needs them. */
const maxLength = 100;
const smallestPower = -9;

interface Parsed {
  negative: boolean;
  /** Digits before and after the point, without leading zeros. */
  whole: string;
  fraction: string;
  format: Format;
  /** Power of 10, or of 2 for the binary format. */
  power: number;
}

/**
 * The canonical spelling.
 * @throws SyntaxError when the text is no quantity
 */
export function canonicalQuantity(text: string): string {
  const trimmed = text.trim();
  const parsed = parse(trimmed);
  if (reusesText(parsed)) return trimmed;
  return write(parsed);
}

function parse(text: string): Parsed {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?([eEinumkKMGTP]*[-+]?\d*)$/.exec(text);
  if (!match || text.length > maxLength || (match[2] === "" && (match[3] ?? "") === "")) {
    throw new SyntaxError(
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    );
  }
  const [, sign, digits = "", fraction = "", suffix = ""] = match;
  const whole = digits.replace(/^0+/, "") || "0";
  return { negative: sign === "-", whole, fraction, ...interpret(suffix) };
}

function interpret(suffix: string): { format: Format; power: number } {
  const decimal = Object.hasOwn(decimalSuffixes, suffix) ? decimalSuffixes[suffix] : undefined;
  if (decimal !== undefined) return { format: "decimal", power: decimal };
  const binary = Object.hasOwn(binarySuffixes, suffix) ? binarySuffixes[suffix] : undefined;
  if (binary !== undefined) return { format: "binary", power: binary };
  const exponent = /^[eE]([-+]?\d{1,4})$/.exec(suffix);
  if (exponent) return { format: "exponent", power: Number(exponent[1]) };
  throw new SyntaxError("unable to parse quantity's suffix");
}

/** The server keeps the text as it came when a quick look finds it canonical. */
function reusesText({ whole, fraction, format, power }: Parsed): boolean {
  const shifted = whole + fraction;
  if (format === "binary") {
    const precision = 15 - whole.length - Math.trunc((power * 3) / 10) - 1;
    return fraction === "" && precision >= 0 && (BigInt(shifted) & 7n) !== 0n;
  }
  const scale = power - fraction.length;
  if (18 - shifted.length < 0 || scale < smallestPower) return false;
  return scale % 3 === 0 && !shifted.endsWith("000") && !shifted.startsWith("0");
}

/** Units of 10^-9, rounded away from zero. */
function toNano({ whole, fraction, format, power }: Parsed): bigint {
  let value = BigInt(whole + fraction);
  let decimals = -fraction.length;
  if (format === "binary") value <<= BigInt(power);
  else decimals += power;
  const shift = decimals - smallestPower;
  if (shift >= 0) return value * 10n ** BigInt(shift);
  const divisor = 10n ** BigInt(-shift);
  return (value + divisor - 1n) / divisor;
}

function write(parsed: Parsed): string {
  const unit = 10n ** 9n;
  let nano = toNano(parsed);
  if (nano === 0n) return "0";
  if (parsed.format === "binary" && nano > maxAllowed * unit) nano = maxAllowed * unit;
  const isWhole = nano % unit === 0n;
  const sign = parsed.negative ? "-" : "";
  if (parsed.format === "binary" && isWhole && nano >= 1024n * unit) return sign + writeBinary(nano / unit);
  return sign + writeDecimal(nano, parsed.format === "exponent" ? "exponent" : "decimal");
}

function writeBinary(value: bigint): string {
  const names = ["", ...Object.keys(binarySuffixes)];
  let step = 0;
  while (step < names.length - 1 && value % 1024n === 0n) {
    value /= 1024n;
    step++;
  }
  return `${value}${names[step]}`;
}

function writeDecimal(nano: bigint, format: "exponent" | "decimal"): string {
  let power = smallestPower;
  const limit = format === "decimal" ? 18 : Infinity;
  while (nano % 1000n === 0n && power < limit) {
    nano /= 1000n;
    power += 3;
  }
  if (format === "exponent") return power === 0 ? `${nano}` : `${nano}e${power}`;
  const name = Object.keys(decimalSuffixes).find((suffix) => decimalSuffixes[suffix] === power) ?? "";
  return `${nano}${name}`;
}
