// Tokens to node trees, one per document, on demand: the grammar of libyaml's parser.

import { Failure } from "@plumbline/core/model";
import { CommentedTokens, settleFeet } from "./commented-tokens.ts";
import type { Cursor, Mark } from "./cursor.ts";
import { MAX_DEPTH, MAX_TEXT_LENGTH } from "./limits.ts";
import { YamlNode, type NodeKind } from "./node.ts";
import { plainTag, type Flavour } from "./resolve-scalar.ts";
import { Scanner } from "./scanner.ts";
import * as kind from "./token.ts";
import type { Token } from "./token.ts";

export interface YamlDocument {
  /** The tree; a document without content is a null scalar. */
  root: YamlNode;
  /** Line where the document's content starts, from 1. */
  line: number;
  /** Comments of the document itself (v3 only): above its first node, and at its end. */
  headComment: string;
  footComment: string;
}

const LONG_TAG = "tag:yaml.org,2002:";
/** Go's reader decodes this many bytes at a time, so it meets a forbidden character that far ahead. */
const READ_AHEAD = 512;

/**
 * Reads documents one at a time, so that a broken later document does not hide an earlier one, as in Go. Throws
 * `Failure("YamlInvalid")` with file, line and column, and `Failure("LimitExceeded")`.
 */
export class DocumentReader {
  private readonly tokens: CommentedTokens;
  private readonly cursor: Cursor;
  private readonly resolveTags: boolean;
  private anchors = new Map<string, YamlNode>();
  private handles = new Map<string, string>();
  private depth = 0;
  private started = false;

  /**
   * `file` is named in failures. `v2` and `v3` differ in the line numbers of their messages and in how far they look
   * ahead; only `v3` resolves the tags of plain scalars, `v2` leaves them at `!!str`.
   */
  constructor(text: string, file: string | undefined, flavour: Flavour) {
    if (text.length > MAX_TEXT_LENGTH) {
      throw limit(`the YAML text has ${text.length} characters, more than ${MAX_TEXT_LENGTH}`, "Split the file.", file);
    }
    const scanner = new Scanner(text, flavour, file);
    this.tokens = new CommentedTokens(scanner);
    this.cursor = scanner.cursor;
    this.resolveTags = flavour === "v3";
  }

  /** The next document, or undefined at the end of the text. */
  next(): YamlDocument | undefined {
    this.refuseNul();
    try {
      return this.document();
    } finally {
      this.refuseForbidden();
    }
  }

  /** A NUL is the scanner's sign for the end of the text: a real one would make it stand still. */
  private refuseNul(): void {
    const { forbidden, text, pos } = this.cursor;
    const nul = forbidden < 0 ? -1 : text.indexOf("\0", pos);
    if (nul >= 0) this.refuseAt(Math.min(nul, forbidden));
  }

  private refuseForbidden(): void {
    const { forbidden } = this.cursor;
    if (forbidden < 0 || forbidden > this.cursor.pos + READ_AHEAD) return;
    this.refuseAt(forbidden);
  }

  private refuseAt(forbidden: number): never {
    const before = this.cursor.text.slice(0, forbidden);
    const where = { line: before.split("\n").length, column: forbidden - before.lastIndexOf("\n") };
    throw new Failure({
      reason: "YamlInvalid",
      message: "yaml: control characters are not allowed",
      hint: "Remove the control character, or write it as an escape in double quotes.",
      where: this.cursor.file === undefined ? where : { file: this.cursor.file, ...where },
      retry: "never",
    });
  }

  private document(): YamlDocument | undefined {
    let token = this.tokens.peek();
    if (this.started) while (token.type === kind.DOCUMENT_END) token = this.tokens.advance();
    if (token.type === kind.STREAM_END) return undefined;
    const implicit = !this.started && token.type !== kind.DIRECTIVE && token.type !== kind.DOCUMENT_START;
    this.started = true;
    // yaml.v3 keeps the anchors of earlier documents.
    if (!this.resolveTags) this.anchors = new Map();
    token = this.directives(token);
    let root: YamlNode;
    let headComment = "";
    if (implicit) {
      headComment = this.tokens.documentHead();
      root = this.node(true, false);
    } else {
      if (token.type !== kind.DOCUMENT_START) this.cursor.failParse("did not find expected <document start>", token);
      token = this.tokens.advance();
      root = token.type <= kind.DOCUMENT_END ? this.empty(token, 0) : this.node(true, false);
    }
    const isMarked = this.tokens.peek().type === kind.DOCUMENT_END;
    const end = { headComment: "", lineComment: "", footComment: "" };
    this.tokens.annotate(end);
    if (isMarked) this.tokens.skip();
    return { root, line: root.line, headComment, footComment: end.footComment || end.headComment };
  }

