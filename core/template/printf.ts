// Go's fmt: Sprint, Sprintln and Sprintf over Go values.

import { decodeText, encodeText, firstRunes, fromRune } from "./bytes.ts";
import { alternateFloat } from "./alternate-float.ts";
import { formatFloat } from "./float.ts";
import {
  checkPrinted,
  checkPrintedBytes,
  checkSpelled,
  limitExceeded,
  maxPrintfWidth,
  printed,
  Visits,
} from "./limits.ts";
import { isPrintable, quote, quoteRune } from "./quote.ts";
import {
  GoBytes,
  GoComplex,
  GoFunc,
  GoInt,
  GoMap,
  GoObject,
  GoSlice,
  sortedKeys,
  typeOf,
  uint8Type,
  type Value,
} from "./value.ts";

/** `fmt.Sprint`: a space between two operands of which neither is a string. */
export function sprint(values: readonly Value[]): string {
  if (values.length === 1) return show(values[0]);
  let text = "";
  let afterString = true;
  for (const [i, value] of values.entries()) {
    const isString = typeof value === "string";
    if (i > 0 && !isString && !afterString) text += " ";
    text += show(value);
    afterString = isString;
  }
  return text;
}

/** `fmt.Sprintln`. */
export function sprintln(values: readonly Value[]): string {
  return `${values.map(show).join(" ")}\n`;
}

/** One value as `%v` prints it. */
export function show(value: Value): string {
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return String(value);
  if (typeof value === "number") return formatFloat(value, "g", -1);
  if (value instanceof GoInt && !value.type.text) return String(value.n);
  return new Printer("", []).one(value);
}

/** `fmt.Sprintf`. Throws `LimitExceeded` when the widths of the format add up to too much. */
export function sprintf(format: string, values: readonly Value[]): string {
  const text = new Printer(format, values).run();
  printed(text);
  return text;
}

interface Flags {
  width: number | undefined;
  precision: number | undefined;
  minus: boolean;
  plus: boolean;
  sharp: boolean;
  space: boolean;
  zero: boolean;
  plusV: boolean;
  sharpV: boolean;
}

const noFlags: Flags = {
  width: undefined,
  precision: undefined,
  minus: false,
  plus: false,
  sharp: false,
  space: false,
  zero: false,
  plusV: false,
  sharpV: false,
};

const textVerbs = new Set(["v", "s", "x", "X", "q"]);
const floatPrecision = new Map([
  ["v", -1],
  ["b", -1],
  ["g", -1],
  ["G", -1],
  ["x", -1],
  ["X", -1],
  ["f", 6],
  ["F", 6],
  ["e", 6],
  ["E", 6],
]);
const integerBase = new Map([
  ["v", 10],
  ["d", 10],
  ["b", 2],
  ["o", 8],
  ["O", 8],
  ["x", 16],
  ["X", 16],
]);

class Printer {
  private out = "";
  private flags: Flags = { ...noFlags };
  private erroring = false;
  private readonly format: string;
  private readonly values: readonly Value[];
  private at = 0;
  private index = 0;
  private reordered = false;
  private goodIndex = true;
  private padded = 0;
  private readonly visits = new Visits();

  constructor(format: string, values: readonly Value[]) {
    this.format = format;
    this.values = values;
  }

  one(value: Value): string {
    this.argument(value, "v");
    printed(this.out);
    return this.out;
  }

  run(): string {
    const { format } = this;
    while (this.at < format.length) {
      const percent = format.indexOf("%", this.at);
      if (percent < 0) {
        this.out += format.slice(this.at);
        break;
      }
      this.out += format.slice(this.at, percent);
      this.at = percent + 1;
      this.directive();
    }
    if (!this.reordered && this.index < this.values.length) this.extra();
    return this.out;
  }

