// Parses a template's source into trees, as text/template/parse/parse.go does, with its messages.

import { Failure } from "@plumbline/core/model";
import { type Delimiters, defaultDelimiters, showToken, type Token, tokenize, type TokenType } from "./lexer.ts";
import { limitExceeded, maxNesting } from "./limits.ts";
import {
  type BranchNode,
  type ChainNode,
  type CommandNode,
  isEmptyList,
  type ListNode,
  type OperandNode,
  type PipeNode,
  showNode,
  type Source,
  type StatementNode,
  type TemplateNode,
  type VariableNode,
} from "./nodes.ts";
import { parseNumber } from "./number-node.ts";
import { quote, unquote } from "./quote.ts";

/** One template: the body of a file, or of a define or block in it. */
export interface Tree {
  readonly name: string;
  readonly source: Source;
  readonly root: ListNode;
  /** How many variable slots an execution needs; slot 0 is `$`. */
  readonly frameSize: number;
}

export interface ParseOptions {
  /** What messages call the source. */
  name: string;
  /** When given, a name that is not a function is an error here and not only when the template runs. */
  isFunction?: (name: string) => boolean;
  delimiters?: Delimiters;
}

/**
 * All templates that the source defines, the one called `name` among them. Throws `TemplateFailed` with Go's words:
 * `template: name:line: unexpected "}" in operand`.
 */
export function parse(text: string, options: ParseOptions): Map<string, Tree> {
  const stream: Stream = { tokens: tokenize(text, options.delimiters ?? defaultDelimiters), at: 0, furthest: 0 };
  const trees = new Map<string, Tree>();
  const source = { name: options.name, text };
  new Parser({ stream, source, trees, isFunction: options.isFunction }).parseFile();
  return trees;
}

interface Stream {
  tokens: Token[];
  at: number;
  furthest: number;
}

interface Shared {
  stream: Stream;
  source: Source;
  trees: Map<string, Tree>;
  isFunction: ((name: string) => boolean) | undefined;
}

/** A statement, or the `end` or `else` that closes a list. */
type Parsed = StatementNode | Closing;
type Closing = { kind: "end"; pos: number } | { kind: "else"; pos: number };

const operandTokens = new Set<TokenType>([
  "bool",
  "charConstant",
  "complex",
  "dot",
  "field",
  "identifier",
  "number",
  "nil",
  "rawString",
  "string",
  "variable",
  "leftParen",
]);
const constantKinds = new Set<OperandNode["kind"]>(["bool", "dot", "nil", "number", "string"]);

// One Parser per tree: definitions have variables, loops and open actions of their own.
class Parser {
  private readonly shared: Shared;
  private readonly stream: Stream;
  private readonly source: Source;
  private variables: { name: string; slot: number }[] = [{ name: "$", slot: 0 }];
  private pending: string[] = [];
  private slots = 1;
  private frameSize = 1;
  private actionLine = 0;
  private loops = 0;
  private depth: number;

  constructor(shared: Shared, depth = 0) {
    this.shared = shared;
    this.stream = shared.stream;
    this.source = shared.source;
    this.depth = depth;
  }

  parseFile(): void {
    const root: ListNode = { kind: "list", pos: this.peek().pos, source: this.source, nodes: [] };
    while (this.peek().type !== "eof") {
      const start = this.stream.at;
      if (this.next().type === "leftDelim" && this.nextNonSpace().type === "define") {
        new Parser(this.shared).parseDefinition();
        continue;
      }
      this.stream.at = start;
      const node = this.textOrAction();
      if (node.kind === "end" || node.kind === "else") return this.fail(`unexpected {{${node.kind}}}`);
      root.nodes.push(node);
    }
    this.add(this.source.name, root);
  }

  private parseDefinition(): void {
    const context = "define clause";
    const token = this.nextNonSpace();
    if (token.type !== "string" && token.type !== "rawString") this.unexpected(token, context);
    const name = this.unquoted(token.text);
    this.expect("rightDelim", context);
    this.parseBody(name, context);
  }

  private parseBody(name: string, context: string): void {
    const { list, end } = this.itemList();
    if (end.kind !== "end") this.fail(`unexpected {{${end.kind}}} in ${context}`);
    this.add(name, list);
  }

