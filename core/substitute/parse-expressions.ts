// `${...}` expressions: the grammar of Flux's envsubst, with its oddities.

import { MAX_NESTING } from "./limits.ts";

/** Literal text, or an expression. */
export type Part = string | Expression;

export interface Expression {
  variable: string;
  /** `""` for a plain reference, else the operator: `:-`, `#`, `##`, `/`, `^^`, `:` ... */
  operator: string;
  args: Part[];
  /** Offset of the `$`. */
  at: number;
}

/** A text that is no valid template; `at` is the offset of the `$` of the expression in question. */
export class ExpressionError extends Error {
  readonly at: number;
  constructor(problem: string, at: number) {
    super(problem);
    this.name = "ExpressionError";
    this.at = at;
  }
}

const BAD = "bad substitution";
const NO_BRACE = "missing closing brace";
const NO_NAME = "unable to parse variable name";
const NO_ARGUMENT = "unable to parse substitution within function";
const NO_DEFAULT = "unable to parse default function";

/** Splits a text into literals and expressions. Throws `ExpressionError` with envsubst's words. */
export function parseExpressions(text: string): Part[] {
  const parser = new Parser(text);
  return parser.parse();
}

const WORD = /[\p{L}\p{Nd}_]+/uy;

class Parser {
  readonly text: string;
  pos = 0;
  /** Offset of the expression being read. */
  at = 0;
  depth = 0;

  constructor(text: string) {
    this.text = text;
  }

  parse(): Part[] {
    const parts: Part[] = [];
    let literal = "";
    while (this.pos < this.text.length) {
      const dollar = this.text.indexOf("$", this.pos);
      if (dollar < 0) {
        literal += this.text.slice(this.pos);
        break;
      }
      literal += this.text.slice(this.pos, dollar);
      const next = this.text[dollar + 1];
      if (next === "{") {
        if (literal !== "") parts.push(literal);
        literal = "";
        parts.push(this.expression(dollar));
      } else {
        literal += "$";
        this.pos = dollar + (next === "$" ? 2 : 1);
      }
    }
    if (literal !== "") parts.push(literal);
    return parts;
  }

  fail(problem: string): never {
    throw new ExpressionError(problem, this.at);
  }

  peek(): string {
    return this.text[this.pos] ?? "";
  }

  /** Reads the expression whose `$` stands at `dollar`. */
  expression(dollar: number): Expression {
    const outer = this.at;
    this.at = dollar;
    if (++this.depth > MAX_NESTING) this.fail("expressions are nested too deeply");
    this.pos = dollar + 2;
    const expression = this.peek() === "#" ? this.length() : this.named();
    this.depth--;
    this.at = outer;
    return expression;
  }

  word(): string {
    WORD.lastIndex = this.pos;
    const found = WORD.exec(this.text)?.[0] ?? "";
    this.pos += found.length;
    return found;
  }

  make(variable: string, operator: string, args: Part[] = []): Expression {
    return { variable, operator, args, at: this.at };
  }

  length(): Expression {
    this.pos++;
    const variable = this.word();
    if (variable === "") this.fail(BAD);
    this.close();
    return this.make(variable, "#");
  }

  named(): Expression {
    const variable = this.word();
    if (variable === "") this.fail(NO_NAME);
    switch (this.peek()) {
      case ":":
        return /[=\-?+]/.test(this.text[this.pos + 1] ?? "") ? this.fallback(variable, 2) : this.slice(variable);
      case "=":
        return this.fallback(variable, 1);
      case ",":
      case "^":
        return this.casing(variable);
      case "/":
        return this.replacement(variable);
      case "#":
      case "%":
        return this.trimming(variable);
      default:
        if (this.peek() !== "}") this.fail(NO_BRACE);
        this.pos++;
        return this.make(variable, "");
    }
  }

  close(): void {
    if (this.peek() !== "}") this.fail(BAD);
    this.pos++;
  }

  take(length: number): string {
    const taken = this.text.slice(this.pos, this.pos + length);
    this.pos += length;
    return taken;
  }

  /** `:=`, `:-`, `:?`, `:+` and `=`: all of them give a default. */
  fallback(variable: string, width: number): Expression {
    const operator = this.take(width);
    if (operator.length !== width) this.fail(NO_DEFAULT);
    const args: Part[] = [];
    while (this.peek() !== "}") args.push(this.argument(NOT_CLOSING, false));
    this.pos++;
    return this.make(variable, operator, args);
  }

  slice(variable: string): Expression {
    this.pos++;
    // envsubst loses its place here: it takes a step back as wide as what follows.
    if (this.peek() === "" || this.text.charCodeAt(this.pos) > 0x7f) this.fail(BAD);
    const from = this.argument(NOT_COLON_OR_CLOSING, false);
    if (this.peek() === "}") {
      this.pos++;
      return this.make(variable, ":", [from]);
    }
    if (this.peek() !== ":") this.fail(BAD);
    while (this.peek() === ":") this.pos++;
    const length = this.argument(NOT_CLOSING, false);
    this.close();
    return this.make(variable, ":", [from, length]);
  }

  casing(variable: string): Expression {
    const operator = this.take(/[,^]/.test(this.text[this.pos + 1] ?? "") ? 2 : 1);
    this.close();
    return this.make(variable, operator);
  }

  trimming(variable: string): Expression {
    const operator = this.take(this.text[this.pos + 1] === this.peek() ? 2 : 1);
    const pattern = this.argument(NOT_CLOSING, false);
    this.close();
    return this.make(variable, operator, [pattern]);
  }

  replacement(variable: string): Expression {
    const operator = this.take(/[/#%]/.test(this.text[this.pos + 1] ?? "") ? 2 : 1);
    const pattern = this.argument(NOT_SLASH, true);
    if (this.peek() !== "/") this.fail(BAD);
    while (this.peek() === "/") this.pos++;
    if (this.peek() === "}") {
      this.pos++;
      return this.make(variable, operator, [pattern]);
    }
    const by = this.argument(NOT_CLOSING, true);
    this.close();
    return this.make(variable, operator, [pattern, by]);
  }

  /** One argument: a nested expression, or text up to a stop character or the next expression. */
  argument(stops: string, escapes: boolean): Part {
    if (this.text.startsWith("${", this.pos)) return this.expression(this.pos);
    let value = "";
    while (this.pos < this.text.length) {
      const char = this.peek();
      if (escapes && this.isEscape(char)) {
        value += this.text[this.pos + 1] ?? "";
        this.pos += 2;
        continue;
      }
      if (stops.includes(char) || this.text.startsWith("${", this.pos)) break;
      value += char;
      this.pos++;
    }
    if (value === "") this.fail(NO_ARGUMENT);
    return value;
  }

  isEscape(char: string): boolean {
    const next = this.text[this.pos + 1] ?? "";
    return (char === "$" && next === "$") || (char === "\\" && (next === "/" || next === "\\"));
  }
}

const NOT_CLOSING = "}";
const NOT_COLON_OR_CLOSING = ":}";
const NOT_SLASH = "/";
