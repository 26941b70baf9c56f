// Node trees to JSON values, by the rules of sigs.k8s.io/yaml (v2) or of kyaml (v3).

import { Failure, setOwn, type JsonObject, type JsonValue } from "@plumbline/core/model";
import { goSyntax } from "./go-syntax.ts";
import { formatFloat32 } from "./go-number.ts";
import { ALIAS_RATIO_HIGH, ALIAS_RATIO_LOW, MAX_REPORTED_DUPLICATES } from "./limits.ts";
import { isMergeKey, type YamlNode } from "./node.ts";
import { isTimestamp, resolvedTag, resolvePlain, type Flavour, type Resolved } from "./resolve-scalar.ts";
import { timestampToJson } from "./timestamp.ts";

export interface DecodeOptions {
  flavour: Flavour;
  /** Refuse duplicate keys (v3 always does). */
  strict?: boolean | undefined;
  file?: string | undefined;
}

/**
 * The JSON value of a tree: `YAMLToJSON` of sigs.k8s.io/yaml for `v2`, the JSON of a kyaml node for `v3` (yes and no
 * are strings, timestamps are written in full). Throws `Failure("YamlInvalid")` for what JSON cannot say.
 */
export function nodeToValue(node: YamlNode, options: DecodeOptions): JsonValue {
  const decoder = new Decoder(options);
  const value = decoder.value(node);
  decoder.refuseProblems();
  if (decoder.broken.size > 0) decoder.refuseBroken(value);
  return value;
}

/** A key with its type: Go keeps `1` and `"1"` apart until the value becomes JSON. */
type Seen = Set<string>;

class Decoder {
  readonly file: string | undefined;
  readonly flavour: Flavour;
  readonly strict: boolean;
  readonly open = new Set<YamlNode>();
  /** What Go collects and reports at the end. */
  readonly problems: { line: number; text: string }[] = [];
  /** Values that JSON cannot say, by the object that stands for them. Go looks at them when all is decoded. */
  readonly broken = new Map<JsonValue, { node: YamlNode; message: string; hint: string }>();
  decoded = 0;
  fromAliases = 0;
  aliasDepth = 0;

  constructor(options: DecodeOptions) {
    this.file = options.file;
    this.flavour = options.flavour;
    this.strict = options.strict === true && options.flavour === "v2";
  }

  fail(at: { line: number; column?: number }, message: string, hint: string): never {
    const where = { ...(this.file !== undefined && { file: this.file }), line: at.line };
    const place = at.column === undefined ? where : { ...where, column: at.column };
    throw new Failure({ reason: "YamlInvalid", message, hint, where: place, retry: "never" });
  }

  refuseProblems(): void {
    const [first] = this.problems;
    if (first === undefined) return;
    const lines = this.problems.map((problem) => `\n  line ${problem.line}: ${problem.text}`).join("");
    this.fail(first, `yaml: unmarshal errors:${lines}`, "Remove one of the two keys.");
  }

  /** Fails for the first broken value that no later key replaced. */
  refuseBroken(value: JsonValue): void {
    const problem = this.broken.get(value);
    if (problem) this.fail(problem.node, problem.message, problem.hint);
    if (value === null || typeof value !== "object") return;
    for (const item of Array.isArray(value) ? value : Object.values(value)) this.refuseBroken(item);
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
    return this.throughAlias(node, (target) => this.value(target));
  }

  throughAlias<T>(node: YamlNode, read: (target: YamlNode) => T): T {
    const { target } = node;
    if (!target) return this.fail(node, `yaml: unknown anchor '${node.value}' referenced`, "Define the anchor.");
    if (this.open.has(node)) {
      this.fail(node, `yaml: anchor '${node.value}' value contains itself`, "Remove the alias inside its own anchor.");
    }
    this.open.add(node);
    this.aliasDepth++;
    const result = read(target);
    this.aliasDepth--;
    this.open.delete(node);
    return result;
  }