  private add(name: string, root: ListNode): void {
    const known = this.shared.trees.get(name);
    if (!known || isEmptyList(known.root)) {
      this.shared.trees.set(name, { name, source: this.source, root, frameSize: this.frameSize });
    } else if (!isEmptyList(root)) {
      this.fail(`template: multiple definition of template ${quote(name)}`);
    }
  }

  private itemList(): { list: ListNode; end: Closing } {
    if (++this.depth > maxNesting) throw limitExceeded(`${this.place()}: blocks nest deeper than ${maxNesting}`);
    const list: ListNode = { kind: "list", pos: this.peekNonSpace().pos, source: this.source, nodes: [] };
    while (this.peekNonSpace().type !== "eof") {
      const node = this.textOrAction();
      if (node.kind === "end" || node.kind === "else") {
        this.depth--;
        return { list, end: node };
      }
      list.nodes.push(node);
    }
    return this.fail("unexpected EOF");
  }

  private textOrAction(): Parsed {
    const token = this.nextNonSpace();
    if (token.type === "text") return { kind: "text", pos: token.pos, source: this.source, text: token.text };
    if (token.type !== "leftDelim") return this.unexpected(token, "input");
    this.actionLine = token.line;
    const node = this.action();
    this.actionLine = 0;
    return node;
  }

  private action(): Parsed {
    const start = this.stream.at;
    const token = this.nextNonSpace();
    switch (token.type) {
      case "block":
        return this.block();
      case "break":
      case "continue":
        return this.loopControl(token.type, token.pos);
      case "else":
        return this.elseControl();
      case "end":
        return { kind: "end", pos: this.expect("rightDelim", "end").pos };
      case "if":
      case "range":
      case "with":
        return this.control(token.type);
      case "template":
        return this.templateCall();
      default:
        this.stream.at = start;
        return this.actionPipeline();
    }
  }

  private actionPipeline(): StatementNode {
    const { pos } = this.peekNonSpace();
    return { kind: "action", pos, source: this.source, pipe: this.pipeline("command", "rightDelim") };
  }

  private loopControl(kind: "break" | "continue", pos: number): StatementNode {
    const token = this.nextNonSpace();
    if (token.type !== "rightDelim") this.unexpected(token, `{{${kind}}}`);
    if (this.loops === 0) this.fail(`{{${kind}}} outside {{range}}`);
    return { kind, pos, source: this.source };
  }

  private elseControl(): Parsed {
    const next = this.peekNonSpace();
    if (next.type === "if" || next.type === "with") return { kind: "else", pos: next.pos };
    return { kind: "else", pos: this.expect("rightDelim", "else").pos };
  }

  private control(kind: "if" | "range" | "with"): BranchNode {
    if (++this.depth > maxNesting) throw limitExceeded(`${this.place()}: blocks nest deeper than ${maxNesting}`);
    const outer = this.variables.length;
    const outerSlots = this.slots;
    const pipe = this.pipeline(kind, "rightDelim");
    const ofPipe = this.variables.length;
    if (kind === "range") this.loops++;
    const { list, end } = this.itemList();
    if (kind === "range") this.loops--;
    // Go's parser still knows the list's variables in the else list; they are not declared when that runs.
    this.variables = this.variables.map((each, i) => (i < ofPipe ? each : { name: each.name, slot: -1 }));
    const elseList = end.kind === "else" ? this.elseList(kind, end.pos) : undefined;
    this.variables.length = outer;
    this.slots = outerSlots;
    this.depth--;
    return { kind, pos: pipe.pos, source: this.source, pipe, list, elseList };
  }

  private elseList(kind: "if" | "range" | "with", pos: number): ListNode {
    if (kind !== "range" && this.peek().type === kind) {
      this.next();
      return { kind: "list", pos, source: this.source, nodes: [this.control(kind)] };
    }
    const { list, end } = this.itemList();
    if (end.kind !== "end") this.fail(`expected end; found {{${end.kind}}}`);
    return list;
  }

  private block(): TemplateNode {
    const context = "block clause";
    const token = this.nextNonSpace();
    const name = this.templateName(token, context);
    const pipe = this.pipeline(context, "rightDelim");
    new Parser(this.shared, this.depth).parseBody(name, context);
    return { kind: "template", pos: token.pos, source: this.source, name, pipe };
  }

