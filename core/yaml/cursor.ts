// A place in the text: position, line, column, and the failures that name them.

import { Failure, type Where } from "@plumbline/core/model";
import { isBlank, isBreak } from "./characters.ts";
import { Fold } from "./fold.ts";
import type { Flavour } from "./resolve-scalar.ts";
import { surveyText } from "./survey-text.ts";

/** A place; lines and columns count from 0, columns in code points. */
export interface Mark {
  pos: number;
  line: number;
  column: number;
}

export class Cursor {
  /** The text with a NUL after it, so that reading one too far is harmless. */
  readonly text: string;
  readonly end: number;
  readonly flavour: Flavour;
  readonly file: string | undefined;
  readonly hasAstral: boolean;
  /** Line feeds are the only line breaks in the text. */
  readonly plainBreaks: boolean;
  /** Where the first character stands that YAML does not allow, or -1. */
  readonly forbidden: number;
  /** The breaks inside the scalar that is being read. */
  readonly fold = new Fold();
  private readonly counted = { lineStart: 0, pos: 0, column: 0 };
  pos = 0;
  line = 0;
  lineStart = 0;

  constructor(text: string, flavour: Flavour, file: string | undefined) {
    this.text = `${text}\0`;
    this.end = text.length;
    this.flavour = flavour;
    this.file = file;
    const survey = surveyText(text);
    this.hasAstral = survey.hasAstral;
    this.plainBreaks = survey.plainBreaks;
    this.forbidden = survey.forbidden;
  }

  code(ahead = 0): number {
    return this.pos + ahead <= this.end ? this.text.charCodeAt(this.pos + ahead) : 0;
  }

  get column(): number {
    return this.hasAstral ? this.countedColumn() : this.pos - this.lineStart;
  }

  /** Counts on from where it counted last on this line, so that long lines do not cost a square. */
  private countedColumn(): number {
    const { pos, lineStart, counted } = this;
    if (counted.lineStart !== lineStart || counted.pos > pos) {
      counted.lineStart = lineStart;
      counted.pos = lineStart;
      counted.column = 0;
    }
    for (let i = counted.pos; i < pos; i++) if ((this.text.charCodeAt(i) & 0xfc00) !== 0xdc00) counted.column++;
    counted.pos = pos;
    return counted.column;
  }

  mark(): Mark {
    return { pos: this.pos, line: this.line, column: this.column };
  }

  /** Steps over one line break and gives it normalised: LS and PS stay, everything else is a line feed. */
  takeBreak(): string {
    const code = this.text.charCodeAt(this.pos);
    this.pos += code === 0x0d && this.text.charCodeAt(this.pos + 1) === 0x0a ? 2 : 1;
    this.line++;
    this.lineStart = this.pos;
    return code === 0x2028 || code === 0x2029 ? String.fromCharCode(code) : "\n";
  }

  skipBlanks(): void {
    while (isBlank(this.text.charCodeAt(this.pos))) this.pos++;
  }

  /** Moves to the end of the line, the break excluded. */
  skipToBreak(): void {
    this.pos = this.lineEnd();
  }

  /** Where the current line ends. */
  lineEnd(): number {
    if (this.plainBreaks) {
      const found = this.text.indexOf("\n", this.pos);
      return found < 0 ? this.end : found;
    }
    let at = this.pos;
    while (at < this.end && !isBreak(this.text.charCodeAt(at))) at++;
    return at;
  }

  /** True at `---` or `...` in the first column, followed by a blank, a break or the end. */
  atDocumentMarker(): boolean {
    if (this.pos !== this.lineStart) return false;
    const first = this.text.charCodeAt(this.pos);
    if (first !== 0x2d && first !== 0x2e) return false;
    if (this.code(1) !== first || this.code(2) !== first) return false;
    const after = this.code(3);
    return after === 0 || isBlank(after) || isBreak(after);
  }

  /** Stops at the current place, as libyaml's scanner does. */
  failScan(problem: string, context?: Mark): never {
    return this.fail(problem, this.mark(), context ?? this.mark(), 1);
  }

  /** Stops at a token, as libyaml's parser does. */
  failParse(problem: string, at: Mark, context?: Mark): never {
    return this.fail(problem, at, context, 0);
  }

  /** go-yaml counts lines from 1 in some messages and from 0 in others; the message is Go's, the place is right. */
  private fail(problem: string, at: Mark, context: Mark | undefined, add: 0 | 1): never {
    const contextLine = context?.line ?? 0;
    let line: number;
    if (this.flavour === "v2") line = at.line === 0 ? contextLine : at.line + add;
    else line = contextLine === 0 ? at.line && at.line + add : contextLine + add;
    const place = line === 0 ? "" : `line ${line}: `;
    // The end of the text helps nobody find the quote that is open.
    const shown = problem === OPEN_QUOTE && context !== undefined ? context : at;
    const where: Where = { line: shown.line + 1, column: shown.column + 1 };
    if (this.file !== undefined) where.file = this.file;
    throw new Failure({
      reason: "YamlInvalid",
      message: `yaml: ${place}${problem}`,
      hint: hints[problem] ?? "Correct the YAML at this place.",
      where,
      retry: "never",
    });
  }
}

const OPEN_QUOTE = "found unexpected end of stream";

const hints: Record<string, string> = {
  "mapping values are not allowed in this context": "Quote the text, or put the key on a line of its own.",
  "found character that cannot start any token": "Replace tabs by spaces, or quote a text that starts with @, ` or %.",
  "did not find expected key": "Align this line with the keys around it.",
  "did not find expected '-' indicator": "Align this line with the items around it.",
  "could not find expected ':'": "Add the colon after the key, or indent the text below its key.",
  [OPEN_QUOTE]: "Close the quote.",
};
