// Cuts a template's source into tokens, as text/template/parse/lex.go does.

import { byteLength, validText } from "./bytes.ts";
import { isPrintable, quote } from "./quote.ts";

export type TokenType =
  | "error"
  | "bool"
  | "char"
  | "charConstant"
  | "complex"
  | "assign"
  | "declare"
  | "eof"
  | "field"
  | "identifier"
  | "leftDelim"
  | "leftParen"
  | "number"
  | "pipe"
  | "rawString"
  | "rightDelim"
  | "rightParen"
  | "space"
  | "string"
  | "text"
  | "variable"
  | Keyword;

export type Keyword =
  | "block"
  | "break"
  | "continue"
  | "dot"
  | "define"
  | "else"
  | "end"
  | "if"
  | "nil"
  | "range"
  | "template"
  | "with";

export interface Token {
  type: TokenType;
  /** Offset in UTF-16 units. */
  pos: number;
  text: string;
  /** Line of the first character, from 1. */
  line: number;
}

export interface Delimiters {
  left: string;
  right: string;
}

export const defaultDelimiters: Delimiters = { left: "{{", right: "}}" };

const keywords = new Map<string, Keyword>([
  ["block", "block"],
  ["break", "break"],
  ["continue", "continue"],
  ["define", "define"],
  ["else", "else"],
  ["end", "end"],
  ["if", "if"],
  ["nil", "nil"],
  ["range", "range"],
  ["template", "template"],
  ["with", "with"],
]);
const keywordTokens = new Set<TokenType>([...keywords.values(), "dot"]);

/** All tokens up to and including `eof` or the first `error`, whose text is the message. */
export function tokenize(source: string, delimiters: Delimiters = defaultDelimiters): Token[] {
  const lexer = new Lexer(source, delimiters);
  lexer.run();
  return lexer.tokens;
}

/** How error messages show a token. */
export function showToken(token: Token): string {
  if (token.type === "eof") return "EOF";
  if (token.type === "error") return token.text;
  if (keywordTokens.has(token.type)) return `<${token.text}>`;
  const isLong = byteLength(token.text) > 10;
  return isLong ? `${quote(Array.from(token.text).slice(0, 10).join(""))}...` : quote(token.text);
}

const isSpace = (char: string | undefined): boolean => char === " " || char === "\t" || char === "\r" || char === "\n";
const asciiWord = /\w*/y;
const asciiWordCharacter = /\w/;
/** Patterns with Unicode classes are made where they are needed: that takes longer than lexing a small template. */
const isWordCharacter = (char: string): boolean =>
  char > "~" ? /[\p{L}\p{Nd}]/u.test(char) : asciiWordCharacter.test(char);
const spaces = /[ \t\r\n]*/y;
const printableAscii = /^[ -~]$/;

class Lexer {
  readonly tokens: Token[] = [];
  private readonly source: string;
  private readonly left: string;
  private readonly right: string;
  private pos = 0;
  private line = 1;
  private newline: number;
  private parens = 0;
  private failed = false;

  constructor(source: string, delimiters: Delimiters) {
    this.source = source;
    this.left = delimiters.left;
    this.right = delimiters.right;
    this.newline = this.findNewline(0);
  }

  run(): void {
    while (!this.failed) {
      const at = this.source.indexOf(this.left, this.pos);
      const end = at < 0 ? this.source.length : at;
      const trimmed = at >= 0 && this.hasLeftTrim(at + this.left.length) ? this.trimBack(this.pos, end) : end;
      if (trimmed > this.pos) this.emit("text", this.pos, trimmed);
      this.pos = end;
      if (at < 0) {
        this.emit("eof", end, end);
        return;
      }
      this.enterAction();
    }
  }

  private enterAction(): void {
    const start = this.pos;
    this.pos += this.left.length;
    const marker = this.hasLeftTrim(this.pos) ? 2 : 0;
    if (this.source.startsWith("/*", this.pos + marker)) {
      this.pos += marker;
      this.comment();
      return;
    }
    this.emit("leftDelim", start, this.pos);
    this.pos += marker;
    this.parens = 0;
    while (!this.failed && !this.inside());
  }