  private templateCall(): TemplateNode {
    const context = "template clause";
    const token = this.nextNonSpace();
    const name = this.templateName(token, context);
    const start = this.stream.at;
    if (this.nextNonSpace().type === "rightDelim") {
      return { kind: "template", pos: token.pos, source: this.source, name, pipe: undefined };
    }
    this.stream.at = start;
    const pipe = this.pipeline(context, "rightDelim");
    return { kind: "template", pos: token.pos, source: this.source, name, pipe };
  }

  private templateName(token: Token, context: string): string {
    if (token.type !== "string" && token.type !== "rawString") this.unexpected(token, context);
    return this.unquoted(token.text);
  }

  private pipeline(context: string, end: "rightDelim" | "rightParen"): PipeNode {
    const pipe: PipeNode = {
      kind: "pipe",
      pos: this.peekNonSpace().pos,
      source: this.source,
      isAssign: false,
      declared: [],
      commands: [],
    };
    const outerPending = this.pending.length;
    this.declarations(pipe, context);
    for (let token = this.nextNonSpace(); token.type !== end; token = this.nextNonSpace()) {
      if (!operandTokens.has(token.type)) this.unexpected(token, context);
      this.stream.at--;
      pipe.commands.push(this.command());
    }
    this.checkPipeline(pipe, context);
    this.pending.length = outerPending;
    for (const variable of pipe.declared) this.bindVariable(pipe, variable);
    return pipe;
  }

  private declarations(pipe: PipeNode, context: string): void {
    for (;;) {
      const variable = this.peekNonSpace();
      if (variable.type !== "variable") return;
      const start = this.stream.at;
      this.nextNonSpace();
      const next = this.nextNonSpace();
      const isComma = next.type === "char" && next.text === ",";
      if (next.type !== "assign" && next.type !== "declare" && !isComma) {
        this.stream.at = start;
        return;
      }
      const path = variable.text.split(".");
      pipe.declared.push({ kind: "variable", pos: variable.pos, source: this.source, path, slot: -1 });
      this.pending.push(variable.text);
      if (!isComma) {
        pipe.isAssign = next.type === "assign";
        return;
      }
      if (context !== "range" || pipe.declared.length >= 2) this.fail(`too many declarations in ${context}`);
      const after = this.peekNonSpace().type;
      if (after !== "variable" && after !== "rightDelim" && after !== "rightParen") {
        this.fail("range can only initialize variables");
      }
    }
  }

  // A variable is seen by what follows its pipeline, not by the pipeline itself.
  private bindVariable(pipe: PipeNode, variable: VariableNode): void {
    const name = variable.path[0] ?? "";
    if (pipe.isAssign) {
      variable.slot = this.slotOf(name);
    } else {
      variable.slot = this.slots++;
      this.frameSize = Math.max(this.frameSize, this.slots);
    }
    this.variables.push({ name: pipe.isAssign ? name : variable.path.join("."), slot: variable.slot });
  }

  private slotOf(name: string): number {
    return this.variables.findLast((variable) => variable.name === name && variable.slot >= 0)?.slot ?? -1;
  }

  private checkPipeline(pipe: PipeNode, context: string): void {
    if (pipe.commands.length === 0) this.fail(`missing value for ${context}`);
    for (const [i, command] of pipe.commands.entries()) {
      const first = command.args[0];
      if (i > 0 && first && constantKinds.has(first.kind)) {
        this.fail(`non executable command in pipeline stage ${i + 1}`);
      }
    }
  }

  private command(): CommandNode {
    const command: CommandNode = {
      kind: "command",
      pos: this.peekNonSpace().pos,
      source: this.source,
      args: [],
    };
    for (;;) {
      this.peekNonSpace();
      const operand = this.operand();
      if (operand) command.args.push(operand);
      const token = this.next();
      if (token.type === "space") continue;
      if (token.type === "rightDelim" || token.type === "rightParen") this.stream.at--;
      else if (token.type !== "pipe") this.unexpected(token, "operand");
      break;
    }
    if (command.args.length === 0) this.fail("empty command");
    return command;
  }

  private operand(): OperandNode | undefined {
    const node = this.term();
    if (!node || this.peek().type !== "field") return node;
    const { pos } = this.peek();
    const path: string[] = [];
    while (this.peek().type === "field") path.push(this.next().text.slice(1));
    if (node.kind === "field") return { ...node, pos, path: [...node.path, ...path] };
    if (node.kind === "variable") return { ...node, pos, path: [...node.path, ...path] };
    if (constantKinds.has(node.kind)) this.fail(`unexpected . after term ${quote(showNode(node))}`);
    const chain: ChainNode = { kind: "chain", pos, source: this.source, node, path };
    return chain;
  }

