// Helm's own template functions, over sprig's.

import { Failure, isObject, type JsonValue } from "@plumbline/core/model";
import {
  type Callable,
  callFailure,
  type CallContext,
  compile,
  define,
  defineWithContext,
  type FunctionTable,
  fromJson,
  GoMap,
  GoSlice,
  isExhausted,
  jsonOf,
  limitExceeded,
  mapFromJson,
  parseGoJson,
  quote,
  type SprigEnvironment,
  sprigFunctions,
  type Template,
  type Value,
} from "@plumbline/core/template";
import { parseYaml, toGoJson } from "@plumbline/core/yaml";
import { emptyMap } from "./chart.ts";
import { codeLength, stepsPerCode } from "./code-length.ts";
import { durationFunctions } from "./duration-functions.ts";
import { messageOf } from "./failure.ts";
import { readToml } from "./toml-reader.ts";
import { writeToml } from "./toml.ts";
import { prettyYaml } from "./pretty-yaml.ts";
import { yamlText } from "./yaml-text.ts";

/** Finds objects in a cluster: `lookup apiVersion kind namespace name`. An empty name lists; nothing found is `{}`. */
export type Lookup = (apiVersion: string, kind: string, namespace: string, name: string) => JsonValue;

export interface HelmEnvironment extends SprigEnvironment {
  /** Absent when rendering without a cluster: every lookup is empty. */
  lookup?: Lookup;
}

/** Helm stops a template that includes itself this often. */
const maxIncludes = 1000;
/** Compiled texts of `tpl` that are kept, and the characters of theirs that are code. */
const maxKeptTexts = 1000;
const maxKeptCode = 200_000;

export const warnStart = "HELM_ERR_START";
export const warnEnd = "HELM_ERR_END";

const swallow =
  (body: (value: Value) => string, otherwise: (thrown: Failure) => string = () => "") =>
  (context: CallContext, value: Value): string => {
    try {
      return counted(context, body(value));
    } catch (thrown) {
      if (thrown instanceof Failure && thrown.reason === "TemplateFailed") return otherwise(thrown);
      throw thrown;
    }
  };

const strict =
  (body: (value: Value) => string) =>
  (context: CallContext, value: Value): string =>
    counted(context, body(value));

type Writer = (context: CallContext, value: Value) => string;

/** BurntSushi's encoder panics on nil, which no template function can swallow. */
const notNil =
  (write: Writer): Writer =>
  (context, value) => {
    if (value === null || value === undefined) throw callFailure("reflect: call of reflect.Value.Type on zero Value");
    return write(context, value);
  };

function counted(context: CallContext, text: string): string {
  context.reserve(text.length);
  return text;
}

/** What a document is made into takes several times its memory, and maps and lists more than texts. */
const stepsPerCharacterRead = 2;
const maxReadLength = 2 * 1024 * 1024;
const marks = "{[:-,";

interface Reading {
  /** Characters that begin a value of their own. */
  marks: string;
  stepsPerMark: number;
  maxLength: number;
}

const yamlOrJson: Reading = { marks, stepsPerMark: 48, maxLength: maxReadLength };
/** Each part of a dotted key is a map of its own. */
const toml: Reading = { marks: `${marks}.`, stepsPerMark: 64, maxLength: 512 * 1024 };

function readingCost(text: string, { marks, stepsPerMark, maxLength }: Reading): number {
  if (text.length > maxLength) throw limitExceeded(`a document has more than ${maxLength} characters`);
  const codes = new Set(Array.from(marks, (char) => char.charCodeAt(0)));
  let count = 0;
  for (let at = 0; at < text.length; at++) if (codes.has(text.charCodeAt(at))) count++;
  return text.length * stepsPerCharacterRead + count * stepsPerMark;
}

const reading = (result: "map" | "slice", body: (text: string) => Value, how = yamlOrJson): Callable =>
  defineWithContext(["string"], result, (context, text) => {
    context.spend(readingCost(text, how));
    return body(text);
  });

const jsonText = (value: Value): string => toGoJson(jsonOf(value));

/** Everything a chart's templates can call. The table is immutable: build it once and render many charts with it. */
export function helmFunctions(environment: HelmEnvironment): FunctionTable {
  const { lookup } = environment;
  const table = new Map<string, Callable>([
    ...sprigFunctions(environment),
    ["toYaml", defineWithContext(["any"], "string", swallow(yamlText))],
    ["mustToYaml", defineWithContext(["any"], "string", strict(yamlText))],
    ["toYamlPretty", defineWithContext(["any"], "string", swallow(prettyYaml))],
    ["toJson", defineWithContext(["any"], "string", swallow(jsonText))],
    ["mustToJson", defineWithContext(["any"], "string", strict(jsonText))],
    ["toToml", defineWithContext(["any"], "string", notNil(swallow(writeToml, messageOf)))],
    ["mustToToml", defineWithContext(["any"], "string", notNil(strict(writeToml)))],
    ["fromYaml", reading("map", (text) => mapOrError(() => parseYaml(text) ?? {}, yamlError))],
    ["fromYamlArray", reading("slice", (text) => listOrError(() => parseYaml(text) ?? [], yamlError))],
    ["fromJson", reading("map", (text) => mapOrError(() => parseGoJson(text), messageOf))],
    ["fromJsonArray", reading("slice", (text) => listOrError(() => parseGoJson(text), messageOf))],
    ["fromToml", reading("map", fromToml, toml)],
    ["required", define(["string", "any"], "any", required)],
    [
      "fail",
      define(["string"], "string", (message) => {
        throw callFailure(warnStart + message + warnEnd);
      }),
    ],
    [
      "lookup",
      define(["string", "string", "string", "string"], "map", (apiVersion, kind, namespace, name) => {
        const found = lookup?.(apiVersion, kind, namespace, name);
        return isObject(found) ? mapFromJson(found) : emptyMap();
      }),
    ],
    ["include", defineWithContext(["string", "any"], "string", include)],
    ...durationFunctions,
  ]);
  table.set("tpl", defineWithContext(["string", "any"], "string", tplFor(table)));
  return table;
}

