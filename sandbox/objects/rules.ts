// Validation rules of CRDs (x-kubernetes-validations), written in CEL.
// Facts: k8s.io/apiextensions-apiserver pkg/apiserver/schema/cel.

import { Environment, type ParseResult } from "@marcbachmann/cel-js";
import { equalJson, isObject, type JsonObject, type JsonValue, own } from "@plumbline/core/model";
import { fieldType, itemType, type TypeNode } from "@plumbline/core/schema";
import type { Cause } from "../api/refusal.ts";
import { readJsonPath } from "./json-path.ts";
import { patternError } from "./validate-custom.ts";

const environment = new Environment({ unlistedVariablesAreDyn: true, homogeneousAggregateLiterals: false });
const parsed = new Map<string, ParseResult>();
/** Programs that are kept; more are parsed anew. */
const maxParsed = 2000;

/** The program of a rule; throws the parser's error when it is none. */
function program(rule: string): ParseResult {
  const known = parsed.get(rule);
  if (known) return known;
  if (parsed.size >= maxParsed) parsed.clear();
  const made = environment.parse(rule);
  parsed.set(rule, made);
  return made;
}

function rulesOf(schema: JsonObject): JsonObject[] {
  const list = own(schema, "x-kubernetes-validations");
  return Array.isArray(list) ? list.filter(isObject) : [];
}

function text(object: JsonObject, key: string): string {
  const value = own(object, key);
  return typeof value === "string" ? value : "";
}

/** Rules and patterns of a CRD's schema that cannot be read, as complaints: such a CRD is refused rather than half obeyed. */
export function checkRules(schema: JsonObject, path: string): Cause[] {
  const causes: Cause[] = [];
  for (const [i, rule] of rulesOf(schema).entries()) {
    for (const key of ["rule", "messageExpression"]) {
      const source = text(rule, key);
      if (source === "") continue;
      const why = readError(source);
      const field = `${path}.x-kubernetes-validations[${i}].${key}`;
      if (why !== undefined) {
        const message = `Invalid value: ${JSON.stringify(source)}: the sandbox cannot evaluate this expression: ${why}`;
        causes.push({ reason: "FieldValueInvalid", message, field });
      }
    }
  }
  const pattern = text(schema, "pattern");
  const broken = pattern === "" ? undefined : patternError(pattern);
  if (broken !== undefined) {
    const why = `must be a valid regular expression, but isn't: ${broken}`;
    causes.push({
      reason: "FieldValueInvalid",
      message: `Invalid value: ${JSON.stringify(pattern)}: ${why}`,
      field: `${path}.pattern`,
    });
  }
  for (const [key, child] of children(schema)) causes.push(...checkRules(child, `${path}.${key}`));
  return causes;
}

function readError(source: string): string | undefined {
  try {
    program(source);
    return undefined;
  } catch (thrown) {
    return thrown instanceof Error ? (thrown.message.split("\n")[0] ?? "") : "unreadable";
  }
}

function* children(schema: JsonObject): Generator<[string, JsonObject]> {
  for (const key of ["items", "additionalProperties"]) {
    const child = own(schema, key);
    if (isObject(child)) yield [key, child];
  }
  const properties = own(schema, "properties");
  if (!isObject(properties)) return;
  for (const name of Object.keys(properties)) {
    const child = own(properties, name);
    if (isObject(child)) yield [`properties[${name}]`, child];
  }
}

interface Place {
  readonly value: JsonValue;
  /** The value before an update; undefined when there was none. */
  readonly before: JsonValue | undefined;
  readonly path: string;
}

/** Runs every rule of the type on the object; `previous` is undefined for a create. */
export function evaluateRules(node: TypeNode, object: JsonObject, previous: JsonObject | undefined): Cause[] {
  const causes: Cause[] = [];
  visit(causes, node, { value: object, before: previous, path: "" });
  return causes;
}

function visit(causes: Cause[], node: TypeNode, place: Place): void {
  const { value, before, path } = place;
  if (node.source) for (const rule of rulesOf(node.source)) run(causes, { node, rule }, place);
  if (Array.isArray(value)) {
    for (const [i, item] of value.entries())
      visit(causes, itemType(node), { value: item, before: correlated(node, before, item), path: `${path}[${i}]` });
    return;
  }
  if (!isObject(value)) return;
  for (const key of Object.keys(value)) {
    const type = key === "metadata" && path === "" ? undefined : fieldType(node, key);
    if (!type) continue;
    const old = isObject(before) ? own(before, key) : undefined;
    visit(causes, type, { value: own(value, key) ?? null, before: old, path: path === "" ? key : `${path}.${key}` });
  }
}

