// Plain scalars: unquoted text, possibly over several lines.

import { BLANK, BREAK, COLON, END, FLOW_STOP, classOf, classes, isBlank, isBreak } from "./characters.ts";
import type { Cursor } from "./cursor.ts";
import type { Token } from "./token.ts";

/**
 * Reads a plain scalar at the cursor into a token. `indent` is the least column of its further lines in block context.
 * True when a line break ended it, so that a key may follow.
 */
export function scanPlain(cursor: Cursor, token: Token, scope: { indent: number; inFlow: boolean }): boolean {
  const { text, fold } = cursor;
  const { indent, inFlow } = scope;
  const startLine = cursor.line;
  fold.clear();
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
    skipBlanksAndBreaks(cursor, indent, startLine);
    if (!inFlow && cursor.pos - cursor.lineStart < indent) break;
  }
  token.value = value === "" ? text.slice(from, end) : value + text.slice(from, end);
  token.end = end;
  return fold.broken;
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

function skipBlanksAndBreaks(cursor: Cursor, indent: number, startLine: number): void {
  const { text, fold } = cursor;
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
