// Comments as yaml.v3 finds them: before a node (head), behind it (line), or below it (foot).

import { classOf, BREAK, END, isBlank, isBreak } from "./characters.ts";
import type { Cursor, Mark } from "./cursor.ts";
import * as kind from "./token.ts";
import type { Token } from "./token.ts";

/** How far yaml.v3 looks for the next comment line. */
const MAX_PEEK = 512;
const NOWHERE: Mark = { pos: 0, line: 0, column: 0 };

export interface Comment {
  type: "head" | "line" | "foot" | "taken";
  text: string;
  /** Where the search began that found it. */
  scan: number;
  /** It belongs to the first token that starts here or later. */
  token: number;
  start: Mark;
  end: number;
}

export class Comments {
  readonly found: Comment[] = [];
  private head = 0;
  private readonly cursor: Cursor;

  constructor(cursor: Cursor) {
    this.cursor = cursor;
  }

  /** True when `take` would give something. */
  isDue(token: Token): boolean {
    const next = this.found[this.head];
    return next !== undefined && next.token <= token.pos;
  }

  /** The comments that belong to a token or to what stands before it; heads wait when a block ends there. */
  take(token: Token): readonly Comment[] {
    const taken: Comment[] = [];
    for (
      let next = this.found[this.head];
      next !== undefined && next.token <= token.pos;
      next = this.found[this.head]
    ) {
      if (next.type === "head" && token.type === kind.BLOCK_END) break;
      taken.push({ ...next });
      next.type = "taken";
      next.end = 0;
      next.scan = 0;
      next.start = NOWHERE;
      this.head++;
    }
    return taken;
  }

  /** Line breaks between the last character that is no blank and the cursor. */
  private newlines(): number {
    const { text, pos } = this.cursor;
    let count = 0;
    for (let at = pos - 1; at >= 0; at--) {
      const code = text.charCodeAt(at);
      if (isBlank(code)) continue;
      if (!isBreak(code)) break;
      if (code === 0x0a && text.charCodeAt(at - 1) === 0x0d) at--;
      count++;
    }
    return count;
  }

  /** A comment behind a token, on its line. */
  behind(tokenAt: number): void {
    const { cursor } = this;
    let at = cursor.pos;
    while (isBlank(cursor.text.charCodeAt(at)) && at - cursor.pos < MAX_PEEK) at++;
    if (cursor.text.charCodeAt(at) !== 0x23 || this.newlines() > 0) return;
    cursor.pos = at;
    const start = cursor.mark();
    cursor.skipToBreak();
    const text = cursor.text.slice(at, cursor.pos);
    this.found.push({ type: "line", text, scan: 0, token: tokenAt, start, end: 0 });
  }

  /** `- # comment` over more indented content: the comment becomes the head of that content. */
  lift(beforeLast: Token | undefined, last: Token | undefined): void {
    const comment = this.found.at(-1);
    if (comment?.type !== "line" || last?.type !== kind.ENTRY || beforeLast?.type !== kind.SEQUENCE_START) return;
    const { cursor } = this;
    if (isBreak(cursor.code())) return;
    comment.type = "head";
    if (comment.start.line === cursor.line - 1) comment.token = cursor.pos;
  }

  /** Where the end of a block stands: before the comments that belong to the block around it. */
  blockEnd(from: Mark, indent: number): Mark {
    let mark = from;
    let stop = from.pos;
    for (let i = this.found.length - 1; i >= 0; i--) {
      const comment = this.found[i] as Comment;
      if (comment.end < stop) break;
      if (comment.start.column === indent + 1) mark = comment.start;
      stop = comment.scan;
    }
    return mark;
  }

  /** Reads the comment lines at the cursor, which stands at `#`; decides between foot and head. */
  above(scan: Mark, last: Token | undefined, scope: { indent: number; inFlow: boolean }): void {
    new CommentBlock(this.cursor, this.found, { scan, last, ...scope, newlines: this.newlines() }).read();
  }
}

interface BlockStart {
  scan: Mark;
  last: Token | undefined;
  indent: number;
  inFlow: boolean;
  newlines: number;
}

/** One run of comment lines, possibly with empty lines between them. */
class CommentBlock {
  private readonly cursor: Cursor;
  private readonly found: Comment[];
  private readonly inFlow: boolean;
  private readonly afterValue: boolean;
  private readonly nextIndent: number;
  /** Where a comment must start to still belong to what stands before it. */
  private readonly footLine: number;
  private scan: number;
  private token: number;
  private start: Mark = NOWHERE;
  private text = "";
  private firstEmpty: boolean;
  private recentEmpty = false;
  private peek = 0;
  private line: number;
  private column: number;

  constructor(cursor: Cursor, found: Comment[], from: BlockStart) {
    this.cursor = cursor;
    this.found = found;
    this.inFlow = from.inFlow;
    this.afterValue = from.last?.type === kind.VALUE;
    this.nextIndent = Math.max(from.indent, 0);
    this.scan = from.scan.pos;
    this.token = from.last?.pos ?? 0;
    this.firstEmpty = from.newlines <= 1;
    this.line = cursor.line;
    this.column = cursor.column;
    const behind = from.newlines === 0 && cursor.column > 1 ? 1 : 0;
    this.footLine = from.scan.line > 0 ? cursor.line - from.newlines + 1 + behind : -1;
  }

  read(): void {
    const { cursor } = this;
    for (this.peek = 0; this.peek < MAX_PEEK; this.peek++) {
      this.column++;
      const code = cursor.code(this.peek);
      if (isBlank(code)) continue;
      const closes = this.inFlow && (code === 0x5d || code === 0x7d);
      if (closes || (classOf(code) & (BREAK | END)) !== 0) {
        if (closes || !this.recentEmpty) this.atEmpty(closes, code);
        if (!isBreak(code)) break;
        this.firstEmpty = false;
        this.recentEmpty = true;
        this.column = 0;
        this.line++;
        continue;
      }
      if (this.text !== "" && this.column - 1 < this.nextIndent && this.column !== this.start.column) this.endFoot();
      if (code !== 0x23) break;
      this.takeLine();
    }
    if (this.text === "") return;
    const end = cursor.pos + this.peek - 1;
    this.found.push({ type: "head", text: this.text, scan: this.scan, token: this.start.pos, start: this.start, end });
  }

  /** An empty line, the end of the text or of brackets: what was read so far may belong to what stands before. */
  private atEmpty(closes: boolean, code: number): void {
    const dedented = this.start.column - 1 < this.nextIndent;
    const isFoot = this.firstEmpty && ((this.start.line === this.footLine && !this.afterValue) || dedented);
    if (closes || isFoot) {
      if (this.text === "") return;
      if (dedented) this.token = this.start.pos;
      this.endFoot();
    } else if (this.text !== "" && code !== 0) {
      this.text += "\n";
    }
  }

  private endFoot(): void {
    const end = this.cursor.pos + this.peek;
    this.found.push({ type: "foot", text: this.text, scan: this.scan, token: this.token, start: this.start, end });
    this.scan = end;
    this.token = end;
    this.text = "";
  }

  private takeLine(): void {
    const { cursor } = this;
    const seen = cursor.pos + this.peek;
    if (this.text === "") this.start = { pos: seen, line: this.line, column: this.column };
    else this.text += "\n";
    this.recentEmpty = false;
    while (cursor.pos < seen) {
      if (isBreak(cursor.code())) cursor.takeBreak();
      else cursor.pos++;
    }
    cursor.skipToBreak();
    this.text += cursor.text.slice(seen, cursor.pos);
    this.peek = 0;
    this.column = 0;
    this.line = cursor.line;
  }
}
