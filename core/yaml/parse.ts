// YAML text to JSON values, equal to Go's sigs.k8s.io/yaml.

import type { JsonValue } from "@plumbline/core/model";
import { nodeToValue } from "./decode.ts";
import { DocumentReader } from "./read-nodes.ts";

export interface ParseOptions {
  /** Named in failures. */
  file?: string;
  /** Refuse duplicate keys, as `UnmarshalStrict` does; otherwise the last one wins. */
  strict?: boolean;
}

export interface ParsedDocument {
  value: JsonValue;
  /** Line where the document's content starts, from 1. */
  line: number;
}

/**
 * The first document of a text as JSON, like `yaml.Unmarshal(text, &value)`: YAML 1.1 booleans (also as keys), Go's
 * integers, merge keys. An empty text is `null`. Throws `Failure("YamlInvalid")` with file, line and column.
 */
export function parseYaml(text: string, options: ParseOptions = {}): JsonValue {
  const first = new DocumentReader(text, options.file, "v2").next();
  return first ? nodeToValue(first.root, { flavour: "v2", ...options }) : null;
}

/** Every document of a stream, in order; documents that hold only comments or `null` are left out. */
export function parseYamlAll(text: string, options: ParseOptions = {}): ParsedDocument[] {
  const documents: ParsedDocument[] = [];
  const reader = new DocumentReader(text, options.file, "v2");
  for (let found = reader.next(); found !== undefined; found = reader.next()) {
    const value = nodeToValue(found.root, { flavour: "v2", ...options });
    if (value !== null) documents.push({ value, line: found.line });
  }
  return documents;
}
