// The values of --set, --set-string, --set-file, --set-json and --set-literal.

import { Failure } from "@plumbline/core/model";
import { fromJson, GoMap, GoSlice, int64, parseGoJson, quote, sprintf, type Value } from "@plumbline/core/template";
import { emptyMap } from "./chart.ts";
import { messageOf, valuesInvalid } from "./failure.ts";
import { mergeMaps } from "./merge-maps.ts";

const maxIndex = 65536;
const maxNesting = 30;

type ReadValue = (text: string) => Value;

interface Syntax {
  /** Characters that end a key. */
  keyEnds: string;
  escapes: boolean;
  /** The rest of the text is one value: no lists, no further assignments. */
  isLiteral: boolean;
  isJson: boolean;
  read: ReadValue;
}

const plainSyntax: Syntax = { keyEnds: "=[,.", escapes: true, isLiteral: false, isJson: false, read: typedValue };

/** `--set a.b=1,c[0]=x`: whole numbers, booleans and null are typed, everything else is a string. */
export function setValue(text: string, into: GoMap): void {
  failing("failed parsing --set data: ", () => assign(text, into, plainSyntax));
}

/** `--set-string`: every value is a string. */
export function setString(text: string, into: GoMap): void {
  failing("failed parsing --set-string data: ", () => assign(text, into, { ...plainSyntax, read: (value) => value }));
}

/** `--set-file key=path`: the value is what `readFile` gives for the path. */
export function setFile(text: string, into: GoMap, readFile: (path: string) => string): void {
  failing("failed parsing --set-file data: ", () => assign(text, into, { ...plainSyntax, read: readFile }));
}

/** `--set-literal key=anything`. */
export function setLiteral(text: string, into: GoMap): void {
  const syntax = { ...plainSyntax, keyEnds: "=[.", escapes: false, isLiteral: true, read: (value: string) => value };
  failing("failed parsing --set-literal data: ", () => assign(text, into, syntax));
}

/** `--set-json key={"a":1}` or a whole object; gives the map to go on with. */
export function setJson(text: string, into: GoMap): GoMap {
  const trimmed = text.trim();
  try {
    if (!trimmed.startsWith("{")) {
      assign(text, into, { ...plainSyntax, isJson: true });
      return into;
    }
    const json = fromJson(parseGoJson(trimmed));
    return mergeMaps(into, json as GoMap); // it starts with a brace and parsed: an object
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    const json = trimmed.startsWith("{") ? " JSON:" : "";
    throw valuesInvalid(`failed parsing --set-json data${json} ${text}`, undefined, thrown);
  }
}

function failing(prefix: string, run: () => void): void {
  try {
    run();
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    throw valuesInvalid(prefix + messageOf(thrown), undefined, thrown);
  }
}

function typedValue(text: string): Value {
  const lower = text.toLowerCase();
  if (lower === "true") return true;
  if (lower === "false") return false;
  if (lower === "null") return null;
  if (text === "0") return int64(0);
  if (!/^[+-]?[0-9]+$/.test(text) || text.startsWith("0")) return text;
  const n = BigInt(text);
  return n === BigInt.asIntN(64, n) ? int64(n) : text;
}

function assign(text: string, into: GoMap, syntax: Syntax): void {
  const parser = new Parser(text, syntax);
  while (parser.key(into, 0));
}

/** True to go on, false at the end of the text. */
type More = boolean;

class Parser {
  private readonly chars: string[];
  private readonly syntax: Syntax;
  private at = 0;

  constructor(text: string, syntax: Syntax) {
    this.chars = Array.from(text);
    this.syntax = syntax;
  }

  key(data: GoMap, depth: number): More {
    const { text: key, end } = this.until(this.syntax.keyEnds);
    if (end === undefined) {
      if (key === "") return false;
      throw valuesInvalid(`key ${quote(key)} has no value`);
    }
    if (end === "=") return this.assignTo((value) => put(data, key, value));
    if (end === "[") return this.intoList(data, key, depth);
    if (end === ",") {
      put(data, key, "");
      throw valuesInvalid(`key ${quote(key)} has no value (cannot end with ,)`);
    }
    return this.nested(data, key, depth + 1);
  }

  private nested(data: GoMap, key: string, depth: number): More {
    if (depth > maxNesting) {
      throw valuesInvalid(`value name nested level is greater than maximum supported nested level of ${maxNesting}`);
    }
    const known = data.entries.get(key);
    if (data.entries.has(key) && !(known instanceof GoMap)) {
      throw notConvertible(known, "map[string]interface {}");
    }
    const inner = known instanceof GoMap ? known : emptyMap();
    const more = this.key(inner, depth);
    if (more && inner.entries.size === 0) throw valuesInvalid(`key map ${quote(key)} has no value`);
    if (inner.entries.size > 0) put(data, key, inner);
    return more;
  }

  private intoList(data: GoMap, key: string, depth: number): More {
    const index = this.index();
    if (index === undefined) return false;
    const known = data.entries.get(key);
    if (data.entries.has(key) && !(known instanceof GoSlice)) {
      throw notConvertible(known, "[]interface {}");
    }
    const list = known instanceof GoSlice ? [...known.items] : [];
    const more = this.item(list, index, depth);
    put(data, key, new GoSlice(list));
    return more;
  }

