// Block scalars: `|` and `>`.

import { isBlank, isBreak, isDigit } from "./characters.ts";
import type { Comments } from "./comments.ts";
import type { Cursor, Mark } from "./cursor.ts";

interface Header {
  chomping: "strip" | "clip" | "keep";
  increment: number;
}

/** Reads the block scalar at the cursor; `parentIndent` is the indentation of the block around it, -1 at the root. */
export function scanBlock(cursor: Cursor, parentIndent: number, comments?: Comments): string {
  const start = cursor.mark();
  const literal = cursor.code() === 0x7c;
  cursor.pos++;
  const header = scanHeader(cursor, start, comments);
  const known = header.increment > 0 ? Math.max(parentIndent, 0) + header.increment : 0;
  const breaks = new Breaks(cursor, start);
  const indent = breaks.skip(known, parentIndent);
  const text = literal ? literalLines(cursor, indent, breaks) : foldedLines(cursor, indent, breaks);
  if (header.chomping === "strip") return text.value;
  return text.value + text.lastBreak + (header.chomping === "keep" ? breaks.take() : "");
}

function scanHeader(cursor: Cursor, start: Mark, comments: Comments | undefined): Header {
  const header: Header = { chomping: "clip", increment: 0 };
  if (takeChomping(cursor, header)) {
    takeIncrement(cursor, header, start);
  } else if (takeIncrement(cursor, header, start)) {
    takeChomping(cursor, header);
  }
  cursor.skipBlanks();
  if (cursor.code() === 0x23) {
    comments?.behind(start.pos);
    cursor.skipToBreak();
  }
  if (cursor.pos >= cursor.end) return header;
  if (!isBreak(cursor.code())) cursor.failScan("did not find expected comment or line break", start);
  cursor.takeBreak();
  return header;
}

function takeChomping(cursor: Cursor, header: Header): boolean {
  const code = cursor.code();
  if (code !== 0x2b && code !== 0x2d) return false;
  header.chomping = code === 0x2b ? "keep" : "strip";
  cursor.pos++;
  return true;
}

function takeIncrement(cursor: Cursor, header: Header, start: Mark): boolean {
  const code = cursor.code();
  if (!isDigit(code)) return false;
  if (code === 0x30) cursor.failScan("found an indentation indicator equal to 0", start);
  header.increment = code - 0x30;
  cursor.pos++;
  return true;
}

/** The empty lines between the lines of a block scalar. */
class Breaks {
  readonly cursor: Cursor;
  readonly start: Mark;
  text = "";

  constructor(cursor: Cursor, start: Mark) {
    this.cursor = cursor;
    this.start = start;
  }

  /** Skips indentation and empty lines; finds the indentation when it is not known (0) yet. */
  skip(indent: number, parentIndent: number): number {
    const { cursor } = this;
    let deepest = 0;
    for (;;) {
      const limit = indent === 0 ? cursor.end : Math.min(cursor.lineStart + indent, cursor.end);
      while (cursor.pos < limit && cursor.text.charCodeAt(cursor.pos) === 0x20) cursor.pos++;
      const column = cursor.pos - cursor.lineStart;
      if (column > deepest) deepest = column;
      const code = cursor.text.charCodeAt(cursor.pos);
      if (code === 0x09 && (indent === 0 || column < indent)) {
        cursor.failScan("found a tab character where an indentation space is expected", this.start);
      }
      if (!isBreak(code)) break;
      this.text += cursor.takeBreak();
    }
    return indent === 0 ? Math.max(deepest, parentIndent + 1, 1) : indent;
  }

  take(): string {
    const { text } = this;
    this.text = "";
    return text;
  }
}

interface Lines {
  value: string;
  /** The break after the last line, "" when the text ends without one. */
  lastBreak: string;
}

function literalLines(cursor: Cursor, indent: number, breaks: Breaks): Lines {
  let value = "";
  let lastBreak = "";
  while (cursor.pos - cursor.lineStart === indent && cursor.pos < cursor.end) {
    const end = cursor.lineEnd();
    value += lastBreak + breaks.take() + cursor.text.slice(cursor.pos, end);
    lastBreak = nextLine(cursor, end);
    breaks.skip(indent, 0);
  }
  return { value, lastBreak };
}

function foldedLines(cursor: Cursor, indent: number, breaks: Breaks): Lines {
  let value = "";
  let lastBreak = "";
  let afterIndented = false;
  while (cursor.pos - cursor.lineStart === indent && cursor.pos < cursor.end) {
    const indented = isBlank(cursor.code());
    const fold = !afterIndented && !indented && lastBreak === "\n";
    const empty = breaks.take();
    value += fold ? (empty === "" ? " " : "") : lastBreak;
    afterIndented = indented;
    const end = cursor.lineEnd();
    value += empty + cursor.text.slice(cursor.pos, end);
    lastBreak = nextLine(cursor, end);
    breaks.skip(indent, 0);
  }
  return { value, lastBreak };
}

function nextLine(cursor: Cursor, end: number): string {
  cursor.pos = end;
  return end < cursor.end ? cursor.takeBreak() : "";
}
