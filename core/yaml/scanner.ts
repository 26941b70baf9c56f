// Text to tokens, by the rules (and with the leniencies) of libyaml, which Go's YAML packages are ports of.

import { INDICATOR, BLANK, BREAK, END, classOf, isBlank, isBreak } from "./characters.ts";
import { Comments } from "./comments.ts";
import { Cursor, type Mark } from "./cursor.ts";
import type { Flavour } from "./resolve-scalar.ts";
import { scanBlock } from "./scan-block.ts";
import { scanPlain } from "./scan-plain.ts";
import { scanAnchor, scanDirective, scanTag } from "./scan-properties.ts";
import { scanQuoted } from "./scan-quoted.ts";
import * as kind from "./token.ts";
import { Token } from "./token.ts";

/** A `:` makes a key of what stands at most this many characters before it, on the same line. */
const MAX_KEY_LENGTH = 1024;

export class Scanner {
  readonly cursor: Cursor;
  /** yaml.v3 reads two tokens ahead, so it meets some errors earlier. */
  private readonly ahead: number;
  private queue: Token[] = [];
  private head = 0;
  private taken = 0;
  private indent = -1;
  private readonly indents: number[] = [];
  private flowLevel = 0;
  private keyAllowed = true;
  /** The token that may yet become a key, per flow level. */
  private readonly keys: (Token | undefined)[] = [undefined];
  /** Where the search for the current token began. */
  private readonly scan: Mark = { pos: 0, line: 0, column: 0 };
  private readonly scope = { indent: 0, inFlow: false };
  /** The brackets that are open. */
  private readonly opening: Token[] = [];
  /** Only yaml.v3 reads comments. */
  readonly comments: Comments | undefined;

  constructor(text: string, flavour: Flavour, file: string | undefined) {
    this.cursor = new Cursor(text, flavour, file);
    this.ahead = flavour === "v3" ? 2 : 0;
    this.comments = flavour === "v3" ? new Comments(this.cursor) : undefined;
    if (text.startsWith("\ufeff")) {
      this.cursor.pos = 1;
      this.cursor.lineStart = 1;
    }
  }

  peek(): Token {
    for (;;) {
      const first = this.queue[this.head];
      const enough = first !== undefined && this.queue.length - this.head > this.ahead;
      if (enough && !this.isAwaited(first)) return first;
      this.fetch();
    }
  }

  private isAwaited(token: Token): boolean {
    const key = token.keyLevel < 0 ? undefined : this.keys[token.keyLevel];
    return key !== undefined && this.stillKey(key);
  }

  /** Takes the token that `peek` showed, and shows the next. */
  next(): Token {
    this.skip();
    return this.peek();
  }

  skip(): void {
    this.head++;
    this.taken++;
    if (this.head === this.queue.length) {
      this.queue = [];
      this.head = 0;
    } else if (this.head > 64) {
      this.queue = this.queue.slice(this.head);
      this.head = 0;
    }
  }

  /** False once a possible key is known to be none; fails when it had to be one. */
  private stillKey(token: Token): boolean {
    if (!token.mayBeKey) return false;
    const { cursor } = this;
    if (token.line === cursor.line && this.distance(token) <= MAX_KEY_LENGTH) return true;
    if (token.mustBeKey) cursor.failScan("could not find expected ':'", token);
    token.mayBeKey = false;
    return false;
  }

  private distance(token: Token): number {
    const { cursor } = this;
    return cursor.hasAstral ? cursor.column - token.column : cursor.pos - token.pos;
  }

  private dropKey(): void {
    const key = this.keys[this.flowLevel];
    if (!key?.mayBeKey) return;
    if (key.mustBeKey) this.cursor.failScan("could not find expected ':'", key);
    key.mayBeKey = false;
    key.keyLevel = -1;
  }

  /** Makes a token here, which may become a key when one is allowed. */
  private keyToken(type: number): Token {
    const token = new Token(type, this.cursor);
    if (this.keyAllowed) {
      this.dropKey();
      token.mayBeKey = true;
      token.keyLevel = this.flowLevel;
      token.mustBeKey = this.flowLevel === 0 && this.indent === token.column;
      token.number = this.taken + this.queue.length - this.head;
      this.keys[this.flowLevel] = token;
    }
    return token;
  }

  private insert(number: number, token: Token): void {
    // A place that was given out already: libyaml appends then.
    if (number < this.taken) this.queue.push(token);
    else this.queue.splice(number - this.taken + this.head, 0, token);
  }

  private rollIndent(column: number, type: number, mark: Mark, number: number): void {
    if (this.flowLevel > 0 || this.indent >= column) return;
    this.indents.push(this.indent);
    this.indent = column;
    const token = new Token(type, mark);
    if (number < 0) this.queue.push(token);
    else this.insert(number, token);
  }

