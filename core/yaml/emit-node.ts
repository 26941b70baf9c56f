// Node trees to YAML text, as kyaml writes them with yaml.v3: styles, tags, anchors and comments are kept.

import { CommentedOutput } from "./commented-output.ts";
import { YamlNode } from "./node.ts";
import { blockHints, doubleQuoted, foldedBody, literalBody, singleQuoted, utf8Length } from "./scalar-text.ts";
import * as traits from "./scalar-traits.ts";
import { tagText } from "./tag-text.ts";

export interface NodeTextOptions {
  /** Lists in mappings: `compact` (kyaml's default) at the column of the key, `wide` two columns further. */
  lists?: "compact" | "wide";
  /** Comments of the document. */
  headComment?: string;
  footComment?: string;
}

/**
 * The text of a tree, byte-equal to kyaml's `String` of the same node, a newline at the end. Lines are never folded.
 * Nodes made by a program need no styles: texts that would read as something else are quoted.
 */
export function nodeToYaml(root: YamlNode, options: NodeTextOptions = {}): string {
  const emitter = new NodeEmitter(options.lists !== "wide");
  emitter.document(root, options.headComment ?? "", options.footComment ?? "");
  return emitter.out;
}

const INDENT = 2;
const MAX_SIMPLE_KEY_BYTES = 128;

/** Where a node stands. */
interface Context {
  /** The value or key of a mapping. */
  inMapping: boolean;
  /** The item of a block list: its indentation only skips the `- `. */
  inItem: boolean;
  simpleKey: boolean;
}

const ROOT: Context = { inMapping: false, inItem: false, simpleKey: false };
const ITEM: Context = { inMapping: false, inItem: true, simpleKey: false };
const FLOW_ITEM: Context = { inMapping: false, inItem: false, simpleKey: false };
const KEY: Context = { inMapping: true, inItem: false, simpleKey: true };
const COMPLEX_KEY: Context = { inMapping: true, inItem: false, simpleKey: false };
const VALUE: Context = { inMapping: true, inItem: false, simpleKey: false };

class NodeEmitter extends CommentedOutput {
  private flowLevel = 0;
  private keyLine = "";
  private readonly compact: boolean;

  constructor(compact: boolean) {
    super();
    this.compact = compact;
  }

  document(root: YamlNode, headComment: string, footComment: string): void {
    if (headComment !== "") {
      this.head = headComment;
      this.writeHead();
      this.putBreak();
    }
    this.notice(root, "");
    this.writeHead();
    this.node(root, ROOT, () => this.writeLineAndFoot());
    if (footComment !== "") this.foot = footComment;
    this.footIndent = 0;
    this.writeFoot();
    this.footIndent = -1;
    this.writeIndent();
  }

  private increaseIndent(flow: boolean, compact: boolean, inItem: boolean): void {
    if (this.indent < 0) this.indent = flow ? INDENT : 0;
    else if (inItem) this.indent += 2;
    else this.indent = INDENT * Math.floor((this.indent + INDENT) / INDENT) - (compact ? 2 : 0);
  }

  /** Takes over a node's comments, as soon as it is next; `tail` is the foot comment of the key before. */
  private notice(node: YamlNode, tail: string): void {
    if (tail !== "") this.tail = tail;
    if (node.headComment !== "") this.head = node.headComment;
    if (node.kind === "mapping" || node.kind === "sequence") return;
    if (node.lineComment !== "") this.line = node.lineComment;
    if (node.footComment !== "") this.foot = node.footComment;
  }

  private noticeEnd(node: YamlNode, tail: string): void {
    if (tail !== "") this.tail = tail;
    if (node.lineComment !== "") this.line = node.lineComment;
    if (node.footComment !== "") this.foot = node.footComment;
  }

  /** Writes a node; `after` runs when its first part stands, before what is inside it. */
  private node(node: YamlNode, context: Context, after: () => void): void {
    if (node.kind === "alias") {
      this.indicator(`*${node.value}`, { needSpace: true });
      return after();
    }
    const tag = tagText(node);
    if (node.kind === "scalar") {
      this.scalar(node, tag, context);
      return after();
    }
    this.properties(node, tag.text);
    after();
    const isFlow = this.flowLevel > 0 || node.style === "flow" || node.content.length === 0;
    if (node.kind === "sequence") {
      if (isFlow) this.flowItems(node, context);
      else this.blockItems(node, context);
    } else if (isFlow) this.flowPairs(node, context);
    else this.blockPairs(node, context);
  }