  private directive(): void {
    this.goodIndex = true;
    this.flags = { ...noFlags };
    this.readFlags();
    const simple = this.format[this.at] ?? "";
    if (simple >= "a" && simple <= "z" && this.index < this.values.length) {
      this.at++;
      return this.print(simple);
    }
    let afterIndex = this.argumentNumber();
    afterIndex = this.readWidth(afterIndex);
    afterIndex = this.readPrecision(afterIndex);
    if (!afterIndex) this.argumentNumber();
    const code = this.format.codePointAt(this.at);
    if (code === undefined) {
      this.out += "%!(NOVERB)";
      return;
    }
    const verb = String.fromCodePoint(code);
    this.at += verb.length;
    if (verb === "%") this.out += "%";
    else if (!this.goodIndex) this.out += `%!${verb}(BADINDEX)`;
    else if (this.index >= this.values.length) this.out += `%!${verb}(MISSING)`;
    else this.print(verb);
  }

  private print(verb: string): void {
    if (verb === "v" || verb === "w") {
      const { flags } = this;
      [flags.sharpV, flags.sharp, flags.plusV, flags.plus] = [flags.sharp, false, flags.plus, false];
    }
    this.argument(this.values[this.index++], verb);
  }

  private readFlags(): void {
    for (; ; this.at++) {
      const char = this.format[this.at];
      if (char === "#") this.flags.sharp = true;
      else if (char === "0") this.flags.zero = true;
      else if (char === "+") this.flags.plus = true;
      else if (char === "-") this.flags.minus = true;
      else if (char === " ") this.flags.space = true;
      else return;
    }
  }

  private readWidth(afterIndex: boolean): boolean {
    const { flags } = this;
    if (this.format[this.at] !== "*") {
      flags.width = this.readNumber();
      if (afterIndex && flags.width !== undefined) this.goodIndex = false;
      return afterIndex;
    }
    this.at++;
    flags.width = this.starArgument();
    if (flags.width === undefined) this.out += "%!(BADWIDTH)";
    else if (flags.width < 0) {
      flags.width = -flags.width;
      flags.minus = true;
      flags.zero = false;
    }
    return false;
  }

  private readPrecision(afterIndex: boolean): boolean {
    const { flags } = this;
    if (this.format[this.at] !== "." || this.at + 1 >= this.format.length) return afterIndex;
    this.at++;
    if (afterIndex) this.goodIndex = false;
    const again = this.argumentNumber();
    if (this.format[this.at] !== "*") {
      flags.precision = this.readNumber() ?? 0;
      return again;
    }
    this.at++;
    const precision = this.starArgument();
    flags.precision = precision !== undefined && precision < 0 ? undefined : precision;
    if (flags.precision === undefined) this.out += "%!(BADPREC)";
    return false;
  }

  private readNumber(): number | undefined {
    let number: number | undefined;
    for (; this.at < this.format.length; this.at++) {
      const digit = this.format.charCodeAt(this.at) - 0x30;
      if (!(digit >= 0 && digit <= 9)) break;
      if ((number ?? 0) > maxPrintfWidth) {
        this.at = this.format.length;
        return undefined;
      }
      number = (number ?? 0) * 10 + digit;
    }
    return number;
  }

  private starArgument(): number | undefined {
    if (this.index >= this.values.length) return undefined;
    const value = this.values[this.index++];
    if (!(value instanceof GoInt)) return undefined;
    const n = Number(value.n);
    return Math.abs(n) > maxPrintfWidth ? undefined : n;
  }

  /** Reads `[n]`; true when there was a well-formed one. */
  private argumentNumber(): boolean {
    if (this.format[this.at] !== "[") return false;
    this.reordered = true;
    const close = this.format.indexOf("]", this.at);
    if (close < 0 || this.format.length - this.at < 3) {
      this.goodIndex = false;
      this.at++;
      return false;
    }
    const digits = this.format.slice(this.at + 1, close);
    this.at = close + 1;
    if (!/^[0-9]+$/.test(digits) || Number(digits) > 10 * maxPrintfWidth) {
      this.goodIndex = false;
      return false;
    }
    const index = Number(digits) - 1;
    if (index >= 0 && index < this.values.length) this.index = index;
    else this.goodIndex = false;
    return true;
  }

