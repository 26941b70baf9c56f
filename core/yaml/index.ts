// YAML and JSON as Go reads and writes them.

export { type JsonValue } from "@plumbline/core/model";
export { type ParseOptions, type ParsedDocument, parseYaml, parseYamlAll } from "./parse.ts";
export { decodeYamlText } from "./decode-text.ts";
export { type YamlDocument, DocumentReader, readNodes } from "./read-nodes.ts";
export { type NodeKind, type NodeStyle, YamlNode, isMergeKey } from "./node.ts";
export { type DecodeOptions, nodeToValue } from "./decode.ts";
export { type Flavour, type Resolved, isTimestamp, plainTag, resolvePlain } from "./resolve-scalar.ts";
export { toYaml } from "./emit.ts";
export { type NodeTextOptions, nodeToYaml } from "./emit-node.ts";
export { type GoJsonOptions, compareUtf8, quoteGoJson, toGoJson } from "./go-json.ts";
export { textNode, toYamlPretty, valueToNode } from "./value-nodes.ts";
export { compareKeys, compareKeysV3 } from "./key-order.ts";
export { formatFloatG, formatFloatJson } from "./go-number.ts";
export { MAX_DEPTH, MAX_TEXT_LENGTH } from "./limits.ts";
