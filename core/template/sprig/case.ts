// Word and letter case: camelcase, snakecase, kebabcase (xstrings), swapcase, untitle, initials, title (goutils, Go).

import { encodeText, runes, fromRune } from "../bytes.ts";

const isUpper = (char: string): boolean => /^\p{Lu}$/u.test(char);
const isLower = (char: string): boolean => /^\p{Ll}$/u.test(char);
const isTitle = (char: string): boolean => /^\p{Lt}$/u.test(char);
const isLetter = (char: string): boolean => /^\p{L}$/u.test(char);
const isNumber = (char: string): boolean => /^\p{N}$/u.test(char);
const isPunctuation = (char: string): boolean => /^\p{P}$/u.test(char);
/** unicode.IsSpace. */
export const isSpace = (char: string): boolean =>
  /^[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]$/.test(char);
const isConnector = (char: string): boolean => char === "-" || char === "_" || isSpace(char);

/** One rune to upper case by Go's simple mapping: a letter never becomes two. */
function upper(char: string): string {
  const mapped = char.toUpperCase();
  return runes(mapped).length === 1 ? mapped : char;
}

function lower(char: string): string {
  if (char === "\u0130") return "i";
  const mapped = char.toLowerCase();
  return runes(mapped).length === 1 ? mapped : char;
}

const titleCase = new Map([
  ["\u01c4", "\u01c5"],
  ["\u01c6", "\u01c5"],
  ["\u01c7", "\u01c8"],
  ["\u01c9", "\u01c8"],
  ["\u01ca", "\u01cb"],
  ["\u01cc", "\u01cb"],
  ["\u01f1", "\u01f2"],
  ["\u01f3", "\u01f2"],
]);
const title = (char: string): string => titleCase.get(char) ?? upper(char);

const chars = (text: string): string[] => runes(text).map(fromRune);

export const upperText = (text: string): string => mapRunes(text, upper);
export const lowerText = (text: string): string => mapRunes(text, lower);

const ascii = /^[\0-\x7f]*$/;

function mapRunes(text: string, map: (char: string) => string): string {
  if (ascii.test(text)) return map === upper ? text.toUpperCase() : text.toLowerCase();
  let out = "";
  for (let at = 0; at < text.length;) {
    let end = at + mappedAtOnce;
    if (isLead(text.charCodeAt(end - 1))) end++;
    out += chars(text.slice(at, end)).map(map).join("");
    at = end;
  }
  return out;
}

/** A text as a list of its runes takes many times the memory. */
const mappedAtOnce = 4096;
const isLead = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;

/** `strings.Title`: the first letter of each word in title case; a word ends at anything but letters, digits and `_`. */
export function titleText(text: string): string {
  let previous = " ";
  return chars(text)
    .map((char) => {
      const starts = isSeparator(previous);
      previous = char;
      return starts ? title(char) : char;
    })
    .join("");
}

function isSeparator(char: string): boolean {
  const code = char.codePointAt(0) ?? 0;
  if (code < 0x80) return !/[A-Za-z0-9_]/.test(char);
  if (isLetter(char) || /^\p{Nd}$/u.test(char)) return false;
  return isSpace(char);
}

/** The first letter of each word in lower case. */
export function untitle(text: string): string {
  let starts = true;
  return chars(text)
    .map((char) => {
      if (isSpace(char)) {
        starts = true;
        return char;
      }
      const mapped = starts ? lower(char) : char;
      starts = false;
      return mapped;
    })
    .join("");
}

/** Upper becomes lower; lower becomes upper, or title case at the start of a word. */
export function swapCase(text: string): string {
  let afterSpace = true;
  return chars(text)
    .map((char) => {
      if (isUpper(char) || isTitle(char)) {
        afterSpace = false;
        return lower(char);
      }
      if (isLower(char)) {
        const mapped = afterSpace ? title(char) : upper(char);
        afterSpace = false;
        return mapped;
      }
      afterSpace = isSpace(char);
      return char;
    })
    .join("");
}

/** goutils looks at bytes here: each is taken for a rune of its own. */
const byteChars = (text: string): string[] => Array.from(encodeText(text), (byte) => String.fromCharCode(byte));

export function initials(text: string): string {
  let afterGap = true;
  let out = "";
  for (const char of byteChars(text)) {
    if (isSpace(char)) afterGap = true;
    else {
      if (afterGap) out += char;
      afterGap = false;
    }
  }
  return out;
}

/** Text without white space; where there is any, bytes of longer runes come out as runes of their own. */
export function withoutSpace(text: string): string {
  const all = byteChars(text);
  const kept = all.filter((char) => !isSpace(char));
  return kept.length === all.length ? text : kept.join("");
}