const yamlError = (thrown: Failure): string =>
  thrown.reason === "YamlInvalid" ? `error converting YAML to JSON: ${thrown.message}` : thrown.message;

function kindOfJson(json: JsonValue): string {
  if (Array.isArray(json)) return "array";
  if (typeof json === "boolean") return "bool";
  return typeof json === "bigint" ? "number" : typeof json;
}

/** The mapping, or one that says under `Error` why there is none. */
function mapOrError(read: () => JsonValue, explain: (thrown: Failure) => string): GoMap {
  const json = readOr(read);
  if (json instanceof Failure) return new GoMap(new Map<string, Value>([["Error", explain(json)]]));
  if (isObject(json)) return mapFromJson(json);
  if (json === null) return new GoMap(new Map(), emptyMap().type, true);
  return new GoMap(new Map<string, Value>([["Error", typeError(explain, json, "map[string]interface {}")]]));
}

function listOrError(read: () => JsonValue, explain: (thrown: Failure) => string): GoSlice {
  const json = readOr(read);
  if (json instanceof Failure) return new GoSlice([explain(json)]);
  if (Array.isArray(json)) return new GoSlice(json.map(fromJson));
  if (json === null) return new GoSlice([], new GoSlice([]).type, true);
  return new GoSlice([typeError(explain, json, "[]interface {}")]);
}

function readOr(read: () => JsonValue): JsonValue | Failure {
  try {
    return read();
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.reason !== "LimitExceeded") return thrown;
    throw thrown;
  }
}

function typeError(explain: (thrown: Failure) => string, json: JsonValue, type: string): string {
  const prefix = explain === yamlError ? "error unmarshaling JSON: while decoding JSON: " : "";
  return `${prefix}json: cannot unmarshal ${kindOfJson(json)} into Go value of type ${type}`;
}

function fromToml(text: string): GoMap {
  try {
    return readToml(text);
  } catch (thrown) {
    if (!(thrown instanceof Failure) || thrown.reason === "LimitExceeded") throw thrown;
    return new GoMap(new Map<string, Value>([["Error", thrown.message]]));
  }
}

function required(warning: string, value: Value): Value {
  if (value === null || value === "") throw callFailure(warnStart + warning + warnEnd);
  return value;
}

const nestedReference = (name: string): Failure =>
  callFailure(`rendering template has a nested reference name: ${name}: unable to execute template`);

function include(context: CallContext, name: string, data: Value): string {
  const counts = context.counters;
  const depth = counts.get(name) ?? 0;
  if (depth > maxIncludes) {
    throw nestedReference(name);
  }
  counts.set(name, depth + 1);
  try {
    return context.executeTemplate(name, data);
  } catch (thrown) {
    // The runtime's stack can be smaller than what Helm allows: the refusal is the same.
    if (isExhausted(thrown)) throw nestedReference(name);
    throw thrown;
  } finally {
    counts.set(name, depth);
  }
}

/** `tpl` parses its text into a set of its own that sees the templates around it. */
function tplFor(functions: FunctionTable): (context: CallContext, text: string, data: Value) => string {
  const kept = new Map<string, Template>();
  let keptCode = 0;
  const parse = (context: CallContext, text: string): Template => {
    const code = codeLength(text);
    context.spend(code * stepsPerCode);
    const known = kept.get(text);
    if (known) return known;
    const template = compile(text, { name: setName, functions });
    if (kept.size >= maxKeptTexts || keptCode > maxKeptCode) {
      kept.clear();
      keptCode = 0;
    }
    kept.set(text, template);
    keptCode += code;
    return template;
  };
  return (context, text, data) => {
    context.spend(1 + Math.ceil(text.length / 16));
    if (!text.includes("{{")) return text.replaceAll("<no value>", "");
    let template: Template;
    try {
      template = parse(context, text);
    } catch (thrown) {
      throw inContext(`cannot parse template ${quote(text)}: `, thrown);
    }
    try {
      return context.executeWith(template, functions, data).replaceAll("<no value>", "");
    } catch (thrown) {
      throw inContext(`error during tpl function execution for ${quote(text)}: `, thrown);
    }
  };
}

/** The name of the set of all templates, which `tpl` texts go by too. */
export const setName = "gotpl";

function inContext(prefix: string, thrown: unknown): unknown {
  if (!(thrown instanceof Failure) || thrown.reason !== "TemplateFailed") return thrown;
  return callFailure(prefix + thrown.message, thrown);
}