  jsonScalar(node: YamlNode): JsonValue {
    const value = this.scalar(node);
    if (typeof value === "number" && !Number.isFinite(value)) {
      const text = Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
      const hint = "Quote the value: JSON has no infinities and no NaN.";
      const standIn: JsonObject = {};
      this.broken.set(standIn, { node, message: `json: unsupported value: ${text}`, hint });
      return standIn;
    }
    return value;
  }

  scalar(node: YamlNode): Resolved {
    if (node.tagged) return this.tagged(node);
    if (node.style !== "" || (node.bang && this.flavour === "v2")) return node.value;
    if (this.flavour === "v2") return resolvePlain(node.value, "v2");
    if (node.tag === "!!str") return node.value;
    if (node.tag === "!!timestamp") return timestampToJson(node.value);
    return resolvePlain(node.value, "v3");
  }

  tagged(node: YamlNode): Resolved {
    const { tag, value } = node;
    if (tag === "!!binary") return this.binary(node);
    if (!EXPLICIT.has(tag)) return value;
    if (tag === "!!timestamp" && isTimestamp(value)) return this.flavour === "v3" ? timestampToJson(value) : value;
    const found = tag === "!!timestamp" ? value : resolvePlain(value, this.flavour);
    const foundTag = resolvedTag(value, found);
    if (foundTag === tag || (tag === "!!float" && foundTag === "!!int" && typeof found === "number")) return found;
    return this.fail(node, `yaml: cannot decode ${foundTag} \`${value}\` as a ${tag}`, "Correct the tag or the value.");
  }