  /** The number before `]`; undefined where the text ends first, which Helm takes for the end of all. */
  private index(): number | undefined {
    const { text, end } = this.until("]");
    if (end === undefined) return undefined;
    if (!/^[+-]?[0-9]+$/.test(text)) {
      throw valuesInvalid(`error parsing index: strconv.Atoi: parsing ${quote(text)}: invalid syntax`);
    }
    return Number(text);
  }

  private item(list: Value[], index: number, depth: number): More {
    if (index < 0) throw valuesInvalid(`negative ${index} index not allowed`);
    const { text, end } = this.until("[.=");
    if (text !== "") throw valuesInvalid(`unexpected data at end of array index: ${quoteRunes(text)}`);
    if (end === undefined) return false;
    if (end === "=") {
      this.assignTo((value) => putAt(list, index, value));
      return true;
    }
    if (end === "[") {
      const next = this.index();
      if (next === undefined) return false;
      const known = list[index] ?? null;
      if (known !== null && !(known instanceof GoSlice)) throw notConvertible(known, "[]interface {}");
      const inner = known instanceof GoSlice ? [...known.items] : [];
      // Where the text ends inside, the element stays as it was.
      if (!this.item(inner, next, depth)) return false;
      putAt(list, index, new GoSlice(inner));
      return true;
    }
    const known = list[index];
    const inner = known instanceof GoMap ? known : emptyMap();
    if (index < list.length) list[index] = inner;
    if (!this.key(inner, depth)) return false;
    putAt(list, index, inner);
    return true;
  }

  private assignTo(store: (value: Value) => void): More {
    if (this.syntax.isJson) return this.jsonTo(store);
    if (this.syntax.isLiteral) {
      store(this.chars.slice(this.at).join(""));
      this.at = this.chars.length;
      return true;
    }
    if (this.at >= this.chars.length) {
      store("");
      return false;
    }
    if (this.chars[this.at] === "{") {
      this.at++;
      store(this.list());
      return true;
    }
    const { text } = this.until(",");
    store(this.syntax.read(text));
    return true;
  }

  private jsonTo(store: (value: Value) => void): More {
    this.skipSpace();
    if (this.at >= this.chars.length || this.chars[this.at] === ",") {
      this.at++;
      store(null);
      return true;
    }
    const { value, length } = jsonPrefix(this.chars.slice(this.at).join(""));
    store(value);
    this.at += Array.from(length).length;
    this.skipSpace();
    if (this.chars[this.at] === ",") this.at++;
    return true;
  }

  private skipSpace(): void {
    while (/^\s$/.test(this.chars[this.at] ?? "")) this.at++;
  }

  private list(): GoSlice {
    const items: Value[] = [];
    for (;;) {
      const { text, end } = this.until(",}");
      if (end === undefined) throw valuesInvalid("list must terminate with '}'");
      items.push(this.syntax.read(text));
      if (end === ",") continue;
      if (this.chars[this.at] === ",") this.at++;
      return new GoSlice(items);
    }
  }

  private until(stops: string): { text: string; end: string | undefined } {
    let text = "";
    while (this.at < this.chars.length) {
      const char = this.chars[this.at++] ?? "";
      if (stops.includes(char)) return { text, end: char };
      if (char !== "\\" || !this.syntax.escapes) text += char;
      else if (this.at < this.chars.length) text += this.chars[this.at++] ?? "";
    }
    return { text, end: undefined };
  }
}

/** `%q` of a list of runes. */
const quoteRunes = (text: string): string => sprintf("%q", [new GoSlice(runesOf(text))]);

const runesOf = (text: string): Value[] => Array.from(text, (char) => int64(char.codePointAt(0) ?? 0));

/** The JSON value that a text starts with, and the part of the text that it takes. */
function jsonPrefix(text: string): { value: Value; length: string } {
  const scalar = /^\s*(?:"(?:[^"\\]|\\[\s\S])*"|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null)/;
  const length = scalar.exec(text)?.[0] ?? text.slice(0, closingBracket(text));
  // Go's scanner has gone on into the fraction or exponent that is missing.
  const isUnfinished = /(?:^|[^0-9.])[0-9]+$/.test(length) ? /^[.eE]/ : /\.[0-9]+$/.test(length) ? /^[eE]/ : undefined;
  if (isUnfinished?.test(text.slice(length.length))) throw valuesInvalid("invalid number");
  return { value: fromJson(parseGoJson(length)), length };
}

/** Where the object or list that a text starts with ends. */
function closingBracket(text: string): number {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text[i] ?? "";
    if (char === '"') i = endOfString(text, i);
    else if (char === "{" || char === "[") depth++;
    else if ((char === "}" || char === "]") && --depth === 0) return i + 1;
  }
  return text.length;
}

function endOfString(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === '"') return i;
  }
  return text.length;
}

const notConvertible = (value: Value, to: string): Failure =>
  valuesInvalid(`unable to parse key: interface conversion: interface {} is ${goType(value)}, not ${to}`);

function put(data: GoMap, key: string, value: Value): void {
  if (key !== "") data.entries.set(key, value);
}

function putAt(list: Value[], index: number, value: Value): void {
  if (index > maxIndex) {
    throw valuesInvalid(`index of ${index} is greater than maximum supported index of ${maxIndex}`);
  }
  while (list.length <= index) list.push(null);
  list[index] = value;
}

function goType(value: Value): string {
  if (value === null || value === undefined) return "nil";
  if (typeof value === "object" && "type" in value) return value.type.name;
  return typeof value === "boolean" ? "bool" : typeof value === "number" ? "float64" : "string";
}