  private directives(first: Token): Token {
    this.handles = new Map();
    let token = first;
    let version = false;
    for (; token.type === kind.DIRECTIVE; token = this.tokens.advance()) {
      const { directive } = token;
      if (directive?.kind === "version") {
        if (version) this.cursor.failParse("found duplicate %YAML directive", token);
        if (directive.version !== "1.1") this.cursor.failParse("found incompatible YAML document", token);
        version = true;
      } else if (directive) {
        if (this.handles.has(directive.handle)) this.cursor.failParse("found duplicate %TAG directive", token);
        this.handles.set(directive.handle, directive.prefix);
      }
    }
    if (!this.handles.has("!")) this.handles.set("!", "!");
    if (!this.handles.has("!!")) this.handles.set("!!", LONG_TAG);
    return token;
  }

  /** A node that is not there: a plain, empty scalar, which is null. */
  private empty(mark: Mark, width: number): YamlNode {
    const node = new YamlNode("scalar", "!!null");
    node.line = mark.line + 1;
    node.column = mark.column + width + 1;
    node.start = mark.pos + width;
    node.end = node.start;
    return node;
  }

  private node(block: boolean, indentless: boolean): YamlNode {
    let token = this.tokens.peek();
    if (token.type === kind.ALIAS) return this.alias(token);
    const start = token;
    let anchor: Token | undefined;
    let tag: Token | undefined;
    if (token.type === kind.ANCHOR) {
      anchor = token;
      token = this.tokens.advance();
      if (token.type === kind.TAG) {
        tag = token;
        token = this.tokens.advance();
      }
    } else if (token.type === kind.TAG) {
      tag = token;
      token = this.tokens.advance();
      if (token.type === kind.ANCHOR) {
        anchor = token;
        token = this.tokens.advance();
      }
    }
    const tagName = tag === undefined ? "" : this.tagName(tag, start);
    if (token.type === kind.SCALAR) return this.scalar(token, start, anchor, tagName);
    const make = collectionKind(token.type, block, indentless);
    if (make === undefined) {
      if (anchor === undefined && tagName === "")
        this.cursor.failParse("did not find expected node content", token, start);
      return this.bare(start, anchor, tagName);
    }
    return this.collection(make, token, this.begin(make, start, anchor, tagName));
  }

  private begin(make: NodeKind, start: Token, anchor: Token | undefined, tagName: string): YamlNode {
    const node = new YamlNode(make, make === "mapping" ? "!!map" : "!!seq");
    place(node, start);
    this.decorate(node, anchor, tagName);
    return node;
  }

  private decorate(node: YamlNode, anchor: Token | undefined, tagName: string): void {
    if (anchor !== undefined) {
      node.anchor = anchor.value;
      this.anchors.set(anchor.value, node);
    }
    if (tagName === "") return;
    node.bang = tagName === "!";
    if (node.bang) return;
    node.tagged = true;
    node.tag = tagName;
  }

  private scalar(token: Token, start: Token, anchor: Token | undefined, tagName: string): YamlNode {
    const { value, style } = token;
    const node = new YamlNode("scalar", style === "" && this.resolveTags ? plainTag(value) : "!!str", value);
    node.style = style;
    place(node, start);
    node.start = token.pos;
    node.end = token.end;
    if (anchor !== undefined || tagName !== "") this.decorate(node, anchor, tagName);
    this.tokens.annotate(node);
    this.tokens.skip();
    return node;
  }