  private extra(): void {
    this.flags = { ...noFlags };
    this.out += "%!(EXTRA ";
    for (const [i, value] of this.values.slice(this.index).entries()) {
      if (i > 0) this.out += ", ";
      const type = typeOf(value);
      if (!type) this.out += "<nil>";
      else {
        this.out += `${type.name}=`;
        this.argument(value, "v");
      }
    }
    this.out += ")";
  }

  private argument(value: Value, verb: string): void {
    const type = typeOf(value);
    if (!type) return verb === "T" || verb === "v" ? this.pad("<nil>") : this.badVerb(verb, value);
    if (verb === "T") return this.text(type.name);
    if (verb === "p") return this.badVerb(verb, value);
    this.value(value, verb, 0);
  }

  private badVerb(verb: string, value: Value): void {
    const type = typeOf(value);
    const outer = this.erroring;
    this.erroring = true;
    this.out += `%!${verb}(`;
    if (type) {
      this.out += `${type.name}=`;
      this.value(value, "v", 0);
    } else this.out += "<nil>";
    this.out += ")";
    this.erroring = outer;
  }

  private value(value: Value, verb: string, depth: number): void {
    if (depth > 0) this.visits.count();
    checkPrinted(this.out);
    if (typeof value === "string") return this.string(value, verb);
    if (typeof value === "number") return this.float(value, verb);
    if (typeof value === "boolean") {
      return verb === "t" || verb === "v" ? this.pad(String(value)) : this.badVerb(verb, value);
    }
    if (value === undefined || value === null) {
      this.out += this.flags.sharpV ? "interface {}(nil)" : "<nil>";
      return;
    }
    if (verb === "w" && !(value instanceof GoBytes)) return this.badVerb("w", value);
    if (this.methods(value, verb)) return;
    if (value instanceof GoInt) return this.integer(value, verb);
    if (value instanceof GoSlice) return this.slice(value, verb, depth);
    if (value instanceof GoMap) return this.map(value, verb, depth);
    if (value instanceof GoBytes) return this.bytes(value, verb);
    if (value instanceof GoObject) return this.object(value, verb, depth);
    if (value instanceof GoComplex) return this.complex(value, verb);
    if (value instanceof GoFunc) this.badVerb(verb, value);
  }

  private methods(value: Value, verb: string): boolean {
    const text = typeOf(value)?.text as ((v: Value) => string) | undefined; // the type's own text takes its values
    if (!text || this.erroring || this.flags.sharpV || !textVerbs.has(verb)) return false;
    this.string(text(value), verb);
    return true;
  }

  private slice(value: GoSlice, verb: string, depth: number): void {
    const { sharpV } = this.flags;
    if (sharpV) this.out += value.type.name;
    if (sharpV && value.isNil) {
      this.out += "(nil)";
      return;
    }
    this.out += sharpV ? "{" : "[";
    for (let i = 0; i < value.items.length; i++) {
      if (i > 0) this.out += sharpV ? ", " : " ";
      this.value(value.items[i], verb, depth + 1);
    }
    this.out += sharpV ? "}" : "]";
  }

  private map(value: GoMap, verb: string, depth: number): void {
    const { sharpV } = this.flags;
    this.out += sharpV ? value.type.name : "map";
    if (sharpV && value.isNil) {
      this.out += "(nil)";
      return;
    }
    this.out += sharpV ? "{" : "[";
    let isFirst = true;
    for (const key of sortedKeys(value.entries)) {
      if (!isFirst) this.out += sharpV ? ", " : " ";
      isFirst = false;
      this.string(key, verb);
      this.out += ":";
      this.value(value.entries.get(key), verb, depth + 1);
    }
    this.out += sharpV ? "}" : "]";
  }

