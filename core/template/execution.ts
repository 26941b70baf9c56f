// The state of one execution: output, variables, position, limits, and the errors that carry that position.

import { Failure } from "@plumbline/core/model";
import { byteLength } from "./bytes.ts";
import { type Limits, limitExceeded, type Work } from "./limits.ts";
import { type Node, showNode, type Source } from "./nodes.ts";
import { quote } from "./quote.ts";
import type { CallContext, Value } from "./value.ts";

/** What `.missing` gives on a map: no value, the zero value of the map's elements, or an error. */
export type MissingKey = "invalid" | "zero" | "error";

/** A template that can run: its body bound to the functions of its set. */
export interface Runnable {
  readonly name: string;
  readonly frameSize: number;
  readonly run: (execution: Execution, dot: Value) => unknown;
}

/** A runnable and whether its body is nothing but white space, so that it does not replace another. */
export interface BoundTree {
  readonly runnable: Runnable;
  readonly isEmpty: boolean;
}

type Find = (name: string) => Runnable | undefined;

export interface ExecutionOptions {
  lookup: (name: string) => Runnable | undefined;
  missingKey: MissingKey;
  limits: Limits;
  work: Work;
  /** Binds a template to a table of functions. */
  bind: (template: never, functions: never) => Map<string, BoundTree>;
  /** What the set is called in `no template "x" associated with template "set"`. */
  setName: string;
}

/** Pieces of output that are joined at a time. */
const settleAfter = 4096;

/** Text that functions return may be held: fewer characters for a step bound the memory of what is held. */
const charactersPerStep = 2;

/** A variable that has not been declared yet in this execution. */
export const unset: unique symbol = Symbol("unset");

export class Execution implements CallContext {
  /** What was written, but for the last pieces. */
  private settled = "";
  private pieces = "";
  private count = 0;
  private sample = 0;
  /** The node that errors are reported at. */
  node: Node | undefined;
  /** Name of the template that is executing. */
  name = "";
  vars: (Value | typeof unset)[] = [];
  /** For variables that `range` sets: whether Go holds their value in an interface. Only messages depend on it. */
  interfaceVars: boolean[] = [];
  dotIsInterface = false;
  /** The same for the value that was evaluated last. */
  isInterface = false;
  readonly options: ExecutionOptions;
  readonly counters = new Map<string, number>();
  lookup: Find;
  private depth = 0;
  private readonly work: Work;
  private readonly maxSteps: number;
  private readonly maxWritten: number;

  constructor(options: ExecutionOptions) {
    this.options = options;
    this.lookup = options.lookup;
    this.work = options.work;
    this.maxSteps = options.limits.steps;
    this.maxWritten = options.limits.outputLength;
  }

  spend(n: number): void {
    const { work } = this;
    work.steps += n;
    if (work.steps > this.maxSteps) throw this.limit(`the template takes more than ${this.maxSteps} steps`);
  }

  reserve(length: number): void {
    if (length > this.options.limits.textLength) {
      throw this.limit(`a function would return more than ${this.options.limits.textLength} characters`);
    }
    this.spend(Math.ceil(length / charactersPerStep));
  }

  write(text: string): void {
    const { work } = this;
    this.pieces += text;
    this.count += 1 + (text.length >> 6); // a long text may be of pieces itself
    if (this.count > settleAfter) this.settle();
    work.written += text.length;
    if (work.written > this.maxWritten) throw this.limit(`the output is longer than ${this.maxWritten} characters`);
  }

  /** A text that was put together takes some 40 bytes for each of its pieces, until it is made one. */
  private settle(): void {
    this.sample = this.pieces.charCodeAt(0); // the runtime joins the pieces to look at a character
    this.settled += this.pieces;
    this.pieces = "";
    this.count = 0;
  }

  /** What was written so far. */
  get out(): string {
    return this.settled === "" ? this.pieces : this.settled + this.pieces;
  }

  executeTemplate(name: string, data: Value): string {
    const found = this.lookup(name);
    if (!found) {
      const message = `template: no template ${quote(name)} associated with template ${quote(this.options.setName)}`;
      throw new Failure({ reason: "TemplateFailed", message, retry: "never" });
    }
    return this.capture(found, data ?? undefined);
  }

  executeWith(template: { name: string; trees: unknown }, functions: unknown, data: Value): string {
    const bound = this.options.bind(template as never, functions as never); // the caller's own template and table
    const outer = this.lookup;
    const lookup: Find = (name) => {
      const own = bound.get(name);
      return own && !own.isEmpty ? own.runnable : (outer(name) ?? own?.runnable);
    };
    this.lookup = lookup;
    const { node } = this;
    this.node = undefined;
    const result = this.capture(bound.get(template.name)?.runnable ?? lookup(template.name), data ?? undefined);
    this.node = node;
    this.lookup = outer;
    return result;
  }

  private capture(found: Runnable | undefined, data: Value): string {
    if (!found) throw new Failure({ reason: "Internal", message: "a template without a body of its own" });
    const { settled, pieces, count } = this;
    this.settled = "";
    this.pieces = "";
    this.count = 0;
    this.enter(found, data);
    const result = this.out;
    this.settled = settled;
    this.pieces = pieces;
    this.count = count;
    return result;
  }

  /** Runs a template with `data` as its dot and `$`, writing to the current output. */
  enter(template: Runnable, data: Value): void {
    const { vars, interfaceVars, name, node, dotIsInterface } = this;
    if (++this.depth > this.options.limits.depth) {
      throw this.limit(`exceeded maximum template depth (${this.options.limits.depth})`);
    }
    this.spend(1);
    this.vars = [data];
    for (let slot = 1; slot < template.frameSize; slot++) this.vars.push(unset);
    this.interfaceVars = [];
    this.name = template.name;
    this.dotIsInterface = false;
    template.run(this, data);
    this.depth--;
    this.vars = vars;
    this.interfaceVars = interfaceVars;
    this.name = name;
    this.node = node;
    this.dotIsInterface = dotIsInterface;
  }

  /** Fails as Go does: `template: file:line:column: executing "name" at <node>: message`. */
  fail(message: string, cause?: unknown): never {
    throw new Failure({
      reason: "TemplateFailed",
      message: this.place() + message,
      where: this.where(),
      retry: "never",
      ...(cause !== undefined && { cause }),
    });
  }

  /** The failure for a limit that was passed here. */
  limit(what: string): Failure {
    return limitExceeded(this.place() + what);
  }

  private place(): string {
    if (!this.node) return `template: ${this.name}: `;
    const { name, line, column } = locate(this.node.source, this.node.pos);
    return `template: ${name}:${line}:${column}: executing ${quote(this.name)} at <${showNode(this.node)}>: `;
  }

  private where(): { file: string; line?: number; column?: number } {
    if (!this.node) return { file: this.name };
    const { name, line, column } = locate(this.node.source, this.node.pos);
    return { file: name, line, column: column + 1 };
  }
}

/** Line from 1, and column as Go counts it: bytes from 0. */
export function locate(source: Source, pos: number): { name: string; line: number; column: number } {
  const before = source.text.slice(0, pos);
  const start = before.lastIndexOf("\n") + 1;
  return { name: source.name, line: before.split("\n").length, column: byteLength(before.slice(start)) };
}