  private comment(): void {
    const start = this.pos;
    const close = this.source.indexOf("*/", start + 2);
    if (close < 0) return this.error("unclosed comment", start);
    this.pos = close + 2;
    const trim = this.hasRightTrim(this.pos);
    if (!trim && !this.source.startsWith(this.right, this.pos)) {
      return this.error("comment ends before closing delimiter", start);
    }
    this.pos += (trim ? 2 : 0) + this.right.length;
    if (trim) this.skipSpaces();
  }

  /** One token inside an action; true when the action is over. */
  private inside(): boolean {
    const start = this.pos;
    if (this.source.startsWith(this.right, start) || this.hasRightTrim(start)) return this.close(start);
    const char = this.source[start];
    if (char === undefined) return this.stop("unclosed action", start);
    if (isSpace(char)) return this.space(start);
    this.pos++;
    switch (char) {
      case "=":
        return this.emit("assign", start, this.pos);
      case ":":
        if (this.source[this.pos] !== "=") return this.stop("expected :=", start);
        return this.emit("declare", start, ++this.pos);
      case "|":
        return this.emit("pipe", start, this.pos);
      case '"':
        return this.quoted(start, '"', "string", "unterminated quoted string");
      case "'":
        return this.quoted(start, "'", "charConstant", "unterminated character constant");
      case "`":
        return this.rawQuoted(start);
      case "$":
        return this.fieldOrVariable(start, "variable");
      case "(":
        this.parens++;
        return this.emit("leftParen", start, this.pos);
      case ")":
        if (--this.parens < 0) return this.stop("unexpected right paren", start);
        return this.emit("rightParen", start, this.pos);
      default:
        return this.other(start, char);
    }
  }

  private other(start: number, char: string): boolean {
    const next = this.source[this.pos];
    if (char === "." && next !== undefined && !(next >= "0" && next <= "9")) {
      return this.fieldOrVariable(start, "field");
    }
    if (char === "." || char === "+" || char === "-" || (char >= "0" && char <= "9")) {
      this.pos = start;
      return this.number(start);
    }
    const whole = String.fromCodePoint(this.source.codePointAt(start) ?? 0);
    if (isWordCharacter(whole)) return this.identifier(start);
    if (printableAscii.test(char)) return this.emit("char", start, this.pos);
    return this.stop(`unrecognized character in action: ${showRune(this.source, start)}`, start);
  }

  private close(start: number): boolean {
    if (this.parens > 0) return this.stop("unclosed left paren", start);
    const trim = !this.source.startsWith(this.right, start);
    const delim = start + (trim ? 2 : 0);
    this.pos = delim + this.right.length;
    this.emit("rightDelim", delim, this.pos);
    if (trim) this.skipSpaces();
    return true;
  }

  private space(start: number): boolean {
    this.skipSpaces();
    // The last space may belong to a trim marker.
    if (this.hasRightTrim(this.pos - 1)) {
      this.pos--;
      if (this.pos === start) return false;
    }
    return this.emit("space", start, this.pos);
  }

  private identifier(start: number): boolean {
    this.pos = this.wordEnd(start);
    if (!this.atTerminator()) return this.badCharacter(start);
    const text = this.source.slice(start, this.pos);
    const keyword = keywords.get(text);
    return this.emit(keyword ?? (text === "true" || text === "false" ? "bool" : "identifier"), start, this.pos);
  }

  private fieldOrVariable(start: number, type: "field" | "variable"): boolean {
    if (this.atTerminator()) return this.emit(type === "variable" ? "variable" : "dot", start, this.pos);
    this.pos = this.wordEnd(this.pos);
    if (!this.atTerminator()) return this.badCharacter(start);
    return this.emit(type, start, this.pos);
  }

  private quoted(start: number, quoteChar: string, type: TokenType, message: string): boolean {
    for (;;) {
      const char = this.source[this.pos++];
      if (char === quoteChar) return this.emit(type, start, this.pos);
      if (char === undefined || char === "\n") return this.stop(message, start);
      if (char !== "\\") continue;
      const escaped = this.source[this.pos++];
      if (escaped === undefined || escaped === "\n") return this.stop(message, start);
    }
  }

  private rawQuoted(start: number): boolean {
    const close = this.source.indexOf("`", this.pos);
    if (close < 0) return this.stop("unterminated raw quoted string", start);
    this.pos = close + 1;
    return this.emit("rawString", start, this.pos);
  }

