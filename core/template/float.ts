// Floating-point numbers as strconv.FormatFloat writes them, exact in every digit.

/** The shortest digits that read back as the same number, or digits rounded half to even; value = 0.digits × 10^point. */
interface Digits {
  digits: string;
  point: number;
}

/** More fractional digits than this are zeros: the smallest float64 is 2^-1074. */
const exactFraction = 1100;
const verbs = new Set(["e", "E", "f", "g", "G", "b", "x", "X"]);

/** `strconv.FormatFloat(value, verb, precision, 64)`; precision -1 is the shortest. Verbs: e E f g G b x X. */
export function formatFloat(value: number, verb: string, precision: number): string {
  if (!verbs.has(verb)) throw new RangeError(`no such float verb: ${verb}`);
  if (Number.isNaN(value)) return "NaN";
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  const absolute = Math.abs(value);
  if (absolute === Infinity) return `${sign === "" ? "+" : "-"}Inf`;
  if (verb === "b") return sign + formatBinary(absolute);
  if (verb === "x" || verb === "X") return sign + formatHex(absolute, precision, verb);
  return sign + formatDecimal(absolute, verb, precision);
}

function formatDecimal(value: number, verb: string, precision: number): string {
  if (verb === "f") return formatFixed(value, precision);
  if (verb === "e" || verb === "E") {
    const d = precision < 0 ? shortest(value) : roundTo(value, precision + 1);
    return exponential(d, precision < 0 ? Math.max(d.digits.length - 1, 0) : precision, verb);
  }
  return formatGeneral(value, verb, precision);
}

function formatGeneral(value: number, verb: string, precision: number): string {
  const isShortest = precision < 0;
  const wanted = precision === 0 ? 1 : precision;
  const d = isShortest ? shortest(value) : trimZeros(roundTo(value, wanted));
  const count = d.digits.length;
  let threshold = isShortest ? 6 : wanted;
  if (!isShortest && threshold > count && count >= d.point) threshold = count;
  const exponent = d.point - 1;
  if (exponent < -4 || exponent >= threshold) {
    return exponential(d, Math.max((isShortest ? count : Math.min(wanted, count)) - 1, 0), verb === "g" ? "e" : "E");
  }
  return fixed(d, Math.max(count - d.point, 0));
}

/** The shortest form without an exponent below 1e21 and above 1e-7: how JSON is written. */
export function formatJsonNumber(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

function formatFixed(value: number, precision: number): string {
  if (precision < 0) {
    const d = shortest(value);
    return fixed(d, Math.max(d.digits.length - d.point, 0));
  }
  const kept = Math.min(precision, exactFraction);
  const scaled = roundScaled(value, kept)
    .toString()
    .padStart(kept + 1, "0");
  const whole = scaled.slice(0, scaled.length - kept);
  const fraction = scaled.slice(scaled.length - kept) + "0".repeat(precision - kept);
  return fraction === "" ? whole : `${whole}.${fraction}`;
}

function shortest(value: number): Digits {
  if (value === 0) return { digits: "", point: 0 };
  const [mantissa = "", exponent = "0"] = value.toExponential().split("e");
  return { digits: mantissa.replace(".", ""), point: Number(exponent) + 1 };
}

function roundTo(value: number, count: number): Digits {
  if (value === 0) return { digits: "", point: 0 };
  const kept = Math.min(count, exactFraction);
  let exponent = shortest(value).point;
  let digits = roundScaled(value, kept - exponent).toString();
  if (digits.length > kept) {
    exponent += digits.length - kept;
    digits = digits.slice(0, kept);
  } else if (digits.length < kept) {
    // The shortest digits had been rounded up to the next power of ten.
    exponent--;
    digits = roundScaled(value, kept - exponent).toString();
  }
  return { digits, point: exponent };
}

function trimZeros(d: Digits): Digits {
  return { digits: d.digits.replace(/0+$/, ""), point: d.point };
}

/** value × 10^power as a whole number, half to even. */
function roundScaled(value: number, power: number): bigint {
  const { mantissa, exponent } = decompose(value);
  let numerator = mantissa;
  let denominator = 1n;
  if (power >= 0) numerator *= 10n ** BigInt(power);
  else denominator *= 10n ** BigInt(-power);
  if (exponent >= 0) numerator <<= BigInt(exponent);
  else denominator <<= BigInt(-exponent);
  const quotient = numerator / denominator;
  const twice = 2n * (numerator - quotient * denominator);
  if (twice > denominator || (twice === denominator && quotient % 2n === 1n)) return quotient + 1n;
  return quotient;
}

const view = new DataView(new ArrayBuffer(8));

/** value = mantissa × 2^exponent, for finite values that are not negative. */
export function decompose(value: number): { mantissa: bigint; exponent: number } {
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const biased = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  return biased === 0
    ? { mantissa: fraction, exponent: -1074 }
    : { mantissa: fraction | 0x10000000000000n, exponent: biased - 1075 };
}

function exponential(d: Digits, precision: number, letter: string): string {
  const first = d.digits[0] ?? "0";
  const fraction = precision > 0 ? `.${d.digits.slice(1, precision + 1).padEnd(precision, "0")}` : "";
  const exponent = d.digits === "" ? 0 : d.point - 1;
  const sign = exponent < 0 ? "-" : "+";
  return `${first}${fraction}${letter}${sign}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

function fixed(d: Digits, precision: number): string {
  const whole = d.point > 0 ? d.digits.slice(0, d.point).padEnd(d.point, "0") : "0";
  if (precision === 0) return whole;
  const fraction = d.point >= 0 ? d.digits.slice(d.point) : "0".repeat(-d.point) + d.digits;
  return `${whole}.${fraction.padEnd(precision, "0").slice(0, precision)}`;
}

function formatBinary(value: number): string {
  const { mantissa, exponent } = decompose(value);
  return `${mantissa}p${exponent < 0 ? "-" : "+"}${Math.abs(exponent)}`;
}

function formatHex(value: number, precision: number, letter: "x" | "X"): string {
  let { mantissa, exponent } = decompose(value);
  let power = 0;
  if (mantissa !== 0n) {
    const shift = 61 - mantissa.toString(2).length;
    mantissa <<= BigInt(shift);
    power = exponent - shift + 60;
  }
  if (precision >= 0 && precision < 15) {
    const extra = BigInt(precision * 4);
    mantissa = roundBits(mantissa << extra) >> 0n;
    const carried = mantissa >> (extra + 1n) > 0n;
    if (carried) power++;
    mantissa = (carried ? mantissa >> 1n : mantissa) << (60n - extra);
  }
  const all = (mantissa & ((1n << 60n) - 1n)).toString(16).padStart(15, "0");
  const fraction = precision < 0 ? all.replace(/0+$/, "") : all.padEnd(precision, "0").slice(0, precision);
  const text = `0x${mantissa >> 60n}${fraction && `.${fraction}`}p${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
  return letter === "X" ? text.toUpperCase() : text;
}

function roundBits(shifted: bigint): bigint {
  const unit = 1n << 60n;
  const quotient = shifted / unit;
  const twice = 2n * (shifted - quotient * unit);
  return twice > unit || (twice === unit && quotient % 2n === 1n) ? quotient + 1n : quotient;
}
