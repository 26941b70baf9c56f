// Cuts TOML into items as BurntSushi's lexer does, with its errors and the lines that it gives them.

import { quote, quoteRune } from "@plumbline/core/template";
import { eof, code, newline, isBlank, isNewline, type ItemType, type State, TomlScanner } from "./toml-scanner.ts";

const isBinary = (rune: number): boolean => rune === 48 || rune === 49;
const isOctal = (rune: number): boolean => rune >= 48 && rune <= 55;
const isHex = (rune: number): boolean => isDigit(rune) || ((rune | 32) >= 97 && (rune | 32) <= 102);
const isLetter = (rune: number): boolean => /^\p{L}$/u.test(String.fromCodePoint(rune));
const isBareKey = (rune: number): boolean => rune < 128 && /[A-Za-z0-9_-]/.test(String.fromCharCode(rune));
const isOneOf = (rune: number, chars: string): boolean => rune !== eof && chars.includes(String.fromCodePoint(rune));
const shownOrEnd = (rune: number): string => (rune === eof ? "end of file" : `'${String.fromCodePoint(rune)}'`);
const doubleQuote = code('"');
const singleQuote = code("'");
const isDigit = (rune: number): boolean => rune >= 48 && rune <= 57;

/** The states of the cutting, named after what stands where they begin. */
export class TomlLexer extends TomlScanner {
  constructor(input: string) {
    super(input);
    this.state = this.top;
  }

  private readonly top: State = () => {
    const rune = this.read();
    if (isBlank(rune) || isNewline(rune)) return this.skip(this.top);
    if (rune === code("#")) {
      this.stack.push(this.top);
      return this.commentStart;
    }
    if (rune === code("[")) return this.tableStart;
    if (rune === eof) {
      this.emit("EOF");
      return undefined;
    }
    this.back();
    this.stack.push(this.topEnd);
    return this.keyStart;
  };

  private readonly topEnd: State = () => {
    const rune = this.read();
    if (rune === code("#")) {
      this.stack.push(this.top);
      return this.commentStart;
    }
    if (isBlank(rune)) return this.topEnd;
    if (isNewline(rune)) return this.skip(this.top);
    if (rune === eof) {
      this.emit("EOF");
      return undefined;
    }
    const got = quoteRune(rune);
    return this.fail(`expected a top-level item to end with a newline, comment, or EOF, but got ${got} instead`);
  };

  private readonly tableStart: State = () => {
    if (this.peek() === code("[")) {
      this.read();
      this.emit("ArrayTableStart");
      this.stack.push(this.arrayTableEnd);
    } else {
      this.emit("TableStart");
      this.stack.push(this.tableEnd);
    }
    return this.tableNameStart;
  };

  private readonly tableEnd: State = () => {
    this.emit("TableEnd");
    return this.topEnd;
  };

  private readonly arrayTableEnd: State = () => {
    const rune = this.read();
    if (rune !== code("]")) {
      return this.fail(`expected end of table array name delimiter ']', but got ${quoteRune(rune)} instead`);
    }
    this.emit("ArrayTableEnd");
    return this.topEnd;
  };

  private readonly tableNameStart: State = () => {
    this.skipBlanks();
    const rune = this.peek();
    if (rune === code("]") || rune === eof) {
      return this.fail("unexpected end of table name (table names cannot be empty)");
    }
    if (rune === code(".")) return this.fail("unexpected table separator (table names cannot be empty)");
    this.stack.push(this.tableNameEnd);
    if (rune !== doubleQuote && rune !== singleQuote) return this.bareName;
    this.ignore();
    return this.quotedName;
  };

  private readonly tableNameEnd: State = () => {
    this.skipBlanks();
    const rune = this.read();
    if (rune === code(".")) return this.skip(this.tableNameStart);
    if (rune === code("]")) return this.pop();
    return this.fail(`expected '.' or ']' to end table name, but got ${quoteRune(rune)} instead`);
  };

  private readonly bareName: State = () => {
    if (isBareKey(this.read())) return this.bareName;
    this.back();
    this.emit("Text");
    return this.pop();
  };

  private readonly quotedName: State = () => {
    const rune = this.read();
    this.ignore();
    return rune === doubleQuote ? this.string : this.rawString;
  };