  /** An anchor or a tag with nothing after it. */
  private bare(start: Token, anchor: Token | undefined, tagName: string): YamlNode {
    const node = new YamlNode("scalar", "!!null");
    place(node, start);
    this.decorate(node, anchor, tagName);
    return node;
  }

  private alias(token: Token): YamlNode {
    const node = new YamlNode("alias", "", token.value);
    place(node, token);
    node.target = this.anchors.get(token.value);
    if (node.target === undefined) {
      throw new Failure({
        reason: "YamlInvalid",
        message: `yaml: unknown anchor '${token.value}' referenced`,
        hint: "Define the anchor before the alias, in the same document.",
        where: { ...(this.cursor.file && { file: this.cursor.file }), line: node.line, column: node.column },
        retry: "never",
      });
    }
    this.tokens.annotate(node);
    this.tokens.skip();
    return node;
  }

  private tagName(tag: Token, start: Token): string {
    if (tag.value === "") return shortTag(tag.suffix);
    const prefix = this.handles.get(tag.value);
    if (prefix === undefined) return this.cursor.failParse("found undefined tag handle", tag, start);
    return shortTag(prefix + tag.suffix);
  }

  private collection(make: NodeKind, token: Token, node: YamlNode): YamlNode {
    if (++this.depth > MAX_DEPTH) {
      throw limit(
        `the YAML is nested deeper than ${MAX_DEPTH} levels`,
        "Flatten the document.",
        this.cursor.file,
        token,
      );
    }
    if (token.type === kind.ENTRY) {
      this.indentlessItems(node);
    } else if (token.type === kind.SEQUENCE_START || token.type === kind.MAPPING_START) {
      node.headComment = this.tokens.takeStem();
      if (make === "sequence") this.blockItems(node, token);
      else this.blockPairs(node, token);
    } else {
      node.style = "flow";
      this.tokens.annotate(node);
      if (make === "sequence") this.flowItems(node, token);
      else this.flowPairs(node, token);
    }
    this.depth--;
    return node;
  }

  private blockItems(node: YamlNode, start: Token): void {
    let token = this.tokens.advance();
    while (token.type === kind.ENTRY) {
      const entry = token;
      token = this.tokens.enterItem();
      const absent = token.type === kind.ENTRY || token.type === kind.BLOCK_END;
      node.content.push(absent ? this.empty(entry, 1) : this.node(true, false));
      token = this.tokens.peek();
    }
    if (token.type !== kind.BLOCK_END) this.cursor.failParse("did not find expected '-' indicator", token, start);
    this.tokens.skip();
  }

  private indentlessItems(node: YamlNode): void {
    let token = this.tokens.peek();
    while (token.type === kind.ENTRY) {
      const entry = token;
      token = this.tokens.enterItem();
      const absent = token.type === kind.ENTRY || endsPair(token);
      node.content.push(absent ? this.empty(entry, 1) : this.node(true, false));
      token = this.tokens.peek();
    }
  }

  private blockPairs(node: YamlNode, start: Token): void {
    let token = this.tokens.advance();
    while (token.type === kind.KEY) {
      const indicator = token;
      token = this.tokens.advance();
      node.content.push(endsPair(token) ? this.empty(indicator, indicator.width) : this.node(true, true));
      token = this.tokens.peek();
      if (token.type === kind.VALUE) {
        const value = token;
        token = this.tokens.advance();
        node.content.push(endsPair(token) ? this.empty(value, 1) : this.node(true, true));
      } else {
        node.content.push(this.empty(token, 0));
      }
      if (this.tokens.hasComments) settleFeet(node, true);
      token = this.tokens.peek();
    }
    if (token.type !== kind.BLOCK_END) this.cursor.failParse("did not find expected key", token, start);
    this.tokens.close(node);
    this.tokens.skip();
  }

  private flowItems(node: YamlNode, start: Token): void {
    let token = this.tokens.advance();
    for (let first = true; token.type !== kind.FLOW_SEQUENCE_END; first = false) {
      if (!first) {
        if (token.type !== kind.FLOW_ENTRY) this.cursor.failParse("did not find expected ',' or ']'", token, start);
        token = this.tokens.advance();
      }
      if (token.type === kind.KEY) node.content.push(this.flowPairItem(token));
      else if (token.type !== kind.FLOW_SEQUENCE_END) node.content.push(this.node(false, false));
      else break;
      token = this.tokens.peek();
    }
    this.tokens.close(node);
    this.tokens.skip();
  }