  binary(node: YamlNode): string {
    const text = node.value.replaceAll(/[\r\n]/g, "");
    if (!BASE64.test(text)) {
      this.fail(node, "yaml: !!binary value contains invalid base64 data", "Correct the base64 text.");
    }
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.fromBase64(text));
  }

  mapping(node: YamlNode): JsonObject {
    const object: JsonObject = {};
    if (this.flavour === "v3") {
      this.findDuplicates(node);
      this.fillV3(object, node);
    } else {
      this.fillV2(object, node, this.strict ? new Set() : undefined);
    }
    return object;
  }

  /** yaml.v3 refuses a mapping in which two keys have the same kind and text. */
  findDuplicates(node: YamlNode): void {
    const seen = new Map<string, YamlNode[]>();
    for (let i = 0; i < node.content.length; i += 2) {
      const key = node.content[i] as YamlNode;
      const name = `${key.kind} ${key.value}`;
      const same = seen.get(name);
      for (const earlier of same ?? []) {
        if (this.problems.length >= MAX_REPORTED_DUPLICATES) return;
        const text = `mapping key ${JSON.stringify(key.value)} already defined at line ${earlier.line}`;
        this.problems.push({ line: key.line, text });
      }
      if (same) same.push(key);
      else seen.set(name, [key]);
    }
  }

  /** go-yaml v2 merges where `<<` stands: a later key wins over the merged one, an earlier one does not. */
  fillV2(object: JsonObject, node: YamlNode, seen: Seen | undefined): void {
    const { content } = node;
    for (let i = 0; i < content.length; i += 2) {
      const key = content[i] as YamlNode;
      const value = content[i + 1] as YamlNode;
      if (isMergeKey(key)) {
        for (const source of this.mergeSources(value).reverse()) {
          const into = (target: YamlNode): void => this.fillV2(object, target, seen);
          if (source.kind === "alias") this.throughAlias(source, into);
          else into(source);
        }
        continue;
      }
      const name = this.keyV2(key, value, object);
      const json = this.value(value);
      if (seen !== undefined && this.repeated(seen, key, name)) {
        this.problems.push({ line: value.line, text: `key ${this.keySyntax(key)} already set in map` });
        continue;
      }
      if (name === "__proto__") setOwn(object, name, json);
      else object[name] = json;
    }
  }

  repeated(seen: Seen, key: YamlNode, name: string): boolean {
    const typed = `${typeof this.keyValue(key)} ${name}`;
    if (seen.has(typed)) return true;
    seen.add(typed);
    return false;
  }

  keyValue(key: YamlNode): Resolved {
    return key.kind === "alias" ? this.throughAlias(key, (target) => this.scalar(target)) : this.scalar(key);
  }

  keySyntax(key: YamlNode): string {
    return goSyntax(key, (node) => this.scalar(node));
  }

  keyV2(node: YamlNode, value: YamlNode, object: JsonObject): string {
    this.count(node);
    if (node.kind === "alias") return this.throughAlias(node, (target) => this.keyV2(target, value, object));
    if (node.kind !== "scalar") {
      this.value(node);
      const hint = "Use a text as the key; quote a value that starts with {{ or [.";
      return this.fail(node, `yaml: invalid map key: ${this.keySyntax(node)}`, hint);
    }
    const key = this.scalar(node);
    if (typeof key === "string") return key;
    if (key === null) {
      const text = `unsupported map key of type: %!s(<nil>), key: <nil>, value: ${this.keySyntax(value)}`;
      this.broken.set(object, { node, message: text, hint: "Quote the key: a key cannot be null." });
      return "null";
    }
    if (typeof key === "bigint" && key > INT64_MAX) {
      const shown = `0x${key.toString(16)}`;
      const text = `unsupported map key of type: uint64, key: ${shown}, value: ${this.keySyntax(value)}`;
      this.broken.set(object, { node, message: text, hint: "Quote the key: the number is too large." });
    }
    return typeof key === "number" && resolvedTag(node.value, key) === "!!float" ? floatKey(key) : String(key);
  }

  /** yaml.v3 merges last: what the mapping says itself wins wherever it stands. */
  fillV3(object: JsonObject, node: YamlNode): void {
    const { content } = node;
    let merge: YamlNode | undefined;
    for (let i = 0; i < content.length; i += 2) {
      const key = content[i] as YamlNode;
      const value = content[i + 1] as YamlNode;
      if (isMergeKey(key)) merge = value;
      else setOwn(object, this.keyV3(key, object), this.value(value));
    }
    if (merge === undefined) return;
    for (const source of this.mergeSources(merge)) {
      const merged = this.value(source) as JsonObject;
      const problem = this.broken.get(merged);
      if (problem) this.broken.set(object, problem);
      for (const key of Object.keys(merged)) {
        if (!Object.hasOwn(object, key)) setOwn(object, key, merged[key] as JsonValue);
      }
    }
  }

  keyV3(node: YamlNode, object: JsonObject): string {
    this.count(node);
    if (node.kind === "alias") return this.throughAlias(node, (target) => this.keyV3(target, object));
    if (node.kind !== "scalar" || node.tag !== "!!str") {
      const message = "json: unsupported type: map[interface {}]interface {}";
      this.broken.set(object, { node, message, hint: "Quote the key." });
    }
    return node.value;
  }

  mergeSources(value: YamlNode): YamlNode[] {
    const sources = value.kind === "sequence" ? [...value.content] : [value];
    for (const source of sources) {
      const kind = source.kind === "alias" ? source.target?.kind : source.kind;
      if (kind !== "mapping") {
        const message = "yaml: map merge requires map or sequence of maps as the value";
        this.fail(source, message, "Let `<<` name a mapping or a list of mappings.");
      }
    }
    return sources;
  }
}

const INT64_MAX = 0x7fff_ffff_ffff_ffffn;
const EXPLICIT = new Set(["!!bool", "!!int", "!!float", "!!null", "!!timestamp"]);
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** sigs.k8s.io/yaml writes a float that is a key with the precision of a float32. */
function floatKey(value: number): string {
  const single = Math.fround(value);
  if (Number.isNaN(single)) return ".nan";
  if (!Number.isFinite(single)) return single > 0 ? ".inf" : "-.inf";
  return formatFloat32(single);
}

function allowedAliasRatio(decoded: number): number {
  if (decoded <= ALIAS_RATIO_LOW) return 0.99;
  if (decoded >= ALIAS_RATIO_HIGH) return 0.1;
  return 0.99 - 0.89 * ((decoded - ALIAS_RATIO_LOW) / (ALIAS_RATIO_HIGH - ALIAS_RATIO_LOW));
}