  private readonly keyStart: State = () => {
    this.skipBlanks();
    const rune = this.peek();
    if (rune === code("=") || rune === eof) return this.fail("unexpected '=': key name appears blank");
    if (rune === code(".")) return this.fail("unexpected '.': keys cannot start with a '.'");
    if (rune === doubleQuote || rune === singleQuote) this.ignore();
    this.emit("KeyStart");
    return this.keyNameStart;
  };

  private readonly keyNameStart: State = () => {
    this.skipBlanks();
    const rune = this.peek();
    if (rune === code("=") || rune === eof) return this.fail("unexpected '='");
    if (rune === code(".")) return this.fail("unexpected '.'");
    this.stack.push(this.keyEnd);
    if (rune !== doubleQuote && rune !== singleQuote) return this.bareName;
    this.ignore();
    return this.quotedName;
  };

  private readonly keyEnd: State = () => {
    this.skipBlanks();
    const rune = this.read();
    if (rune === eof) return this.fail("unexpected EOF; expected key separator '='");
    if (rune === code(".")) return this.skip(this.keyNameStart);
    if (rune === code("=")) {
      this.emit("KeyEnd");
      return this.skip(this.value);
    }
    const words = `expected '.' or '=', but got ${quoteRune(rune)} instead`;
    return rune === newline ? this.failBefore(words) : this.fail(words);
  };

  private readonly value: State = () => {
    const rune = this.read();
    if (isBlank(rune)) return this.skip(this.value);
    if (isDigit(rune)) {
      this.back();
      return this.numberOrDateStart;
    }
    if (rune === doubleQuote || rune === singleQuote) return this.quoted(rune);
    const char = String.fromCodePoint(rune);
    if (char === "[" || char === "{") {
      this.ignore();
      this.emit(char === "[" ? "Array" : "InlineTableStart");
      return char === "[" ? this.arrayValue : this.inlineTableValue;
    }
    if (char === ".") return this.fail("floats must start with a digit, not '.'");
    if (char === "-" || char === "+") return this.signed;
    if (char === "i" || char === "n") {
      if ((this.accept("n") && this.accept("f")) || (this.accept("a") && this.accept("n"))) {
        this.emit("Float");
        return this.pop();
      }
    }
    if (isLetter(rune)) {
      this.back();
      return this.word;
    }
    if (rune === eof) return this.fail("unexpected EOF; expected value");
    const words = `expected value but found ${quoteRune(rune)} instead`;
    return rune === newline ? this.failBefore(words) : this.fail(words);
  };

  private quoted(rune: number): State {
    const quoteChar = String.fromCodePoint(rune);
    const isDouble = rune === doubleQuote;
    if (this.accept(quoteChar)) {
      if (this.accept(quoteChar)) return this.skip(isDouble ? this.multilineString : this.multilineRawString);
      this.back();
    }
    return this.skip(isDouble ? this.string : this.rawString);
  }

  private readonly arrayValue: State = () => {
    const rune = this.read();
    if (isBlank(rune) || isNewline(rune)) return this.skip(this.arrayValue);
    if (rune === code("#")) {
      this.stack.push(this.arrayValue);
      return this.commentStart;
    }
    if (rune === code(",")) return this.fail("unexpected comma");
    if (rune === code("]")) return this.arrayEnd;
    this.back();
    this.stack.push(this.arrayValueEnd);
    return this.value;
  };

  private readonly arrayValueEnd: State = () => {
    const rune = this.read();
    if (isBlank(rune) || isNewline(rune)) return this.skip(this.arrayValueEnd);
    if (rune === code("#")) {
      this.stack.push(this.arrayValueEnd);
      return this.commentStart;
    }
    if (rune === code(",")) return this.skip(this.arrayValue);
    if (rune === code("]")) return this.arrayEnd;
    return this.fail(`expected a comma (',') or array terminator (']'), but got ${shownOrEnd(rune)}`);
  };

  private readonly arrayEnd: State = () => {
    this.ignore();
    this.emit("ArrayEnd");
    return this.pop();
  };