  private unrollIndent(column: number, from: Mark): void {
    if (this.flowLevel > 0) return;
    let mark = from;
    while (this.indent > column) {
      if (this.comments !== undefined) mark = this.comments.blockEnd(mark, this.indent);
      this.queue.push(new Token(kind.BLOCK_END, mark));
      this.indent = this.indents.pop() as number;
    }
  }

  private fromHere(): Mark {
    const { pos, line, column } = this.cursor;
    return this.comments === undefined ? this.cursor : { pos: pos - 1, line, column };
  }

  private fetch(): void {
    const { cursor, comments } = this;
    const { scan } = this;
    if (comments !== undefined) {
      scan.pos = cursor.pos;
      scan.line = cursor.line;
      scan.column = cursor.column;
    }
    this.skipToToken(scan);
    if (this.flowLevel === 0 && this.indent >= 0 && this.indent > cursor.column) {
      const from = comments === undefined ? cursor : { pos: scan.pos - 1, line: scan.line, column: scan.column };
      this.unrollIndent(cursor.column, from);
    }
    const code = cursor.code();
    if (cursor.pos >= cursor.end) return this.fetchEnd();
    // No token starts with a NUL, so that the scanner would stand still here.
    if (code === 0) cursor.failScan("control characters are not allowed");
    if (cursor.pos === cursor.lineStart) {
      if (code === 0x25) return this.fetchDirective();
      if (cursor.atDocumentMarker()) return this.fetchMarker(code);
    }
    const inner = code === (this.flowLevel === 0 ? 0x3a : 0x2c) ? this.queue.at(-1) : undefined;
    const tokenAt = inner === undefined ? cursor.pos : inner.pos;
    this.fetchContent(code);
    if (comments !== undefined && this.queue.at(-1)?.type !== kind.ENTRY) comments.behind(tokenAt);
  }

  private fetchContent(code: number): void {
    const found = classOf(code);
    if ((found & INDICATOR) !== 0) return this.fetchIndicator(code);
    // A tab that was not skipped: it stands where only spaces may indent.
    if ((found & BLANK) !== 0) this.failToken();
    this.fetchPlain();
  }

  private fetchIndicator(code: number): void {
    const inFlow = this.flowLevel > 0;
    const blankNext = this.blankAfter();
    if (code === 0x5b) return this.fetchFlowStart(kind.FLOW_SEQUENCE_START);
    if (code === 0x7b) return this.fetchFlowStart(kind.FLOW_MAPPING_START);
    if (code === 0x5d) return this.fetchFlowEnd(kind.FLOW_SEQUENCE_END);
    if (code === 0x7d) return this.fetchFlowEnd(kind.FLOW_MAPPING_END);
    if (code === 0x2c) return this.fetchFlowEntry();
    if (code === 0x2d && blankNext) return this.fetchEntry();
    if (code === 0x3f && (inFlow || blankNext)) return this.fetchKey();
    if (code === 0x3a && (inFlow || blankNext)) return this.fetchValue();
    if (code === 0x2a) return this.fetchAnchor(kind.ALIAS);
    if (code === 0x26) return this.fetchAnchor(kind.ANCHOR);
    if (code === 0x21) return this.fetchTag();
    if ((code === 0x7c || code === 0x3e) && !inFlow) return this.fetchBlock(code);
    if (code === 0x27 || code === 0x22) return this.fetchQuoted(code);
    if (code === 0x2d && !isBlank(this.cursor.code(1))) return this.fetchPlain();
    if ((code === 0x3f || code === 0x3a) && !inFlow && !blankNext) return this.fetchPlain();
    this.failToken();
  }

  private failToken(): never {
    return this.cursor.failScan("found character that cannot start any token");
  }

  private blankAfter(): boolean {
    return (classOf(this.cursor.code(1)) & (BLANK | BREAK | END)) !== 0;
  }

  private skipToToken(scan: Mark): void {
    const { cursor, comments } = this;
    const { text } = cursor;
    for (;;) {
      let code = text.charCodeAt(cursor.pos);
      while (code === 0x20 || (code === 0x09 && (this.flowLevel > 0 || !this.keyAllowed))) {
        code = text.charCodeAt(++cursor.pos);
      }
      if (comments !== undefined && comments.found.length > 0) comments.lift(this.queue.at(-2), this.queue.at(-1));
      if (code === 0x23) {
        if (comments === undefined) cursor.skipToBreak();
        else comments.above(scan, this.lastContent(), { indent: this.indent, inFlow: this.flowLevel > 0 });
        code = text.charCodeAt(cursor.pos);
      }
      if (!isBreak(code)) return;
      cursor.takeBreak();
      if (this.flowLevel === 0) this.keyAllowed = true;
    }
  }

  /** The last token; the one before it when that is a comma. */
  private lastContent(): Token | undefined {
    const last = this.queue.at(-1);
    return last?.type === kind.FLOW_ENTRY && this.queue.length > 1 ? this.queue.at(-2) : last;
  }