/** xstrings.ToPascalCase. */
export function pascalCase(text: string): string {
  const all = chars(text);
  let out = "";
  let at = 0;
  while (at < all.length && isConnector(all[at] ?? "")) out += all[at++];
  const first = all[at];
  // A text of nothing but connectors gets its last one twice.
  if (first === undefined) return out + (all.at(-1) ?? "");
  let wasUpper = isUpper(first);
  let current = upper(first);
  for (const next of all.slice(at + 1)) {
    const previous = current;
    current = next;
    if (isConnector(current) && isConnector(previous)) {
      out += previous;
    } else if (isConnector(previous)) {
      wasUpper = isUpper(current);
      current = upper(current);
    } else {
      if (wasUpper) {
        if (isUpper(current)) current = lower(current);
        else wasUpper = false;
      }
      out += previous;
    }
  }
  return out + current;
}

type WordType = "invalid" | "number" | "upper" | "alphabet" | "connector" | "punctuation" | "other";

interface Word {
  type: WordType;
  text: string;
}

/** xstrings.ToSnakeCase and ToKebabCase: words in lower case, joined. */
export function joinWords(text: string, connector: "_" | "-"): string {
  const words = splitWords(Array.from(text));
  let at = 0;
  let out = "";
  const current = (): Word => words[at] ?? { type: "invalid", text: "" };
  const emit = (word: Word): void => {
    out += lowerWord(word, connector);
  };
  const isWord = (word: Word): boolean => word.type === "alphabet" || word.type === "number";
  const takeWords = (): void => {
    while (isWord(current())) emit(words[at++] as Word); // current() is within the list
  };
  const joinNext = (): void => {
    const { type } = current();
    if (type !== "invalid" && type !== "punctuation" && type !== "connector") out += connector;
  };
  while (at < words.length - 1) {
    const previous = current();
    at++;
    if (previous.type !== "connector") emit(previous);
    if (previous.type === "number") {
      takeWords();
      joinNext();
    } else if (previous.type === "connector") {
      emit(previous);
    } else if (previous.type !== "punctuation") {
      afterLetters();
    }
  }
  if (at < words.length) emit(current());
  return out;

  function afterLetters(): void {
    if (current().type !== "number") {
      if (current().type !== "connector" && current().type !== "punctuation") out += connector;
      return;
    }
    if (at === words.length - 1) return;
    const number = words[at++] as Word; // current() is within the list
    if (current().type !== "alphabet") {
      emit(number);
      if (current().type !== "connector" && current().type !== "punctuation") out += connector;
      return;
    }
    out += connector;
    emit(number);
    takeWords();
    joinNext();
  }
}

function lowerWord(word: Word, connector: string): string {
  if (word.type !== "upper" && word.type !== "connector") return word.text;
  return Array.from(word.text)
    .map((char) => (isConnector(char) ? connector : isUpper(char) ? lower(char) : char))
    .join("");
}

const isAlphabet = (char: string): boolean => isLetter(char) && !isIdeograph(char);
// xstrings takes letters without case between its tables of scripts for "other".
const isIdeograph = (char: string): boolean => {
  const code = char.codePointAt(0) ?? 0;
  return (code >= 0x4e00 && code <= 0x9fff) || (code >= 0x3040 && code <= 0x30ff) || (code >= 0xac00 && code <= 0xd7a3);
};

function splitWords(all: string[]): Word[] {
  const words: Word[] = [];
  let at = 0;
  const run = (type: WordType, belongs: (char: string) => boolean): void => {
    const start = at++;
    while (at < all.length && belongs(all[at] ?? "")) at++;
    words.push({ type, text: all.slice(start, at).join("") });
  };
  while (at < all.length) {
    const char = all[at] ?? "";
    if (isConnector(char)) run("connector", isConnector);
    else if (isPunctuation(char)) run("punctuation", isPunctuation);
    else if (isUpper(char)) at = upperWord(all, at, words);
    else if (isAlphabet(char)) run("alphabet", (next) => isAlphabet(next) && !isUpper(next));
    else if (isNumber(char)) run("number", isNumber);
    else run("other", (c) => !isConnector(c) && !isAlphabet(c) && !isNumber(c) && !isPunctuation(c));
  }
  return words;
}

function upperWord(all: string[], start: number, words: Word[]): number {
  let at = start + 1;
  const next = all[at] ?? "";
  if (isUpper(next)) {
    while (at < all.length && isUpper(all[at] ?? "")) at++;
    if (at < all.length && isAlphabet(all[at] ?? "")) at--;
  } else if (isAlphabet(next)) {
    while (at < all.length && isAlphabet(all[at] ?? "") && !isUpper(all[at] ?? "")) at++;
  }
  words.push({ type: "upper", text: all.slice(start, at).join("") });
  return at;
}
