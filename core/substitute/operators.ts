// What the operators of `${...}` do to a value.

import { BadPattern, fromBytes, matchGlob, toBytes, type ByteText } from "./glob.ts";
import { MAX_TRIMMED_LENGTH } from "./limits.ts";

/** The operation cannot be done on this value; the message says why. */
export class OperatorError extends Error {}

/** Applies an operator; an unknown one gives a default, as envsubst does. */
export function applyOperator(operator: string, value: string, args: readonly string[]): string {
  const [first = "", second = ""] = args;
  switch (operator) {
    case ",":
      return changeFirst(value, lower);
    case ",,":
      return Array.from(value, lower).join("");
    case "^":
      return changeFirst(value, upper);
    case "^^":
      return Array.from(value, upper).join("");
    case "#":
      return args.length === 0 ? String(toBytes(value).length) : trimStart(value, first, shortest);
    case "##":
      return trimStart(value, first, longest);
    case "%":
      return trimEnd(value, first, shortest);
    case "%%":
      return trimEnd(value, first, longest);
    case ":":
      return slice(value, args);
    case "/":
      return replaceOnce(value, first, second);
    case "//":
      return first === "" ? betweenAll(value, second) : value.replaceAll(first, () => second);
    case "/#":
      return args.length === 2 && value.startsWith(first) ? replaceOnce(value, first, second) : value;
    case "/%":
      return args.length === 2 && value.endsWith(first) ? value.slice(0, value.length - first.length) + second : value;
    default:
      return value === "" ? args.join("") : value;
  }
}

function replaceOnce(value: string, search: string, by: string): string {
  return value.replace(search, () => by);
}

function betweenAll(value: string, by: string): string {
  return by + Array.from(value, (char) => char + by).join("");
}

/** Go maps character by character; JavaScript's mappings to several characters do not exist there. */
function lower(char: string): string {
  if (char === "\u0130") return "i";
  return single(char.toLowerCase(), char);
}

function upper(char: string): string {
  return single(char.toUpperCase(), char);
}

function single(mapped: string, char: string): string {
  return mapped.length <= ((mapped.codePointAt(0) as number) > 0xffff ? 2 : 1) ? mapped : char;
}

function changeFirst(value: string, change: (char: string) => string): string {
  if (value === "") return value;
  const first = String.fromCodePoint(value.codePointAt(0) as number);
  return change(first) + value.slice(first.length);
}

const INTEGER = /^[-+]?\d{1,18}$/;

/** `${v:from}` and `${v:from:length}`, in bytes; what is no number leaves the value as it is. */
function slice(value: string, args: readonly string[]): string {
  const [fromText = "", lengthText] = args;
  if (!INTEGER.test(fromText)) return value;
  const bytes = toBytes(value);
  const from = Number(fromText);
  const start = from < 0 ? Math.max(bytes.length + from, 0) : from;
  if (lengthText === undefined) return text(bytes.slice(start));
  if (!INTEGER.test(lengthText)) return value;
  const length = Number(lengthText);
  const end = length < 0 ? bytes.length + length : start + length;
  return end < start ? "" : text(bytes.slice(start, end));
}

function text(bytes: ByteText): string {
  const decoded = fromBytes(bytes);
  if (decoded === undefined) throw new OperatorError("the operator cuts a character in two");
  return decoded;
}

type Choice = (bytes: ByteText, pattern: ByteText) => number;

/** The length of the shortest prefix that matches, 0 for none. */
const shortest: Choice = (bytes, pattern) => {
  for (let length = 1; length <= bytes.length; length++) {
    if (matchGlob(pattern, bytes.slice(0, length))) return length;
  }
  return 0;
};

const longest: Choice = (bytes, pattern) => {
  for (let length = bytes.length; length > 0; length--) {
    if (matchGlob(pattern, bytes.slice(0, length))) return length;
  }
  return 0;
};

function trimStart(value: string, pattern: string, choose: Choice): string {
  if (value.length > MAX_TRIMMED_LENGTH) {
    throw new OperatorError(`the value has ${value.length} characters, more than the ${MAX_TRIMMED_LENGTH} to trim`);
  }
  const bytes = toBytes(value);
  const glob = toBytes(pattern);
  try {
    return text(bytes.slice(choose(bytes, glob)));
  } catch (error) {
    if (error instanceof BadPattern) return value;
    throw error;
  }
}

function trimEnd(value: string, pattern: string, choose: Choice): string {
  return reverse(trimStart(reverse(value), reverse(pattern), choose));
}

function reverse(value: string): string {
  return Array.from(value).reverse().join("");
}