  private readonly inlineTableValue: State = () => {
    const rune = this.read();
    if (isBlank(rune) || isNewline(rune)) return this.skip(this.inlineTableValue);
    if (rune === code("#")) {
      this.stack.push(this.inlineTableValue);
      return this.commentStart;
    }
    if (rune === code(",")) return this.fail("unexpected comma");
    if (rune === code("}")) return this.inlineTableEnd;
    this.back();
    this.stack.push(this.inlineTableValueEnd);
    return this.keyStart;
  };

  private readonly inlineTableValueEnd: State = () => {
    const rune = this.read();
    if (isBlank(rune) || isNewline(rune)) return this.skip(this.inlineTableValueEnd);
    if (rune === code("#")) {
      this.stack.push(this.inlineTableValueEnd);
      return this.commentStart;
    }
    if (rune === code(",")) {
      this.ignore();
      this.skipBlanks();
      return this.peek() === code("}") ? this.inlineTableValueEnd : this.inlineTableValue;
    }
    if (rune === code("}")) return this.inlineTableEnd;
    return this.fail(`expected a comma or an inline table terminator '}', but got ${shownOrEnd(rune)} instead`);
  };

  private readonly inlineTableEnd: State = () => {
    this.ignore();
    this.emit("InlineTableEnd");
    return this.pop();
  };

  private readonly string: State = () => {
    const rune = this.read();
    if (rune === eof) return this.fail(`unexpected EOF; expected '"'`);
    if (isNewline(rune)) return this.failBefore("strings cannot contain newlines");
    if (rune === code("\\")) {
      this.stack.push(this.string);
      return this.escape;
    }
    if (rune !== doubleQuote) return this.string;
    this.back();
    this.emit(this.hasEscape ? "StringEsc" : "String");
    this.hasEscape = false;
    this.read();
    this.ignore();
    return this.pop();
  };

  private readonly rawString: State = () => {
    const rune = this.read();
    if (rune === eof) return this.fail(`unexpected EOF; expected "'"`);
    if (isNewline(rune)) return this.failBefore("strings cannot contain newlines");
    if (rune !== singleQuote) return this.rawString;
    this.back();
    this.emit("RawString");
    this.read();
    this.ignore();
    return this.pop();
  };

  private readonly multilineString: State = () => {
    const rune = this.read();
    if (rune === eof) return this.fail(`unexpected EOF; expected '"""'`);
    if (rune === code("\\")) return this.multilineEscape;
    if (rune !== doubleQuote) return this.multilineString;
    const isTooMany = (): boolean => this.current().endsWith('"""""') && !this.current().endsWith('\\"""""');
    return this.closing('"', this.multilineString, isTooMany);
  };

  private readonly multilineRawString: State = () => {
    const rune = this.read();
    if (rune === eof) return this.fail(`unexpected EOF; expected "'''"`);
    if (rune !== singleQuote) return this.multilineRawString;
    return this.closing("'", this.multilineRawString, () => this.current().endsWith("'''''"));
  };

  /** After one quote: two more end the text, and up to two before them belong to it. */
  private closing(char: string, again: State, isTooMany: () => boolean): State | undefined {
    if (!this.accept(char)) return again;
    if (!this.accept(char)) {
      this.back();
      return again;
    }
    if (this.peek() === code(char)) {
      const around = char === '"' ? "'" : '"';
      if (isTooMany()) return this.fail(`unexpected ${around}${char.repeat(6)}${around}`);
      this.back();
      this.back();
      return again;
    }
    for (let i = 0; i < 3; i++) this.back();
    if (char === '"') this.hasEscape = false;
    this.emit(char === '"' ? "MultilineString" : "RawMultilineString");
    for (let i = 0; i < 3; i++) this.read();
    this.ignore();
    return this.pop();
  }

  private readonly multilineEscape: State = () => {
    if (isNewline(this.read())) return this.multilineString;
    this.back();
    this.stack.push(this.multilineString);
    return this.escape();
  };

  private readonly escape: State = () => {
    this.hasEscape = true;
    const rune = this.read();
    if (isOneOf(rune, 'ebtnfr" \t\\')) return this.pop();
    if (rune === code("x")) return this.hexEscape(2, "two hexadecimal digits after '\\x'");
    if (rune === code("u")) return this.hexEscape(4, "four hexadecimal digits after '\\u'");
    if (rune === code("U")) return this.hexEscape(8, "eight hexadecimal digits after '\\U'");
    const words = `invalid escape in string '\\${String.fromCodePoint(rune)}'`;
    return this.isAtEnd ? this.failBefore(words) : this.fail(words);
  };