  private fetchEnd(): void {
    const { cursor } = this;
    if (cursor.pos !== cursor.lineStart) {
      cursor.line++;
      cursor.lineStart = cursor.pos;
    }
    this.unrollIndent(-1, this.fromHere());
    this.dropKey();
    this.keyAllowed = false;
    this.queue.push(new Token(kind.STREAM_END, cursor));
  }

  private fetchDirective(): void {
    this.unrollIndent(-1, this.fromHere());
    this.dropKey();
    this.keyAllowed = false;
    const token = new Token(kind.DIRECTIVE, this.cursor);
    token.directive = scanDirective(this.cursor);
    this.queue.push(token);
  }

  private fetchMarker(code: number): void {
    this.unrollIndent(-1, this.fromHere());
    this.dropKey();
    this.keyAllowed = false;
    this.pushIndicator(code === 0x2d ? kind.DOCUMENT_START : kind.DOCUMENT_END, 3);
  }

  private pushIndicator(type: number, width: number): void {
    const token = new Token(type, this.cursor);
    token.width = width;
    this.cursor.pos += width;
    this.queue.push(token);
  }

  private fetchFlowStart(type: number): void {
    const token = this.keyToken(type);
    this.keys.push(undefined);
    this.opening.push(token);
    this.flowLevel++;
    this.keyAllowed = true;
    this.cursor.pos++;
    this.queue.push(token);
  }

  private fetchFlowEnd(type: number): void {
    this.dropKey();
    if (this.flowLevel > 0) {
      this.flowLevel--;
      const opening = this.opening.pop();
      const inner = this.keys.pop() ?? opening;
      if (inner !== undefined) inner.keyLevel = -1;
    }
    this.keyAllowed = false;
    this.pushIndicator(type, 1);
  }

  private fetchFlowEntry(): void {
    this.dropKey();
    this.keyAllowed = true;
    this.pushIndicator(kind.FLOW_ENTRY, 1);
  }

  private fetchEntry(): void {
    const { cursor } = this;
    if (this.flowLevel === 0) {
      if (!this.keyAllowed) cursor.failScan("block sequence entries are not allowed in this context");
      this.rollIndent(cursor.column, kind.SEQUENCE_START, cursor, -1);
    }
    this.dropKey();
    this.keyAllowed = true;
    this.pushIndicator(kind.ENTRY, 1);
  }

  private fetchKey(): void {
    const { cursor } = this;
    if (this.flowLevel === 0) {
      if (!this.keyAllowed) cursor.failScan("mapping keys are not allowed in this context");
      this.rollIndent(cursor.column, kind.MAPPING_START, cursor, -1);
    }
    this.dropKey();
    this.keyAllowed = this.flowLevel === 0;
    this.pushIndicator(kind.KEY, 1);
  }

  private fetchValue(): void {
    const { cursor } = this;
    const key = this.keys[this.flowLevel];
    if (key !== undefined && this.stillKey(key)) {
      this.insert(key.number, new Token(kind.KEY, key));
      this.rollIndent(key.column, kind.MAPPING_START, key, key.number);
      key.mayBeKey = false;
      key.keyLevel = -1;
      this.keyAllowed = false;
    } else {
      if (this.flowLevel === 0) {
        if (!this.keyAllowed) cursor.failScan("mapping values are not allowed in this context");
        this.rollIndent(cursor.column, kind.MAPPING_START, cursor, -1);
      }
      this.keyAllowed = this.flowLevel === 0;
    }
    this.pushIndicator(kind.VALUE, 1);
  }

  private fetchAnchor(type: number): void {
    const token = this.keyToken(type);
    this.keyAllowed = false;
    token.value = scanAnchor(this.cursor);
    token.end = this.cursor.pos;
    this.queue.push(token);
  }

  private fetchTag(): void {
    const token = this.keyToken(kind.TAG);
    this.keyAllowed = false;
    const { handle, suffix } = scanTag(this.cursor);
    token.value = handle;
    token.suffix = suffix;
    token.end = this.cursor.pos;
    this.queue.push(token);
  }

  private fetchBlock(code: number): void {
    this.dropKey();
    this.keyAllowed = true;
    const token = new Token(kind.SCALAR, this.cursor);
    token.style = code === 0x7c ? "literal" : "folded";
    token.value = scanBlock(this.cursor, this.indent, this.comments);
    token.end = this.cursor.pos;
    this.queue.push(token);
  }

  private fetchQuoted(code: number): void {
    const token = this.keyToken(kind.SCALAR);
    this.keyAllowed = false;
    token.style = code === 0x27 ? "single" : "double";
    token.value = scanQuoted(this.cursor);
    token.end = this.cursor.pos;
    this.queue.push(token);
  }

  private fetchPlain(): void {
    const token = this.keyToken(kind.SCALAR);
    this.keyAllowed = false;
    this.scope.indent = this.indent + 1;
    this.scope.inFlow = this.flowLevel > 0;
    if (scanPlain(this.cursor, token, this.scope)) this.keyAllowed = true;
    this.queue.push(token);
  }
}
