// The syntax tree of a template, and how error messages print its nodes.

import { quote } from "./quote.ts";

/** The file that a node was parsed from; `name` is what messages call it. */
export interface Source {
  readonly name: string;
  readonly text: string;
}

interface At {
  /** Offset in `source.text`, UTF-16 units. */
  readonly pos: number;
  readonly source: Source;
}

export interface TextNode extends At {
  kind: "text";
  text: string;
}
export interface ActionNode extends At {
  kind: "action";
  pipe: PipeNode;
}
export interface BranchNode extends At {
  kind: "if" | "with" | "range";
  pipe: PipeNode;
  list: ListNode;
  elseList: ListNode | undefined;
}
export interface TemplateNode extends At {
  kind: "template";
  name: string;
  pipe: PipeNode | undefined;
}
export interface LoopNode extends At {
  kind: "break" | "continue";
}
export interface ListNode extends At {
  kind: "list";
  nodes: StatementNode[];
}
export type StatementNode = TextNode | ActionNode | BranchNode | TemplateNode | LoopNode | ListNode;

export interface PipeNode extends At {
  kind: "pipe";
  isAssign: boolean;
  declared: VariableNode[];
  commands: CommandNode[];
}
export interface CommandNode extends At {
  kind: "command";
  args: OperandNode[];
}
export interface IdentifierNode extends At {
  kind: "identifier";
  name: string;
}
export interface VariableNode extends At {
  kind: "variable";
  /** The name with its `$`, then fields. */
  path: string[];
  /** Slot of the variable in its template's frame. */
  slot: number;
}
export interface FieldNode extends At {
  kind: "field";
  path: string[];
}
export interface ChainNode extends At {
  kind: "chain";
  node: OperandNode;
  path: string[];
}
export interface DotNode extends At {
  kind: "dot";
}
export interface NilNode extends At {
  kind: "nil";
}
export interface BoolNode extends At {
  kind: "bool";
  value: boolean;
}
export interface StringNode extends At {
  kind: "string";
  quoted: string;
  text: string;
}
export interface NumberNode extends At {
  kind: "number";
  text: string;
  /** The value as an int64, as a uint64 and as a float64, where it has one. */
  whole: bigint | undefined;
  unsigned: bigint | undefined;
  float: number | undefined;
  complex: { re: number; im: number } | undefined;
}
export type OperandNode =
  | IdentifierNode
  | VariableNode
  | FieldNode
  | ChainNode
  | DotNode
  | NilNode
  | BoolNode
  | StringNode
  | NumberNode
  | PipeNode;
export type Node = StatementNode | OperandNode | CommandNode;

/** The node's text as Go prints it in error messages, between `<` and `>`. */
export function showNode(node: Node): string {
  switch (node.kind) {
    case "text":
      return node.text;
    case "list":
      return node.nodes.map(showNode).join("");
    case "action":
      return `{{${showNode(node.pipe)}}}`;
    case "template":
      return `{{template ${quote(node.name)}${node.pipe ? ` ${showNode(node.pipe)}` : ""}}}`;
    case "break":
    case "continue":
      return `{{${node.kind}}}`;
    case "if":
    case "with":
    case "range":
      return showBranch(node);
    case "command":
      return node.args.map(showOperand).join(" ");
    case "pipe":
      return showPipe(node);
    default:
      return showTerm(node);
  }
}

function showBranch(node: BranchNode): string {
  const otherwise = node.elseList ? `{{else}}${showNode(node.elseList)}` : "";
  return `{{${node.kind} ${showNode(node.pipe)}}}${showNode(node.list)}${otherwise}{{end}}`;
}

function showPipe(node: PipeNode): string {
  const names = node.declared.map(showTerm).join(", ");
  const declaration = names === "" ? "" : `${names} ${node.isAssign ? "=" : ":="} `;
  return declaration + node.commands.map(showNode).join(" | ");
}

const showOperand = (node: OperandNode): string => (node.kind === "pipe" ? `(${showPipe(node)})` : showTerm(node));

function showTerm(node: OperandNode): string {
  switch (node.kind) {
    case "pipe":
      return showPipe(node);
    case "identifier":
      return node.name;
    case "variable":
      return node.path.join(".");
    case "field":
      return `.${node.path.join(".")}`;
    case "chain":
      return `${showOperand(node.node)}.${node.path.join(".")}`;
    case "dot":
      return ".";
    case "nil":
      return "nil";
    case "bool":
      return String(node.value);
    case "string":
      return node.quoted;
    case "number":
      return node.text;
  }
}

/** True when a template's body holds nothing but white space: such a body does not replace another. */
export function isEmptyList(list: ListNode): boolean {
  return list.nodes.every((node) => {
    if (node.kind === "text") return /^[\s\u0085]*$/.test(node.text) && !node.text.includes("\ufeff");
    return node.kind === "list" && isEmptyList(node);
  });
}