/** The old item of a keyed list or set that has the same key; items of other lists have no past. */
function correlated(list: TypeNode, before: JsonValue | undefined, item: JsonValue): JsonValue | undefined {
  if (!Array.isArray(before) || list.listType === "atomic") return undefined;
  if (list.listType === "set") return before.find((old) => equalJson(old, item));
  return before.find(
    (old) => isObject(old) && isObject(item) && list.listKeys.every((key) => equalJson(own(old, key), own(item, key))),
  );
}

function run(causes: Cause[], { node, rule }: { node: TypeNode; rule: JsonObject }, place: Place): void {
  const source = text(rule, "rule");
  const isTransition = /\boldSelf\b/.test(source);
  if (isTransition && place.before === undefined) return;
  const context: Record<string, unknown> = { self: toCel(node, place.value) };
  if (isTransition) context["oldSelf"] = toCel(node, place.before ?? null);
  const outcome = evaluate(source, context);
  if (outcome.value === true) return;
  const why = outcome.error ?? message(rule, context);
  causes.push(complaint(rule, place, why));
}

function evaluate(source: string, context: Record<string, unknown>): { value?: unknown; error?: string } {
  try {
    return { value: program(source)(context) as unknown };
  } catch (thrown) {
    const why = thrown instanceof Error ? (thrown.message.split("\n")[0] ?? "") : "unknown error";
    return { error: `rule evaluation error: ${why}` };
  }
}

function message(rule: JsonObject, context: Record<string, unknown>): string {
  const expression = text(rule, "messageExpression");
  if (expression !== "") {
    const { value } = evaluate(expression, context);
    if (typeof value === "string" && value.trim() !== "") return value;
  }
  return text(rule, "message") || `failed rule: ${text(rule, "rule").trim()}`;
}

function complaint(rule: JsonObject, place: Place, why: string): Cause {
  const reason = text(rule, "reason") || "FieldValueInvalid";
  const at = text(rule, "fieldPath");
  const field = `${place.path}${at}`.replace(/^\./, "");
  switch (reason) {
    case "FieldValueRequired":
      return { reason, message: `Required value: ${why}`, field };
    case "FieldValueForbidden":
      return { reason, message: `Forbidden: ${why}`, field };
    case "FieldValueDuplicate":
      return { reason, message: `Duplicate value: ${shown(place, at)}`, field };
    default:
      return {
        reason: "FieldValueInvalid",
        message: `Invalid value: ${shown(place, at)}${why}`,
        field: field === "" ? "<nil>" : field,
      };
  }
}

/** A server does not show maps and lists. */
function shown({ value }: Place, at: string): string {
  const found = at === "" ? value : (readJsonPath(value, at) ?? value);
  if (isObject(found) || Array.isArray(found)) return "";
  return typeof found === "bigint" ? found.toString() : `${JSON.stringify(found)}: `;
}

/** A value as CEL sees it: integers are int, and fields the type does not have are not there. */
function toCel(node: TypeNode, value: JsonValue): unknown {
  if (typeof value === "number") return node.type === "number" || !Number.isInteger(value) ? value : BigInt(value);
  if (Array.isArray(value)) return value.map((item) => toCel(itemType(node), item));
  if (!isObject(value)) return value;
  const out: Record<string, unknown> = Object.create(null) as Record<string, unknown>; // keys are foreign
  for (const key of Object.keys(value)) {
    const item = own(value, key) ?? null;
    const type = fieldType(node, key);
    if (!type || item === null) continue;
    out[celName(key)] = toCel(type, item);
    if (reserved.has(key)) out[key] = out[celName(key)]; // a field may also be selected by its plain name
  }
  return out;
}

const reserved = new Set([
  "true",
  "false",
  "null",
  "in",
  "as",
  "break",
  "const",
  "continue",
  "else",
  "for",
  "function",
  "if",
  "import",
  "let",
  "loop",
  "package",
  "namespace",
  "return",
  "var",
  "void",
  "while",
]);

/** Names that CEL cannot write are escaped. */
function celName(key: string): string {
  if (reserved.has(key)) return `__${key}__`;
  return key
    .replaceAll("__", "__underscores__")
    .replaceAll(".", "__dot__")
    .replaceAll("-", "__dash__")
    .replaceAll("/", "__slash__");
}
