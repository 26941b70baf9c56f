// The values of TOML that hold no others: texts, numbers and times, as BurntSushi reads them.

import {
  fixedZone,
  int64,
  isFloatOverflow,
  parseFloat64,
  parseInstant,
  quote,
  timeValue,
  type Value,
  type Zone,
} from "@plumbline/core/template";
import { Failure } from "@plumbline/core/model";
import { shortEscapes } from "./toml-quote.ts";
import { type Item, TomlError } from "./toml-scanner.ts";

/** The value of an item that is no list and no table. Throws `TomlError`. */
export function scalar(item: Item): Value {
  if (item.type === "Bool") return item.text === "true";
  if (item.type === "Integer") return integer(item);
  if (item.type === "Float") return float(item);
  return item.type === "Datetime" ? datetime(item) : textOf(item);
}

/** The text of a string. */
export function textOf(item: Item): string {
  const { type, text } = item;
  if (type === "StringEsc") return unescaped(item, text);
  if (type === "MultilineString") return unescaped(item, joinedLines(withoutFirstNewline(text)));
  return type === "RawMultilineString" ? withoutFirstNewline(text) : text;
}

const withoutFirstNewline = (text: string): string => text.replace(/^\r?\n/, "");

/** A backslash at the end of a line takes away all white space up to what follows. */
const joinedLines = (text: string): string =>
  text.replaceAll(/\\\\|\\[ \t\r\n]+/g, (part) => (part.includes("\n") ? "" : part));

const escapes = new Map([
  ...shortEscapes.entries().map(([char, escape]): [string, string] => [escape.slice(1), char]),
  ["e", "\x1b"],
]);

function unescaped(item: Item, text: string): string {
  return text.replaceAll(/\\(?:x(..)|u(....)|U(.{8})|(.))/gsu, (_, ...groups: (string | undefined)[]) => {
    const [two, four, eight, char] = groups;
    const hex = two ?? four ?? eight;
    if (hex === undefined) {
      const plain = escapes.get(char ?? "");
      if (plain === undefined) throw new TomlError(`invalid escape: '\\${char ?? ""}'`, item.line);
      return plain;
    }
    const rune = Number.parseInt(hex, 16);
    if (rune > 0x10ffff || (rune >= 0xd800 && rune <= 0xdfff)) {
      throw new TomlError(`Escaped character '\\u${hex}' is not valid UTF-8.`, item.line);
    }
    return String.fromCodePoint(rune);
  });
}

const hasLeadingZero = (number: string): boolean => /^0(?![box])./.test(number) || /^[+-]0./.test(number);

/** Digits around each underscore, and one at the end. */
function hasGoodUnderscores(number: string): boolean {
  if (/^[+-]?(?:nan|inf)$/.test(number)) return true;
  return !/(?:^|[^0-9a-fA-F])_/.test(number) && /[0-9a-fA-F]$/.test(number);
}

function integer({ text, line }: Item): Value {
  const refuse = (why: string): TomlError => new TomlError(`Invalid integer ${quote(text)}: ${why}`, line);
  if (!hasGoodUnderscores(text)) throw refuse("underscores must be surrounded by digits");
  if (hasLeadingZero(text)) throw refuse("cannot have leading zeroes");
  const digits = text.replaceAll("_", "");
  const sign = digits.startsWith("-") ? -1n : 1n;
  const n = sign * BigInt(digits.replace(/^[+-]/, ""));
  if (n !== BigInt.asIntN(64, n)) throw new TomlError(`${text} is out of range for int64`, line);
  return int64(n);
}

function float({ text, line }: Item): Value {
  const refuse = (why: string): TomlError => new TomlError(`Invalid float ${quote(text)}: ${why}`, line);
  const parts = text.split(/[.eE]/).filter((part) => part !== "");
  if (!parts.every(hasGoodUnderscores)) throw refuse("underscores must be surrounded by digits");
  if (hasLeadingZero(parts[0] ?? "")) throw refuse("cannot have leading zeroes");
  if (/\.(?![0-9])/.test(text)) throw refuse("'.' must be followed by one or more digits");
  const digits = text.replaceAll("_", "").replace(/^[+-]nan$/, "nan");
  const number = parseFloat64(digits);
  if (number === undefined) throw new TomlError(`Invalid float value: ${quote(text)}`, line);
  if (isFloatOverflow(digits, number)) throw new TomlError(`${text} is out of range for float64`, line);
  return number;
}

const local: Zone = { name: "Local", at: () => ({ offset: 0, abbreviation: "UTC" }) };

/** What a time without a zone is told from others by; BurntSushi's encoder writes them without one again. */
export const localLayouts: ReadonlyMap<string, string> = new Map([
  ["datetime-local", "2006-01-02T15:04:05.999999999"],
  ["date-local", "2006-01-02"],
  ["time-local", "15:04:05.999999999"],
]);

const layouts: readonly [layout: string, zone: Zone][] = [
  ["2006-01-02T15:04:05.999999999Z07:00", local],
  ...Array.from(localLayouts, ([name, layout]): [string, Zone] => [layout, fixedZone(name, 0)]),
  ["2006-01-02T15:04Z07:00", local],
  ["2006-01-02T15:04", fixedZone("datetime-local", 0)],
  ["15:04", fixedZone("time-local", 0)],
];

function datetime({ text, line }: Item): Value {
  const written = text.replaceAll("z", "Z").replaceAll("t", "T").replaceAll(" ", "T");
  for (const [layout, zone] of layouts) {
    const instant = instantOrNothing(layout, written, zone);
    if (!instant) continue;
    if (isZeroMissing(written, layout)) break;
    return timeValue(instant);
  }
  throw new TomlError(`invalid datetime: ${quote(written)}`, line);
}

function instantOrNothing(layout: string, text: string, zone: Zone): ReturnType<typeof parseInstant> | undefined {
  try {
    return parseInstant(layout, text, zone);
  } catch (thrown) {
    if (thrown instanceof Failure) return undefined;
    throw thrown;
  }
}

/** Go takes hours of one digit; then what stands between the numbers is not where the layout has it. */
function isZeroMissing(text: string, layout: string): boolean {
  const [before = ""] = /^[^.Z]*/.exec(layout) ?? [];
  return Array.from(before).some((char, i) => !/[0-9]/.test(char) && text[i] !== char);
}