  private properties(node: YamlNode, tag: string): void {
    if (node.anchor !== "") this.indicator(`&${node.anchor}`, { needSpace: true });
    if (tag !== "") this.indicator(tag, { needSpace: true });
  }

  private blockItems(node: YamlNode, { inMapping, inItem }: Context): void {
    const before = this.indent;
    const flat = inMapping && (this.column === 0 || !this.indention) && this.compact;
    this.increaseIndent(false, flat, inItem);
    for (const item of node.content) {
      this.notice(item, "");
      this.writeHead();
      this.writeIndent();
      this.indicator("-", { needSpace: true, keepsIndent: true });
      this.node(item, ITEM, () => this.writeLineAndFoot());
    }
    this.noticeEnd(node, "");
    this.indent = before;
  }

  private blockPairs(node: YamlNode, { inItem }: Context): void {
    const before = this.indent;
    this.increaseIndent(false, false, inItem);
    let tail = "";
    for (let i = 0; i + 1 < node.content.length; i += 2) {
      const key = node.content[i] as YamlNode;
      const value = node.content[i + 1] as YamlNode;
      this.noticeKey(key, tail);
      tail = key.footComment;
      this.writeHead();
      this.writeIndent();
      if (this.line !== "") {
        this.keyLine = this.line;
        this.line = "";
      }
      this.blockKey(key);
      this.notice(value, "");
      this.colon(key);
      this.placeKeyComment(value);
      this.node(value, VALUE, () => this.writeLineAndFoot());
    }
    this.noticeEnd(node, tail);
    this.writeHead();
    this.indent = before;
  }

  /** The foot comment of a key comes after its value: with the next key, or at the end. */
  private noticeKey(key: YamlNode, tail: string): void {
    // yaml.v3 loses it before keys that are lists or aliases.
    if (tail !== "" && (key.kind === "scalar" || key.kind === "mapping")) this.tail = tail;
    if (key.headComment !== "") this.head = key.headComment;
    if ((key.kind === "scalar" || key.kind === "alias") && key.lineComment !== "") this.line = key.lineComment;
  }

  private blockKey(key: YamlNode): void {
    if (isSimpleKey(key)) return this.node(key, KEY, () => {});
    this.indicator("?", { needSpace: true, keepsIndent: true });
    this.node(withoutFoot(key), COMPLEX_KEY, () => {});
  }

  private colon(key: YamlNode): void {
    if (isSimpleKey(key)) return this.indicator(":");
    this.writeIndent();
    this.indicator(":", { needSpace: true, keepsIndent: true });
  }

  /** A line comment of a key goes behind a scalar value, or behind the colon of a block. */
  private placeKeyComment(value: YamlNode): void {
    if (this.keyLine === "") return;
    if (value.kind === "scalar") {
      if (this.line !== "") return;
      this.line = this.keyLine;
      this.keyLine = "";
    } else if (value.kind !== "alias" && value.style !== "flow") {
      const line = this.line;
      this.line = this.keyLine;
      this.writeLine();
      this.keyLine = line;
      this.line = "";
    }
  }

  private get hasTrail(): boolean {
    return this.line !== "" || this.foot !== "" || this.tail !== "";
  }

  private flowItems(node: YamlNode, { inItem }: Context): void {
    const before = this.openFlow("[", inItem);
    let trail = true;
    for (const item of node.content) {
      this.notice(item, "");
      if (!trail) this.indicator(",");
      this.writeHead();
      if (this.column === 0) this.writeIndent();
      trail = this.hasTrail;
      this.node(item, FLOW_ITEM, () => this.afterFlow());
    }
    this.noticeEnd(node, "");
    this.closeFlow("]", before);
  }

  private flowPairs(node: YamlNode, { inItem }: Context): void {
    const before = this.openFlow("{", inItem);
    let trail = true;
    let tail = "";
    for (let i = 0; i + 1 < node.content.length; i += 2) {
      const key = node.content[i] as YamlNode;
      const value = node.content[i + 1] as YamlNode;
      this.noticeKey(key, tail);
      tail = key.footComment;
      if (!trail) this.indicator(",");
      this.writeHead();
      if (this.column === 0) this.writeIndent();
      const simple = isSimpleKey(key);
      if (!simple) this.indicator("?", { needSpace: true });
      this.node(withoutFoot(key), simple ? KEY : COMPLEX_KEY, () => {});
      this.notice(value, "");
      this.indicator(":", { needSpace: !simple });
      trail = this.hasTrail;
      this.node(value, VALUE, () => this.afterFlow());
    }
    this.noticeEnd(node, tail);
    if ((this.head !== "" || this.foot !== "" || this.tail !== "") && !trail) this.indicator(",");
    this.writeHead();
    this.closeFlow("}", before);
  }

