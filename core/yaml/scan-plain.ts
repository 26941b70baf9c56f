// Plain scalars: unquoted text, possibly over several lines.

import { BLANK, BREAK, COLON, END, FLOW_STOP, classOf, classes, isBlank, isBreak } from "./characters.ts";
import type { Cursor } from "./cursor.ts";
import { Fold } from "./fold.ts";

export interface PlainScalar {
  value: string;
  /** Where the text ends, trailing blanks excluded. */
  end: number;
  /** The scalar was ended by a line break, so a key may follow. */
  endedByBreak: boolean;
}

/** Reads a plain scalar at the cursor. `indent` is the least column of its further lines in block context. */
export function scanPlain(cursor: Cursor, indent: number, inFlow: boolean): PlainScalar {
  const { text } = cursor;
  const startLine = cursor.line;
  const fold = new Fold();
  let value = "";
  let from = cursor.pos;
  let end = cursor.pos;
  for (;;) {
    if (cursor.atDocumentMarker() || text.charCodeAt(cursor.pos) === 0x23) break;
    const stop = wordEnd(text, cursor.pos, inFlow);
    if (stop > cursor.pos) {
      if (fold.broken) {
        value += text.slice(from, end) + fold.take();
        from = cursor.pos;
      }
      end = stop;
      cursor.pos = stop;
    }
    if ((classOf(text.charCodeAt(stop)) & (BLANK | BREAK)) === 0) break;
    skipBlanksAndBreaks(cursor, fold, indent, startLine);
    if (!inFlow && cursor.pos - cursor.lineStart < indent) break;
  }
  return { value: value + text.slice(from, end), end, endedByBreak: fold.broken };
}

/** The end of a run of characters without blanks that belongs to the scalar. */
function wordEnd(text: string, from: number, inFlow: boolean): number {
  const stops = inFlow ? BLANK | BREAK | END | COLON | FLOW_STOP : BLANK | BREAK | END | COLON;
  for (let at = from; ; at++) {
    const code = text.charCodeAt(at);
    const found = (code < 128 ? (classes[code] as number) : classOf(code)) & stops;
    if (found === 0) continue;
    if (found === COLON && (classOf(text.charCodeAt(at + 1)) & (BLANK | BREAK | END)) === 0) continue;
    return at;
  }
}

function skipBlanksAndBreaks(cursor: Cursor, fold: Fold, indent: number, startLine: number): void {
  const { text } = cursor;
  for (;;) {
    const code = text.charCodeAt(cursor.pos);
    if (isBlank(code)) {
      if (code === 0x09 && fold.broken && cursor.pos - cursor.lineStart < indent) {
        cursor.failScan("found a tab character that violates indentation", { pos: 0, line: startLine, column: 0 });
      }
      cursor.pos++;
    } else if (isBreak(code)) {
      fold.add(cursor.takeBreak());
    } else {
      return;
    }
  }
}