  private hexEscape(digits: number, what: string): State | undefined {
    for (let i = 0; i < digits; i++) {
      if (!isHex(this.read())) return this.fail(`expected ${what}, but got ${quote(this.current())} instead`);
    }
    return this.pop();
  }

  private readonly numberOrDateStart: State = () =>
    this.read() === code("0") ? this.baseNumberOrDate : this.numberOrDate;

  private readonly numberOrDate: State = () => {
    const rune = this.read();
    if (isDigit(rune)) return this.numberOrDate;
    if (isOneOf(rune, "-:")) return this.datetime;
    if (isOneOf(rune, "_")) return this.decimal;
    if (isOneOf(rune, ".eE")) return this.float;
    return this.ended("Integer");
  };

  private ended(type: ItemType): State {
    this.back();
    this.emit(type);
    return this.pop();
  }

  private readonly datetime: State = () => {
    const rune = this.read();
    if (isDigit(rune) || isOneOf(rune, "-:Tt .Zz+")) return this.datetime;
    this.back();
    this.ready.push({ type: "Datetime", text: this.current().trim(), line: this.line });
    this.ignore();
    return this.pop();
  };

  /** Digits that a test takes, and underscores between them. */
  private digits(isTaken: (rune: number) => boolean): State {
    const state: State = () => {
      const rune = this.read();
      return isTaken(rune) || isOneOf(rune, "_") ? state : this.ended("Integer");
    };
    return state;
  }

  private readonly decimal: State = () => {
    const rune = this.read();
    if (isDigit(rune) || isOneOf(rune, "_")) return this.decimal;
    return isOneOf(rune, ".eE") ? this.float : this.ended("Integer");
  };

  private readonly signed: State = () => {
    const rune = this.read();
    const word = rune === code("i") ? "nf" : rune === code("n") ? "an" : "";
    if (word !== "") {
      if (!Array.from(word).every((char) => this.accept(char))) return this.fail(`invalid float: '${this.current()}'`);
      this.emit("Float");
      return this.pop();
    }
    if (rune === code(".")) return this.fail("floats must start with a digit, not '.'");
    if (rune === code("0")) {
      const next = this.peek();
      if (isOneOf(next, "box")) {
        const shown = this.current() + String.fromCodePoint(next);
        return this.fail(`cannot use sign with non-decimal numbers: '${shown}'`);
      }
    }
    if (isDigit(rune)) return this.decimal;
    return this.fail(`expected a digit but got ${quoteRune(rune)}`);
  };

  private readonly baseNumberOrDate: State = () => {
    const rune = this.read();
    if (isDigit(rune)) return this.numberOrDate;
    if (isOneOf(rune, "_")) return this.decimal;
    if (isOneOf(rune, ".eE")) return this.float;
    if (rune === code("b")) return this.based(isBinary, "a binary");
    if (rune === code("o")) return this.based(isOctal, "an octal");
    if (rune === code("x")) return this.based(isHex, "a hexadecimal");
    return this.ended("Integer");
  };

  private based(isTaken: (rune: number) => boolean, what: string): State {
    const rune = this.peek();
    if (!isTaken(rune)) this.fail(`not ${what} number: '${this.current()}${String.fromCodePoint(rune)}'`);
    return this.digits(isTaken);
  }

  private readonly float: State = () => {
    const rune = this.read();
    return isDigit(rune) || isOneOf(rune, "_.-+eE") ? this.float : this.ended("Float");
  };

  private readonly word: State = () => {
    let word = "";
    for (let rune = this.read(); ; rune = this.read()) {
      if (!isLetter(rune)) break;
      word += String.fromCodePoint(rune);
    }
    this.back();
    if (word !== "true" && word !== "false") return this.fail(`expected value but found ${quote(word)} instead`);
    this.emit("Bool");
    return this.pop();
  };

  private readonly commentStart: State = () => {
    this.ignore();
    this.emit("CommentStart");
    return this.comment;
  };

  private readonly comment: State = () => {
    const rune = this.read();
    if (!isNewline(rune) && rune !== eof) return this.comment;
    this.back();
    this.emit("Text");
    return this.pop();
  };
}