  private openFlow(bracket: string, inItem: boolean): number {
    const before = this.indent;
    this.indicator(bracket, { needSpace: true, isSpace: true });
    this.increaseIndent(true, false, inItem);
    this.flowLevel++;
    return before;
  }

  private closeFlow(bracket: string, indent: number): void {
    this.flowLevel--;
    this.indent = indent;
    if (bracket === "]" && this.column === 0) this.writeIndent();
    this.indicator(bracket);
    this.writeLineAndFoot();
  }

  private afterFlow(): void {
    if (this.hasTrail) this.indicator(",");
    this.writeLineAndFoot();
  }

  private scalar(node: YamlNode, tag: { text: string; quote: boolean }, context: Context): void {
    const { value } = node;
    const style = this.scalarStyle(node, tag, context);
    this.properties(node, tag.text);
    const before = this.indent;
    this.increaseIndent(true, false, context.inItem);
    if (style === "") this.plain(value);
    else if (style === "literal" || style === "folded") this.block(value, style);
    else {
      if (!this.whitespace) this.put(" ");
      const place = { column: this.column, indent: this.indent, width: Infinity };
      this.raw(style === "single" ? singleQuoted(value, place) : doubleQuoted(value, place));
      this.whitespace = false;
      this.indention = false;
    }
    this.indent = before;
  }

  private plain(value: string): void {
    if (value !== "") {
      if (!this.whitespace) this.put(" ");
      this.put(value);
      this.whitespace = false;
    }
    this.indention = false;
  }

  private block(value: string, style: "literal" | "folded"): void {
    this.indicator(style === "literal" ? "|" : ">", { needSpace: true });
    this.indicator(value === "" ? "-" : blockHints(value));
    if (this.line === "") this.putBreak();
    else this.writeLine();
    this.whitespace = true;
    this.raw(style === "literal" ? literalBody(value, this.indent) : foldedBody(value, this.indent));
  }

  private scalarStyle(node: YamlNode, tag: { quote: boolean }, context: Context): YamlNode["style"] {
    const { value } = node;
    let style = node.style === "flow" ? "" : node.style;
    if (style === "") style = value.includes("\n") ? "literal" : tag.quote ? "double" : "";
    const found = value === "" ? traits.FLOW_INDICATOR : traits.scalarTraits(value);
    const special = found & (traits.SPACE_BREAK | traits.SPECIAL);
    if (context.simpleKey && (found & traits.LINE_BREAK) !== 0) return "double";
    if (style === "") {
      const refused = this.flowLevel > 0 ? NO_FLOW_PLAIN : NO_BLOCK_PLAIN;
      if ((found & refused) !== 0 || (value === "" && (this.flowLevel > 0 || context.simpleKey))) style = "single";
    }
    if (style === "single" && (special !== 0 || (found & (traits.BREAK_SPACE | traits.TAB)) !== 0)) return "double";
    if (style !== "literal" && style !== "folded") return style;
    const refused = value === "" || special !== 0 || (found & traits.TRAILING_SPACE) !== 0;
    return refused || this.flowLevel > 0 || context.simpleKey ? "double" : style;
  }
}

const NO_PLAIN =
  traits.LINE_BREAK |
  traits.SPECIAL |
  traits.TAB |
  traits.LEADING_SPACE |
  traits.LEADING_BREAK |
  traits.TRAILING_SPACE |
  traits.TRAILING_BREAK |
  traits.BREAK_SPACE |
  traits.SPACE_BREAK;
const NO_FLOW_PLAIN = NO_PLAIN | traits.FLOW_INDICATOR;
const NO_BLOCK_PLAIN = NO_PLAIN | traits.BLOCK_INDICATOR;

/** The foot comment of a key is written after its value. */
function withoutFoot(key: YamlNode): YamlNode {
  if (key.footComment === "") return key;
  const copy = new YamlNode(key.kind, key.tag, key.value, key.content);
  return Object.assign(copy, key, { footComment: "" });
}

function isSimpleKey(key: YamlNode): boolean {
  if (key.kind === "alias") return key.value.length <= MAX_SIMPLE_KEY_BYTES;
  const extra = key.anchor.length + tagText(key).length;
  if (key.kind !== "scalar") return key.content.length === 0 && extra <= MAX_SIMPLE_KEY_BYTES;
  if (key.value !== "" && (traits.scalarTraits(key.value) & traits.LINE_BREAK) !== 0) return false;
  return utf8Length(key.value) + extra <= MAX_SIMPLE_KEY_BYTES;
}
