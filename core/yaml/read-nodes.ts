// Text to node trees, one per document, over js-yaml's event stream.

import {
  type AliasEvent,
  type DocumentEvent,
  type Event,
  type MappingEvent,
  type ScalarEvent,
  type SequenceEvent,
  YAMLException,
  getScalarValue,
  parseEvents,
} from "js-yaml";
import { Failure } from "@plumbline/core/model";
import { MAX_DEPTH, MAX_TEXT_LENGTH } from "./limits.ts";
import { YamlNode, type NodeStyle } from "./node.ts";
import { plainTag } from "./resolve-scalar.ts";

export interface YamlDocument {
  /** Undefined for a document that holds nothing but comments. */
  root: YamlNode | undefined;
  /** Line of the document's first content (or of its start), from 1. */
  line: number;
}

const STYLES: readonly NodeStyle[] = ["", "", "single", "double", "literal", "folded"];

/** Reads every document of a stream. Throws `Failure("YamlInvalid")` with file, line and column. */
export function readNodes(text: string, file?: string): YamlDocument[] {
  if (text.length > MAX_TEXT_LENGTH) {
    throw new Failure({
      reason: "LimitExceeded",
      message: `the YAML text has ${text.length} characters, more than the ${MAX_TEXT_LENGTH} allowed`,
      hint: "Split the file.",
      ...(file === undefined ? {} : { where: { file } }),
    });
  }
  try {
    return new TreeBuilder(text).build(parseEvents(text, { maxDepth: MAX_DEPTH }));
  } catch (error) {
    throw error instanceof YAMLException ? syntaxFailure(error, file) : error;
  }
}

function syntaxFailure(error: YAMLException, file: string | undefined): Failure {
  const line = (error.mark?.line ?? 0) + 1;
  return new Failure({
    reason: "YamlInvalid",
    message: `yaml: line ${line}: ${error.reason}`,
    hint: "Correct the YAML at this place.",
    where: { ...(file === undefined ? {} : { file }), line, column: (error.mark?.column ?? 0) + 1 },
    retry: "never",
  });
}

class TreeBuilder {
  readonly text: string;
  anchors = new Map<string, YamlNode>();
  tagHandles = new Map<string, string>();
  line = 1;
  lineStart = 0;

  constructor(text: string) {
    this.text = text;
  }

  build(events: Event[]): YamlDocument[] {
    const documents: YamlDocument[] = [];
    const stack: YamlNode[] = [];
    let root: YamlNode | undefined;
    for (const event of events) {
      if (event.type === 1) {
        this.startDocument(event);
        root = undefined;
      } else if (event.type === 6) {
        if (stack.pop() === undefined) documents.push({ root, line: root?.line ?? this.line });
      } else {
        const node =
          event.type === 5 ? this.alias(event) : event.type === 4 ? this.scalar(event) : this.collection(event);
        const parent = stack.at(-1);
        if (parent) parent.content.push(node);
        else root = node;
        if (event.type !== 5 && event.type !== 4) stack.push(node);
      }
    }
    return documents;
  }

  startDocument(event: DocumentEvent): void {
    this.anchors = new Map();
    this.tagHandles = new Map([
      ["!", "!"],
      ["!!", "!!"],
    ]);
    for (const directive of event.directives) {
      if (directive.kind === "tag") this.tagHandles.set(directive.handle, directive.prefix);
    }
  }

  place(node: YamlNode, offset: number): void {
    if (offset < 0) return;
    for (
      let at = this.text.indexOf("\n", this.lineStart);
      at >= 0 && at < offset;
      at = this.text.indexOf("\n", at + 1)
    ) {
      this.line++;
      this.lineStart = at + 1;
    }
    node.line = this.line;
    node.column = offset - this.lineStart + 1;
  }

  decorate(node: YamlNode, event: ScalarEvent | SequenceEvent | MappingEvent): void {
    if (event.anchorStart >= 0) {
      node.anchor = this.text.slice(event.anchorStart, event.anchorEnd);
      this.anchors.set(node.anchor, node);
    }
    if (event.tagStart < 0) return;
    const written = this.text.slice(event.tagStart, event.tagEnd);
    if (written === "!") {
      node.tag = "!!str";
      return;
    }
    node.tagged = true;
    node.tag = this.shortTag(written);
  }

  shortTag(written: string): string {
    if (written.startsWith("!<")) return written.slice(2, -1).replace(/^tag:yaml\.org,2002:/, "!!");
    const end = written.indexOf("!", 1) + 1 || 1;
    const handle = written.slice(0, end);
    return (this.tagHandles.get(handle) ?? handle) + written.slice(end);
  }

  scalar(event: ScalarEvent): YamlNode {
    const value = getScalarValue(this.text, event);
    const node = new YamlNode("scalar", event.style === 1 ? plainTag(value) : "!!str", value);
    node.style = STYLES[event.style] ?? "";
    this.place(node, event.valueStart);
    this.decorate(node, event);
    return node;
  }

  collection(event: SequenceEvent | MappingEvent): YamlNode {
    const node = event.type === 2 ? new YamlNode("sequence", "!!seq") : new YamlNode("mapping", "!!map");
    if (event.style === 2) node.style = "flow";
    this.place(node, event.start);
    this.decorate(node, event);
    return node;
  }

  alias(event: AliasEvent): YamlNode {
    const name = this.text.slice(event.anchorStart, event.anchorEnd);
    const node = new YamlNode("alias", "", name);
    this.place(node, event.anchorStart - 1);
    node.target = this.anchors.get(name);
    if (!node.target) {
      throw new Failure({
        reason: "YamlInvalid",
        message: `yaml: unknown anchor '${name}' referenced`,
        hint: "Define the anchor before the alias, in the same document.",
        where: { line: node.line, column: node.column },
        retry: "never",
      });
    }
    return node;
  }
}
