// Tokens with the comments that lead to them, handed out to the nodes they belong to.

import type { Comments } from "./comments.ts";
import type { YamlNode } from "./node.ts";
import type { Scanner } from "./scanner.ts";
import * as kind from "./token.ts";
import type { Token } from "./token.ts";

export interface Annotated {
  headComment: string;
  lineComment: string;
  footComment: string;
}

export class CommentedTokens {
  private readonly scanner: Scanner;
  private readonly comments: Comments | undefined;
  /** Comments that wait for their node; `stem` is the head of a collection inside a list item. */
  private head = "";
  private line = "";
  private foot = "";
  private stem = "";

  constructor(scanner: Scanner) {
    this.scanner = scanner;
    this.comments = scanner.comments;
  }

  /** False when comments are not read at all. */
  get hasComments(): boolean {
    return this.comments !== undefined;
  }

  peek(): Token {
    const token = this.scanner.peek();
    if (this.comments === undefined || !this.comments.isDue(token)) return token;
    for (const { type, text } of this.comments.take(token)) {
      if (type === "head") this.head = join(this.head, text);
      else if (type === "foot") this.foot = join(this.foot, text);
      else if (type === "line") this.line = join(this.line, text);
    }
    return token;
  }

  skip(): void {
    this.scanner.skip();
  }

  /** Steps over a token and shows the next. */
  advance(): Token {
    this.scanner.skip();
    return this.peek();
  }

  /** Steps over the `-` of a list item; what stood above it is the head of a collection that follows. */
  enterItem(): Token {
    const above = this.head.length;
    const token = this.advance();
    if (above > 0 && (token.type === kind.SEQUENCE_START || token.type === kind.MAPPING_START)) {
      this.stem = this.head.slice(0, above);
      this.head = this.head.slice(above + 1);
    }
    return token;
  }

  takeStem(): string {
    const { stem } = this;
    this.stem = "";
    return stem;
  }

  /** Gives the waiting comments to a node. */
  annotate(node: Annotated): void {
    if (this.comments === undefined) return;
    node.headComment = this.head;
    node.lineComment = this.line;
    node.footComment = this.foot;
    this.head = "";
    this.line = "";
    this.foot = "";
    this.stem = "";
  }

  /** Gives the comments at its end to a collection; the foot of a mapping is that of its last key. */
  close(node: YamlNode): void {
    if (this.comments === undefined) return;
    const end = { headComment: "", lineComment: "", footComment: "" };
    this.annotate(end);
    node.lineComment = end.lineComment;
    node.footComment = end.footComment;
    const lastKey = node.kind === "mapping" && node.style !== "flow" ? node.content.at(-2) : undefined;
    if (lastKey === undefined || node.footComment === "") return;
    lastKey.footComment = node.footComment;
    node.footComment = "";
  }

  /** The part of the first comment before its last empty line belongs to the document. */
  documentHead(): string {
    const { head } = this;
    for (let i = head.length - 1; i > 0; i--) {
      if (head[i] !== "\n" || (i < head.length - 1 && head[i - 1] !== "\n")) continue;
      this.head = head.slice(i + 1);
      return head.slice(0, i === head.length - 1 ? i : i - 1);
    }
    return "";
  }
}

function join(before: string, text: string): string {
  return before === "" ? text : `${before}\n${text}`;
}

/** A foot comment of a key in a block belongs to the key before it, one of a value to its key. */
export function settleFeet({ content }: YamlNode, block: boolean): void {
  const value = content.at(-1) as YamlNode;
  const key = content.at(-2) as YamlNode;
  const before = content.at(-4);
  if (block && key.footComment !== "" && before !== undefined) {
    before.footComment = key.footComment;
    key.footComment = "";
  }
  if (key.footComment === "" && value.footComment !== "") {
    key.footComment = value.footComment;
    value.footComment = "";
  }
}