  private object(value: GoObject, verb: string, depth: number): void {
    const { sharpV, plusV } = this.flags;
    const isPointer = value.type.kind === "ptr";
    if (isPointer && depth > 0) {
      this.out += "0x0";
      return;
    }
    if (isPointer) this.out += "&";
    if (sharpV) this.out += value.type.name.replace(/^\*/, "");
    this.out += "{";
    let isFirst = true;
    for (const [name, field] of value.fields) {
      if (!isFirst) this.out += sharpV ? ", " : " ";
      isFirst = false;
      if (plusV || sharpV) this.out += `${name}:`;
      this.value(field, verb, depth + 1);
    }
    this.out += "}";
  }

  private bytes(value: GoBytes, verb: string): void {
    if (verb === "s" || verb === "x" || verb === "X" || verb === "q") return this.string(decodeText(value.bytes), verb);
    const { sharpV, width, precision, plus, space } = this.flags;
    if (verb === "v" && !sharpV && width === undefined && precision === undefined && !plus && !space) {
      checkPrintedBytes(value.bytes.length);
      this.out += `[${value.bytes.join(" ")}]`;
      return;
    }
    const items = [...value.bytes];
    if (verb === "v" && this.flags.sharpV) {
      this.out += `[]byte{${items.map((byte) => `0x${byte.toString(16)}`).join(", ")}}`;
      return;
    }
    this.out += "[";
    for (const [i, byte] of items.entries()) {
      if (i > 0) this.out += " ";
      this.integer(new GoInt(byte, uint8Type), verb === "v" ? "d" : verb);
    }
    this.out += "]";
  }

  private string(value: string, verb: string): void {
    if (verb === "s" || (verb === "v" && !this.flags.sharpV)) return this.text(value);
    checkSpelled(value);
    if (verb === "q" || verb === "v") return this.quoted(value);
    if (verb === "x" || verb === "X") return this.hex(value, verb);
    this.badVerb(verb, value);
  }

  private text(value: string): void {
    this.pad(this.truncate(value));
  }

  private truncate(value: string): string {
    const { precision } = this.flags;
    if (precision === undefined || value.length <= precision) return value;
    return firstRunes(value, precision);
  }

  private quoted(value: string): void {
    const cut = this.truncate(value);
    if (this.flags.sharp && canBackquote(cut)) this.pad(`\`${cut}\``);
    else this.pad(quote(cut, this.flags.plus));
  }

  private hex(value: string, verb: "x" | "X"): void {
    const { precision, space, sharp, width, minus } = this.flags;
    const bytes = encodeText(value).subarray(0, precision);
    const prefix = sharp ? "0x" : "";
    const parts = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0"));
    let text = parts.length === 0 ? "" : space ? parts.map((p) => prefix + p).join(" ") : prefix + parts.join("");
    if (verb === "X") text = text.toUpperCase();
    const filler = this.filler((width ?? 0) - text.length);
    this.out += minus && parts.length > 0 ? text + filler : filler + text;
  }

  private integer(value: GoInt, verb: string): void {
    const isSigned = !value.type.kind.startsWith("uint");
    if (verb === "v" && this.flags.sharpV && !isSigned) return this.pointerLike(value.n);
    const base = integerBase.get(verb);
    if (base !== undefined) return this.whole(value.n, base, verb);
    const code = Number(value.n);
    if (verb === "c") return this.pad(fromRune(code));
    if (verb === "q") return this.pad(quoteRune(validRune(code), this.flags.plus));
    if (verb === "U") return this.unicode(BigInt.asUintN(64, BigInt(value.n)));
    this.badVerb(verb, value);
  }

  private pointerLike(n: number | bigint): void {
    this.out += `0x${n.toString(16)}`;
  }