  /** `[key: value]`: a mapping of one pair, without braces. */
  private flowPairItem(start: Token): YamlNode {
    const node = this.begin("mapping", start, undefined, "");
    node.style = "flow";
    let token = this.tokens.advance();
    if (endsFlowPair(token, kind.FLOW_SEQUENCE_END) || token.type === kind.VALUE) {
      node.content.push(this.empty(token, token.width));
      // libyaml steps over this token, whatever it is.
      this.tokens.skip();
    } else {
      node.content.push(this.node(false, false));
    }
    token = this.tokens.peek();
    node.content.push(this.flowValue(token, kind.FLOW_SEQUENCE_END, token));
    if (this.tokens.hasComments) settleFeet(node, false);
    return node;
  }

  private flowValue(token: Token, end: number, mark: Token): YamlNode {
    if (token.type !== kind.VALUE) return this.empty(mark, 0);
    const after = this.tokens.advance();
    if (!endsFlowPair(after, end)) return this.node(false, false);
    return this.empty(end === kind.FLOW_SEQUENCE_END ? mark : after, 0);
  }

  private flowPairs(node: YamlNode, start: Token): void {
    let token = this.tokens.advance();
    for (let first = true; token.type !== kind.FLOW_MAPPING_END; first = false) {
      if (!first) {
        if (token.type !== kind.FLOW_ENTRY) this.cursor.failParse("did not find expected ',' or '}'", token, start);
        token = this.tokens.advance();
      }
      if (token.type === kind.KEY) {
        token = this.tokens.advance();
        const absent = token.type === kind.VALUE || endsFlowPair(token, kind.FLOW_MAPPING_END);
        node.content.push(absent ? this.empty(token, 0) : this.node(false, false));
        token = this.tokens.peek();
        node.content.push(this.flowValue(token, kind.FLOW_MAPPING_END, token));
      } else if (token.type !== kind.FLOW_MAPPING_END) {
        node.content.push(this.node(false, false));
        node.content.push(this.empty(this.tokens.peek(), 0));
      } else break;
      if (this.tokens.hasComments) settleFeet(node, false);
      token = this.tokens.peek();
    }
    this.tokens.close(node);
    this.tokens.skip();
  }
}

/** Every document of a text. Fails with yaml.v3's messages unless told otherwise. */
export function readNodes(text: string, file?: string, flavour: Flavour = "v3"): YamlDocument[] {
  const reader = new DocumentReader(text, file, flavour);
  const documents: YamlDocument[] = [];
  for (let found = reader.next(); found !== undefined; found = reader.next()) documents.push(found);
  return documents;
}

function collectionKind(type: number, block: boolean, indentless: boolean): NodeKind | undefined {
  if (indentless && type === kind.ENTRY) return "sequence";
  if (type === kind.FLOW_SEQUENCE_START || (block && type === kind.SEQUENCE_START)) return "sequence";
  return type === kind.FLOW_MAPPING_START || (block && type === kind.MAPPING_START) ? "mapping" : undefined;
}

function endsPair(token: Token): boolean {
  return token.type === kind.KEY || token.type === kind.VALUE || token.type === kind.BLOCK_END;
}

function endsFlowPair(token: Token, end: number): boolean {
  return token.type === kind.FLOW_ENTRY || token.type === end;
}

function place(node: YamlNode, mark: Mark): void {
  node.line = mark.line + 1;
  node.column = mark.column + 1;
  node.start = mark.pos;
}

function shortTag(tag: string): string {
  return tag.startsWith(LONG_TAG) ? `!!${tag.slice(LONG_TAG.length)}` : tag;
}

function limit(message: string, hint: string, file: string | undefined, at?: Mark): Failure {
  const where = { ...(file !== undefined && { file }), ...(at && { line: at.line + 1, column: at.column + 1 }) };
  return new Failure({ reason: "LimitExceeded", message, hint, where, retry: "never" });
}
