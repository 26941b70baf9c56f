// Values to trees and text as yaml.v3's encoder writes them: what Helm's toYamlPretty does.

import { isObject, type JsonValue } from "@plumbline/core/model";
import { nodeToYaml } from "./emit-node.ts";
import { formatFloatG } from "./go-number.ts";
import { compareKeysV3 } from "./key-order.ts";
import { YamlNode } from "./node.ts";
import { isBase60, plainTag } from "./resolve-scalar.ts";

const OLD_BOOLEANS = new Set([
  "y",
  "Y",
  "yes",
  "Yes",
  "YES",
  "on",
  "On",
  "ON",
  "n",
  "N",
  "no",
  "No",
  "NO",
  "off",
  "Off",
  "OFF",
]);

/**
 * The YAML of a value as `yaml.NewEncoder` of yaml.v3 with an indentation of two writes it: lists inside mappings are
 * indented, lines are never folded. Integers are written as such, other numbers as Go's float64.
 */
export function toYamlPretty(value: JsonValue): string {
  return nodeToYaml(valueToNode(value), { lists: "wide" });
}

/** The tree of a value, keys in the order of yaml.v3. */
export function valueToNode(value: JsonValue): YamlNode {
  if (typeof value === "string") return textNode(value);
  if (value === null) return new YamlNode("scalar", "!!null", "null");
  if (typeof value === "boolean") return new YamlNode("scalar", "!!bool", value ? "true" : "false");
  if (typeof value === "bigint") return new YamlNode("scalar", "!!int", value.toString());
  if (typeof value === "number") return numberNode(value);
  if (Array.isArray(value)) return new YamlNode("sequence", "!!seq", "", value.map(valueToNode));
  return isObject(value) ? mapNode(value) : new YamlNode("scalar", "!!null", "null");
}

function numberNode(value: number): YamlNode {
  if (Number.isSafeInteger(value)) return new YamlNode("scalar", "!!int", value.toString());
  return new YamlNode("scalar", "!!float", formatFloatG(value));
}

function mapNode(value: { [key: string]: JsonValue }): YamlNode {
  const keys = Object.keys(value).sort(compareKeysV3);
  const content = keys.flatMap((key) => [textNode(key), valueToNode(value[key] as JsonValue)]);
  return new YamlNode("mapping", "!!map", "", content);
}

/** A string, in the style that yaml.v3 chooses for Go strings: quoted when any YAML would read something else. */
export function textNode(text: string): YamlNode {
  const node = new YamlNode("scalar", "!!str", text);
  if (text.includes("\n")) node.style = "literal";
  else if (text !== "<<" && plainTag(text) !== "!!str") node.style = "double";
  else if (OLD_BOOLEANS.has(text) || isBase60(text)) node.style = "double";
  return node;
}