  private whole(n: number | bigint, base: number, verb: string): void {
    const { width, precision, zero, minus, plus, space, sharp } = this.flags;
    const isNegative = n < 0;
    if (precision === 0 && (n === 0 || n === 0n)) {
      this.out += this.spaces(width ?? 0);
      return;
    }
    let digits = (isNegative ? -n : n).toString(base);
    if (verb === "X") digits = digits.toUpperCase();
    let least = precision ?? 0;
    if (precision === undefined && zero && !minus && width !== undefined) {
      least = width - (isNegative || plus || space ? 1 : 0);
    }
    digits = this.zeros(least - digits.length) + digits;
    if (sharp && base === 2) digits = `0b${digits}`;
    else if (sharp && base === 8 && !digits.startsWith("0")) digits = `0${digits}`;
    else if (sharp && base === 16) digits = (verb === "X" ? "0X" : "0x") + digits;
    if (verb === "O") digits = `0o${digits}`;
    this.padSpaces((isNegative ? "-" : plus ? "+" : space ? " " : "") + digits);
  }

  private unicode(n: bigint): void {
    const { precision, sharp } = this.flags;
    const digits = n.toString(16).toUpperCase();
    let text = `U+${this.zeros(Math.max(precision ?? 4, 4) - digits.length)}${digits}`;
    if (sharp && n <= 0x10ffffn && isPrintable(Number(n))) text += ` '${fromRune(Number(n))}'`;
    this.padSpaces(text);
  }

  private float(value: number, verb: string): void {
    const standard = floatPrecision.get(verb);
    if (standard === undefined) return this.badVerb(verb, value);
    const { precision, plus, space, sharp, zero, minus, width } = this.flags;
    const format = verb === "v" ? "g" : verb === "F" ? "f" : verb;
    const wanted = precision ?? standard;
    let number = formatFloat(value, format, wanted);
    if (!/^[-+]/.test(number)) number = `+${number}`;
    if (space && number.startsWith("+") && !plus) number = ` ${number.slice(1)}`;
    if (number[1] === "I") return this.padSpaces(number);
    if (number[1] === "N") return this.padSpaces(!space && !plus ? number.slice(1) : number);
    if (sharp && verb !== "b") number = alternateFloat(number, format, wanted);
    if (!plus && number.startsWith("+")) return this.pad(number.slice(1));
    if (zero && !minus && width !== undefined && width > number.length) {
      this.out += number[0] + this.zeros(width - number.length) + number.slice(1);
      return;
    }
    this.pad(number);
  }

  private complex(value: GoComplex, verb: string): void {
    if (!floatPrecision.has(verb)) return this.badVerb(verb, value);
    const { plus } = this.flags;
    this.out += "(";
    this.float(value.re, verb);
    this.flags.plus = true;
    this.float(value.im, verb);
    this.out += "i)";
    this.flags.plus = plus;
  }

  private pad(text: string): void {
    checkPrinted(this.out);
    const { width, minus } = this.flags;
    if (width === undefined || width === 0) {
      this.out += text;
      return;
    }
    const filler = text.length > 2 * width ? "" : this.filler(width - Array.from(text).length);
    this.out += minus ? text + filler : filler + text;
  }

  private padSpaces(text: string): void {
    const { zero } = this.flags;
    this.flags.zero = false;
    this.pad(text);
    this.flags.zero = zero;
  }

  private filler(count: number): string {
    return this.flags.zero && !this.flags.minus ? this.zeros(count) : this.spaces(count);
  }

  private zeros(count: number): string {
    return this.fill("0", count);
  }

  private spaces(count: number): string {
    return this.fill(" ", count);
  }

  // One list can have many elements, each as wide as the verb says.
  private fill(char: string, count: number): string {
    if (count <= 0) return "";
    this.padded += count;
    if (this.padded > 8 * maxPrintfWidth) throw limitExceeded(`printf pads by more than ${8 * maxPrintfWidth}`);
    return char.repeat(count);
  }
}

const validRune = (code: number): number => (code > 0x10ffff || code < 0 ? 0xfffd : code);

// strconv.CanBackquote.
function canBackquote(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === 0x60 || unit === 0x7f || unit === 0xfeff || (unit < 0x20 && unit !== 9)) return false;
  }
  return text.isWellFormed();
}