  private number(start: number): boolean {
    if (!this.scanNumber()) return this.badNumber(start);
    const sign = this.source[this.pos];
    if (sign !== "+" && sign !== "-") return this.emit("number", start, this.pos);
    if (!this.scanNumber() || this.source[this.pos - 1] !== "i") return this.badNumber(start);
    return this.emit("complex", start, this.pos);
  }

  private scanNumber(): boolean {
    this.accept(/[+-]/);
    let digits = /[0-9_]*/y;
    let exponent: RegExp | undefined = /[eE]/;
    if (this.accept(/0/)) {
      if (this.accept(/[xX]/)) [digits, exponent] = [/[0-9a-fA-F_]*/y, /[pP]/];
      else if (this.accept(/[oO]/)) [digits, exponent] = [/[0-7_]*/y, undefined];
      else if (this.accept(/[bB]/)) [digits, exponent] = [/[01_]*/y, undefined];
    }
    this.acceptRun(digits);
    if (this.accept(/\./)) this.acceptRun(digits);
    if (exponent && this.accept(exponent)) {
      this.accept(/[+-]/);
      this.acceptRun(/[0-9_]*/y);
    }
    this.accept(/i/);
    const next = this.source.codePointAt(this.pos);
    if (next === undefined || !isWordCharacter(String.fromCodePoint(next))) return true;
    this.pos += next > 0xffff ? 2 : 1;
    return false;
  }

  private accept(valid: RegExp): boolean {
    const char = this.source[this.pos];
    if (char === undefined || !valid.test(char)) return false;
    this.pos++;
    return true;
  }

  private acceptRun(run: RegExp): void {
    run.lastIndex = this.pos;
    this.pos += run.exec(this.source)?.[0].length ?? 0;
  }

  private wordEnd(from: number): number {
    asciiWord.lastIndex = from;
    const end = from + (asciiWord.exec(this.source)?.[0].length ?? 0);
    if (end === this.source.length || this.source.charCodeAt(end) < 0x80) return end;
    const word = /[_\p{L}\p{Nd}]*/uy;
    word.lastIndex = end;
    return end + (word.exec(this.source)?.[0].length ?? 0);
  }

  private skipSpaces(): void {
    spaces.lastIndex = this.pos;
    this.pos += spaces.exec(this.source)?.[0].length ?? 0;
  }

  private trimBack(from: number, to: number): number {
    let end = to;
    while (end > from && isSpace(this.source[end - 1])) end--;
    return end;
  }

  private hasLeftTrim(at: number): boolean {
    return this.source[at] === "-" && isSpace(this.source[at + 1]);
  }

  private hasRightTrim(at: number): boolean {
    return isSpace(this.source[at]) && this.source[at + 1] === "-" && this.source.startsWith(this.right, at + 2);
  }

  private atTerminator(): boolean {
    const char = this.source[this.pos];
    if (char === undefined || isSpace(char) || ".,|:)(".includes(char)) return true;
    return this.source.startsWith(this.right, this.pos);
  }

  private badCharacter(start: number): boolean {
    return this.stop(`bad character ${showRune(this.source, this.pos)}`, start);
  }

  private badNumber(start: number): boolean {
    return this.stop(`bad number syntax: ${quote(this.source.slice(start, this.pos))}`, start);
  }

  private emit(type: TokenType, start: number, end: number): false {
    this.tokens.push({ type, pos: start, text: this.source.slice(start, end), line: this.lineAt(start) });
    return false;
  }

  private stop(message: string, start: number): true {
    this.error(message, start);
    return true;
  }

  private error(message: string, start: number): void {
    this.failed = true;
    this.tokens.push({ type: "error", pos: start, text: message, line: this.lineAt(start) });
  }

  private lineAt(pos: number): number {
    while (this.newline < pos) {
      this.line++;
      this.newline = this.findNewline(this.newline + 1);
    }
    return this.line;
  }

  private findNewline(from: number): number {
    const at = this.source.indexOf("\n", from);
    return at < 0 ? Infinity : at;
  }
}

// %#U: U+0040 '@', the character only when it can be printed.
function showRune(source: string, at: number): string {
  const char = validText(String.fromCodePoint(source.codePointAt(at) ?? 0));
  const code = char.codePointAt(0) ?? 0;
  const hex = code.toString(16).toUpperCase().padStart(4, "0");
  return isPrintable(code) ? `U+${hex} '${char}'` : `U+${hex}`;
}
