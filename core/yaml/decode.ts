// Node trees to JSON values, by the rules of sigs.k8s.io/yaml (v2) or of kyaml (v3).

import { Failure, setOwn, type JsonObject, type JsonValue } from "@plumbline/core/model";
import { formatFloatG } from "./go-number.ts";
import { ALIAS_RATIO_HIGH, ALIAS_RATIO_LOW } from "./limits.ts";
import type { YamlNode } from "./node.ts";
import { resolvePlain, type Flavour, type Resolved } from "./resolve-scalar.ts";

export interface DecodeOptions {
  flavour: Flavour;
  /** Refuse duplicate keys (v3 always does). */
  strict?: boolean;
  file?: string | undefined;
}

/** The JSON value of a tree. Throws `Failure("YamlInvalid")` for what JSON cannot say. */
export function nodeToValue(node: YamlNode, options: DecodeOptions): JsonValue {
  return new Decoder(options).value(node);
}

const CORE_TAGS = new Set(["!!str", "!!bool", "!!int", "!!float", "!!null", "!!timestamp"]);

class Decoder {
  readonly options: DecodeOptions;
  readonly flavour: Flavour;
  readonly unique: boolean;
  readonly open = new Set<YamlNode>();
  decoded = 0;
  fromAliases = 0;
  aliasDepth = 0;

  constructor(options: DecodeOptions) {
    this.options = options;
    this.flavour = options.flavour;
    this.unique = options.strict === true || options.flavour === "v3";
  }

  fail(node: YamlNode, message: string, hint: string): never {
    const { file } = this.options;
    const where = { ...(file === undefined ? {} : { file }), line: node.line, column: node.column };
    throw new Failure({ reason: "YamlInvalid", message, hint, where, retry: "never" });
  }

  count(node: YamlNode): void {
    this.decoded++;
    if (this.aliasDepth === 0) return;
    this.fromAliases++;
    if (this.fromAliases <= 100 || this.decoded <= 1000) return;
    if (this.fromAliases / this.decoded > allowedAliasRatio(this.decoded)) {
      this.fail(node, "yaml: document contains excessive aliasing", "Write the repeated parts out.");
    }
  }

  value(node: YamlNode): JsonValue {
    this.count(node);
    if (node.kind === "scalar") return this.jsonScalar(node);
    if (node.kind === "mapping") return this.mapping(node);
    if (node.kind === "sequence") return node.content.map((item) => this.value(item));
    return this.alias(node);
  }

  alias(node: YamlNode): JsonValue {
    const target = node.target;
    if (!target) return this.fail(node, `yaml: unknown anchor '${node.value}' referenced`, "Define the anchor.");
    if (this.open.has(node)) {
      this.fail(node, `yaml: anchor '${node.value}' value contains itself`, "Remove the alias inside its own anchor.");
    }
    this.open.add(node);
    this.aliasDepth++;
    const value = this.value(target);
    this.aliasDepth--;
    this.open.delete(node);
    return value;
  }

  jsonScalar(node: YamlNode): JsonValue {
    const value = this.scalar(node);
    if (typeof value === "number" && !Number.isFinite(value)) {
      const text = Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
      this.fail(node, `json: unsupported value: ${text}`, "Quote the value: JSON has no infinities and no NaN.");
    }
    return value;
  }

  scalar(node: YamlNode): Resolved {
    if (node.style !== "" && !node.tagged) return node.value;
    if (!node.tagged) return node.tag === "!!str" && this.flavour === "v3" ? node.value : this.plain(node);
    return this.tagged(node);
  }

  plain(node: YamlNode): Resolved {
    return resolvePlain(node.value, this.flavour);
  }

  tagged(node: YamlNode): Resolved {
    const { tag, value } = node;
    if (tag === "!!binary") return this.binary(node);
    if (tag === "!!str" || !CORE_TAGS.has(tag)) return value;
    const resolved = resolvePlain(value, this.flavour);
    const wanted = tag.slice(2);
    const fits =
      (wanted === "null" && resolved === null) ||
      (wanted === "bool" && typeof resolved === "boolean") ||
      ((wanted === "int" || wanted === "float") && (typeof resolved === "number" || typeof resolved === "bigint")) ||
      wanted === "timestamp";
    if (!fits) {
      const found = resolved === null ? "null" : typeof resolved === "string" ? "str" : typeof resolved;
      this.fail(node, `yaml: cannot decode !!${found} \`${value}\` as a !!${wanted}`, "Correct the tag or the value.");
    }
    return resolved;
  }

