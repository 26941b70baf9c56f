// What cutting TOML into items needs: characters one by one and back again, items and errors in line.

import { isExhausted, limitExceeded } from "@plumbline/core/template";

/** What is wrong with a document, `expected value but found '}' instead`, and the line that is told. */
export class TomlError extends Error {
  readonly line: number;

  constructor(message: string, line: number) {
    super(message);
    this.line = line;
  }
}

export type ItemType =
  | "EOF"
  | "Text"
  | "String"
  | "StringEsc"
  | "RawString"
  | "MultilineString"
  | "RawMultilineString"
  | "Bool"
  | "Integer"
  | "Float"
  | "Datetime"
  | "Array"
  | "ArrayEnd"
  | "TableStart"
  | "TableEnd"
  | "ArrayTableStart"
  | "ArrayTableEnd"
  | "KeyStart"
  | "KeyEnd"
  | "CommentStart"
  | "InlineTableStart"
  | "InlineTableEnd";

export interface Item {
  readonly type: ItemType;
  readonly text: string;
  readonly line: number;
}

export type State = () => State | undefined;

/** What reading a bad byte gives after its error is noted. */
const badRune = 0xfffd;
export const eof = 0;
export const code = (char: string): number => char.codePointAt(0) ?? 0;
export const newline = 10;

export const isBlank = (rune: number): boolean => rune === 9 || rune === 32;
export const isNewline = (rune: number): boolean => rune === 10 || rune === 13;
const isControl = (rune: number): boolean => (rune <= 0x1f && rune !== 9 && !isNewline(rune)) || rune === 0x7f;

/** Bytes that are no UTF-8 stand as these. */
const isRawByte = (unit: number): boolean => unit >= 0xdc80 && unit <= 0xdcff;

/**
 * Items of a document, one at a time. A state reads a few characters and says which is next; errors wait in line behind
 * the items before them, with the line of the moment they were found.
 */
export abstract class TomlScanner {
  private readonly input: string;
  private start = 0;
  private at = 0;
  protected line = 1;
  protected state: State | undefined;
  protected readonly ready: (Item | TomlError)[] = [];
  protected hasEscape = false;
  private readonly widths = [0, 0, 0, 0];
  protected isAtEnd = false;
  protected readonly stack: State[] = [];

  constructor(input: string) {
    this.input = input;
  }

  /** Throws `TomlError`. */
  next(): Item {
    for (;;) {
      const item = this.ready.shift();
      if (item instanceof TomlError) throw item;
      if (item) return item;
      try {
        this.state = this.state?.();
      } catch (thrown) {
        if (isExhausted(thrown)) throw limitExceeded("a TOML document nests too deeply");
        throw thrown;
      }
    }
  }

  protected pop(): State {
    const state = this.stack.pop();
    if (!state) throw new TypeError("a state without one around it");
    return state;
  }

  protected current(): string {
    return this.input.slice(this.start, this.at);
  }

  protected emit(type: ItemType): void {
    if (this.start > this.at) {
      this.badByte();
      return;
    }
    this.ready.push({ type, text: this.current(), line: this.line });
    this.start = this.at;
  }

  private badByte(): void {
    const byte = this.input.charCodeAt(this.at) & 0xff;
    this.fail(`invalid UTF-8 byte: 0x${byte.toString(16).padStart(2, "0")}`);
  }

  protected read(): number {
    const { input, widths } = this;
    if (this.at >= input.length) {
      this.isAtEnd = true;
      return eof;
    }
    const unit = input.charCodeAt(this.at);
    if (unit === newline) this.line++;
    widths.copyWithin(1, 0, 3);
    const rune = input.codePointAt(this.at) ?? 0;
    if (isRawByte(rune)) {
      this.badByte();
      return badRune;
    }
    if (isControl(rune) || (rune === 13 && input.charCodeAt(this.at + 1) !== newline)) {
      const hex = rune.toString(16).padStart(2, "0");
      this.ready.push(new TomlError(`TOML files cannot contain control characters: '0x${hex}'`, this.line));
      return badRune;
    }
    widths[0] = rune > 0xffff ? 2 : 1;
    this.at += widths[0];
    return rune;
  }

  protected back(): void {
    if (this.isAtEnd) {
      this.isAtEnd = false;
      return;
    }
    const { widths } = this;
    this.at -= widths[0] ?? 0;
    widths.copyWithin(0, 1);
    if (this.input.charCodeAt(this.at) === newline) this.line--;
  }

  protected accept(char: string): boolean {
    if (this.read() === code(char)) return true;
    this.back();
    return false;
  }

  protected peek(): number {
    const rune = this.read();
    this.back();
    return rune;
  }

  protected ignore(): void {
    this.start = this.at;
  }

  protected skipBlanks(): void {
    while (isBlank(this.read()));
    this.back();
    this.ignore();
  }

  /** Notes an error and ends the cutting. At the end of the document a line that is empty is not told. */
  protected fail(message: string): undefined {
    const isNewLine = this.isAtEnd && this.input.charCodeAt(this.at - 1) === newline;
    this.ready.push(new TomlError(message, isNewLine ? this.line - 1 : this.line));
    return undefined;
  }

  /** For what a newline brought up: the line before is told. */
  protected failBefore(message: string): undefined {
    this.ready.push(new TomlError(message, this.line - 1));
    return undefined;
  }

  protected skip(next: State): State {
    this.ignore();
    return next;
  }
}
