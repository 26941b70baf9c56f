// The output of the node emitter: columns, indentation and comments.

import { codePoints, spaces } from "./scalar-text.ts";

/** The text so far, what libyaml remembers of its end, and the comments that wait to be written. */
export class CommentedOutput {
  out = "";
  column = 0;
  whitespace = true;
  indention = true;
  /** The current indentation, -1 outside of everything. */
  indent = -1;
  /** The last foot comment was written at this indentation: an empty line must follow. */
  footIndent = -1;
  head = "";
  line = "";
  foot = "";
  /** The foot comment of the key before. */
  tail = "";

  put(text: string): void {
    this.out += text;
    this.column += codePoints(text);
  }

  putBreak(): void {
    this.out += "\n";
    this.column = 0;
    this.indention = true;
  }

  writeIndent(): void {
    const indent = Math.max(this.indent, 0);
    if (!this.indention || this.column > indent || (this.column === indent && !this.whitespace)) this.putBreak();
    if (this.footIndent === indent) this.putBreak();
    if (this.column < indent) this.put(spaces(indent - this.column));
    this.whitespace = true;
    this.footIndent = -1;
  }

  indicator(text: string, after: { needSpace?: boolean; isSpace?: boolean; keepsIndent?: boolean } = {}): void {
    if (after.needSpace === true && !this.whitespace) this.put(" ");
    this.put(text);
    this.whitespace = after.isSpace ?? false;
    this.indention &&= after.keepsIndent ?? false;
  }

  writeHead(): void {
    if (this.tail !== "") {
      this.writeIndent();
      this.writeComment(this.tail);
      this.tail = "";
      this.footIndent = Math.max(this.indent, 0);
    }
    if (this.head === "") return;
    this.writeIndent();
    this.writeComment(this.head);
    this.head = "";
  }

  writeLine(): void {
    if (this.line === "") return;
    if (!this.whitespace) this.put(" ");
    this.writeComment(this.line);
    this.line = "";
  }

  writeFoot(): void {
    if (this.foot === "") return;
    this.writeIndent();
    this.writeComment(this.foot);
    this.foot = "";
    this.footIndent = Math.max(this.indent, 0);
  }

  writeLineAndFoot(): void {
    this.writeLine();
    this.writeFoot();
  }

  writeComment(comment: string): void {
    const lines = comment.split("\n");
    lines.forEach((line, i) => {
      if (i > 0) this.putBreak();
      if (line === "") return;
      if (i > 0) this.writeIndent();
      this.put(line.startsWith("#") ? line : `# ${line}`);
      this.indention = false;
    });
    if (lines.at(-1) !== "") this.putBreak();
    this.whitespace = true;
  }

  /** Text that may hold line breaks. */
  raw(text: string): void {
    const start = Math.max(text.lastIndexOf("\n"), text.lastIndexOf("\u2028"), text.lastIndexOf("\u2029")) + 1;
    this.out += text;
    const last = text.slice(start);
    this.column = start === 0 ? this.column + codePoints(last) : codePoints(last);
    this.indention = last === "" && text !== "";
  }
}