  private term(): OperandNode | undefined {
    const start = this.stream.at;
    const token = this.nextNonSpace();
    const { pos } = token;
    const { source } = this;
    switch (token.type) {
      case "identifier":
        if (this.shared.isFunction?.(token.text) === false) this.fail(`function ${quote(token.text)} not defined`);
        return { kind: "identifier", pos, source, name: token.text };
      case "dot":
      case "nil":
        return { kind: token.type, pos, source };
      case "variable":
        return this.useVariable(token);
      case "field":
        return { kind: "field", pos, source, path: [token.text.slice(1)] };
      case "bool":
        return { kind: "bool", pos, source, value: token.text === "true" };
      case "charConstant":
      case "complex":
      case "number":
        return this.number(token, token.type);
      case "leftParen":
        return this.parenthesized();
      case "string":
      case "rawString":
        return { kind: "string", pos, source, quoted: token.text, text: this.unquoted(token.text) };
      default:
        this.stream.at = this.skipSpaces(start);
        return undefined;
    }
  }

  private number({ text, pos }: Token, type: "charConstant" | "complex" | "number"): OperandNode {
    return this.orFail(() => parseNumber({ text, type, pos, source: this.source }));
  }

  private parenthesized(): PipeNode {
    if (++this.depth > maxNesting) throw limitExceeded(`${this.place()}: parentheses nest deeper than ${maxNesting}`);
    const pipe = this.pipeline("parenthesized pipeline", "rightParen");
    this.depth--;
    return pipe;
  }

  private useVariable(token: Token): VariableNode {
    const slot = this.slotOf(token.text);
    if (slot < 0 && !this.pending.includes(token.text) && !this.variables.some(({ name }) => name === token.text)) {
      this.fail(`undefined variable ${quote(token.text)}`);
    }
    return { kind: "variable", pos: token.pos, source: this.source, path: [token.text], slot };
  }

  private unquoted(literal: string): string {
    return this.orFail(() => unquote(literal));
  }

  private orFail<T>(read: () => T): T {
    try {
      return read();
    } catch (thrown) {
      return this.fail(thrown instanceof Error ? thrown.message : String(thrown));
    }
  }

  private next(): Token {
    const { tokens, at } = this.stream;
    // After the last token, the end of input or an error, Go's lexer keeps giving the same.
    const index = Math.min(at, tokens.length - 1);
    this.stream.at = at + 1;
    if (index > this.stream.furthest) this.stream.furthest = index;
    return tokens[index] as Token; // the list is never empty
  }

  private peek(): Token {
    const token = this.next();
    this.stream.at--;
    return token;
  }

  private nextNonSpace(): Token {
    let token = this.next();
    while (token.type === "space") token = this.next();
    return token;
  }

  /** Like Go's: the spaces are gone, the token stays. */
  private peekNonSpace(): Token {
    const token = this.nextNonSpace();
    this.stream.at--;
    return token;
  }

  private skipSpaces(from: number): number {
    let at = from;
    while (this.stream.tokens[at]?.type === "space") at++;
    return at;
  }

  private expect(type: TokenType, context: string): Token {
    const token = this.nextNonSpace();
    return token.type === type ? token : this.unexpected(token, context);
  }

  private unexpected(token: Token, context: string): never {
    if (token.type !== "error") return this.fail(`unexpected ${showToken(token)} in ${context}`);
    let extra = "";
    if (this.actionLine !== 0 && this.actionLine !== token.line) {
      extra = ` in action started at ${this.source.name}:${this.actionLine}`;
      if (token.text.endsWith(" action")) extra = extra.slice(" in action".length);
    }
    return this.fail(token.text + extra);
  }

  private line(): number {
    return this.stream.tokens[this.stream.furthest]?.line ?? 1;
  }

  private place(): string {
    return `template: ${this.source.name}:${this.line()}`;
  }

  private fail(message: string): never {
    throw new Failure({
      reason: "TemplateFailed",
      message: `${this.place()}: ${message}`,
      where: { file: this.source.name, line: this.line() },
      retry: "never",
    });
  }
}