  binary(node: YamlNode): string {
    const text = node.value.replaceAll(/[\r\n]/g, "");
    if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) {
      this.fail(node, "yaml: !!binary value contains invalid base64 data", "Correct the base64 text.");
    }
    return new TextDecoder().decode(Uint8Array.fromBase64(text));
  }

  mapping(node: YamlNode): JsonObject {
    const object: JsonObject = {};
    if (this.unique) this.refuseDuplicates(node);
    this.fill(object, node);
    return object;
  }

  refuseDuplicates(node: YamlNode): void {
    const seen = new Map<string, YamlNode>();
    for (let i = 0; i < node.content.length; i += 2) {
      const key = node.content[i] as YamlNode;
      if (key.kind !== "scalar") continue;
      const name = this.flavour === "v3" ? key.value : this.keyOf(key);
      const first = seen.get(name);
      if (first) {
        const text =
          this.flavour === "v3"
            ? `line ${key.line}: mapping key ${JSON.stringify(key.value)} already defined at line ${first.line}`
            : `line ${(node.content[i + 1] as YamlNode).line}: key ${JSON.stringify(name)} already set in map`;
        this.fail(key, `yaml: unmarshal errors:\n  ${text}`, "Remove one of the two keys.");
      }
      seen.set(name, key);
    }
  }

  fill(object: JsonObject, node: YamlNode): void {
    const { content } = node;
    for (let i = 0; i < content.length; i += 2) {
      const key = content[i] as YamlNode;
      const value = content[i + 1] as YamlNode;
      if (isMerge(key)) {
        this.merge(object, value, this.flavour === "v3");
        continue;
      }
      const name = this.keyOf(key);
      const json = this.value(value);
      if (name === "__proto__") setOwn(object, name, json);
      else object[name] = json;
    }
  }

  keyOf(node: YamlNode): string {
    this.count(node);
    if (node.kind === "alias") return node.target ? this.keyOf(node.target) : "";
    if (node.kind !== "scalar") this.fail(node, "yaml: invalid map key", "Use a text as the key.");
    if (node.style !== "" && !node.tagged) return node.value;
    const value = this.scalar(node);
    if (typeof value === "string") return value;
    if (this.flavour === "v3") {
      this.fail(node, "json: unsupported type: map[interface {}]interface {}", "Quote the key.");
    }
    if (value === null) {
      this.fail(node, "unsupported map key of type: %!s(<nil>), key: <nil>", "Quote the key: a key cannot be null.");
    }
    if (typeof value !== "number") return String(value);
    return Number.isInteger(value) ? String(value) : floatKey(value);
  }

  merge(object: JsonObject, source: YamlNode, keepExisting: boolean): void {
    const target = source.kind === "alias" ? source.target : source;
    if (target?.kind === "sequence" && source.kind === "sequence") {
      const items = keepExisting ? target.content : target.content.toReversed();
      for (const item of items) {
        if ((item.kind === "alias" ? item.target?.kind : item.kind) !== "mapping") this.failMerge(item);
        this.merge(object, item, keepExisting);
      }
      return;
    }
    if (target?.kind !== "mapping") return this.failMerge(source);
    const value = this.value(source) as JsonObject;
    for (const key of Object.keys(value)) {
      if (!keepExisting || !Object.hasOwn(object, key)) setOwn(object, key, value[key] as JsonValue);
    }
  }

  failMerge(node: YamlNode): never {
    this.fail(
      node,
      "yaml: map merge requires map or sequence of maps as the value",
      "Let `<<` name a mapping or a list of mappings.",
    );
  }
}

function isMerge(node: YamlNode): boolean {
  return node.kind === "scalar" && node.value === "<<" && (node.style === "" || node.tag === "!!merge");
}

function floatKey(value: number): string {
  if (Number.isNaN(value)) return ".nan";
  if (!Number.isFinite(value)) return value > 0 ? ".inf" : "-.inf";
  return formatFloatG(Number(Math.fround(value).toPrecision(8)));
}

function allowedAliasRatio(decoded: number): number {
  if (decoded <= ALIAS_RATIO_LOW) return 0.99;
  if (decoded >= ALIAS_RATIO_HIGH) return 0.1;
  return 0.99 - 0.89 * ((decoded - ALIAS_RATIO_LOW) / (ALIAS_RATIO_HIGH - ALIAS_RATIO_LOW));
}
