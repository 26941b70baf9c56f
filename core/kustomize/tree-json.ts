// Trees to JSON values: what kyaml's way through YAML text and back makes of them.

import { setOwn, type JsonObject, type JsonValue } from "@plumbline/core/model";
import {
  isTimestamp,
  nodeToYaml,
  plainTag,
  resolvePlain,
  textNode,
  DocumentReader,
  YamlNode,
} from "@plumbline/core/yaml";
import { buildFailure } from "./failures.ts";
import {
  FoldedScalar,
  MapNode,
  NULL_TAG,
  Scalar,
  SeqNode,
  STR_TAG,
  needsKeyQuotes,
  placeOfRepeated,
  type Tree,
} from "./tree.ts";

/**
 * The value of a tree, as `RNode.MarshalJSON` gives it. Throws `Failure` for duplicate keys, keys of nested mappings
 * that are no strings, infinities and texts that contradict their tag. `object` names the resource in failures.
 */
export function jsonOf(tree: Tree, object: string): JsonValue {
  if (tree instanceof MapNode) return mapJson(tree, object, true);
  return valueJson(tree, object);
}

function valueJson(tree: Tree, object: string): JsonValue {
  if (tree instanceof Scalar) return scalarJson(tree, object);
  if (tree instanceof SeqNode) return tree.items.map((item) => valueJson(item, object));
  return mapJson(tree, object, false);
}

function mapJson(map: MapNode, object: string, top: boolean): JsonObject {
  const { keys, values } = map;
  const json: JsonObject = {};
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string;
    if (!top && needsKeyQuotes(key) && !map.quotedKeys?.has(key)) {
      throw buildFailure(`the key ${key} is no string`, { object, field: key }, "Quote the key.");
    }
    if (Object.hasOwn(json, key)) {
      const where = { ...placeOfRepeated(values[i] as Tree), object, field: key };
      throw buildFailure(`mapping key ${JSON.stringify(key)} already defined`, where, "Remove one.");
    }
    const value = valueJson(values[i] as Tree, object);
    if (key === "__proto__") setOwn(json, key, value);
    else json[key] = value;
  }
  return json;
}

/** The value of a scalar after yaml.v3 wrote and read it. */
export function scalarJson(scalar: Scalar, object = ""): JsonValue {
  const { value, tag, quoted } = scalar;
  if (scalar instanceof FoldedScalar && value.includes("\n")) return rewrittenFold(value);
  if (tag === STR_TAG) return value;
  if (quoted && (tag === "" || tag === plainTag(value))) return value;
  if (tag === "" || tag === NULL_TAG || tag.startsWith("!!")) return typedJson(scalar, object);
  return value;
}

/** The text of a folded block after go-yaml wrote and read it: breaks before more indented lines come out double. */
function rewrittenFold(value: string): string {
  const node = textNode(value);
  node.style = "folded";
  const text = nodeToYaml(new YamlNode("mapping", "!!map", "", [textNode("a"), node]));
  return new DocumentReader(text, undefined, "v3").next()?.root.content[1]?.value ?? value;
}

function typedJson(scalar: Scalar, object: string): JsonValue {
  const { value, tag } = scalar;
  if (tag === "" && value.includes("\n")) return value;
  if (tag === "!!binary") return binaryText(value, object);
  const found = plainTag(value);
  const resolved = resolvePlain(value, "v3");
  if (tag !== "" && found !== tag && !(tag === "!!float" && found === "!!int") && isCoreTag(tag)) {
    throw buildFailure(
      `cannot decode ${found} \`${value}\` as a ${tag}`,
      { object },
      "Give the field a fitting value.",
    );
  }
  if (typeof resolved === "number" && !Number.isFinite(resolved)) {
    throw buildFailure(
      `unsupported value: ${value}`,
      { object },
      "Quote the value: JSON has no infinities and no NaN.",
    );
  }
  if (typeof resolved === "string" && tag !== STR_TAG && isTimestamp(value)) return goTime(value);
  return resolved;
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function binaryText(value: string, object: string): string {
  const base64 = value.replaceAll(/[\r\n]/g, "");
  if (BASE64.test(base64)) return new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.fromBase64(base64));
  throw buildFailure("!!binary value contains invalid base64 data", { object }, "Correct the base64 text.");
}

function isCoreTag(tag: string): boolean {
  return tag === "!!int" || tag === "!!float" || tag === "!!bool" || tag === NULL_TAG || tag === "!!timestamp";
}

const TIME =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:[Tt]| +)(\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,](\d+))?\s*(Z|[-+]\d\d:\d\d)?)?$/;

/** Go's `time.Time` as JSON: RFC 3339 with the fraction's trailing zeros cut. */
function goTime(text: string): string {
  const match = TIME.exec(text);
  if (!match) return text;
  const [, year, month = "", day = "", hour = "0", minute = "0", second = "0", fraction = "", zone = "Z"] = match;
  const two = (part: string): string => part.padStart(2, "0");
  const nanos = fraction.slice(0, 9).replace(/0+$/, "");
  const clock = `${two(hour)}:${two(minute)}:${two(second)}${nanos === "" ? "" : `.${nanos}`}`;
  return `${year}-${two(month)}-${two(day)}T${clock}${zone === "+00:00" ? "Z" : zone}`;
}
